"""Opening a child with the goal in force: the dates are shown before anything is saved."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from directory.models import District, HistoryEntry, User
from permanency.models import CasePlanGoal, Child, CourtOrder
from permanency.policy.goals import AboriginalStatus
from permanency.policy.months import add_months, day_in_words
from permanency.tests.answers import form_data
from permanency.tests.factories import make_child, make_order
from permanency.tests.two_steps import SINCE, TODAY, check_then_save, dates_after, open_goal


@pytest.fixture
def child(hunter: District) -> Child:
    return make_child(hunter)


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
    assert dates_after(shown) == expected
    assert saved["Location"] == reverse("child", args=[child.pk])
    assert (goal.review_due_on, goal.two_year_on) == (add_months(SINCE, 6), add_months(first, 24))
    assert (goal.source, goal.source_note) == ("opened_in_force", "Case plan in ChildStory")
    assert HistoryEntry.objects.get(child_number=child.pk).by == coordinator


def test_checking_saves_nothing_and_change_goes_back_with_every_word(
    client: Client, coordinator: User, child: Child
) -> None:
    client.force_login(coordinator)
    url = reverse("open-goal", args=[child.pk])
    sent = form_data(goal="adoption", effective_on=SINCE, source_note="Where it is written")
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
        ({"last_review_held_on": date(2014, 1, 1)}, "held before the child was born"),
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
        response = client.post(url, {**form_data(**answers), button: "1"})
        assert response.status_code == 422
        assert sentence in response.content.decode()
    assert not CasePlanGoal.objects.exists()


def test_a_goal_is_opened_once(client: Client, coordinator: User, child: Child) -> None:
    open_goal(child, coordinator)
    client.force_login(coordinator)

    assert client.get(reverse("open-goal", args=[child.pk])).status_code == 409


def test_nothing_is_opened_for_a_case_that_has_ended(
    client: Client, coordinator: User, hunter: District
) -> None:
    adult = make_child(hunter, born_on=date(2000, 1, 1))
    client.force_login(coordinator)
    sent = form_data(goal="adoption", effective_on=date(2010, 1, 1), source_note="ChildStory")
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
        sent = form_data(goal=goal, effective_on=SINCE, source_note="ChildStory")
        page = client.post(reverse("open-goal", args=[child.pk]), {**sent, "check": "1"})
        assert words in page.content.decode()
