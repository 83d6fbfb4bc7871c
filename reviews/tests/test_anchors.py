"""Correcting the days from which dates are counted: shown first, told in the history, told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consultations.tests.cases import change_in
from consultations.workflow import Status
from directory.errors import StaleEditError, StepNotAllowedError
from directory.models import District, HistoryEntry, Mail, Notice, User
from directory.tests.inboxes import make_inbox
from directory.tests.people import date_fields
from permanency.care import services as care
from permanency.goals import intensive, lifecycle, store
from permanency.models import CareEpisode, CasePlanGoal, Child
from permanency.policy.goals import Goal
from permanency.policy.months import add_months, day_in_words
from reviews import notices_due
from reviews.held.corrections import (
    Anchors,
    anchor_errors,
    anchors_of,
    correct_date,
    correct_goal,
)
from reviews.held.services import ReviewContent, hold
from reviews.models import GoalReview
from reviews.tests.cases import TODAY, days_ago, open_child

SINCE = add_months(TODAY, -8)
EARLIER, LATER = add_months(TODAY, -10), add_months(TODAY, -5)
WHY = "The case plan says so."


@pytest.fixture
def who(coordinator: User) -> dict[str, Any]:
    """Return who corrects, and when."""
    return {"by": coordinator, "on": TODAY}


@pytest.fixture
def goal(hunter: District, coordinator: User) -> CasePlanGoal:
    """Return a restoration goal of eight months, never reviewed."""
    return open_child(hunter, coordinator, effective_on=SINCE)


def held(goal: CasePlanGoal, on: date, by: User) -> GoalReview:
    """Return a review of the goal, held on a day."""
    return hold(
        CasePlanGoal.objects.get(pk=goal.pk),
        held_on=on,
        outcome="continue",
        content=ReviewContent(progress="on_track"),
        backdated_reasons="Recorded late.",
        by=by,
        on=TODAY,
    )


def correct(goal: CasePlanGoal, who: dict[str, Any], /, **days: Any) -> CasePlanGoal:
    """Return the goal with these days, or of this kind, as the database has it."""
    goal = CasePlanGoal.objects.get(pk=goal.pk)
    recorded = {name: getattr(goal, name) for name in Anchors.__dataclass_fields__}
    anchors = Anchors(**{**recorded, **days})
    correct_goal(goal, anchors, reasons=WHY, version=goal.version, **who)
    return CasePlanGoal.objects.get(pk=goal.pk)


def dates(goal: CasePlanGoal) -> tuple[date | None, date | None]:
    """Return both dates of a goal."""
    return goal.review_due_on, goal.two_year_on


# The days of a goal


@pytest.mark.parametrize("since", [EARLIER, LATER])
def test_both_dates_count_from_the_corrected_day(
    goal: CasePlanGoal, who: dict[str, Any], since: date
) -> None:
    goal = correct(goal, who, effective_on=since)
    assert dates(goal) == (add_months(since, 6), add_months(since, 24))
    assert goal.review_anchor_on == since


@pytest.mark.parametrize(
    ("kind", "months", "two_year_on"),
    [
        (Goal.LONG_TERM_CARE, 12, None),
        (Goal.PRESERVATION, 3, None),
        (Goal.ADOPTION, 6, add_months(SINCE, 24)),
    ],
)
def test_a_goal_opened_as_the_wrong_one_counts_by_its_own_period(
    goal: CasePlanGoal, who: dict[str, Any], kind: Goal, months: int, two_year_on: date | None
) -> None:
    goal = correct(goal, who, goal=kind)
    assert (goal.goal, *dates(goal)) == (kind, add_months(SINCE, months), two_year_on)
    assert HistoryEntry.objects.latest("pk").before["goal"] == Goal.RESTORATION
    assert dates(correct(goal, who, goal=Goal.RESTORATION)) == (
        add_months(SINCE, 6),
        add_months(SINCE, 24),
    )


def test_the_kind_is_not_corrected_of_a_goal_that_was_decided_on_or_is_intensive(
    goal: CasePlanGoal, who: dict[str, Any], coordinator: User
) -> None:
    intensive.mark_intensive(goal, reasons="More support.", **who)
    with pytest.raises(StepNotAllowedError, match="End the intensive reviews first"):
        correct(goal, who, goal=Goal.LONG_TERM_CARE)
    decided = lifecycle.put_in_force(
        goal.child, goal=Goal.GUARDIANSHIP, effective_on=TODAY, by=coordinator, on=TODAY
    )
    with pytest.raises(StepNotAllowedError, match="takes a consultation"):
        correct(decided, who, goal=Goal.ADOPTION)


def test_the_history_says_what_stood_before_and_why(
    goal: CasePlanGoal, who: dict[str, Any]
) -> None:
    was = dates(goal)
    goal = correct(goal, who, effective_on=EARLIER)
    entry = HistoryEntry.objects.latest("pk")
    assert (entry.verb, entry.note, entry.by) == (
        "corrected the days of the goal",
        WHY,
        who["by"],
    )
    names = ("effective_on", "review_due_on", "two_year_on")
    before, after = (SINCE, *was), (EARLIER, *dates(goal))
    assert [entry.before[name] for name in names] == [str(each) for each in before]
    assert [entry.after[name] for name in names] == [str(each) for each in after]


def test_the_two_years_count_from_an_earlier_two_year_goal(
    goal: CasePlanGoal, who: dict[str, Any]
) -> None:
    first = add_months(TODAY, -20)
    goal = correct(goal, who, first_two_year_goal_on=first)
    assert dates(goal) == (add_months(SINCE, 6), add_months(first, 24))
    goal = correct(goal, who, first_two_year_goal_on=None)
    assert dates(goal) == (add_months(SINCE, 6), add_months(SINCE, 24))


def test_the_next_review_counts_from_the_last_one_before_the_goal_was_opened(
    goal: CasePlanGoal, who: dict[str, Any]
) -> None:
    goal = correct(goal, who, last_review_held_on=LATER)
    assert goal.review_due_on == add_months(LATER, 6)


def test_held_reviews_stay_with_the_due_dates_that_they_answered(
    goal: CasePlanGoal, who: dict[str, Any], coordinator: User
) -> None:
    review = held(goal, days_ago(3), coordinator)
    answered = (review.due_on, review.anchor_on, review.period_months)
    goal = correct(goal, who, effective_on=EARLIER)
    kept = GoalReview.objects.get()
    assert (kept.due_on, kept.anchor_on, kept.period_months) == answered
    assert dates(goal) == (add_months(days_ago(3), 6), add_months(EARLIER, 24))


def test_an_intensive_goal_is_counted_afresh_from_its_mark(
    goal: CasePlanGoal, who: dict[str, Any]
) -> None:
    intensive.mark_intensive(goal, reasons="Slow.", **who)
    goal = correct(goal, who, effective_on=LATER)
    assert goal.review_due_on == add_months(LATER, 6)
    assert goal.review_due_on >= TODAY


@pytest.mark.parametrize(
    ("since", "sentence"),
    [
        (TODAY + timedelta(days=1), "The goal cannot take effect after today."),
        (days_ago(2), f"A review of this goal was held on {day_in_words(days_ago(3))}"),
        (date(1990, 1, 1), "The goal cannot take effect before the child was born."),
    ],
)
def test_an_impossible_day_is_refused_in_a_sentence(
    goal: CasePlanGoal, who: dict[str, Any], coordinator: User, since: date, sentence: str
) -> None:
    held(goal, days_ago(3), coordinator)
    goal = CasePlanGoal.objects.get(pk=goal.pk)
    errors = anchor_errors(goal, replace(anchors_of(goal), effective_on=since), on=TODAY)
    assert errors["effective_on"].startswith(sentence)
    with pytest.raises(StepNotAllowedError, match=sentence):
        correct(goal, who, effective_on=since)
    assert GoalReview.objects.count() == 1


@pytest.fixture
def changed(hunter: District, coordinator: User, cfdu: User) -> tuple[CasePlanGoal, CasePlanGoal]:
    """Return a restoration and the guardianship that replaced it by an approved change today."""
    first = open_child(hunter, coordinator, case_managed_by="PSP", effective_on=SINCE)
    change_in(Status.APPROVED, first.child, coordinator=coordinator, approver=cfdu)
    second = store.goal_in_force(first.child)
    assert second is not None
    return CasePlanGoal.objects.get(pk=first.pk), second


def test_the_end_of_the_goal_before_follows(
    changed: tuple[CasePlanGoal, CasePlanGoal], who: dict[str, Any]
) -> None:
    first, second = changed
    since = second.effective_on - timedelta(days=1)
    second = correct(second, who, effective_on=since)
    first.refresh_from_db()
    assert (first.ended_on, second.effective_on) == (since, since)
    assert dates(second) == (add_months(since, 6), add_months(SINCE, 24))
    verbs = list(HistoryEntry.objects.order_by("-pk").values_list("verb", flat=True)[:2])
    assert verbs[1] == "corrected the end of the goal, which another one follows"


def test_an_earlier_goal_moves_the_two_year_date_of_the_one_in_force(
    changed: tuple[CasePlanGoal, CasePlanGoal], who: dict[str, Any]
) -> None:
    first, second = changed
    due_on = second.review_due_on
    correct(first, who, effective_on=EARLIER)
    second.refresh_from_db()
    assert dates(second) == (due_on, add_months(EARLIER, 24))


def test_two_goals_never_overlap_and_a_decision_comes_after_its_consultation(
    changed: tuple[CasePlanGoal, CasePlanGoal], who: dict[str, Any], coordinator: User
) -> None:
    first, second = changed
    correct(second, who, effective_on=days_ago(2))
    later = days_ago(1)
    with pytest.raises(StepNotAllowedError, match="This goal ended on"):
        correct(first, who, effective_on=later)
    with pytest.raises(StepNotAllowedError, match="The goal before it, restoration, took effect"):
        correct(second, who, effective_on=SINCE - timedelta(days=1))
    with pytest.raises(StepNotAllowedError, match="The consultation about it was held on"):
        correct(second, who, effective_on=SINCE + timedelta(days=1))


def test_a_review_of_the_goal_before_is_never_left_outside_it(
    hunter: District, coordinator: User, cfdu: User, who: dict[str, Any]
) -> None:
    first = open_child(hunter, coordinator, case_managed_by="PSP", effective_on=SINCE)
    held(first, days_ago(1), coordinator)
    change_in(Status.APPROVED, first.child, coordinator=coordinator, approver=cfdu)
    second = store.goal_in_force(first.child)
    assert second is not None
    with pytest.raises(StepNotAllowedError, match="A review of the goal before it was held on"):
        correct(second, who, effective_on=days_ago(2))


# The day of a review


def test_the_last_review_moves_the_next_and_an_older_one_only_the_record(
    goal: CasePlanGoal, who: dict[str, Any], coordinator: User
) -> None:
    older = held(goal, days_ago(100), coordinator)
    last = held(goal, days_ago(10), coordinator)
    due = last.due_on
    said = {"reasons": WHY, **who}
    correct_date(older, held_on=days_ago(90), version=older.version, **said)
    goal.refresh_from_db()
    assert goal.review_due_on == add_months(days_ago(10), 6)
    correct_date(last, held_on=days_ago(20), version=last.version, **said)
    goal.refresh_from_db()
    last.refresh_from_db()
    assert (goal.last_review_held_on, goal.review_due_on) == (
        days_ago(20),
        add_months(days_ago(20), 6),
    )
    assert (last.held_on, last.due_on) == (days_ago(20), due)
    entry = HistoryEntry.objects.filter(subject=f"review {last.pk}").latest("pk")
    assert (entry.before, entry.after, entry.note) == (
        {"held_on": str(days_ago(10))},
        {"held_on": str(days_ago(20))},
        WHY,
    )


def test_the_next_review_never_counts_from_before_what_was_held_before_it_was_opened_here(
    hunter: District, coordinator: User, who: dict[str, Any]
) -> None:
    goal = open_child(
        hunter, coordinator, effective_on=SINCE, last_review_held_on=add_months(TODAY, -4)
    )
    review = held(goal, days_ago(10), coordinator)
    held_on = add_months(TODAY, -5)
    correct_date(review, held_on=held_on, reasons=WHY, version=review.version, **who)
    goal.refresh_from_db()
    assert goal.last_review_held_on == add_months(TODAY, -4)


@pytest.mark.parametrize(
    ("held_on", "sentence"),
    [
        (TODAY + timedelta(days=1), "The date held must not be in the future."),
        (SINCE - timedelta(days=1), "The date held must not be before the goal took effect"),
        (days_ago(100), "Another review of this goal was held on"),
    ],
)
def test_an_impossible_day_of_a_review_is_refused(
    goal: CasePlanGoal, who: dict[str, Any], coordinator: User, held_on: date, sentence: str
) -> None:
    held(goal, days_ago(100), coordinator)
    last = held(goal, days_ago(10), coordinator)
    with pytest.raises(StepNotAllowedError, match=sentence):
        correct_date(last, held_on=held_on, reasons=WHY, version=last.version, **who)


# The day of entering care is shown to move the two-year date where that counts from it


def test_entry_to_care_is_corrected_with_a_reason(goal: CasePlanGoal, who: dict[str, Any]) -> None:
    episode = care.enter_care(goal.child, entered_on=days_ago(30), **who)
    goal.refresh_from_db()
    assert goal.two_year_on == add_months(days_ago(30), 24)
    to: dict[str, Any] = {"entered_on": SINCE, "left_on": None, "exit_reason": ""}
    with pytest.raises(StepNotAllowedError, match=care.REASONS_NEEDED):
        care.correct_episode(episode, **to, **who)
    moved = care.dates_after_entry(goal.child, entered_on=SINCE, on=TODAY, instead_of=episode)
    assert moved is not None
    care.correct_episode(episode, **to, reasons=WHY, **who)
    goal.refresh_from_db()
    assert goal.two_year_on == moved[1].two_year.on == add_months(SINCE, 24)
    entry = HistoryEntry.objects.get(verb="corrected a time in care")
    assert (entry.note, entry.after) == (WHY, {"entered_on": str(SINCE)})


# What an inbox was told is told once


def tick() -> None:
    at = notices_due.morning_of(TODAY)
    notices_due.tick(at=at, now=lambda: at)


def test_away_and_back_tells_an_inbox_once(
    hunter: District, goal: CasePlanGoal, who: dict[str, Any]
) -> None:
    make_inbox("Hunter inbox", hunter)
    tick()
    told = set(Notice.objects.values_list("pk", "mail"))
    assert told
    correct(goal, who, effective_on=TODAY)
    tick()
    correct(goal, who, effective_on=SINCE)
    tick()
    assert set(Notice.objects.values_list("pk", "mail")) == told
    assert Mail.objects.filter(part="digest").count() <= 1


def test_what_nobody_was_told_yet_is_owed_again_when_the_day_comes_back(
    hunter: District, goal: CasePlanGoal, who: dict[str, Any]
) -> None:
    make_inbox("Hunter inbox", hunter)
    tick()
    Notice.objects.update(mail=None)
    owed = set(Notice.objects.unsent().values_list("pk", flat=True))
    correct(goal, who, effective_on=TODAY)
    assert not Notice.objects.unsent().exists()
    correct(goal, who, effective_on=SINCE)
    tick()
    assert owed <= set(Notice.objects.filter(settled_at=None).values_list("pk", flat=True))


# The pages


def typed(**answers: Any) -> dict[str, Any]:
    sent: dict[str, Any] = {"goal": Goal.RESTORATION}
    for name, value in answers.items():
        sent |= date_fields(name, value) if isinstance(value, date) else {name: value}
    return sent


@pytest.fixture
def review(goal: CasePlanGoal, coordinator: User) -> GoalReview:
    """Return the last review of the goal."""
    return held(goal, days_ago(10), coordinator)


@pytest.fixture
def episode(review: GoalReview, coordinator: User) -> CareEpisode:
    """Return the child's time in care, which moves the two-year date."""
    child = Child.objects.get()
    return care.enter_care(child, entered_on=days_ago(30), by=coordinator, on=TODAY)


