"""Many people act on one change in the same moment: one of them does, the others are told."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from consultations.goal_changes import decisions
from consultations.goal_changes import services as changes
from consultations.models import Consultation, Decision, GoalChange
from consultations.models.changes import GoalChangeQuerySet
from consultations.records import services as consultations
from consultations.tests.cases import (
    TODAY,
    change_in,
    consult,
    content,
    draft_change,
    make_child,
    open_goal,
    reload_change,
)
from consultations.workflow import Status, Step
from directory.audit.verify import verify
from directory.errors import StepNotAllowedError
from directory.models import District, HistoryEntry, Notice, User
from directory.roles import CaseManagement, Role
from directory.tests.people import make_district, make_person
from permanency.children import services as register
from permanency.models import CasePlanGoal, Child

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.dialect]
THREADS = 16


def at_once(acts: Sequence[Callable[[], Any]]) -> Counter[str]:
    """Run the acts in as many threads from one starting shot; count what came of each."""
    outcomes: Counter[str] = Counter()
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=30)
            act()
            outcomes["done"] += 1
        except StepNotAllowedError:
            outcomes["refused"] += 1
        except Exception as error:
            outcomes[repr(error)] += 1
        finally:
            connection.close()

    threads = [Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcomes


def test_sixteen_simultaneous_approvals_are_one(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    people = [make_person(f"Approver {n}", Role.CFDU, child.district) for n in range(THREADS)]

    def approval(person: User) -> Callable[[], Any]:
        return lambda: decisions.approve(
            GoalChange.objects.get(pk=change.pk), effective_on=TODAY, by=person, on=TODAY
        )

    assert at_once([approval(person) for person in people]) == {
        "done": 1,
        "refused": THREADS - 1,
    }
    assert Decision.objects.filter(step=Step.APPROVE).count() == 1
    assert HistoryEntry.objects.filter(verb="approved a goal change").count() == 1
    assert Notice.objects.filter(kind=Notice.Kind.CHANGE_DECIDED).count() == 1
    assert CasePlanGoal.objects.filter(source=CasePlanGoal.Source.APPROVED).count() == 1
    assert CasePlanGoal.objects.in_force().count() == 1


def test_approve_decline_withdraw_and_edit_at_once_end_in_one_place(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    who: dict[str, Any] = {"on": TODAY, "version": change.version}
    acts: list[Callable[[], Any]] = [
        lambda: decisions.approve(change, effective_on=TODAY, by=cfdu, **who),
        lambda: decisions.decline(change, by=cfdu, reasons="No.", **who),
        lambda: decisions.withdraw(change, by=coordinator, reasons="No.", **who),
        lambda: changes.edit(change, by=coordinator, reasons="Other.", **who),
    ]
    assert at_once(acts * 4) == {"done": 1, "refused": 15}
    change = reload_change(change)
    (last,) = change.decisions.filter(from_status=Status.ENDORSED)
    assert last.to_status == change.status
    assert (change.status == Status.APPROVED) == (CasePlanGoal.objects.count() == 2)


def test_drafts_for_one_child_at_once_are_one_open_change(
    child: Child, coordinator: User, colleague: User
) -> None:
    consultation = consult(child, coordinator)
    people = (coordinator, colleague) * 4
    acts = [partial(draft_change, consultation, by) for by in people]
    assert at_once(acts) == {"done": 1, "refused": 7}
    assert GoalChange.objects.count() == 1


def test_one_form_sent_eight_times_at_once_is_recorded_once(
    child: Child, coordinator: User
) -> None:
    acts = [lambda: consultations.record(child, content(), by=coordinator, on=TODAY)] * 8
    assert at_once(acts) == {"done": 8}
    assert Consultation.objects.count() == 1


def test_a_move_of_the_case_and_an_approval_at_once_leave_no_half_truth(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    acts: list[Callable[[], Any]] = [
        lambda: decisions.approve(change, effective_on=TODAY, by=cfdu, on=TODAY),
        lambda: register.edit_child(
            child,
            changes={"case_managed_by": CaseManagement.DCJ},
            version=child.version,
            by=coordinator,
            on=TODAY,
        ),
    ]
    outcomes = at_once(acts)
    change = reload_change(change)
    if change.status == Status.APPROVED:
        assert outcomes == {"done": 2}
        assert change.decisions.filter(step=Step.VOID).count() == 0
    else:
        assert outcomes == {"done": 1, "refused": 1}
        assert change.status == Status.PROPOSED
        assert CasePlanGoal.objects.in_force().get().goal == "restoration"


def test_a_draft_that_nobody_locked_for_is_refused_by_the_database_in_words(
    child: Child, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look for an open change is made blind, as if the lock had failed."""
    consultation = consult(child, coordinator)
    draft_change(consultation, coordinator)
    monkeypatch.setattr(GoalChangeQuerySet, "open", GoalChangeQuerySet.none)
    with pytest.raises(StepNotAllowedError, match="one open goal change at a time"):
        draft_change(consultation, coordinator)
    assert GoalChange.objects.count() == 1


def test_children_that_change_districts_in_both_directions_wait_for_nobody_in_a_circle(
    hunter: District,
) -> None:
    """Each move writes in both chains of the history. Without `history.hold` in the edit, and
    the endorsement that falls told in the other district, PostgreSQL reports deadlocks here."""
    sydney = make_district("Sydney")
    pairs = [(hunter, sydney), (sydney, hunter)] * 8
    people = {each: make_person(f"Pat {each}", Role.COORDINATOR, each) for each in (hunter, sydney)}
    approvers = {each: make_person(f"Chris {each}", Role.CFDU, each) for each in (hunter, sydney)}

    def move(start: District, end: District) -> Callable[[], Any]:
        child = make_child(start)
        open_goal(child)
        change_in(Status.ENDORSED, child, coordinator=people[start], approver=approvers[start])
        child.refresh_from_db()
        facts = register.ChildFields(district=end)
        return partial(
            register.edit_child, child, changes=facts, version=child.version, by=None, on=TODAY
        )

    outcomes = at_once([move(*pair) for pair in pairs])
    assert outcomes == {"done": len(pairs)}
    assert HistoryEntry.objects.filter(verb="voided the endorsement of a goal change").count() == 16
    assert verify().faults == []
