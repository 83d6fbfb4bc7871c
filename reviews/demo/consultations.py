"""Consultations and goal changes of the planned cases, taken as far as each scenario says."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from consultations.goal_changes import decisions
from consultations.goal_changes import services as changes
from consultations.models import Consultation, Evidence, GoalChange
from consultations.policy import AgreedAction, ConsultationContent, EvidenceEntry, Option
from consultations.records import services as consultations
from directory.models import User
from directory.roles import CaseManagement
from permanency.children import services as register
from permanency.policy.goals import Goal
from reviews.demo import texts
from reviews.demo.cases import Case
from reviews.demo.people import Staff
from reviews.demo.plans import Scenario

# What a goal is changed to: most often toward guardianship.
NEXT_GOAL = {
    Goal.PRESERVATION: Goal.RESTORATION,
    Goal.RESTORATION: Goal.GUARDIANSHIP,
    Goal.GUARDIANSHIP: Goal.LONG_TERM_CARE,
    Goal.ADOPTION: Goal.GUARDIANSHIP,
    Goal.LONG_TERM_CARE: Goal.GUARDIANSHIP,
}
# How many days ago the consultation was held, at the least and at the most.
DAYS_SINCE_CONSULTATION = {
    Scenario.APPROVED: (25, 60),
    Scenario.SETTLED: (200, 330),
    Scenario.ADVISED: (5, 90),
}
STAYS_PROPOSED = {Scenario.PROPOSED, Scenario.NOT_ENDORSED, Scenario.RETURNED}


class ChangeDates(NamedTuple):
    """The days of a change: consultation, proposal, endorsement, decision."""

    held_on: date
    proposed_on: date
    endorsed_on: date
    decided_on: date


def record_consultation(
    case: Case, *, held_on: date, kind: str = Consultation.Kind.FORMAL
) -> Consultation:
    """Return a consultation held on this day, on the record."""
    return consultations.record(
        case.child, _consultation_content(case, held_on, kind), by=case.coordinator, on=held_on
    )


def begin_draft(case: Case) -> None:
    """Begin a consultation that its author has not finished writing."""
    question = case.rng.choice(texts.QUESTIONS)
    held_on = case.today - timedelta(days=case.rng.randint(0, 3))
    consultations.save_draft(
        case.child,
        typed={},
        answers={"question": question, "held_on": held_on},
        by=case.coordinator,
        on=held_on,
    )


def _consultation_content(case: Case, held_on: date, kind: str) -> ConsultationContent:
    rng, goal = case.rng, NEXT_GOAL[case.demo_plan.goal]
    changes_goal = kind == Consultation.Kind.FORMAL
    purposes = Consultation.Purpose
    return ConsultationContent(
        kind=kind,
        purpose=purposes.GOAL_CHANGE if changes_goal else rng.choice(list(purposes)[2:]),
        held_on=held_on,
        asked_by_name=case.caseworker,
        asked_by_organisation=case.child.caseworker_organisation,
        asked_by_role="Caseworker",
        took_part=case.took_part,
        question=rng.choice(texts.QUESTIONS),
        child_views=rng.choice(texts.CHILD_VIEWS),
        family_views=rng.choice(texts.FAMILY_VIEWS),
        cultural_advice=rng.choice(texts.CULTURAL_ADVICE),
        cultural_advice_from="The district's Aboriginal practice team",
        recommended_goal=goal if changes_goal else "",
        recommendation=texts.RECOMMENDATIONS[1] if changes_goal else texts.RECOMMENDATIONS[3],
        reasons=rng.choice(texts.REASONS),
        options=tuple(_option(case, each, goal) for each in Goal),
        evidence=tuple(EvidenceEntry(each, _state(case, each)) for each in Evidence.Kind.values),
        actions=(_agreed_action(case, held_on),),
    )


def _agreed_action(case: Case, held_on: date) -> AgreedAction:
    due_on = held_on + timedelta(days=case.rng.randint(14, 60))
    return AgreedAction(case.rng.choice(texts.ACTIONS), case.caseworker, due_on)


def _option(case: Case, goal: Goal, chosen: Goal) -> Option:
    answer = "yes" if goal == chosen else case.rng.choice(("no", "unsure"))
    reasons = texts.OPTION_REASONS[1] if goal == chosen else case.rng.choice(texts.OPTION_REASONS)
    return Option(goal.value, answer, answer, reasons)


def _state(case: Case, kind: str) -> str:
    if kind in {Evidence.Kind.LEGAL, Evidence.Kind.OTHER}:
        return Evidence.State.NOT_NEEDED
    waits_for_evidence = case.demo_plan.scenario in {Scenario.RETURNED, Scenario.PROPOSED}
    if waits_for_evidence and kind == Evidence.Kind.ASSESSMENT:
        return Evidence.State.MISSING
    return Evidence.State.SEEN


def _days(case: Case) -> ChangeDates:
    """Return the days of the steps; the last ones lie in the past of today."""
    at_least, at_most = DAYS_SINCE_CONSULTATION.get(case.demo_plan.scenario, (12, 26))
    held_on = case.today - timedelta(days=case.rng.randint(at_least, at_most))
    held_on = max(held_on, case.demo_plan.opened_on)
    later = [held_on]
    for _ in range(3):
        later.append(min(later[-1] + timedelta(days=case.rng.randint(2, 4)), case.today))
    return ChangeDates(*later)


def last_day_of_old_goal(case: Case) -> date:
    """Return the last day on which the old goal's reviews are told, before a change took effect."""
    at_most = DAYS_SINCE_CONSULTATION.get(case.demo_plan.scenario, (0, 0))[1]
    return case.today - timedelta(days=at_most)


