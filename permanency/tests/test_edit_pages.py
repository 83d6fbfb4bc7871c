"""Editing a child's details: who else edited, where the case goes, which dates move."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from directory.models import District, HistoryEntry, Office, Provider, User
from directory.tests.people import make_district
from permanency.children import services as register
from permanency.children.views import ID_REGISTERED
from permanency.goals import lifecycle
from permanency.goals.effects import GOAL_ENDED, NOTHING_DUE
from permanency.models import Child
from permanency.policy.goals import Goal
from permanency.policy.months import day_in_words
from permanency.tests import two_steps
from permanency.tests.answers import child_form_data
from permanency.tests.factories import hold_review, make_child

BORN_ON = date(2015, 3, 2)
EDIT = "permanency/edit_child.html"


@pytest.fixture
def office(hunter: District) -> Office:
    return Office.objects.create(name="Mayfield", district=hunter)


@pytest.fixture
def provider(hunter: District) -> Provider:
    return Provider.objects.create(name="Banksia Families")


def signed_in(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def test_editing_keeps_before_and_after_in_the_history(
    client: Client, coordinator: User, hunter: District, office: Office
) -> None:
    child = make_child(hunter, last_name="Before")
    sent = child_form_data(child, last_name="After", office=office)
    signed_in(client, coordinator).post(reverse("edit-child", args=[child.pk]), sent)

    child.refresh_from_db()
    entry = HistoryEntry.objects.get(verb=register.EDITED)
    assert (child.last_name, child.office, child.version) == ("After", office, 2)
    assert entry.before == {"last_name": "Before", "office": None}
    assert entry.after == {"last_name": "After", "office": "Mayfield"}


def test_an_edit_that_changes_nothing_leaves_no_trace(
    client: Client, coordinator: User, hunter: District
) -> None:
    child = make_child(hunter)
    signed_in(client, coordinator).post(
        reverse("edit-child", args=[child.pk]), child_form_data(child)
    )

    assert not HistoryEntry.objects.exists()
    assert Child.objects.get().version == 1


def test_a_stale_edit_is_refused_and_loses_nothing(
    client: Client, coordinator: User, mpp: User, hunter: District
) -> None:
    child = make_child(hunter, first_name="Robin", last_name="Old", caseworker="Old Worker")
    opened_before = child_form_data(child, last_name="Typed")
    register.edit_child(
        child,
        changes={"caseworker": "New Worker"},
        version=1,
        by=mpp,
        on=date(2026, 5, 14),
    )
    client = signed_in(client, coordinator)
    response = client.post(reverse("edit-child", args=[child.pk]), opened_before)
    page = response.content.decode()

    assert response.status_code == 409
    assert "Morgan Practice" in page
    assert "Old Worker</span> became <strong" in page
    assert 'value="Typed"' in page, "what was typed stays"
    assert 'value="New Worker"' in page, "what was left alone follows the other edit"
    child.refresh_from_db()
    assert (child.last_name, child.caseworker, child.version) == ("Old", "New Worker", 2)

    client.post(reverse("edit-child", args=[child.pk]), response.context["form"].data)
    child.refresh_from_db()
    assert (child.last_name, child.caseworker, child.version) == ("Typed", "New Worker", 3)


def test_a_move_out_of_reach_warns_first_and_then_hands_over(
    client: Client, coordinator: User, hunter: District
) -> None:
    sydney = make_district("Sydney")
    child = make_child(hunter)
    client, url = signed_in(client, coordinator), reverse("edit-child", args=[child.pk])
    sent = child_form_data(child, district=sydney)

    warning = client.post(url, sent)
    child.refresh_from_db()
    assert warning.status_code == 200
    assert "You will no longer see this child" in warning.content.decode()
    assert child.district == hunter

    carried = dict(warning.context["carried"])
    back = client.post(url, {**carried, "change": "1"})
    assert back.status_code == 200
    assert back.templates[0].name == EDIT

    done = client.post(url, {**carried, "save": "1"})
    child.refresh_from_db()
    assert (done["Location"], child.district) == (reverse("children"), sydney)
    entry = HistoryEntry.objects.get(verb=register.EDITED)
    assert (entry.before, entry.after) == ({"district": "Hunter"}, {"district": "Sydney"})
    assert client.get(url).status_code == 404


def test_a_move_within_reach_asks_nothing(client: Client, mpp: User, hunter: District) -> None:
    sydney, child = make_district("Sydney"), make_child(hunter)
    sent = child_form_data(child, district=sydney)
    signed_in(client, mpp).post(reverse("edit-child", args=[child.pk]), sent)

    child.refresh_from_db()
    assert child.district == sydney


@pytest.mark.parametrize(
    ("changes", "is_told"),
    [
        ({"case_managed_by": "PSP"}, True),
        ({"case_managed_by": "PSP", "provider": "Banksia Families"}, True),
        ({"last_name": "Another"}, False),
        ({"born_on": date(2015, 3, 3)}, False),
    ],
)
def test_listeners_hear_when_the_management_of_the_case_moves(
    coordinator: User,
    hunter: District,
    provider: Provider,
    changes: Any,
    is_told: bool,
) -> None:
    heard: list[tuple[int, str]] = []

    def listen(child: Child, *, by: User | None, **kwargs: Any) -> None:
        heard.append((child.pk, child.case_managed_by))

    lifecycle.case_moved.connect(listen)
    child = make_child(hunter)
    if "provider" in changes:
        changes = {**changes, "provider": provider}
    register.edit_child(child, changes=changes, version=1, by=coordinator, on=date(2026, 5, 14))

    assert heard == ([(child.pk, "PSP")] if is_told else [])


def test_a_corrected_birth_date_and_a_death_move_and_end_the_dates(
    client: Client, coordinator: User, hunter: District
) -> None:
    child = make_child(hunter, born_on=date(2008, 6, 1))
    today = date(2026, 5, 14)
    lifecycle.open_with_goal_in_force(
        child,
        goal=Goal.GUARDIANSHIP,
        effective_on=date(2026, 1, 10),
        source_note="ChildStory",
        by=coordinator,
        on=today,
    )
    goal = child.goals.get()
    assert goal.two_year_on is None, "the child turns 18 before"

    register.edit_child(
        child, changes={"born_on": date(2012, 6, 1)}, version=1, by=coordinator, on=today
    )
    goal.refresh_from_db()
    assert goal.two_year_on == date(2028, 1, 10)

    register.edit_child(child, changes={"died_on": today}, version=2, by=coordinator, on=today)
    goal.refresh_from_db()
    assert (goal.ended_on, goal.end_reason) == (today, "died")


@pytest.mark.parametrize(
    ("field", "day", "ending"),
    [
        ("born_on", date(2005, 3, 2), "The child turned 18 on 2 March 2023."),
        ("died_on", date(2020, 1, 4), "The child died on 4 January 2020."),
        ("left_state_on", date(2020, 1, 4), "The child moved out of New South Wales on 4"),
    ],
)
def test_a_fact_that_ends_the_goal_shows_that_first_and_so_does_taking_it_back(
    client: Client, coordinator: User, hunter: District, field: str, day: date, ending: str
) -> None:
    child = make_child(hunter, born_on=BORN_ON)
    goal = two_steps.open_goal(child, coordinator)
    dates = [day_in_words(each) for each in (goal.review_due_on, goal.two_year_on) if each]
    client, url = signed_in(client, coordinator), reverse("edit-child", args=[child.pk])

    shown = client.post(url, child_form_data(child, **{field: day}))
    assert two_steps.dates_after(shown) == [NOTHING_DUE] * 2
    assert [row.words for row in shown.context["answers"]] == [day_in_words(day)]
    assert ending in shown.content.decode()
    goal.refresh_from_db()
    assert goal.ended_on is None, "nothing is saved yet"

    client.post(url, {**dict(shown.context["carried"]), "change": "1"})
    saved = two_steps.save_as_shown(client, url, shown)
    assert saved.status_code == 302
    goal.refresh_from_db()
    child.refresh_from_db()
    assert goal.ended_on is not None

    kept = BORN_ON if field == "born_on" else None
    shown = client.post(url, child_form_data(child, **{field: kept}))
    assert [effect.before for effect in shown.context["effects"]] == [GOAL_ENDED] * 2
    assert two_steps.dates_after(shown) == dates
    two_steps.save_as_shown(client, url, shown)
    goal.refresh_from_db()
    assert goal.ended_on is None


def test_an_ending_that_was_shown_before_the_dates_moved_is_shown_again(
    client: Client, coordinator: User, hunter: District
) -> None:
    child = make_child(hunter, born_on=date(2015, 1, 1))
    goal = two_steps.open_goal(child, coordinator)
    client, url = signed_in(client, coordinator), reverse("edit-child", args=[child.pk])
    late = two_steps.TODAY.replace(day=1, year=two_steps.TODAY.year - 17)
    shown = client.post(url, child_form_data(child, born_on=late))
    hold_review(goal, held_on=two_steps.TODAY, by=coordinator, on=two_steps.TODAY)
    again = two_steps.save_as_shown(client, url, shown)
    assert (again.status_code, again.context["has_moved"]) == (200, True)
    child.refresh_from_db()
    assert child.born_on == date(2015, 1, 1)


def test_an_ending_that_was_shown_and_ends_nothing_any_more_is_shown_again(
    client: Client, coordinator: User, hunter: District
) -> None:
    child = make_child(hunter, born_on=date(2015, 1, 1))
    goal = two_steps.open_goal(child, coordinator)
    client, url = signed_in(client, coordinator), reverse("edit-child", args=[child.pk])
    shown = client.post(url, child_form_data(child, died_on=two_steps.TODAY))
    assert all(effect.moves for effect in shown.context["effects"])
    on = two_steps.TODAY
    lifecycle.record_achievement(goal, achieved_on=on, by=coordinator, on=on)
    again = two_steps.save_as_shown(client, url, shown)
    assert (again.status_code, again.context["has_moved"]) == (200, True)
    assert "This moves no date." in again.content.decode()
    child.refresh_from_db()
    assert child.died_on is None
    assert two_steps.save_as_shown(client, url, again).status_code == 302


def test_two_children_never_share_an_id_even_when_edited(
    client: Client, coordinator: User, hunter: District
) -> None:
    make_child(hunter, childstory_id="HELD")
    child = make_child(hunter, childstory_id="OWN")
    sent = child_form_data(child, childstory_id="held", first_name="Typed")
    response = signed_in(client, coordinator).post(reverse("edit-child", args=[child.pk]), sent)
    page = response.content.decode()

    assert response.status_code == 422
    assert ID_REGISTERED in page
    assert 'value="Typed"' in page
    child.refresh_from_db()
    assert child.childstory_id == "OWN"