PAGES = (
    ("correct-goal", "effective_on", EARLIER),
    ("correct-review-date", "held_on", days_ago(20)),
    ("edit-care-episode", "entered_on", days_ago(60)),
)


def address(route: str) -> str:
    rows: dict[str, Any] = {
        "correct-goal": CasePlanGoal,
        "correct-review-date": GoalReview,
        "edit-care-episode": CareEpisode,
    }
    return reverse(route, args=[rows[route].objects.get().pk])


@pytest.mark.parametrize(("route", "name", "to"), PAGES)
def test_old_and_new_dates_are_shown_before_anything_is_saved(
    client: Client, coordinator: User, episode: CareEpisode, route: str, name: str, to: date
) -> None:
    client.force_login(coordinator)
    before = dates(CasePlanGoal.objects.get())
    url = address(route)
    shown = client.post(url, typed(**{name: to}, reasons=WHY, version="1"))
    effects = shown.context["effects"]
    assert [each.label for each in effects] == ["Next review", "Two-year date"]
    assert [each.before for each in effects] == [day_in_words(each) for each in before if each]
    # The goal's own day counts no more: a review was held since, and care was entered later.
    assert any(each.moves for each in effects) == (route != "correct-goal")
    assert dates(CasePlanGoal.objects.get()) == before
    assert client.post(url, {**dict(shown.context["carried"]), "save": "1"}).status_code == 302
    after = dates(CasePlanGoal.objects.get())
    assert [each.after for each in effects] == [day_in_words(each) for each in after if each]


