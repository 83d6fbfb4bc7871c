"""A consultation recorded by mistake is struck: nothing rests on it, and it stays to be read."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from consultations.records import services as consultations
from consultations.tests.cases import TODAY, change_in, consult, content, draft_change
from consultations.workflow import Status
from directory.errors import StaleEditError, StepNotAllowedError
from directory.models import HistoryEntry, User
from permanency.models import Action, CasePlanGoal, Child
from permanency.policy.actions import AgreedAction

pytestmark = pytest.mark.dialect

WHY = "It was about another child."


def strike(consultation: Any, by: User, **said: Any) -> None:
    given = {"reasons": WHY, "version": 1, "by": by, "on": TODAY, **said}
    consultations.strike(consultation, **given)


def test_it_is_kept_with_the_reason_its_actions_are_struck_and_no_date_moves(
    child: Child, coordinator: User
) -> None:
    before = CasePlanGoal.objects.values().get()
    agreed = (AgreedAction("Ring the aunt", "Pat", TODAY),)
    consultation = consult(child, coordinator, actions=agreed)
    strike(consultation, coordinator)
    consultation.refresh_from_db()

    assert (consultation.struck_on, consultation.struck_by) == (TODAY, coordinator)
    assert consultation.struck_because == WHY
    assert not Action.objects.open().exists()
    assert CasePlanGoal.objects.values().get() == before
    told = HistoryEntry.objects.latest("pk")
    assert (told.verb, told.note) == (consultations.STRIKE_VERB, WHY)


def test_nothing_rests_on_it_any_more_and_it_is_not_corrected(
    child: Child, coordinator: User
) -> None:
    consultation = consult(child, coordinator)
    strike(consultation, coordinator)

    with pytest.raises(StepNotAllowedError, match="is struck"):
        draft_change(consultation, coordinator)
    with pytest.raises(StepNotAllowedError, match="is struck"):
        consultations.correct(
            consultation, content(question="Other?"), version=1, by=coordinator, on=TODAY
        )
    with pytest.raises(StepNotAllowedError, match="is struck"):
        strike(consultation, coordinator)
    assert consult(child, coordinator).pk != consultation.pk, "the same may be recorded again"


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (Status.APPROVED, "no goal stands without its consultation"),
        (Status.DRAFT, "Withdraw that first"),
        (Status.ENDORSED, "Withdraw that first"),
        (Status.WITHDRAWN, ""),
        (Status.DECLINED, ""),
    ],
)
def test_a_goal_change_that_rests_on_it_is_in_the_way(
    child: Child, coordinator: User, cfdu: User, status: Status, sentence: str
) -> None:
    change = change_in(status, child, coordinator=coordinator, approver=cfdu)
    if sentence:
        with pytest.raises(StepNotAllowedError, match=sentence):
            strike(change.consultation, coordinator)
    else:
        strike(change.consultation, coordinator)


def test_who_may_not_write_gives_no_reason_or_saw_another_version_strikes_nothing(
    child: Child, coordinator: User, stranger: User, cfdu: User
) -> None:
    consultation = consult(child, coordinator)
    for other in (stranger, cfdu):
        with pytest.raises(PermissionDenied):
            strike(consultation, other)
    with pytest.raises(StepNotAllowedError, match="Say why"):
        strike(consultation, coordinator, reasons=" ")
    with pytest.raises(StaleEditError):
        strike(consultation, coordinator, version=2)
    consultation.refresh_from_db()
    assert consultation.struck_on is None


def test_the_page_asks_for_a_reason_and_says_afterwards_that_it_was_a_mistake(
    client: Client, child: Child, coordinator: User
) -> None:
    consultation = consult(child, coordinator)
    client.force_login(coordinator)
    here = reverse("consultation", args=[consultation.pk])
    address = reverse("strike-consultation", args=[consultation.pk])
    assert address in client.get(here).text
    assert client.post(address, {"reasons": "", "version": "1"}).status_code == 422

    shown = client.post(address, {"reasons": WHY, "version": "1"})
    saved = client.post(address, {**dict(shown.context["carried"]), "save": "1"})
    assert saved["Location"] == here
    page = client.get(here).text
    assert WHY in page
    for name in ("strike-consultation", "edit-consultation"):
        assert reverse(name, args=[consultation.pk]) not in page
    assert "Propose a goal change" not in page
    assert "Recorded by mistake" in client.get(reverse("child-consultations", args=[child.pk])).text
    assert client.get(address).status_code == 409
