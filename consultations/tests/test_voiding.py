"""What makes an endorsement void, the facts after an approval, and who is told of what."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from consultations.goal_changes import decisions, presentation
from consultations.goal_changes import services as changes
from consultations.goal_changes.transitions import void_endorsement
from consultations.models import Decision, GoalChange
from consultations.tests.cases import (
    TODAY,
    change_in,
    consult,
    draft_change,
    make_child,
    reload_change,
)
from consultations.workflow import Status, Step
from directory.errors import StepNotAllowedError
from directory.models import Appointment, HistoryEntry, Notice, Provider, User
from directory.roles import CaseManagement, Role
from directory.tests.people import SINCE, make_person
from permanency.children import services as register
from permanency.models import Child

YESTERDAY = TODAY - timedelta(days=1)


def edit(change: GoalChange, by: User, **said: Any) -> GoalChange:
    return changes.edit(change, version=change.version, by=by, on=TODAY, **said)


# An endorsement binds to what was endorsed


@pytest.mark.parametrize(
    "said",
    [
        {"goal": "long_term_care"},
        {"reasons": "Other reasons."},
        {"requested_by_name": "Somebody Else"},
        {"requested_by_organisation": "Another Care"},
    ],
    ids=["goal", "reasons", "requester", "organisation"],
)
def test_a_material_edit_makes_the_endorsement_void(
    said: dict[str, Any], child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    edited = reload_change(edit(change, coordinator, **said))
    assert (edited.status, edited.endorsed_by) == (Status.PROPOSED, None)
    assert (edited.endorsed_case_managed_by, edited.endorsed_provider) == ("", None)
    (name, value), *_ = said.items()
    assert getattr(edited, name) == value
    steps = list(Decision.objects.filter(goal_change=change).values_list("step", flat=True))
    assert steps == [Step.PROPOSE, Step.ENDORSE, Step.VOID]
    with pytest.raises(StepNotAllowedError):
        decisions.approve(edited, effective_on=TODAY, by=cfdu, on=TODAY)
    decisions.endorse(edited, by=coordinator, on=TODAY)
    assert decisions.approve(edited, effective_on=TODAY, by=cfdu, on=TODAY)


def test_saving_without_a_change_keeps_the_endorsement(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    edit(change, coordinator, goal=change.goal, reasons=change.reasons)
    assert reload_change(change).status == Status.ENDORSED


def test_the_page_tells_a_void_endorsement_and_the_one_that_stands(
    child: Child, coordinator: User, colleague: User, cfdu: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    edit(change, coordinator, reasons="Other reasons.")
    decisions.endorse(change, by=colleague, on=TODAY, reasons="Again, with care.")
    told = presentation.decision_rows(reload_change(change).decisions.all())
    assert [each.status_note for each in told] == ["", "void", "", ""]
    standing = presentation.current_endorsement(told)
    assert standing is not None
    assert standing.by == colleague


def test_an_endorsement_sent_back_no_longer_counts(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    decisions.ask_for_more(change, by=cfdu, on=TODAY, reasons="The assessment.")
    told = presentation.decision_rows(reload_change(change).decisions.all())
    assert [each.status_note for each in told] == ["", "no longer counts", ""]
    assert presentation.current_endorsement(told) is None


@pytest.fixture
def providers(child: Child) -> tuple[Provider, Provider]:
    """Return two invented providers; the first manages the child's case."""
    first = Provider.objects.create(name="Example Care")
    Child.objects.filter(pk=child.pk).update(provider=first)
    child.refresh_from_db()
    return first, Provider.objects.create(name="Sample Families")


