"""The pages that move the dates of a goal: what they show before saving, and what they save."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from directory import clock
from directory.models import District, HistoryEntry, User
from permanency.models import CasePlanGoal, Child, CourtOrder, Extension
from permanency.policy.goals import AboriginalStatus, Goal
from permanency.policy.months import add_months, day_in_words
from permanency.services import goals
from permanency.tests.answers import typed
from permanency.tests.factories import make_child, make_order

TODAY = clock.today()
SINCE = add_months(TODAY, -2)


@pytest.fixture
def child(hunter: District) -> Child:
    return make_child(hunter)


def opened(child: Child, by: User, goal: Goal = Goal.RESTORATION, **facts: Any) -> CasePlanGoal:
    """Return a goal opened by the service, so that its dates are what the policy says."""
    facts = {"effective_on": SINCE, "source_note": "ChildStory", **facts}
    return goals.open_with_goal_in_force(child, goal=goal, by=by, on=TODAY, **facts)


def check_then_save(client: Client, url: str, **answers: Any) -> tuple[Any, Any]:
    """Return the page that shows the effect, and the answer to saving what it carries."""
    form = client.get(url).context["form"]
    sent = typed(about=form.initial.get("about"), **answers)
    shown = client.post(url, {**sent, "check": "1"})
    assert shown.status_code == 200, shown.context["form"].errors
    return shown, client.post(url, {**dict(shown.context["carried"]), "save": "1"})


def after(shown: Any) -> list[str]:
    """Return both dates after the step, as the page that checks it shows them."""
    return [effect.after for effect in shown.context["effects"]]


# Opening with the goal in force


def test_opening_shows_the_dates_it_gives_and_saves_them(
    client: Client, coordinator: User, child: Child
) -> None:
    client.force_login(coordinator)
    url = reverse("open-goal", args=[child.pk])
    first = add_months(TODAY, -20)
    shown, saved = check_then_save(
        client,
        url,
        goal="guardianship",
        effective_on=SINCE,
        source_note="Case plan in ChildStory",
        first_two_year_goal_on=first,
    )
    goal = child.goals.get()

    expected = [day_in_words(add_months(SINCE, 6)), day_in_words(add_months(first, 24))]
    assert after(shown) == expected
    assert saved["Location"] == reverse("child", args=[child.pk])
    assert (goal.review_due_on, goal.two_year_on) == (add_months(SINCE, 6), add_months(first, 24))
    assert (goal.source, goal.source_note) == ("opened_in_force", "Case plan in ChildStory")
    assert HistoryEntry.objects.get(child_number=child.pk).by == coordinator


def test_checking_saves_nothing_and_change_goes_back_with_every_word(
    client: Client, coordinator: User, child: Child
) -> None:
    client.force_login(coordinator)
    url = reverse("open-goal", args=[child.pk])
    sent = typed(goal="adoption", effective_on=SINCE, source_note="Where it is written")
    shown = client.post(url, {**sent, "check": "1"})
    assert not CasePlanGoal.objects.exists()

    back = client.post(url, {**dict(shown.context["carried"]), "change": "1"})
    page = back.content.decode()
    assert back.status_code == 200
    assert "Where it is written" in page
    assert f'value="{SINCE.year}"' in page
    assert not CasePlanGoal.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"effective_on": add_months(TODAY, 1)}, "cannot take effect after today"),
        ({"effective_on": date(2014, 1, 1)}, "before the child was born"),
        ({"last_review_held_on": add_months(TODAY, -3)}, "on or after the day it took effect"),
        ({"first_two_year_goal_on": TODAY}, "no later than this goal"),
        ({"goal": "nonsense"}, "Select a valid choice"),
        ({"source_note": ""}, "Fill this in."),
        ({"effective_on": date(2200, 12, 31)}, "cannot take effect after today"),
    ],
)
def test_what_cannot_be_opened_is_told_beside_the_field(
    client: Client, coordinator: User, child: Child, wrong: dict[str, Any], sentence: str
) -> None:
    client.force_login(coordinator)
    answers = {"goal": "adoption", "effective_on": SINCE, "source_note": "Kept words", **wrong}
    for button in ("check", "save"):
        url = reverse("open-goal", args=[child.pk])
        response = client.post(url, {**typed(**answers), button: "1"})
        assert response.status_code == 422
        assert sentence in response.content.decode()
    assert not CasePlanGoal.objects.exists()


def test_a_goal_is_opened_once(client: Client, coordinator: User, child: Child) -> None:
    opened(child, coordinator)
    client.force_login(coordinator)

    assert client.get(reverse("open-goal", args=[child.pk])).status_code == 409


def test_nothing_is_opened_for_a_case_that_has_ended(
    client: Client, coordinator: User, hunter: District
) -> None:
    adult = make_child(hunter, born_on=date(2000, 1, 1))
    client.force_login(coordinator)
    sent = typed(goal="adoption", effective_on=date(2010, 1, 1), source_note="ChildStory")
    response = client.post(reverse("open-goal", args=[adult.pk]), {**sent, "save": "1"})

    assert response.status_code == 422
    assert "turned 18" in response.content.decode()
    assert not CasePlanGoal.objects.exists()


def test_goals_stand_in_the_order_of_the_placement_principles(
    client: Client, coordinator: User, hunter: District
) -> None:
    child = make_child(hunter, aboriginal_status=AboriginalStatus.ABORIGINAL)
    client.force_login(coordinator)
    form = client.get(reverse("open-goal", args=[child.pk])).context["form"]
    order = [value for value, _ in form.fields["goal"].choices]
    assert order[-1] == "adoption"

    make_order(child, kind=CourtOrder.Kind.LONG_TERM, expires_on=None)
    for goal, words in (("adoption", "the last option"), ("restoration", "section 90")):
        sent = typed(goal=goal, effective_on=SINCE, source_note="ChildStory")
        page = client.post(reverse("open-goal", args=[child.pk]), {**sent, "check": "1"})
        assert words in page.content.decode()


# Intensive


def test_marking_intensive_and_ending_it_show_the_review_that_follows(
    client: Client, coordinator: User, child: Child
) -> None:
    goal = opened(child, coordinator)
    client.force_login(coordinator)
    url = reverse("mark-intensive", args=[child.pk])

    shown, _ = check_then_save(client, url, reasons="More support is needed")
    assert after(shown)[0] == day_in_words(add_months(SINCE, 3))
    goal.refresh_from_db()
    assert (goal.intensive_since, goal.review_due_on) == (TODAY, add_months(SINCE, 3))

    shown, _ = check_then_save(client, url, reasons="The barrier is gone")
    assert after(shown)[0] == day_in_words(add_months(SINCE, 6))
    goal.refresh_from_db()
    assert (goal.intensive_since, goal.review_due_on) == (None, add_months(SINCE, 6))


def test_a_mark_sent_twice_does_not_take_itself_away(
    client: Client, coordinator: User, child: Child
) -> None:
    goal = opened(child, coordinator)
    client.force_login(coordinator)
    url = reverse("mark-intensive", args=[child.pk])
    sent = {"about": f"mark {goal.pk}", "reasons": "More support", "save": "1"}

    assert client.post(url, sent).status_code == 302
    assert client.post(url, sent).status_code == 409
    goal.refresh_from_db()
    assert goal.is_intensive


def test_reasons_are_asked_for(client: Client, coordinator: User, child: Child) -> None:
    goal = opened(child, coordinator)
    client.force_login(coordinator)
    url = reverse("mark-intensive", args=[child.pk])
    for reasons in ("", "   ", "a\x00b", "x" * 2001):
        sent = {"about": f"mark {goal.pk}", "reasons": reasons, "save": "1"}
        assert client.post(url, sent).status_code == 422
    goal.refresh_from_db()
    assert not goal.is_intensive


@pytest.mark.parametrize("name", ["mark-intensive", "record-achievement", "new-extension"])
def test_steps_need_a_two_year_goal_in_force(
    client: Client, coordinator: User, child: Child, name: str
) -> None:
    client.force_login(coordinator)
    url = reverse(name, args=[child.pk])
    assert client.get(url).status_code == 409
    opened(child, coordinator, Goal.LONG_TERM_CARE)
    assert client.get(url).status_code == 409


# Extension


def test_an_extension_shows_both_dates_and_keeps_the_original(
    client: Client, coordinator: User, child: Child
) -> None:
    goal = opened(child, coordinator)
    client.force_login(coordinator)
    original = add_months(SINCE, 24)
    shown, _ = check_then_save(
        client,
        reverse("new-extension", args=[child.pk]),
        extended_to=add_months(SINCE, 30),
        decided_on=TODAY,
        decided_by_name="Dana Director",
        reasons="The court date has moved",
    )
    goal.refresh_from_db()

    assert [effect.before for effect in shown.context["effects"]][1] == day_in_words(original)
    assert after(shown)[1] == day_in_words(add_months(SINCE, 30))
    assert goal.two_year_on == add_months(SINCE, 30)
    assert goal.two_year_derivation["original_on"] == original.isoformat()
    assert Extension.objects.get().decided_by_name == "Dana Director"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"extended_to": add_months(SINCE, 24)}, "An extension is later than"),
        ({"extended_to": date(2199, 1, 1)}, "at most five years"),
        ({"decided_on": add_months(TODAY, 1)}, "cannot be after today"),
        ({"decided_on": add_months(SINCE, -1)}, "before the goal took effect"),
        ({"decided_by_name": ""}, "Fill this in."),
    ],
)
def test_what_is_no_extension_is_told_beside_the_field(
    client: Client, coordinator: User, child: Child, wrong: dict[str, Any], sentence: str
) -> None:
    goal = opened(child, coordinator)
    client.force_login(coordinator)
    answers = {
        "about": f"extend {goal.pk}",
        "extended_to": add_months(SINCE, 30),
        "decided_on": TODAY,
        "decided_by_name": "Dana Director",
        "reasons": "Words that stay",
        **wrong,
    }
    url = reverse("new-extension", args=[child.pk])
    response = client.post(url, {**typed(**answers), "save": "1"})

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert "Words that stay" in response.content.decode()
    assert not Extension.objects.exists()


# Achievement


def test_the_move_home_alone_leaves_the_goal_in_force(
    client: Client, coordinator: User, child: Child
) -> None:
    goal = opened(child, coordinator)
    client.force_login(coordinator)
    url = reverse("record-achievement", args=[child.pk])
    shown, _ = check_then_save(client, url, moved_home_on=add_months(TODAY, -1))
    goal.refresh_from_db()

    assert not any(effect.moves for effect in shown.context["effects"])
    assert (goal.moved_home_on, goal.ended_on) == (add_months(TODAY, -1), None)


def test_parental_responsibility_returned_ends_the_goal(
    client: Client, coordinator: User, child: Child
) -> None:
    goal = opened(child, coordinator)
    client.force_login(coordinator)
    url = reverse("record-achievement", args=[child.pk])
    shown, _ = check_then_save(
        client, url, moved_home_on=add_months(TODAY, -1), achieved_on=TODAY, note="Court order"
    )
    goal.refresh_from_db()

    assert all("nothing is due any more" in words for words in after(shown))
    assert (goal.moved_home_on, goal.ended_on) == (add_months(TODAY, -1), TODAY)
    assert goal.end_reason == "achieved"
    assert HistoryEntry.objects.filter(note="Court order").exists()
    assert client.get(url).status_code == 409


@pytest.mark.parametrize("kind", [Goal.GUARDIANSHIP, Goal.ADOPTION])
def test_an_order_achieves_guardianship_and_adoption(
    client: Client, coordinator: User, child: Child, kind: Goal
) -> None:
    goal = opened(child, coordinator, kind)
    client.force_login(coordinator)
    url = reverse("record-achievement", args=[child.pk])
    assert "moved_home_on" not in client.get(url).context["form"].fields
    check_then_save(client, url, achieved_on=TODAY)
    goal.refresh_from_db()

    assert (goal.ended_on, goal.end_reason) == (TODAY, "achieved")


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({}, "Enter this date, or the date of the move home."),
        ({"achieved_on": add_months(TODAY, 1)}, "must not be in the future"),
        ({"achieved_on": add_months(SINCE, -1)}, "before the goal took effect"),
        ({"moved_home_on": TODAY, "achieved_on": SINCE}, "returns after the move home"),
    ],
)
def test_what_is_no_achievement_is_told_beside_the_field(
    client: Client, coordinator: User, child: Child, answers: dict[str, Any], sentence: str
) -> None:
    goal = opened(child, coordinator)
    client.force_login(coordinator)
    sent = {**typed(about=f"achieve {goal.pk}", **answers), "save": "1"}
    response = client.post(reverse("record-achievement", args=[child.pk]), sent)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    goal.refresh_from_db()
    assert (goal.ended_on, goal.moved_home_on) == (None, None)


def test_a_page_opened_for_one_goal_does_nothing_to_the_next(
    client: Client, coordinator: User, child: Child
) -> None:
    old = opened(child, coordinator)
    new = goals.put_in_force(child, goal="adoption", effective_on=TODAY, by=coordinator, on=TODAY)
    client.force_login(coordinator)
    sent = {**typed(about=f"achieve {old.pk}", achieved_on=TODAY), "save": "1"}

    assert client.post(reverse("record-achievement", args=[child.pk]), sent).status_code == 409
    new.refresh_from_db()
    assert new.ended_on is None
