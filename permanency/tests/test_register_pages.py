"""Registering a child and editing the details, in the pages."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from directory.models import District, HistoryEntry, Office, Provider, User
from directory.tests.people import make_district
from permanency.models import CareEpisode, Child
from permanency.policy.goals import Goal
from permanency.services import goals, moves, register
from permanency.tests.answers import details_of, typed
from permanency.tests.factories import make_child

BORN_ON = date(2015, 3, 2)
EDIT = "permanency/edit_child.html"


@pytest.fixture
def office(hunter: District) -> Office:
    return Office.objects.create(name="Mayfield", district=hunter)


@pytest.fixture
def provider(hunter: District) -> Provider:
    return Provider.objects.create(name="Banksia Families")


def answers(district: District, /, **changed: Any) -> dict[str, str]:
    facts = {
        "childstory_id": "abc123",
        "first_name": "Robin",
        "last_name": "Example",
        "born_on": BORN_ON,
        "aboriginal_status": "neither",
        "cald": "no",
        "district": district,
        "case_managed_by": "DCJ",
    }
    return typed(**{**facts, **changed})


def signed_in(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def test_a_coordinator_registers_a_child_of_their_district(
    client: Client, coordinator: User, hunter: District, office: Office
) -> None:
    sent = answers(hunter, office=office, entered_care_on=date(2025, 1, 7))
    response = signed_in(client, coordinator).post(reverse("new-child"), sent)

    child = Child.objects.get(childstory_id="ABC123")
    assert response.status_code == 302
    assert response["Location"] == reverse("child", args=[child.pk])
    assert (child.district, child.office, child.born_on) == (hunter, office, BORN_ON)
    assert child.care_episodes.get().entered_on == date(2025, 1, 7)
    entry = HistoryEntry.objects.filter(child_number=child.pk).last()
    assert entry is not None
    assert (entry.by, entry.verb, entry.after["district"]) == (
        coordinator,
        register.REGISTERED,
        "Hunter",
    )


def test_a_coordinator_registers_nobody_into_another_district(
    client: Client, coordinator: User
) -> None:
    sydney = make_district("Sydney")
    response = signed_in(client, coordinator).post(reverse("new-child"), answers(sydney))

    assert response.status_code == 422
    assert not Child.objects.exists()


def test_the_practice_manager_registers_into_any_district(client: Client, mpp: User) -> None:
    sydney = make_district("Sydney")
    signed_in(client, mpp).post(reverse("new-child"), answers(sydney))

    assert Child.objects.get().district == sydney


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"childstory_id": "AB 12"}, "Use 1 to 8 letters or digits."),
        ({"childstory_id": "A\u0130"}, "Use 1 to 8 letters or digits."),
        ({"childstory_id": "A\x00B"}, "Null characters are not allowed."),
        ({"first_name": ""}, "Fill this in."),
        ({"born_on": date(2090, 1, 1)}, "must not be in the future"),
        ({"born_on": date(1899, 12, 31)}, "Enter a year between 1900 and 2200"),
        ({"case_managed_by": ""}, "Choose one."),
        ({"district": "999999999999999999999999"}, "Select a valid choice."),
        ({"entered_care_on": date(2015, 3, 1)}, "must not be before the child was born"),
        ({"entered_care_on": date(2090, 3, 1)}, "must not be in the future"),
    ],
)
def test_a_wrong_answer_is_told_and_every_typed_word_stays(
    client: Client, coordinator: User, hunter: District, wrong: dict[str, Any], sentence: str
) -> None:
    sent = answers(hunter, caseworker="Jo Bloggs of Newcastle", **wrong)
    response = signed_in(client, coordinator).post(reverse("new-child"), sent)
    page = response.content.decode()

    assert response.status_code == 422
    assert sentence in page
    assert "Jo Bloggs of Newcastle" in page
    assert not Child.objects.exists()


def test_an_office_of_another_district_is_refused(client: Client, mpp: User) -> None:
    hunter, sydney = make_district("Hunter"), make_district("Sydney")
    burwood = Office.objects.create(name="Burwood", district=sydney)
    response = signed_in(client, mpp).post(reverse("new-child"), answers(hunter, office=burwood))

    assert response.status_code == 422
    assert "Burwood is not an office of Hunter." in response.content.decode()


def test_a_provider_only_where_a_provider_manages_the_case(
    client: Client, coordinator: User, hunter: District, provider: Provider
) -> None:
    client = signed_in(client, coordinator)
    refused = client.post(reverse("new-child"), answers(hunter, provider=provider))
    assert refused.status_code == 422
    assert "only where a PSP provider manages the case" in refused.content.decode()

    client.post(reverse("new-child"), answers(hunter, provider=provider, case_managed_by="PSP"))
    assert Child.objects.get().provider == provider


def test_a_used_id_says_the_same_whoever_holds_it(
    client: Client, coordinator: User, hunter: District
) -> None:
    make_child(hunter, childstory_id="HERE1")
    make_child(make_district("Sydney"), childstory_id="THERE1", last_name="Secretname")
    client = signed_in(client, coordinator)
    pages = [
        client.post(reverse("new-child"), answers(hunter, childstory_id=held))
        for held in ("here1", "there1")
    ]

    for page in pages:
        assert page.status_code == 422
        assert register.ID_NOT_USABLE in page.content.decode()
    assert b"Secretname" not in pages[1].content
    assert b"Sydney" not in pages[1].content


def test_editing_keeps_before_and_after_in_the_history(
    client: Client, coordinator: User, hunter: District, office: Office
) -> None:
    child = make_child(hunter, last_name="Before")
    sent = details_of(child, last_name="After", office=office)
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
    signed_in(client, coordinator).post(reverse("edit-child", args=[child.pk]), details_of(child))

    assert not HistoryEntry.objects.exists()
    assert Child.objects.get().version == 1


def test_a_stale_edit_is_refused_and_loses_nothing(
    client: Client, coordinator: User, mpp: User, hunter: District
) -> None:
    child = make_child(hunter, first_name="Robin", last_name="Old", caseworker="Old Worker")
    opened_before = details_of(child, last_name="Typed")
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
    assert "Old Worker became <strong>New Worker</strong>" in page
    assert 'value="Typed"' in page, "what was typed stays"
    assert 'value="New Worker"' in page, "what was left alone follows the other edit"
    child.refresh_from_db()
    assert (child.last_name, child.caseworker, child.version) == ("Old", "New Worker", 2)

    fresh = response.context["form"].initial
    client.post(reverse("edit-child", args=[child.pk]), typed(**fresh))
    child.refresh_from_db()
    assert (child.last_name, child.caseworker, child.version) == ("Typed", "New Worker", 3)


def test_a_move_out_of_reach_warns_first_and_then_hands_over(
    client: Client, coordinator: User, hunter: District
) -> None:
    sydney = make_district("Sydney")
    child = make_child(hunter)
    client, url = signed_in(client, coordinator), reverse("edit-child", args=[child.pk])
    sent = details_of(child, district=sydney)

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
    sent = details_of(child, district=sydney)
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
    monkeypatch: pytest.MonkeyPatch,
    coordinator: User,
    hunter: District,
    provider: Provider,
    changes: Any,
    is_told: bool,
) -> None:
    heard: list[tuple[int, str]] = []

    def listen(child: Child, *, by: User | None, on: date) -> None:
        heard.append((child.pk, child.case_managed_by))

    monkeypatch.setattr(moves, "listeners", [listen])
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
    goals.open_with_goal_in_force(
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


def test_two_children_never_share_an_id_even_when_edited(
    client: Client, coordinator: User, hunter: District
) -> None:
    make_child(hunter, childstory_id="HELD")
    child = make_child(hunter, childstory_id="OWN")
    sent = details_of(child, childstory_id="held", first_name="Typed")
    response = signed_in(client, coordinator).post(reverse("edit-child", args=[child.pk]), sent)
    page = response.content.decode()

    assert response.status_code == 422
    assert register.ID_NOT_USABLE in page
    assert 'value="Typed"' in page
    child.refresh_from_db()
    assert child.childstory_id == "OWN"


def test_registering_into_care_is_all_or_nothing(
    client: Client, coordinator: User, hunter: District
) -> None:
    sent = answers(hunter, entered_care_on=date(2014, 1, 1))
    signed_in(client, coordinator).post(reverse("new-child"), sent)

    assert not Child.objects.exists()
    assert not CareEpisode.objects.exists()
    assert not HistoryEntry.objects.exists()