@pytest.mark.parametrize("to", ["DCJ", "another provider", "the same"])
def test_a_move_of_case_management_makes_the_endorsement_void_at_once(
    to: str,
    child: Child,
    coordinator: User,
    cfdu: User,
    providers: tuple[Provider, Provider],
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    facts: dict[str, register.ChildFields] = {
        "DCJ": {"case_managed_by": CaseManagement.DCJ, "provider": None},
        "another provider": {"provider": providers[1]},
        "the same": {"caseworker": "New Worker"},
    }
    register.edit_child(child, changes=facts[to], version=child.version, by=coordinator, on=TODAY)
    change = reload_change(change)
    if to == "the same":
        assert change.status == Status.ENDORSED
        return
    assert (change.status, change.endorsed_by) == (Status.PROPOSED, None)
    void = change.decisions.last()
    assert void is not None
    assert void.step == Step.VOID
    assert "The case moved to" in void.reasons


def test_an_import_may_move_the_case_and_the_endorsement_falls_with_nobodys_name(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    register.edit_child(
        child,
        changes={"case_managed_by": CaseManagement.DCJ},
        version=child.version,
        by=None,
        on=TODAY,
    )
    void = reload_change(change).decisions.last()
    assert void is not None
    assert (void.step, void.by) == (Step.VOID, None)


def test_a_move_behind_the_registers_back_is_seen_at_the_approval(
    child: Child, coordinator: User, cfdu: User, casework_manager: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    Child.objects.filter(pk=child.pk).update(case_managed_by=CaseManagement.DCJ)
    with pytest.raises(StepNotAllowedError, match="no longer stands"):
        decisions.approve(reload_change(change), effective_on=TODAY, by=casework_manager, on=TODAY)
    change = reload_change(change)
    assert (change.status, change.endorsed_by) == (Status.PROPOSED, None)
    assert child.goals.in_force().get().goal == "restoration"


def test_only_an_endorsed_change_has_an_endorsement_to_void(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.PROPOSED, child, coordinator=coordinator, approver=cfdu)
    with pytest.raises(StepNotAllowedError, match="is not endorsed"):
        void_endorsement(change, because="Why not", by=coordinator, on=TODAY)


# Facts after the approval


def test_both_days_after_an_approval_are_recorded_or_neither(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.APPROVED, child, coordinator=coordinator, approver=cfdu)
    both = make_person("Terry Both", Role.COORDINATOR, child.district)
    Appointment.objects.create(
        person=both, role=Role.CFDU, district=child.district, starts_on=SINCE
    )
    told = HistoryEntry.objects.count()
    with pytest.raises(StepNotAllowedError, match="before the change was approved"):
        changes.record_dates(
            change,
            case_plan_approved_on=TODAY,
            entered_in_childstory_on=TODAY - timedelta(days=1),
            by=both,
            on=TODAY,
        )
    assert reload_change(change).case_plan_approved_on is None
    assert HistoryEntry.objects.count() == told

    changes.record_dates(
        change, case_plan_approved_on=TODAY, entered_in_childstory_on=TODAY, by=both, on=TODAY
    )
    change = reload_change(change)
    assert (change.case_plan_approved_on, change.entered_in_childstory_on) == (TODAY, TODAY)
    with pytest.raises(PermissionDenied):
        changes.record_dates(change, entered_in_childstory_on=TODAY, by=cfdu, on=TODAY)


def test_the_case_plan_and_childstory_are_facts_with_dates(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.APPROVED, child, coordinator=coordinator, approver=cfdu)
    changes.record_dates(change, case_plan_approved_on=TODAY, by=cfdu, on=TODAY)
    changes.record_dates(change, entered_in_childstory_on=TODAY, by=coordinator, on=TODAY)
    change = reload_change(change)
    assert (change.case_plan_approved_on, change.case_plan_approved_by) == (TODAY, cfdu)
    assert (change.entered_in_childstory_on, change.entered_in_childstory_by) == (
        TODAY,
        coordinator,
    )
    assert change.status == Status.APPROVED


def test_each_fact_has_its_own_recorder(
    child: Child, coordinator: User, cfdu: User, casework_manager: User
) -> None:
    change = change_in(Status.APPROVED, child, coordinator=coordinator, approver=cfdu)
    for person in (coordinator, casework_manager):
        with pytest.raises(PermissionDenied):
            changes.record_dates(change, case_plan_approved_on=TODAY, by=person, on=TODAY)
    with pytest.raises(PermissionDenied):
        changes.record_dates(change, entered_in_childstory_on=TODAY, by=cfdu, on=TODAY)


@pytest.mark.parametrize(
    ("day", "word"),
    [(YESTERDAY, "before the change was approved"), (TODAY + timedelta(days=1), "after today")],
)
def test_a_fact_lies_between_approval_and_today(
    day: Any, word: str, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.APPROVED, child, coordinator=coordinator, approver=cfdu)
    with pytest.raises(StepNotAllowedError, match=word):
        changes.record_dates(change, entered_in_childstory_on=day, by=coordinator, on=TODAY)


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.APPROVED}))
def test_nothing_follows_what_is_not_approved(
    status: Status, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(status, child, coordinator=coordinator, approver=cfdu)
    with pytest.raises(StepNotAllowedError, match="is not approved"):
        changes.record_dates(change, case_plan_approved_on=TODAY, by=cfdu, on=TODAY)


# Notices


def waiting(change: GoalChange) -> list[str]:
    rows = Notice.objects.filter(settled_at=None, child_number=change.child_id)
    return sorted(rows.values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("status", "kinds"),
    [
        (Status.DRAFT, []),
        (Status.PROPOSED, ["endorsement_waiting"]),
        (Status.ENDORSED, ["approval_waiting"]),
        (Status.NOT_ENDORSED, ["change_decided"]),
        (Status.APPROVED, ["change_decided"]),
        (Status.DECLINED, ["change_decided"]),
        (Status.WITHDRAWN, []),
    ],
)
def test_the_inbox_is_owed_word_of_where_the_change_stands_and_no_more(
    status: Status, kinds: list[str], child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(status, child, coordinator=coordinator, approver=cfdu)
    assert waiting(change) == kinds


def test_a_change_sent_back_and_a_void_endorsement_are_told(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    edit(change, coordinator, reasons="Other reasons.")
    assert waiting(change) == ["change_returned", "endorsement_waiting"]
    decisions.ask_for_more(change, by=coordinator, on=TODAY, reasons="The assessment.")
    assert waiting(change) == ["change_returned"]


def test_a_change_proposed_again_is_a_new_matter(child: Child, coordinator: User) -> None:
    change = draft_change(consult(child, coordinator), coordinator)
    for _ in range(2):
        decisions.propose(change, by=coordinator, on=TODAY)
        decisions.ask_for_more(change, by=coordinator, on=TODAY, reasons="More.")
    rows = Notice.objects.filter(kind=Notice.Kind.ENDORSEMENT_WAITING)
    assert len({each.occurrence for each in rows}) == rows.count() == 2


def test_a_notice_names_the_case_by_its_reference_alone(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.PROPOSED, child, coordinator=coordinator, approver=cfdu)
    notice = Notice.objects.get()
    assert (notice.reference, notice.path) == (child.reference, f"/goal-changes/{change.pk}/")
    told = " ".join(str(value) for value in vars(notice).values())
    assert not any(word in told for word in (child.first_name, child.last_name, "aunt"))


def test_a_withdrawn_change_owes_nobody_anything(child: Child, coordinator: User) -> None:
    change = draft_change(consult(child, coordinator), coordinator)
    decisions.propose(change, by=coordinator, on=TODAY)
    decisions.withdraw(change, by=coordinator, on=TODAY, reasons="Other plans.")
    assert waiting(change) == []


def test_another_child_is_never_touched(child: Child, coordinator: User, cfdu: User) -> None:
    other = make_child(child.district)
    theirs = change_in(Status.ENDORSED, other, coordinator=coordinator, approver=cfdu)
    change_in(Status.APPROVED, child, coordinator=coordinator, approver=cfdu)
    assert reload_change(theirs).status == Status.ENDORSED
    assert waiting(theirs) == ["approval_waiting"]