@pytest.mark.parametrize(("route", "name", "to"), PAGES)
def test_a_reason_is_asked_for_and_nothing_typed_is_lost(
    client: Client, coordinator: User, episode: CareEpisode, route: str, name: str, to: date
) -> None:
    client.force_login(coordinator)
    answer = client.post(address(route), typed(**{name: to}, version="1", save="1"))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["reasons"]
    assert f'value="{to.year}"' in answer.content.decode()


def test_a_review_tells_that_its_day_was_corrected(
    client: Client, coordinator: User, review: GoalReview
) -> None:
    said: dict[str, Any] = {"reasons": WHY, "version": 1, "by": coordinator, "on": TODAY}
    correct_date(review, held_on=days_ago(20), **said)
    client.force_login(coordinator)
    page = client.get(reverse("review", args=[review.pk])).content.decode()
    new, old = day_in_words(days_ago(20)), day_in_words(days_ago(10))
    assert f"Date held: {new}, before that {old}" in page
    assert WHY in page


@pytest.mark.parametrize(("route", "name", "to"), PAGES)
def test_who_may_and_who_may_not(
    client: Client,
    request: pytest.FixtureRequest,
    episode: CareEpisode,
    route: str,
    name: str,
    to: date,
) -> None:
    sent = typed(**{name: to}, reasons=WHY, version="1")
    client.force_login(request.getfixturevalue("coordinator"))
    sent |= {**dict(client.post(address(route), sent).context["carried"]), "save": "1"}
    for who, status in (
        ("casework_manager", 403),
        ("district_manager", 403),
        ("stranger", 404),
        ("coordinator", 302),
    ):
        client.force_login(request.getfixturevalue(who))
        assert client.post(address(route), sent).status_code == status, who


