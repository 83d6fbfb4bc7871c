"""Whoever was ever down as asking for a change neither endorses nor decides it."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from consultations.goal_changes import decisions
from consultations.goal_changes import services as changes
from consultations.goal_changes.services import Proposal
from consultations.models import GoalChange
from consultations.records import services as consultations
from consultations.tests.cases import (
    TODAY,
    consult,
    content,
    draft_change,
    reload_change,
)
from directory.database import append_only
from directory.errors import StepNotAllowedError
from directory.models import User
from permanency.models import Child

SOMEBODY_ELSE: Proposal = {"requested_by": None, "requested_by_name": "Toni Worker"}
EARLIER = "You were named as asking for this change"


def edit(change: GoalChange, by: User, **said: Any) -> GoalChange:
    return changes.edit(change, version=reload_change(change).version, by=by, on=TODAY, **said)


@pytest.mark.parametrize("as_what", ["requested_by", "requested_by_name"])
def test_editing_the_requester_away_lets_nobody_endorse_or_refuse_their_own_change(
    as_what: str, child: Child, coordinator: User, colleague: User
) -> None:
    who = coordinator if as_what == "requested_by" else "Pat Coordinator (PC)"
    asked: dict[str, Any] = {as_what: who}
    change = draft_change(consult(child, coordinator), coordinator, **asked)
    edit(change, coordinator, **SOMEBODY_ELSE)
    decisions.propose(change, by=coordinator, on=TODAY)
    for verb in (decisions.endorse, decisions.not_endorse):
        with pytest.raises(StepNotAllowedError, match=EARLIER):
            verb(change, by=coordinator, on=TODAY, reasons="Mine.")
    assert decisions.endorse(change, by=colleague, on=TODAY).by == colleague


def test_editing_the_requester_away_lets_no_approver_decide_their_own_change(
    client: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    change = draft_change(consult(child, coordinator), coordinator, requested_by=cfdu)
    edit(change, coordinator, **SOMEBODY_ELSE)
    decisions.propose(change, by=coordinator, on=TODAY)
    decisions.endorse(change, by=coordinator, on=TODAY)
    with pytest.raises(StepNotAllowedError, match=EARLIER):
        decisions.approve(change, effective_on=TODAY, by=cfdu, on=TODAY)
    with pytest.raises(StepNotAllowedError, match=EARLIER):
        decisions.decline(change, by=cfdu, on=TODAY, reasons="No.")
    client.force_login(cfdu)
    for address in (reverse("goal-change", args=[change.pk]), reverse("approvals")):
        assert EARLIER in client.get(address).content.decode()


def test_whoever_asked_for_the_change_before_has_asked_for_the_one_that_follows(
    child: Child, coordinator: User, colleague: User, cfdu: User
) -> None:
    change = draft_change(consult(child, coordinator), coordinator, requested_by=coordinator)
    edit(change, coordinator, **SOMEBODY_ELSE)
    decisions.propose(change, by=coordinator, on=TODAY)
    decisions.not_endorse(change, by=colleague, on=TODAY, reasons="Not yet.")
    again = changes.start_again(change, by=colleague, on=TODAY).goal_change
    decisions.propose(again, by=colleague, on=TODAY)
    with pytest.raises(StepNotAllowedError, match=EARLIER):
        decisions.endorse(again, by=coordinator, on=TODAY)


def test_who_asked_for_the_consultation_has_asked_even_after_a_correction(
    child: Child, coordinator: User, colleague: User
) -> None:
    consultation = consult(child, coordinator, asked_by_name="Jo Colleague")
    change = draft_change(consultation, coordinator)
    decisions.propose(change, by=coordinator, on=TODAY)
    with pytest.raises(StepNotAllowedError, match="You asked for this change"):
        decisions.endorse(change, by=colleague, on=TODAY)
    for version, name in ((1, "Pat Coordinator"), (2, "Toni Worker")):
        told = content(asked_by_name=name)
        consultations.correct(consultation, told, version=version, by=coordinator, on=TODAY)
    for person in (colleague, coordinator):
        with pytest.raises(StepNotAllowedError, match=EARLIER):
            decisions.endorse(reload_change(change), by=person, on=TODAY)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Jo Colleague (PC)", "choose them from the list"),
        ("Colleague", "choose them from the list"),
        ("J\u200bo Colleague", "choose them from the list"),
        ("\uff2a\uff4f Colleague", "choose them from the list"),
        ("jo@example.org", "Write a name, not an address."),
    ],
)
def test_a_person_who_signs_in_is_chosen_and_not_typed(
    name: str, sentence: str, client: Client, child: Child, coordinator: User, colleague: User
) -> None:
    client.force_login(coordinator)
    address = f"{reverse('new-goal-change')}?consultation={consult(child, coordinator).pk}"
    sent = {"save": "draft", "goal": "guardianship", "requested_by_name": name}
    response = client.post(address, sent)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert client.post(address, {**sent, "requested_by_name": "Ann Other"}).status_code == 302


@pytest.mark.django_db
def test_the_database_takes_nobody_off_the_list_of_who_asked(
    child: Child, coordinator: User, tables_guarded_by_migrations: frozenset[str]
) -> None:
    table = "consultations_goalchange_asked_for_by"
    assert table in tables_guarded_by_migrations
    change = draft_change(consult(child, coordinator), coordinator, requested_by=coordinator)
    connection.check_constraints()  # PostgreSQL alters no table with checks still to come
    append_only.install(connection, table)
    with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic():
        change.asked_for_by.clear()
    assert change.asked_for_by.get() == coordinator
