"""Every step from every status: the listed ones lead on, the others change nothing."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from consultations.goal_changes import decisions
from consultations.goal_changes import services as changes
from consultations.goal_changes.step_forms import FORMS
from consultations.goal_changes.transitions import StaleVersionError
from consultations.models import Decision, GoalChange
from consultations.policy import EvidenceEntry
from consultations.tests.cases import (
    DECISION_STEPS,
    EFFECTIVE_ON,
    HELD_ON,
    TODAY,
    change_in,
    consult,
    draft_change,
    make_child,
    reload_change,
)
from consultations.workflow import TRANSITIONS, USER_STEPS, Status, Step
from directory.database import append_only
from directory.errors import StepNotAllowedError
from directory.models import HistoryEntry, Notice, User
from permanency.models import CasePlanGoal, Child
from permanency.policy.goals import AboriginalStatus, Goal


def take(step: Step, change: GoalChange, *, by: User, **asked: Any) -> Decision:
    given: dict[str, Any] = {"reasons": "For good reasons."}
    if step is Step.APPROVE:
        given["effective_on"] = TODAY
    return FORMS[step].service(change, by=by, on=TODAY, **{**given, **asked})


def everything(change: GoalChange) -> tuple[Any, ...]:
    return (
        GoalChange.objects.values().get(pk=change.pk),
        GoalChange.objects.count(),
        Decision.objects.count(),
        HistoryEntry.objects.count(),
        list(Notice.objects.values("pk", "settled_at")),
        list(CasePlanGoal.objects.values()),
    )


@pytest.mark.parametrize(
    ("status", "step"),
    [
        pytest.param(status, step, id=f"{status}-{step}")
        for status, step in product(Status, USER_STEPS)
    ],
)
def test_a_step_is_taken_from_its_own_statuses_and_no_other(
    status: Status, step: Step, child: Child, coordinator: User, colleague: User, cfdu: User
) -> None:
    change = change_in(status, child, coordinator=coordinator, approver=cfdu)
    by = cfdu if step in DECISION_STEPS else colleague
    row, before = TRANSITIONS[step], everything(change)
    if status not in row.starts:
        with pytest.raises(StepNotAllowedError, match="Only one that is"):
            take(step, change, by=by)
        assert everything(change) == before
        return
    decision = take(step, change, by=by)
    led_to = reload_change(decision.goal_change)
    assert (decision.from_status, decision.to_status) == (status, row.end)
    assert (led_to.status, led_to.status_since_on) == (row.end, TODAY)
    assert decision.by == by
    assert decision.appointment is not None
    assert decision.appointment.person == by
    assert HistoryEntry.objects.count() > before[3]


@pytest.mark.parametrize(
    ("step", "status", "sentence"),
    [
        (Step.NOT_ENDORSE, Status.PROPOSED, "your reasons"),
        (Step.ASK_FOR_MORE, Status.PROPOSED, "what is missing"),
        (Step.DECLINE, Status.ENDORSED, "your reasons"),
        (Step.WITHDRAW, Status.DRAFT, "the reasons"),
    ],
)
def test_a_step_that_asks_for_reasons_is_not_taken_without(
    step: Step,
    status: Status,
    sentence: str,
    child: Child,
    coordinator: User,
    colleague: User,
    cfdu: User,
) -> None:
    change = change_in(status, child, coordinator=coordinator, approver=cfdu)
    before = everything(change)
    with pytest.raises(StepNotAllowedError, match=sentence):
        take(step, change, by=cfdu if step in DECISION_STEPS else colleague, reasons="  ")
    assert everything(change) == before


def test_approval_puts_the_goal_in_force_and_ends_the_old_one(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.APPROVED, child, coordinator=coordinator, approver=cfdu)
    new = CasePlanGoal.objects.in_force().get()
    old = CasePlanGoal.objects.exclude(pk=new.pk).get()
    assert (new.goal, new.effective_on, new.source) == ("guardianship", TODAY, "approved")
    assert (old.ended_on, old.end_reason) == (TODAY, "goal_changed")
    assert (change.new_goal, change.approved_by, change.effective_on) == (new, cfdu, TODAY)
    assert change.current_goal == old


@pytest.mark.parametrize(
    ("effective_on", "word"),
    [
        (TODAY + timedelta(days=1), "after today"),
        (HELD_ON - timedelta(days=1), "before the consultation"),
    ],
)
def test_the_effective_date_lies_between_consultation_and_today(
    effective_on: Any, word: str, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    before = everything(change)
    with pytest.raises(StepNotAllowedError, match=word):
        take(Step.APPROVE, change, by=cfdu, effective_on=effective_on)
    assert everything(change) == before
    assert take(Step.APPROVE, change, by=cfdu, effective_on=HELD_ON).to_status == Status.APPROVED


def test_the_effective_date_is_not_before_the_current_goal(
    child: Child, coordinator: User, cfdu: User
) -> None:
    CasePlanGoal.objects.update(effective_on=TODAY - timedelta(days=1))
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    with pytest.raises(StepNotAllowedError, match="before the current goal did"):
        take(Step.APPROVE, change, by=cfdu, effective_on=HELD_ON)


def test_the_effective_date_is_not_before_a_review_of_the_current_goal(
    child: Child, coordinator: User, cfdu: User
) -> None:
    """It counts for the goal in force on its day: an end before it would leave it to none."""
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    CasePlanGoal.objects.update(last_review_held_on=HELD_ON + timedelta(days=1))
    with pytest.raises(StepNotAllowedError, match="it was in force then"):
        take(Step.APPROVE, change, by=cfdu, effective_on=HELD_ON)
    CasePlanGoal.objects.update(last_review_held_on=HELD_ON)
    assert take(Step.APPROVE, change, by=cfdu, effective_on=HELD_ON).to_status == Status.APPROVED


def test_a_first_goal_is_set_the_same_way(hunter: Any, coordinator: User, cfdu: User) -> None:
    child = make_child(hunter)
    change = change_in(Status.APPROVED, child, coordinator=coordinator, approver=cfdu)
    assert change.current_goal is None
    assert child.goals.in_force().get() == change.new_goal


def test_missing_evidence_is_exempted_with_a_reason_and_a_date(
    child: Child, coordinator: User, colleague: User
) -> None:
    consultation = consult(child, coordinator, evidence=(EvidenceEntry("case_plan", "missing"),))
    change = draft_change(consultation, coordinator)
    decisions.propose(change, by=coordinator, on=TODAY)
    until = TODAY + timedelta(days=30)
    with pytest.raises(StepNotAllowedError, match="without the missing evidence"):
        take(Step.ENDORSE, change, by=colleague)
    with pytest.raises(StepNotAllowedError, match="Say by when"):
        take(Step.ENDORSE, change, by=colleague, evidence_exempted_because="It is on its way.")
    with pytest.raises(StepNotAllowedError, match="today or later"):
        take(
            Step.ENDORSE,
            change,
            by=colleague,
            evidence_exempted_because="It is on its way.",
            evidence_exempted_until=TODAY - timedelta(days=1),
        )
    decision = take(
        Step.ENDORSE,
        change,
        by=colleague,
        evidence_exempted_because="It is on its way.",
        evidence_exempted_until=until,
    )
    change = reload_change(change)
    assert change.evidence_exempted_until == until
    assert "It is on its way." in decision.reasons
    assert "Case plan, or a draft of it" in decision.reasons


def test_complete_evidence_needs_no_exemption(
    child: Child, coordinator: User, colleague: User, cfdu: User
) -> None:
    change = change_in(Status.PROPOSED, child, coordinator=coordinator, approver=cfdu)
    take(Step.ENDORSE, change, by=colleague, evidence_exempted_because="None is missing.")
    assert reload_change(change).evidence_exempted_because == ""


def test_nobody_decides_on_a_version_they_have_not_seen(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    before = everything(change)
    with pytest.raises(StaleVersionError):
        take(Step.APPROVE, change, by=cfdu, version=change.version - 1)
    assert everything(change) == before
    assert take(Step.APPROVE, change, by=cfdu, version=change.version)


@pytest.mark.parametrize("step", [Step.PROPOSE, Step.ENDORSE, Step.APPROVE, Step.START_AGAIN])
@pytest.mark.parametrize("ended", ["died_on", "left_state_on"])
def test_no_goal_changes_after_the_case_has_ended(
    step: Step, ended: str, child: Child, coordinator: User, colleague: User, cfdu: User
) -> None:
    starts = {Step.PROPOSE: Status.DRAFT, Step.ENDORSE: Status.PROPOSED}
    start = starts.get(step, Status.ENDORSED if step is Step.APPROVE else Status.DECLINED)
    change = change_in(start, child, coordinator=coordinator, approver=cfdu)
    Child.objects.filter(pk=child.pk).update(**{ended: TODAY})
    with pytest.raises(StepNotAllowedError, match=r"The child (died|moved out)"):
        take(step, reload_change(change), by=cfdu if step in DECISION_STEPS else colleague)


def test_a_child_of_18_gets_no_new_goal(child: Child, coordinator: User) -> None:
    change = draft_change(consult(child, coordinator), coordinator)
    Child.objects.filter(pk=child.pk).update(born_on=TODAY.replace(year=TODAY.year - 19, day=1))
    with pytest.raises(StepNotAllowedError, match="turned 18"):
        take(Step.PROPOSE, reload_change(change), by=coordinator)


# Starting again


def test_starting_again_leaves_the_refused_change_and_copies_it(
    child: Child, coordinator: User, cfdu: User
) -> None:
    old = change_in(Status.DECLINED, child, coordinator=coordinator, approver=cfdu)
    new = reload_change(take(Step.START_AGAIN, old, by=coordinator).goal_change)
    assert reload_change(old).status == Status.DECLINED
    assert (new.status, new.follows, new.consultation) == (Status.DRAFT, old, old.consultation)
    assert (new.goal, new.reasons, new.requested_by_name) == (
        old.goal,
        old.reasons,
        old.requested_by_name,
    )
    assert (new.endorsed_by, new.approved_by) == (None, None)


def test_nothing_starts_again_while_another_change_is_open(
    child: Child, coordinator: User, cfdu: User
) -> None:
    old = change_in(Status.NOT_ENDORSED, child, coordinator=coordinator, approver=cfdu)
    take(Step.START_AGAIN, old, by=coordinator)
    with pytest.raises(StepNotAllowedError, match="Another goal change for this child is open"):
        take(Step.START_AGAIN, old, by=coordinator)


def test_nothing_starts_again_on_a_consultation_from_before_an_approval(
    child: Child, coordinator: User, cfdu: User
) -> None:
    old = change_in(Status.NOT_ENDORSED, child, coordinator=coordinator, approver=cfdu)
    change_in(Status.APPROVED, child, coordinator=coordinator, approver=cfdu)
    with pytest.raises(StepNotAllowedError, match="new formal consultation"):
        take(Step.START_AGAIN, old, by=coordinator)


# Adoption for an Aboriginal or Torres Strait Islander child


@pytest.mark.parametrize(
    ("status", "asks"),
    [(each, each is not AboriginalStatus.NEITHER) for each in AboriginalStatus],
)
def test_adoption_is_never_blocked_and_asks_for_the_consultation_that_was_had(
    status: AboriginalStatus, asks: bool, hunter: Any, coordinator: User
) -> None:
    child = make_child(hunter, aboriginal_status=status)
    change = draft_change(consult(child, coordinator), coordinator, goal=Goal.ADOPTION)
    if asks:
        with pytest.raises(StepNotAllowedError, match="who was consulted about adoption"):
            take(Step.PROPOSE, change, by=coordinator)
        changes.edit(
            change,
            version=change.version,
            by=coordinator,
            on=TODAY,
            cultural_consultation="The grandmother and the land council.",
        )
    assert take(Step.PROPOSE, change, by=coordinator).to_status == Status.PROPOSED


# Decisions are only added


@pytest.mark.django_db
def test_the_database_refuses_to_change_or_remove_a_decision(
    child: Child, coordinator: User, cfdu: User, tables_guarded_by_migrations: frozenset[str]
) -> None:
    assert "consultations_decision" in tables_guarded_by_migrations
    change_in(Status.PROPOSED, child, coordinator=coordinator, approver=cfdu)
    connection.check_constraints()  # PostgreSQL alters no table with checks still to come
    append_only.install(connection, "consultations_decision")
    for act in (
        lambda: Decision.objects.update(reasons="Something else"),
        lambda: Decision.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic():
            act()
    assert Decision.objects.get().reasons == ""


def test_a_decision_of_nobody_is_refused_by_the_database(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.PROPOSED, child, coordinator=coordinator, approver=cfdu)
    with pytest.raises(IntegrityError, match="somebody_takes_every_step"), transaction.atomic():
        Decision.objects.create(
            goal_change=change,
            step=Step.ENDORSE,
            from_status=Status.PROPOSED,
            to_status=Status.ENDORSED,
            on=EFFECTIVE_ON,
        )
