"""Two people edit one row: nobody overwrites unseen, at every form that edits.

Both open the form, the second saves first, and then the first sends theirs. With the comparison of
versions switched off (`check_version` answering nothing) the second's words are lost; that is tried
below for an inbox.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from consultations.models import Evidence
from consultations.policy import option_field
from consultations.tests.cases import TODAY, consult, make_child
from directory.errors import StaleEditError
from directory.history import audited_edit
from directory.models import District, Inbox, User
from directory.tests.people import date_fields, make_person
from reviews.tests.whole_site.fixtures import SiteObjects
from reviews.tests.whole_site.form_parser import Fields, draft_form_of
from reviews.tests.whole_site.routes import RouteRow
from reviews.tests.whole_site.visitor import all_routes

Words = dict[str, str]
# Forms of two steps: what the second one sends beside, the first one having shown the dates.
SECOND_STEP = {"reasons": "Said with care.", "save": "1"}
IN_TWO_STEPS = {"edit-care-episode", "correct-goal", "correct-review-date"}
HELD = [
    {name: str(part) for name, part in date_fields("held_on", TODAY - timedelta(days)).items()}
    for days in (30, 31)
]
# Route, about what, what the first types and what the second has saved meanwhile.
EDITS: tuple[tuple[str, str, Words, Words], ...] = (
    ("edit-child", "PSP", {"caseworker": "First"}, {"caseworker": "Second"}),
    ("edit-care-episode", "PSP", {"entered_on_day": "11"}, {"entered_on_day": "12"}),
    ("correct-goal", "PSP", {"effective_on_day": "11"}, {"effective_on_day": "12"}),
    ("correct-review-date", "PSP", HELD[0], HELD[1]),
    ("edit-court-order", "PSP", {"note": "First"}, {"note": "Second"}),
    ("edit-consultation", "PSP", {"reasons": "First"}, {"reasons": "Second"}),
    ("edit-goal-change", "PSP endorsed", {"reasons": "First"}, {"reasons": "Second"}),
    ("record-case-plan", "PSP", {}, {}),
    ("correct-review", "PSP", {"barriers": "First"}, {"barriers": "Second"}),
    ("edit-person", "-", {"name": "First"}, {"name": "Second"}),
    ("end-appointment", "-", {"ends_on_year": "2101"}, {"ends_on_year": "2100"}),
    ("end-allocation", "-", {"ends_on_year": "2101"}, {"ends_on_year": "2100"}),
    ("edit-district", "-", {"note": "First"}, {"note": "Second"}),
    ("edit-inbox", "-", {"note": "First"}, {"note": "Second"}),
    ("edit-office", "-", {"name": "First"}, {"name": "Second"}),
    ("edit-provider", "-", {"name": "First"}, {"name": "Second"}),
)
BY_NAME = ("edit-", "correct-", "end-")
# Of these an older page is refused: `permanency/tests/test_goal_pages.py`.
REFUSED = {"correct-achievement", "correct-extension", "correct-mark"}


def test_every_form_that_edits_a_row_is_in_the_table() -> None:
    named = {name for name, _ in all_routes() if name.startswith(BY_NAME)}
    assert named - {route for route, *_ in EDITS} == REFUSED


@pytest.fixture
def second(house: SiteObjects, people: dict[str, User]) -> dict[str, User]:
    """Return who edits beside the first, for cases and for the directory."""
    return {"PSP": people["mpp"], "-": another_administrator()}


def another_administrator() -> User:
    person = make_person("Ada Administrator")
    person.appointments.create(role="administrator", starts_on="2020-01-01", instrument="Test")
    return person


def first_of(about: str, people: dict[str, User]) -> User:
    return people["administrator" if about == "-" else "coordinator"]


def send(client: Client, address: str, filled: Fields, words: Words) -> HttpResponse:
    sent: dict[str, Any] = {**filled, **{name: [text] for name, text in words.items()}}
    if "save" in words:
        shown = client.post(address, {**sent, "save": []}).content.decode()
        sent["seen"] = re.findall(r'name="seen" value="([^"]*)"', shown)
    return client.post(address, sent)  # type: ignore[return-value]  # an answer of the test client


@pytest.mark.slow
def test_a_stale_edit_is_refused_with_both_texts_and_can_be_sent_again(
    house: SiteObjects, people: dict[str, User], second: dict[str, User]
) -> None:
    wrong = []
    for route, about, mine, theirs in EDITS:
        address = house.address(RouteRow(route, about, "GET", {}))
        other = second[about.partition(" ")[0]]
        beside = SECOND_STEP if route in IN_TWO_STEPS else {}
        found = _meet(address, first_of(about, people), other, mine, theirs, beside)
        wrong += [f"{route}: {each}" for each in found]
    assert not wrong, "\n".join(["", *wrong])


def _meet(
    address: str, first: User, second: User, mine: Words, theirs: Words, beside: Words
) -> list[str]:
    """Let both edit what is at the address; return what went wrong."""
    one, other = Client(), Client()
    one.force_login(first)
    other.force_login(second)
    opened, theirs_opened = shown(one, address), shown(other, address)
    if (answer := send(other, address, theirs_opened, theirs | beside)).status_code != 302:
        return [f"the second's edit got {answer.status_code}: {faults(answer)}"]
    stale = send(one, address, opened, mine | beside)
    if stale.status_code != 409:
        return [f"the stale edit got {stale.status_code}: {faults(stale)}"]
    page = stale.content.decode()
    again, stands = draft_form_of(page), shown(other, address)
    said = [text for text in (*mine.values(), *theirs.values(), str(second)) if text not in page]
    wrong = [f"{text} is not on the page" for text in said]
    wrong += [f"{name} lost {text}" for name, text in mine.items() if again[name] != [text]]
    wrong += [f"{name} was overwritten" for name in theirs if stands[name] != [theirs[name]]]
    if (answer := send(one, address, again, beside)).status_code != 302:
        return [*wrong, f"sent again it got {answer.status_code}: {faults(answer)}"]
    stands = shown(other, address)
    return wrong + [f"{name} is not saved" for name in mine if stands[name] != [mine[name]]]


def shown(client: Client, address: str) -> Fields:
    return draft_form_of(client.get(address).content.decode())


def faults(answer: HttpResponse) -> list[str]:
    """Return what the page says must be put right."""
    return re.findall(r'<a href="#[^"]+">([^<]+)</a>', answer.content.decode())


@pytest.fixture
def inbox_before_two(administrator: User) -> tuple[str, Client, Client]:
    """Return the address of an inbox's form, and two administrators' browsers."""
    inbox = Inbox.objects.create(name="North", address="north@example.org")
    one, other = Client(), Client()
    one.force_login(administrator)
    other.force_login(another_administrator())
    return reverse("edit-inbox", args=[inbox.pk]), one, other


def test_what_the_first_had_left_alone_follows_the_second(
    inbox_before_two: tuple[str, Client, Client],
) -> None:
    address, first, other = inbox_before_two
    opened = shown(first, address)
    theirs = {"address": "moved@example.org", "to_be_confirmed": "on"}
    send(other, address, shown(other, address), theirs)
    again = draft_form_of(send(first, address, opened, {"note": "Mine"}).content.decode())
    assert again["address"] == ["moved@example.org"]
    assert again["to_be_confirmed"] == ["on"]
    assert again["note"] == ["Mine"]


def test_of_a_consultation_too_what_the_first_had_left_alone_follows_the_second(
    hunter: District, coordinator: User, second_coordinator: User
) -> None:
    found = consult(make_child(hunter), coordinator)
    address = reverse("edit-consultation", args=[found.pk])
    first, other = Client(), Client()
    first.force_login(coordinator)
    other.force_login(second_coordinator)
    opened = shown(first, address)
    weighed, proof = option_field("adoption", "reasons"), f"evidence_{Evidence.Kind.OTHER}_note"
    theirs = {weighed: "No carer asks for it.", proof: "A letter.", "reasons": "Theirs."}
    theirs |= {"family_views": "The aunt agrees."}
    assert send(other, address, shown(other, address), theirs).status_code == 302
    stale = send(first, address, opened, {"question": "Mine?", "reasons": "Mine."})
    assert stale.status_code == 409
    page = stale.content.decode()
    again = draft_form_of(page)
    assert (again["question"], again["reasons"]) == (["Mine?"], ["Mine."])
    for name in (weighed, proof, "family_views"):
        assert again[name] == [theirs[name]], f"{name} was left alone"
    assert re.search(r"Reasons: .*became <strong[^>]*>Theirs\.</strong>", page)
    assert send(first, address, again, {}).status_code == 302
    found.refresh_from_db()
    assert (found.question, found.reasons) == ("Mine?", "Mine.")
    assert found.family_views == "The aunt agrees."


def test_without_the_comparison_the_second_edit_would_be_lost(
    monkeypatch: pytest.MonkeyPatch, inbox_before_two: tuple[str, Client, Client]
) -> None:
    monkeypatch.setattr(audited_edit, "check_version", lambda row, version: None)
    address, first, other = inbox_before_two
    opened = shown(first, address)
    send(other, address, shown(other, address), {"note": "Second"})
    assert send(first, address, opened, {"note": "First"}).status_code == 302


def test_a_version_is_compared_where_one_is_named(people: dict[str, User]) -> None:
    person = people["nobody"]
    audited_edit.check_version(person, None)
    audited_edit.check_version(person, person.version)
    with pytest.raises(StaleEditError):
        audited_edit.check_version(person, person.version + 1)
