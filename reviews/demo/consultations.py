"""Consultations and goal changes of the planned cases, taken as far as each scenario says."""

from __future__ import annotations

from datetime import date, timedelta

from consultations.goal_changes import decisions
from consultations.goal_changes import services as changes
from consultations.models import Consultation, Evidence, GoalChange
from consultations.policy import ConsultationContent, EvidenceEntry, Option
from consultations.records import services as consultations
from directory.roles import CaseManagement
from permanency.children import services as register
from permanency.policy.actions import AgreedAction
from permanency.policy.goals import Goal
from reviews.demo import texts
from reviews.demo.plans import Case, Scenario, Staff

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


def next_goal_of(case: Case) -> Goal:
    return case.plan.next_goal or NEXT_GOAL[case.plan.goal]


def begin_draft(case: Case) -> None:
    question = case.rng.choice(texts.QUESTIONS)
    held_on = case.today - timedelta(days=case.rng.randint(0, 3))
    consultations.save_draft(
        case.child,
        typed={},
        answers={"question": question, "held_on": held_on},
        by=case.coordinator,
        on=held_on,
    )


def record_consultation(
    case: Case, *, held_on: date, kind: str = Consultation.Kind.FORMAL
) -> Consultation:
    rng, goal, child = case.rng, next_goal_of(case), case.child
    has_culture = not case.plan.lacks_cultural_consultation
    changes_goal = kind == Consultation.Kind.FORMAL
    purposes = Consultation.Purpose
    content = ConsultationContent(
        kind=kind,
        purpose=purposes.GOAL_CHANGE if changes_goal else rng.choice(list(purposes)[2:]),
        held_on=held_on,
        asked_by_name=child.caseworker,
        asked_by_organisation=child.caseworker_organisation,
        asked_by_role="Caseworker",
        took_part=case.took_part,
        question=rng.choice(texts.QUESTIONS),
        child_views=rng.choice(texts.CHILD_VIEWS),
        family_views=rng.choice(texts.FAMILY_VIEWS),
        cultural_advice=rng.choice(texts.CULTURAL_ADVICE)
        if has_culture
        else texts.CULTURE_TO_FOLLOW,
        cultural_advice_from="The district's Aboriginal practice team" if has_culture else "",
        recommended_goal=goal if changes_goal else "",
        recommendation=texts.RECOMMENDATIONS[1] if changes_goal else texts.RECOMMENDATIONS[3],
        reasons=rng.choice(texts.REASONS),
        options=tuple(_option(case, each, goal) for each in Goal),
        evidence=tuple(
            EvidenceEntry(each, _evidence_state(case, each)) for each in Evidence.Kind.values
        ),
        actions=(
            AgreedAction(
                due_on=held_on + timedelta(days=rng.randint(14, 60)),
                what=rng.choice(texts.ACTIONS),
                who=child.caseworker,
            ),
        ),
    )
    return consultations.record(child, content, by=case.coordinator, on=held_on)


def _option(case: Case, goal: Goal, chosen: Goal) -> Option:
    answer = "yes" if goal == chosen else case.rng.choice(("no", "unsure"))
    reasons = texts.OPTION_REASONS[1] if goal == chosen else case.rng.choice(texts.OPTION_REASONS)
    return Option(goal.value, answer, answer, reasons)


def _evidence_state(case: Case, kind: str) -> str:
    if kind in {Evidence.Kind.LEGAL, Evidence.Kind.OTHER}:
        return Evidence.State.NOT_NEEDED
    if kind == Evidence.Kind.CULTURAL and case.plan.lacks_cultural_consultation:
        return Evidence.State.MISSING
    waits_for_evidence = case.plan.scenario in {Scenario.RETURNED, Scenario.PROPOSED}
    if waits_for_evidence and kind == Evidence.Kind.ASSESSMENT:
        return Evidence.State.MISSING
    return Evidence.State.SEEN


def last_day_of_old_goal(case: Case) -> date:
    at_most = DAYS_SINCE_CONSULTATION.get(case.plan.scenario, (0, 0))[1]
    return case.today - timedelta(days=at_most)


def make_change(case: Case, staff: Staff) -> None:
    scenario, rng, child, by = case.plan.scenario, case.rng, case.child, case.coordinator
    lacks = case.plan.lacks_cultural_consultation
    at_least, at_most = DAYS_SINCE_CONSULTATION.get(scenario, (12, 26))
    held_on = case.today - timedelta(days=rng.randint(at_least, at_most))
    days = [max(held_on, case.plan.opened_on)]
    for _ in range(3):
        days.append(min(days[-1] + timedelta(days=rng.randint(2, 4)), case.today))
    held_on, proposed_on, endorsed_on, decided_on = days
    change = changes.draft(
        record_consultation(case, held_on=held_on),
        goal=next_goal_of(case),
        reasons=rng.choice(texts.REASONS),
        cultural_consultation="",
        requested_by=None,
        requested_by_name=child.caseworker,
        requested_by_role="Caseworker",
        requested_by_organisation=child.caseworker_organisation,
        by=by,
        on=held_on,
    )
    if scenario == Scenario.DRAFT:
        return
    decisions.propose(change, by=by, on=proposed_on)
    endorser = rng.choice(staff.coordinators[child.district_id])
    if scenario == Scenario.NOT_ENDORSED:
        reasons = texts.NOT_ENDORSED_REASONS
        decisions.not_endorse(change, by=endorser, on=endorsed_on, reasons=reasons)
    elif scenario == Scenario.RETURNED:
        decisions.ask_for_more(change, by=endorser, on=endorsed_on, reasons=texts.MORE_NEEDED)
    elif scenario == Scenario.WITHDRAWN:
        decisions.withdraw(change, by=by, on=endorsed_on, reasons=texts.WITHDRAWN_REASONS)
    elif scenario != Scenario.PROPOSED:
        decisions.endorse(
            change,
            by=endorser,
            on=endorsed_on,
            reasons=texts.REASONS[0],
            evidence_exempted_because=texts.CULTURE_TO_FOLLOW if lacks else "",
            evidence_exempted_until=case.today + timedelta(days=14) if lacks else None,
        )
        _decide(case, change, staff, on=decided_on)


def _decide(case: Case, change: GoalChange, staff: Staff, *, on: date) -> None:
    scenario, child = case.plan.scenario, case.child
    by = staff.approvers[child.district_id, child.case_managed_by]
    if scenario == Scenario.DECLINED:
        decisions.decline(change, by=by, on=on, reasons=texts.DECLINE_REASONS)
    elif scenario == Scenario.VOID:
        others = [each for each in staff.providers[child.district_id] if each != child.provider]
        register.edit_child(
            child,
            changes={"case_managed_by": CaseManagement.PSP, "provider": case.rng.choice(others)},
            version=child.version,
            by=case.coordinator,
            on=on,
            note="Case transferred",
        )
    elif scenario in {Scenario.APPROVED, Scenario.SETTLED}:
        decisions.approve(change, effective_on=on, by=by, on=on, reasons="")
    if scenario == Scenario.SETTLED:
        on += timedelta(days=12)
        changes.record_dates(change, case_plan_approved_on=on, by=by, on=on)
        changes.record_dates(change, entered_in_childstory_on=on, by=case.coordinator, on=on)
