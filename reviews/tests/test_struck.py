"""A review recorded by mistake is struck: it counts no more, and stays to be read."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from directory.errors import StaleEditError, StepNotAllowedError
from directory.models import District, HistoryEntry, User
from directory.tests.people import sign_in
from permanency.care import services as care
from permanency.goals import intensive, lifecycle, store
from permanency.models import Action, CasePlanGoal
from permanency.policy.actions import AgreedAction
from permanency.policy.months import add_months, day_in_words
from reviews.held import corrections
from reviews.held.missed_reviews import missed_due_dates
from reviews.held.services import ReviewContent, hold, record_not_held
from reviews.models import GoalReview
from reviews.tests.cases import TODAY, days_ago, open_child

pytestmark = pytest.mark.dialect

SINCE = add_months(TODAY, -8)
FIRST, SECOND = add_months(TODAY, -4), days_ago(10)
WHY = "It was about another child."


@pytest.fixture
def who(coordinator: User) -> dict[str, Any]:
    return {"by": coordinator, "on": TODAY}


@pytest.fixture
def goal(hunter: District, coordinator: User) -> CasePlanGoal:
    return open_child(hunter, coordinator, effective_on=SINCE)


def held(goal: CasePlanGoal, held_on: date, who: dict[str, Any], **said: Any) -> GoalReview:
    return hold(
        now(goal),
        held_on=held_on,
        content=ReviewContent(progress="on_track", progress_reasons="Visits go well."),
        backdated_reasons="Recorded late.",
        **{"outcome": "continue", **said},
        **who,
    )


def now(goal: CasePlanGoal) -> CasePlanGoal:
    return CasePlanGoal.objects.get(pk=goal.pk)


def dates(goal: CasePlanGoal) -> tuple[date | None, ...]:
    found = now(goal)
    return found.last_review_held_on, found.review_anchor_on, found.review_due_on, found.two_year_on


def strike(review: GoalReview, who: dict[str, Any], **said: Any) -> GoalReview:
    return corrections.strike(review, **{"reasons": WHY, "version": 1, **who, **said})


def test_the_dates_follow_from_the_reviews_that_stand(
    goal: CasePlanGoal, who: dict[str, Any]
) -> None:
    never = dates(goal)
    first = held(goal, FIRST, who)
    once = dates(goal)
    second = held(goal, SECOND, who)
    assert dates(goal)[0] == SECOND

    strike(second, who)
    assert dates(goal) == once == (FIRST, FIRST, add_months(FIRST, 6), never[3])
    strike(first, who)
    assert dates(goal) == never == (None, SINCE, add_months(SINCE, 6), never[3])
    assert GoalReview.objects.count() == 2, "nothing is deleted"


def test_one_before_the_last_moves_no_date(goal: CasePlanGoal, who: dict[str, Any]) -> None:
    first = held(goal, FIRST, who)
    held(goal, SECOND, who)
    before = dates(goal)
    strike(first, who)

    assert dates(goal) == before


@pytest.mark.parametrize("is_first_typed_late", [False, True])
def test_what_the_next_review_answered_follows_from_the_reviews_that_stand(
    goal: CasePlanGoal, who: dict[str, Any], is_first_typed_late: bool
) -> None:
    """In whatever order both are typed, and again where the first one is struck (rule 4)."""
    days = [FIRST, SECOND]
    typed = {day: held(goal, day, who) for day in (days[::-1] if is_first_typed_late else days)}
    second = GoalReview.objects.get(pk=typed[SECOND].pk)
    assert (second.anchor_on, second.due_on) == (FIRST, add_months(FIRST, 6))
    strike(typed[FIRST], who)
    second.refresh_from_db()
    assert (second.anchor_on, second.due_on) == (SINCE, add_months(SINCE, 6))
    assert len(missed_due_dates(second)) == 1


def test_the_day_of_a_review_is_corrected_also_where_its_goal_has_ended(
    goal: CasePlanGoal, who: dict[str, Any]
) -> None:
    review = held(goal, FIRST, who)
    lifecycle.record_achievement(now(goal), achieved_on=days_ago(2), **who)
    corrections.correct_date(review, held_on=days_ago(20), reasons=WHY, version=1, **who)
    lifecycle.correct_achievement(now(goal), achieved_on=None, why=WHY, **who)
    assert dates(goal)[2] == add_months(days_ago(20), 6)


def test_the_day_before_the_goal_was_opened_here_counts_again(
    hunter: District, who: dict[str, Any]
) -> None:
    goal = open_child(hunter, who["by"], effective_on=SINCE, last_review_held_on=days_ago(150))
    before = dates(goal)
    strike(held(goal, SECOND, who), who)

    assert dates(goal) == before


def test_one_of_a_goal_that_has_ended_counts_no_more_when_that_is_in_force_again(
    goal: CasePlanGoal, who: dict[str, Any]
) -> None:
    before = dates(goal)
    review = held(goal, SECOND, who)
    lifecycle.record_achievement(now(goal), achieved_on=TODAY, **who)
    strike(review, who)
    lifecycle.correct_achievement(now(goal), achieved_on=None, why="No order.", **who)

    assert dates(goal) == before


def test_it_is_kept_with_the_reason_and_in_the_history(
    goal: CasePlanGoal, who: dict[str, Any]
) -> None:
    review = strike(held(goal, SECOND, who), who)
    review.refresh_from_db()

    assert (review.struck_on, review.struck_by, review.struck_because) == (TODAY, who["by"], WHY)
    assert review.progress_reasons == "Visits go well."
    told = HistoryEntry.objects.filter(subject=f"review {review.pk}").latest("pk")
    assert (told.verb, told.note, told.by) == (corrections.STRIKE_VERB, WHY, who["by"])
    assert told.after == {"struck_on": TODAY.isoformat()}
    moved = HistoryEntry.objects.latest("pk")
    assert (moved.verb, moved.after["last_review_held_on"]) == (store.WORKED_OUT_AGAIN, None)


def test_actions_agreed_at_it_are_struck_with_it(goal: CasePlanGoal, who: dict[str, Any]) -> None:
    agreed = [AgreedAction("Ring the aunt", "Pat", TODAY, is_mine=True)]
    review = held(goal, SECOND, who, actions=agreed)
    strike(review, who)
    action = Action.objects.get()

    assert not Action.objects.open().exists()
    assert action.struck_on == TODAY
    with pytest.raises(StepNotAllowedError, match="struck with it"):
        care.finish_action(action, **who)


def test_another_review_of_the_same_day_may_be_recorded(
    goal: CasePlanGoal, who: dict[str, Any]
) -> None:
    strike(held(goal, SECOND, who), who)
    held(goal, SECOND, who)

    assert dates(goal)[0] == SECOND
    with pytest.raises(StepNotAllowedError, match="recorded already"):
        held(goal, SECOND, who)


def test_one_that_was_not_held_can_be_struck_too(goal: CasePlanGoal, who: dict[str, Any]) -> None:
    before = dates(goal)
    said: dict[str, Any] = {"reasons": "Ill.", "planned_on": TODAY}
    strike(record_not_held(now(goal), **said, **who), who)

    assert dates(goal) == before
    record_not_held(now(goal), **said, **who)


def test_what_is_struck_is_not_struck_again_or_corrected(
    goal: CasePlanGoal, who: dict[str, Any]
) -> None:
    review = strike(held(goal, SECOND, who), who)
    content = ReviewContent(progress="at_risk")
    acts: tuple[Callable[[], object], ...] = (
        lambda: strike(review, who),
        lambda: corrections.correct(review, content, version=1, **who),
        lambda: corrections.correct_date(review, held_on=FIRST, reasons=WHY, version=1, **who),
    )
    for act in acts:
        with pytest.raises(StepNotAllowedError, match="is struck"):
            act()


def test_who_may_not_write_gives_no_reason_or_saw_another_version_strikes_nothing(
    goal: CasePlanGoal, who: dict[str, Any], stranger: User, district_manager: User
) -> None:
    review = held(goal, SECOND, who)
    for other in (stranger, district_manager):
        with pytest.raises(PermissionDenied):
            strike(review, who, by=other)
    with pytest.raises(StepNotAllowedError, match="Say why"):
        strike(review, who, reasons=" ")
    with pytest.raises(StaleEditError):
        strike(review, who, version=2)
    assert GoalReview.objects.get().struck_on is None
    with pytest.raises(IntegrityError, match="says_by_whom_and_why"), transaction.atomic():
        GoalReview.objects.update(struck_on=TODAY)


def test_one_that_marked_the_goal_intensive_waits_for_the_mark_to_be_taken_back(
    goal: CasePlanGoal, who: dict[str, Any]
) -> None:
    review = held(goal, SECOND, who, outcome="intensive")
    with pytest.raises(StepNotAllowedError, match="take that mark back first"):
        strike(review, who)
    intensive.correct_mark(now(goal).marks.get(), None, why="A mistake.", **who)
    strike(review, who)


def test_the_page_shows_the_effect_first_and_what_was_struck_stays_to_be_read(
    client: Client, goal: CasePlanGoal, who: dict[str, Any]
) -> None:
    never = dates(goal)
    review = held(goal, SECOND, who)
    sign_in(client, who["by"])
    here, address = reverse("review", args=[review.pk]), reverse("strike-review", args=[review.pk])
    assert address in client.get(here).text

    shown = client.post(address, {"reasons": WHY, "version": "1"})
    effect = shown.context["effects"][0]
    assert never[2] is not None
    assert (effect.before, effect.after) == (
        day_in_words(add_months(SECOND, 6)),
        day_in_words(never[2]),
    )
    assert dates(goal) != never, "nothing is saved yet"
    saved = client.post(address, {**dict(shown.context["carried"]), "save": "1"})
    assert saved["Location"] == here
    assert dates(goal) == never

    page = client.get(here).text
    assert "Recorded by mistake" in page
    assert WHY in page
    assert address not in page
    assert "Recorded by mistake" in client.get(reverse("child-reviews", args=[goal.child_id])).text
    clock = client.get(reverse("child-clock", args=[goal.child_id])).text
    assert here not in clock
    assert client.get(address).status_code == 409