def test_dates_that_moved_since_they_were_shown_are_shown_again(
    client: Client, coordinator: User, goal: CasePlanGoal
) -> None:
    client.force_login(coordinator)
    url = reverse("correct-goal", args=[goal.pk])
    shown = client.post(url, typed(effective_on=EARLIER, reasons=WHY, version="1"))
    assert all(each.moves for each in shown.context["effects"])
    held(goal, days_ago(3), coordinator)
    answer = client.post(url, {**dict(shown.context["carried"]), "save": "1"})
    assert answer.status_code == 200
    assert "The dates have changed since you looked" in answer.content.decode()
    assert CasePlanGoal.objects.get().effective_on == SINCE
    answer = client.post(url, {**dict(answer.context["carried"]), "save": "1"})
    assert answer.status_code == 302


def test_a_version_that_is_behind_is_refused(goal: CasePlanGoal, who: dict[str, Any]) -> None:
    correct(goal, who, effective_on=EARLIER)
    with pytest.raises(StaleEditError):
        correct_goal(
            goal, replace(anchors_of(goal), effective_on=LATER), reasons=WHY, version=1, **who
        )


def test_only_what_may_be_corrected_is_asked_for(
    client: Client, hunter: District, coordinator: User, goal: CasePlanGoal
) -> None:
    client.force_login(coordinator)

    def asked(goal: CasePlanGoal) -> set[str]:
        form = client.get(reverse("correct-goal", args=[goal.pk])).context["form"]
        return {name for name in form.fields if name.endswith("_on")}

    every = {"effective_on", "first_two_year_goal_on", "last_review_held_on"}
    assert asked(goal) == every
    held(goal, days_ago(3), coordinator)
    assert asked(goal) == every - {"last_review_held_on"}
    assert asked(open_child(hunter, coordinator, Goal.LONG_TERM_CARE)) == every - {
        "first_two_year_goal_on"
    }
