"""Times in care, court orders and actions: in the pages and in the services."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from directory import clock
from directory.errors import StepNotAllowedError
from directory.mail import notices
from directory.models import District, HistoryEntry, Notice, User
from permanency import matters
from permanency.care import services as care
from permanency.goals import lifecycle
from permanency.models import Action, CareEpisode, Child, CourtOrder
from permanency.policy.goals import Goal
from permanency.policy.months import add_months, day_in_words
from permanency.tests.answers import form_data
from permanency.tests.factories import make_action, make_child, make_episode, make_order
from permanency.tests.two_steps import dates_after, save_as_shown

TODAY = clock.today()


@pytest.fixture
def child(hunter: District) -> Child:
    return make_child(hunter)


def owed(occurrence: str, district: District) -> Notice:
    return notices.post(
        "order_expiring", occurrence, district=district, path="/", owed_on=TODAY, threshold="30"
    )


def test_entering_care_moves_the_two_year_date(
    client: Client, coordinator: User, child: Child
) -> None:
    since, entered = add_months(TODAY, -12), add_months(TODAY, -6)
    goal = lifecycle.open_with_goal_in_force(
        child,
        goal=Goal.RESTORATION,
        effective_on=since,
        source_note="ChildStory",
        by=coordinator,
        on=TODAY,
    )
    assert goal.two_year_on == add_months(since, 24)

    client.force_login(coordinator)
    url = reverse("new-care-episode", args=[child.pk])
    shown = client.post(url, form_data(entered_on=entered))
    assert dates_after(shown)[1] == day_in_words(add_months(entered, 24))
    assert not child.care_episodes.exists()
    assert save_as_shown(client, url, shown).status_code == 302
    goal.refresh_from_db()
    assert goal.two_year_on == add_months(entered, 24), "a new time in care starts afresh"

    episode = child.care_episodes.get()
    sent = form_data(entered_on=since, left_on=TODAY, exit_reason="Restoration", reasons="A slip.")
    shown = client.post(reverse("edit-care-episode", args=[episode.pk]), sent)
    assert shown.context["effects"][1].after == day_in_words(add_months(since, 24))
    save_as_shown(client, reverse("edit-care-episode", args=[episode.pk]), shown)
    episode.refresh_from_db()
    goal.refresh_from_db()
    assert (episode.entered_on, episode.left_on) == (since, TODAY)
    assert goal.two_year_on == add_months(since, 24)
    verbs = HistoryEntry.objects.filter(subject__startswith="care episode").values_list(
        "verb", flat=True
    )
    assert list(verbs) == ["recorded leaving care", "recorded entering care"]


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"entered_on": add_months(TODAY, 1)}, "must not be in the future"),
        ({"entered_on": date(2015, 3, 1)}, "must not be before the child was born"),
        (
            {"entered_on": date(2024, 5, 2), "left_on": date(2024, 5, 1)},
            "must not be before the day of entering it",
        ),
        (
            {"entered_on": date(2024, 5, 2), "left_on": add_months(TODAY, 1)},
            "must not be in the future",
        ),
        ({"entered_on": date(2020, 6, 1)}, "overlaps another time in care"),
        ({"entered_on": date(2019, 1, 1)}, "overlaps another time in care"),
        (
            {"entered_on": date(2019, 1, 1), "left_on": date(2020, 1, 2)},
            "overlaps another time in care",
        ),
        ({"entered_on": date(2024, 5, 2), "exit_reason": "Other"}, "on which the child left care"),
        ({}, "Enter a date."),
    ],
)
def test_care_dates_that_make_no_sense_are_told(
    client: Client, coordinator: User, child: Child, answers: dict[str, Any], sentence: str
) -> None:
    make_episode(child, entered_on=date(2020, 1, 1), left_on=date(2021, 1, 1))
    client.force_login(coordinator)
    response = client.post(reverse("new-care-episode", args=[child.pk]), form_data(**answers))

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert CareEpisode.objects.count() == 1


def test_one_time_in_care_may_begin_on_the_day_another_ended(
    coordinator: User, child: Child
) -> None:
    make_episode(child, entered_on=date(2020, 1, 1), left_on=date(2021, 1, 1))
    later = care.enter_care(child, entered_on=date(2021, 1, 1), by=coordinator, on=TODAY)
    care.enter_care(
        child, entered_on=date(2019, 1, 1), left_on=date(2020, 1, 1), by=coordinator, on=TODAY
    )

    assert later.left_on is None
    with pytest.raises(StepNotAllowedError, match="overlaps"):
        care.enter_care(child, entered_on=date(2021, 1, 2), by=coordinator, on=TODAY)


def test_an_order_is_recorded_corrected_and_ended(
    client: Client, coordinator: User, child: Child, hunter: District
) -> None:
    client.force_login(coordinator)
    made, expires = add_months(TODAY, -3), add_months(TODAY, 3)
    sent = form_data(kind="short_term", starts_on=made, expires_on=expires)
    assert client.post(reverse("new-court-order", args=[child.pk]), sent).status_code == 302
    order = CourtOrder.objects.get()
    url = reverse("edit-court-order", args=[order.pk])
    notice = owed(matters.order(order.pk, expires), hunter)

    client.post(url, {**sent, "version": 1, "note": "File 12"})
    notice.refresh_from_db()
    assert notice.settled_at is None, "a note moves no date"

    later = add_months(TODAY, 5)
    client.post(url, {**sent, "version": 2, **form_data(expires_on=later)})
    notice.refresh_from_db()
    assert notice.settled_at is not None

    ended = owed(matters.order(order.pk, later), hunter)
    client.post(
        url,
        {**sent, "version": 3, **form_data(expires_on=later, ended_on=TODAY, section_90_on=TODAY)},
    )
    ended.refresh_from_db()
    order.refresh_from_db()
    assert (order.ended_on, order.section_90_on) == (TODAY, TODAY)
    assert ended.settled_at is not None
    verbs = HistoryEntry.objects.filter(subject=f"court order {order.pk}").values_list(
        "verb", flat=True
    )
    assert list(verbs) == [
        "ended a court order",
        "corrected a court order",
        "corrected a court order",
        "recorded a court order",
    ]


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"kind": "short_term"}, "on which the short term order expires"),
        ({"kind": "interim", "starts_on": add_months(TODAY, 1)}, "must not be in the future"),
        ({"kind": "interim", "starts_on": date(2014, 1, 1)}, "before the child was born"),
        (
            {"kind": "interim", "starts_on": date(2024, 5, 2), "expires_on": date(2024, 5, 1)},
            "An order expires after it was made.",
        ),
        (
            {"kind": "interim", "starts_on": date(2024, 5, 2), "ended_on": date(2024, 5, 1)},
            "must not be before the order was made",
        ),
        ({"kind": "none"}, "Select a valid choice"),
        ({"kind": "nonsense"}, "Select a valid choice"),
    ],
)
def test_orders_that_make_no_sense_are_told(
    client: Client, coordinator: User, child: Child, answers: dict[str, Any], sentence: str
) -> None:
    client.force_login(coordinator)
    sent = form_data(note="Words that stay", **answers)
    response = client.post(reverse("new-court-order", args=[child.pk]), sent)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert "Words that stay" in response.content.decode()
    assert not CourtOrder.objects.exists()


def test_services_refuse_what_the_pages_refuse(coordinator: User, child: Child) -> None:
    with pytest.raises(StepNotAllowedError, match="future"):
        care.enter_care(child, entered_on=TODAY + timedelta(days=1), by=coordinator, on=TODAY)
    order = make_order(child)
    with pytest.raises(StepNotAllowedError, match="after it was made"):
        care.correct_order(order, expires_on=date(2016, 1, 1), by=coordinator, on=TODAY)
    assert not HistoryEntry.objects.exists()


def test_an_action_is_done_once_and_can_be_opened_again(
    client: Client, coordinator: User, child: Child, hunter: District
) -> None:
    action = make_action(child)
    notice = owed(matters.action(action.pk, action.due_on), hunter)
    client.force_login(coordinator)
    url = reverse("action-done", args=[action.pk])

    for _ in range(2):
        assert client.post(url)["Location"] == reverse("child", args=[child.pk])
    action.refresh_from_db()
    notice.refresh_from_db()
    assert action.done_on == TODAY
    assert notice.settled_at is not None
    assert HistoryEntry.objects.filter(child_number=child.pk).count() == 1

    client.post(url, {"again": "1"})
    action.refresh_from_db()
    assert action.done_on is None
    assert client.get(url).status_code == 405


def test_the_owner_of_an_action_may_say_that_it_is_done(
    client: Client, casework_manager: User, district_manager: User, child: Child
) -> None:
    action = make_action(child, owner=casework_manager)
    url = reverse("action-done", args=[action.pk])
    client.force_login(district_manager)
    assert client.post(url).status_code == 403
    client.force_login(casework_manager)
    assert client.post(url).status_code == 302
    assert Action.objects.get().done_on == TODAY


@pytest.mark.parametrize(
    ("back", "goes_to_child"),
    [("/", False), ("https://example.org/", True), ("//example.org/", True), ("", True)],
)
def test_doing_an_action_leads_nowhere_else(
    client: Client, coordinator: User, child: Child, back: str, goes_to_child: bool
) -> None:
    action = make_action(child)
    client.force_login(coordinator)
    response = client.post(reverse("action-done", args=[action.pk]), {"next": back})

    assert response["Location"] == (reverse("child", args=[child.pk]) if goes_to_child else "/")
