"""What was typed and not saved is found again where no page shows its form any more."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consultations.goal_changes import decisions
from consultations.tests.cases import change_in
from consultations.workflow import Status
from directory.forms.drafts import FIELD_NAME, new_token, read_token, save_draft
from directory.models import District, Draft, ReadEntry, User
from directory.roles import CaseManagement, Role
from directory.tests.people import make_person
from permanency.access.services import restrict
from permanency.children.services import edit_child
from permanency.models import Child
from reviews.tests.cases import TODAY, open_child
from reviews.tests.whole_site.form_parser import draft_form_of

WORDS = "Zoë said: “I want to stay.” 🦘"
OTHERS_WORDS = "Confirmed by a colleague"


@pytest.fixture
def child(hunter: District, coordinator: User) -> Child:
    """Return a child whose case a provider manages."""
    return open_child(hunter, coordinator, case_managed_by=CaseManagement.PSP).child


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def keep(client: Client, address: str, **typed: str) -> dict[str, Any]:
    """Type into the form at this address, and return what it would send."""
    filled = draft_form_of(client.get(address).content.decode())
    filled |= {name: [text] for name, text in typed.items()}
    assert client.post(reverse("keep-typed"), filled).status_code == 204
    return filled


def my_drafts(client: Client) -> str:
    answer = client.get(reverse("my-drafts"))
    assert answer.status_code == 200
    return answer.content.decode()


def hand_to_dcj(child: Child, by: User) -> None:
    changes: Any = {"case_managed_by": CaseManagement.DCJ, "provider": None}
    edit_child(child, changes=changes, version=child.version, by=by, on=TODAY)


def test_words_stand_with_their_form_and_the_reference_of_the_child(
    child: Child, coordinator: User, administrator: User
) -> None:
    client = signed_in(coordinator)
    address = f"{reverse('new-review')}?child={child.pk}"
    keep(client, address, barriers=WORDS, held_on_day="3", held_on_month="2", held_on_year="2026")
    page = my_drafts(client)
    assert "New review" in page
    assert child.reference in page
    assert f'href="{address}"' in page
    assert WORDS in page
    assert "3 2 2026" in page
    assert child.last_name not in page
    assert WORDS not in my_drafts(signed_in(administrator))
    entry = ReadEntry.objects.order_by("pk").last()
    assert entry is not None
    assert (entry.route, entry.shown) == ("my-drafts", [child.pk])


def test_words_of_a_form_that_answers_409_can_be_copied_and_discarded(
    child: Child, coordinator: User, cfdu: User
) -> None:
    client = signed_in(coordinator)
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    address = reverse("edit-goal-change", args=[change.pk])
    filled = keep(client, address, reasons=WORDS)
    decisions.approve(change, effective_on=TODAY, by=cfdu, on=TODAY)
    refused = client.post(address, filled)
    assert refused.status_code == 409
    assert reverse("my-drafts") in refused.content.decode()
    assert client.get(address).status_code == 409
    page = my_drafts(client)
    assert WORDS in page

    form = draft_form_of_discarding(page)
    assert client.post(reverse("my-drafts"), form).headers["Location"] == reverse("my-drafts")
    assert WORDS not in my_drafts(client)
    assert not Draft.objects.exists()


def draft_form_of_discarding(page: str) -> dict[str, str]:
    return {FIELD_NAME: page.split(f'name="{FIELD_NAME}" value="')[1].split('"')[0]}


def test_a_decision_on_a_case_that_went_to_dcj_says_so_and_keeps_the_words(
    child: Child, coordinator: User, cfdu: User
) -> None:
    client = signed_in(cfdu)
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    address = reverse("take-step", args=[change.pk, "decline"])
    filled = keep(client, address, reasons=WORDS)
    hand_to_dcj(child, coordinator)
    refused = client.post(address, filled)
    page = refused.content.decode()
    assert refused.status_code == 404
    assert "Nothing was saved or decided." in page
    assert "the case may have gone to somebody else" in page
    assert reverse("my-drafts") in page
    assert "Nothing was saved" not in client.get(address).content.decode()

    page = my_drafts(client)
    assert WORDS in page
    assert "Decline goal change" in page
    child.refresh_from_db()
    assert not any(each in page for each in (child.reference, child.first_name, child.last_name))


def test_a_decision_by_somebody_who_still_reads_the_case_says_so_too(
    child: Child, coordinator: User, cfdu: User, hunter: District
) -> None:
    cfdu.appointments.create(role="coordinator", district=hunter, starts_on=TODAY)
    client = signed_in(cfdu)
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    address = reverse("take-step", args=[change.pk, "decline"])
    filled = keep(client, address, reasons=WORDS)
    hand_to_dcj(child, coordinator)
    refused = client.post(address, filled)
    assert refused.status_code == 403
    assert reverse("my-drafts") in refused.content.decode()


def test_of_a_child_out_of_sight_what_the_record_filled_in_is_not_shown(
    child: Child, coordinator: User, hunter: District
) -> None:
    child.caseworker = OTHERS_WORDS
    child.save(update_fields=["caseworker"])
    client = signed_in(coordinator)
    keep(client, reverse("edit-child", args=[child.pk]), caseworker_organisation=WORDS)
    keep(client, f"{reverse('new-review')}?child={child.pk}", barriers=WORDS)
    consultation = f"{reverse('new-consultation')}?child={child.pk}"
    keep(client, consultation, took_part=OTHERS_WORDS, asked_by_name=OTHERS_WORDS)
    assert OTHERS_WORDS in my_drafts(client)
    other = make_person("Named Person", Role.COORDINATOR, hunter)
    restrict(child, reasons="A relative works here.", by=other, on=TODAY)
    page = my_drafts(client)
    assert page.count(WORDS) == 1
    for words in (OTHERS_WORDS, child.last_name, child.first_name, child.reference):
        assert words not in page
    assert "record any more: the case may have gone" in page


def test_the_words_of_a_form_without_a_child_stand_there_too(administrator: User) -> None:
    client = signed_in(administrator)
    keep(client, reverse("new-inbox"), note=WORDS)
    page = my_drafts(client)
    assert WORDS in page
    assert "New inbox" in page


def test_nobody_discards_what_another_has_typed(child: Child, coordinator: User) -> None:
    client = signed_in(coordinator)
    token = new_token(coordinator.pk + 1, "/directory/inboxes/new/")
    assert client.post(reverse("my-drafts"), {FIELD_NAME: token}).status_code == 422


def test_a_draft_of_an_address_that_is_gone_is_shown(coordinator: User) -> None:
    token = read_token(new_token(coordinator.pk, "/no-such-page/7/?child=x"))
    assert token is not None
    assert save_draft(token, {"note": [WORDS]}, at=timezone.now())
    assert WORDS in my_drafts(signed_in(coordinator))