def make_change(case: Case, staff: Staff) -> GoalChange:
    """Return the goal change of the case, taken as far as its scenario says."""
    scenario, days = case.demo_plan.scenario, _days(case)
    consultation = record_consultation(case, held_on=days.held_on)
    made = changes.draft(
        consultation,
        goal=NEXT_GOAL[case.demo_plan.goal],
        reasons=case.rng.choice(texts.REASONS),
        cultural_consultation="",
        requested_by=None,
        requested_by_name=case.caseworker,
        requested_by_role="Caseworker",
        requested_by_organisation=case.child.caseworker_organisation,
        by=case.coordinator,
        on=days.held_on,
    )
    if scenario == Scenario.DRAFT:
        return made
    decisions.propose(made, by=case.coordinator, on=days.proposed_on)
    endorser = case.rng.choice(staff.coordinators[case.child.district_id])
    if scenario in STAYS_PROPOSED:
        _end_at_proposed(case, made, endorser, days)
    elif scenario == Scenario.WITHDRAWN:
        decisions.withdraw(
            made, by=case.coordinator, on=days.endorsed_on, reasons=texts.WITHDRAWN_REASONS
        )
    else:
        decisions.endorse(made, by=endorser, on=days.endorsed_on, reasons=texts.REASONS[0])
        _end_at_endorsed(case, made, staff, days)
    return made


def _end_at_proposed(case: Case, made: GoalChange, endorser: User, days: ChangeDates) -> None:
    if case.demo_plan.scenario == Scenario.NOT_ENDORSED:
        decisions.not_endorse(
            made, by=endorser, on=days.endorsed_on, reasons=texts.NOT_ENDORSED_REASONS
        )
    elif case.demo_plan.scenario == Scenario.RETURNED:
        decisions.ask_for_more(made, by=endorser, on=days.endorsed_on, reasons=texts.MORE_NEEDED)


def _end_at_endorsed(case: Case, made: GoalChange, staff: Staff, days: ChangeDates) -> None:
    scenario, child = case.demo_plan.scenario, case.child
    approver = staff.approvers[child.district_id, child.case_managed_by]
    if scenario == Scenario.DECLINED:
        decisions.decline(made, by=approver, on=days.decided_on, reasons=texts.DECLINE_REASONS)
    elif scenario == Scenario.VOID:
        _move_case(case, staff, on=days.decided_on)
    elif scenario in {Scenario.APPROVED, Scenario.SETTLED}:
        decisions.approve(
            made, effective_on=days.decided_on, by=approver, on=days.decided_on, reasons=""
        )
    if scenario == Scenario.SETTLED:
        on = days.decided_on + timedelta(days=12)
        changes.record_dates(made, case_plan_approved_on=on, by=approver, on=on)
        changes.record_dates(made, entered_in_childstory_on=on, by=case.coordinator, on=on)


def _move_case(case: Case, staff: Staff, *, on: date) -> None:
    """Move the case to another provider: the endorsement becomes void."""
    child = case.child
    others = [each for each in staff.providers[child.district_id] if each != child.provider]
    register.edit_child(
        child,
        changes={"case_managed_by": CaseManagement.PSP, "provider": case.rng.choice(others)},
        version=child.version,
        by=case.coordinator,
        on=on,
        note="Case transferred",
    )
