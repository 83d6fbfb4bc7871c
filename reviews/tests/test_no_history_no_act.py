"""If the history cannot be written, nothing is: no row stays, and the person gets a civil page.

The history's table refuses every insert here, by a trigger, as a full disk or a lost right would.
Negative controls: `test_it_is_the_history_that_fails`, without the trigger, and the last one here,
where the fault is swallowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from consultations.goal_changes import decisions
from consultations.records import services as consultations
from consultations.tests.cases import TODAY, change_in, content, make_child, open_goal
from consultations.workflow import Status
from directory.models import District, HistoryEntry, User
from directory.people import services as people
from directory.tests.people import sign_in
from permanency.access import services as restrictions
from permanency.care import services as care
from permanency.children import services as register
from permanency.goals import intensive
from permanency.models import Child
from permanency.tests.factories import make_action
from reviews.held.services import ReviewContent, hold, record_not_held
from reviews.tests.whole_site.visitor import database_digest

pytestmark = pytest.mark.dialect

TABLE = "directory_historyentry"
FULL = {
    "sqlite": [
        f"CREATE TRIGGER no_room BEFORE INSERT ON {TABLE}"
        " BEGIN SELECT RAISE(ABORT, 'no room for history'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'no room for history' USING ERRCODE = 'disk_full'; END $$",
        f"CREATE TRIGGER no_room BEFORE INSERT ON {TABLE} FOR EACH ROW EXECUTE FUNCTION no_room()",
    ],
}


@contextmanager
def no_room_for_history() -> Iterator[None]:
    """Let every insert into the history fail; what was done inside is undone at the end."""
    connection.check_constraints()  # PostgreSQL alters no table with checks still to come
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in FULL[connection.vendor]:
            cursor.execute(statement)
        yield
        transaction.set_rollback(True)


class Case:
    """A child with a goal, an action and an endorsed change, and the people who act."""

    def __init__(self, hunter: District, pc: User, approver: User) -> None:
        self.hunter, self.approver = hunter, approver
        self.pc: dict[str, Any] = {"by": pc, "on": TODAY}
        self.child = make_child(hunter)
        open_goal(self.child)
        self.goal = self.child.goals.get()
        self.change = change_in(Status.ENDORSED, self.child, coordinator=pc, approver=approver)
        self.action = make_action(self.child, agreed_on=TODAY, due_on=TODAY, owner=pc)
        self.child = Child.objects.select_related("district").get(pk=self.child.pk)


Act = Callable[[Case], object]
ACTS: dict[str, Act] = {
    "register": lambda case: register.register_child(
        childstory_id="N1",
        first_name="Kim",
        last_name="Example",
        born_on=TODAY - timedelta(days=3000),
        case_managed_by="DCJ",
        district=case.hunter,
        **case.pc,
    ),
    "edit": lambda case: register.edit_child(
        case.child, changes={"caseworker": "Jo"}, version=case.child.version, **case.pc
    ),
    "enter care": lambda case: care.enter_care(case.child, entered_on=TODAY, **case.pc),
    "record an order": lambda case: care.record_order(
        case.child, kind="interim", starts_on=TODAY, **case.pc
    ),
    "mark intensive": lambda case: intensive.mark_intensive(case.goal, reasons="Slow.", **case.pc),
    "do an action": lambda case: care.finish_action(case.action, **case.pc),
    "restrict": lambda case: restrictions.restrict(case.child, reasons="A threat.", **case.pc),
    "save a draft": lambda case: consultations.save_draft(
        case.child, typed={"question": "W"}, answers={}, **case.pc
    ),
    "record a consultation": lambda case: consultations.record(
        case.child, content(question="Is it time?"), **case.pc
    ),
    "approve": lambda case: decisions.approve(
        case.change, effective_on=TODAY, by=case.approver, on=TODAY
    ),
    "decline": lambda case: decisions.decline(
        case.change, reasons="No.", by=case.approver, on=TODAY
    ),
    "hold a review": lambda case: hold(
        case.goal, held_on=TODAY, outcome="continue", content=ReviewContent("on_track"), **case.pc
    ),
    "not hold a review": lambda case: record_not_held(
        case.goal, reasons="Ill.", planned_on=TODAY, **case.pc
    ),
    "add a person": lambda case: people.add_person(
        email="new@example.org", name="New", by=None, on=TODAY
    ),
}


@pytest.fixture
def case(hunter: District, coordinator: User, cfdu: User) -> Case:
    """Return the case that the acts are about."""
    return Case(hunter, coordinator, cfdu)


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_without_history_nothing_is_saved(case: Case, act: Act) -> None:
    before = database_digest()
    with no_room_for_history():
        with pytest.raises(DatabaseError, match="no room for history"):
            act(case)
        assert database_digest() == before


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_it_is_the_history_that_fails(case: Case, act: Act) -> None:
    before, entries = database_digest(), HistoryEntry.objects.count()
    act(case)
    assert database_digest() != before
    assert HistoryEntry.objects.count() > entries


def test_the_person_gets_a_civil_page_and_nothing_is_saved(
    client: Client, case: Case, coordinator: User
) -> None:
    client.raise_request_exception = False
    sign_in(client, coordinator)
    action = reverse("action-done", args=[case.action.pk])
    with no_room_for_history():
        answer = client.post(action)
        case.action.refresh_from_db()
        assert case.action.done_on is None
    assert answer.status_code in {500, 503}
    page = answer.content.decode()
    assert "<h1" in page
    assert "no room for history" not in page
    assert client.post(action).status_code == 302


@pytest.mark.parametrize("act", ["edit", "enter care", "approve", "hold a review", "add a person"])
def test_an_act_that_swallowed_the_fault_would_be_saved(
    case: Case, act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = HistoryEntry.save

    def swallow(entry: HistoryEntry, **how: Any) -> None:
        with suppress(DatabaseError), transaction.atomic():
            save(entry, **how)

    monkeypatch.setattr(HistoryEntry, "save", swallow)
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        test_without_history_nothing_is_saved(case, ACTS[act])
