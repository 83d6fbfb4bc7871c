"""Invented cases for the tests: a child, a consultation, and a change taken to any status."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from consultations.goal_changes import decisions, presentation
from consultations.goal_changes import services as changes
from consultations.models import Consultation, Evidence, GoalChange
from consultations.policy import ConsultationContent, EvidenceEntry, Option
from consultations.records import services as consultations
from consultations.workflow import TRANSITIONS, Status
from directory import clock
from directory.models import District, User
from directory.roles import CaseManagement
from permanency.goals import lifecycle
from permanency.models import Child
from permanency.policy.goals import AboriginalStatus, Goal
from permanency.tests import factories

TODAY = clock.today()
HELD_ON = TODAY - timedelta(days=10)
EFFECTIVE_ON = TODAY - timedelta(days=430)
DECISION_STEPS = sorted(step for step, row in TRANSITIONS.items() if row.is_decision)


def make_child(district: District, **facts: Any) -> Child:
    """Return an invented child whose case a provider manages, unless the facts say otherwise."""
    told = {
        "last_name": "Example",
        "born_on": TODAY - timedelta(days=3_700),
        "aboriginal_status": AboriginalStatus.NEITHER,
        "case_managed_by": CaseManagement.PSP,
        "caseworker": "Toni Worker",
        "caseworker_organisation": "Example Care",
        **facts,
    }
    return factories.make_child(district, **told)


def open_goal(
    child: Child, goal: str = Goal.RESTORATION, *, effective_on: date = EFFECTIVE_ON
) -> None:
    """Give the child a goal in force, as an import would."""
    lifecycle.open_with_goal_in_force(
        child, goal=goal, effective_on=effective_on, source_note="Test", by=None, on=TODAY
    )


def content(**facts: Any) -> ConsultationContent:
    """Return a complete content of a formal consultation that recommends guardianship."""
    whole = ConsultationContent(
        kind=Consultation.Kind.FORMAL,
        purpose=Consultation.Purpose.GOAL_CHANGE,
        held_on=HELD_ON,
        asked_by_name="Toni Worker",
        asked_by_organisation="Example Care",
        asked_by_role="Caseworker",
        took_part="Pat Coordinator, Permanency Coordinator, DCJ\nToni Worker, Example Care",
        question="Can an aunt become guardian?",
        child_views="Robin likes living with the aunt.",
        family_views="The mother agrees.",
        cultural_advice="The aunt keeps Robin close to family and culture.",
        recommended_goal=Goal.GUARDIANSHIP,
        recommendation="Work towards guardianship with the aunt.",
        reasons="Robin is settled there.",
        options=tuple(Option(goal, "yes", "yes", "Weighed with care.") for goal in Goal),
        evidence=tuple(
            EvidenceEntry(kind, Evidence.State.SEEN, "On the file") for kind in Evidence.Kind.values
        ),
    )
    return replace(whole, **facts)


def consult(child: Child, by: User, *, on: date = TODAY, **facts: Any) -> Consultation:
    """Return a recorded formal consultation about the child."""
    return consultations.record(child, content(**facts), by=by, on=on)


def draft_change(
    consultation: Consultation, by: User, *, on: date = TODAY, **said: Any
) -> GoalChange:
    """Return a draft to guardianship, asked for by somebody who does not sign in here."""
    proposal = {
        "goal": Goal.GUARDIANSHIP,
        "reasons": "The aunt has offered a home.",
        "requested_by_name": "Toni Worker",
        "requested_by_role": "Caseworker",
        "requested_by_organisation": "Example Care",
        **said,
    }
    return changes.draft(consultation, by=by, on=on, **proposal)


def change_in(
    status: Status, child: Child, *, coordinator: User, approver: User, **said: Any
) -> GoalChange:
    """Return a change of this child, taken to the status by the services themselves."""
    change = draft_change(consult(child, coordinator), coordinator, **said)
    who: dict[str, Any] = {"by": coordinator, "on": TODAY}
    if status is Status.WITHDRAWN:
        decisions.withdraw(change, reasons="No longer needed.", **who)
    if status in {Status.DRAFT, Status.WITHDRAWN}:
        return reload_change(change)
    decisions.propose(change, **who)
    if status is Status.NOT_ENDORSED:
        decisions.not_endorse(change, reasons="Not yet.", **who)
    elif status is not Status.PROPOSED:
        decisions.endorse(change, reasons="The home is safe and settled.", **who)
    if status is Status.APPROVED:
        decisions.approve(change, effective_on=TODAY, by=approver, on=TODAY)
    if status is Status.DECLINED:
        decisions.decline(change, by=approver, on=TODAY, reasons="More time is needed.")
    return reload_change(change)


def shown_with(change: GoalChange) -> str:
    """Return what a page of an open change shows with its steps, as their forms send it back."""
    return presentation.shown_with(change, on=TODAY)[1]


def reload_change(change: GoalChange) -> GoalChange:
    """Return the change as it stands in the database."""
    return GoalChange.objects.select_related("child__district", "consultation").get(pk=change.pk)
