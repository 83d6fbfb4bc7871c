"""What the pages show of a consultation and of a goal change. Reads, never writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from consultations.goal_changes.eligibility import current_goal
from consultations.models import Consultation, Decision, GoalChange, OptionWeighed
from consultations.policy import FORMAL
from consultations.workflow import (
    APPROVERS,
    OPEN,
    TRANSITIONS,
    USER_STEPS,
    Status,
    Step,
    StepContext,
    reasons_against,
)
from directory.roles import DECIDES, WRITES_CASES, CaseManagement
from permanency.goals import clocks
from permanency.goals.effects import Effect, effects_on
from permanency.policy.goals import AboriginalStatus, goals_in_order
from permanency.policy.months import day_in_words

# The path of a change to where it stands, or to where it ends if all goes on.
STATUSES_TO_APPROVAL = (Status.DRAFT, Status.PROPOSED, Status.ENDORSED, Status.APPROVED)
STATUSES_TO_OTHER_ENDS = {
    Status.NOT_ENDORSED: (Status.DRAFT, Status.PROPOSED, Status.NOT_ENDORSED),
    Status.DECLINED: (Status.DRAFT, Status.PROPOSED, Status.ENDORSED, Status.DECLINED),
    Status.WITHDRAWN: (Status.DRAFT, Status.WITHDRAWN),
}
ENDS_ENDORSEMENT = frozenset({Step.VOID, Step.ASK_FOR_MORE})


def options_for_child(consultation: Consultation) -> list[OptionWeighed]:
    """Return the options in the order in which they are considered for the child (rule 5)."""
    order = goals_in_order(AboriginalStatus(consultation.child.aboriginal_status))
    rank = {goal.value: place for place, goal in enumerate(order)}
    return sorted(consultation.options.all(), key=lambda each: rank[each.goal])


@dataclass(frozen=True)
class FollowUp:
    """What can follow from a consultation: it can be corrected, and a change can be proposed."""

    may_be_corrected: bool
    may_carry_a_change: bool


def follow_up(consultation: Consultation, changes: Sequence[GoalChange]) -> FollowUp:
    """Return what can follow from a consultation, given the changes that rest on it."""
    is_recorded = consultation.recorded_on is not None
    statuses = {each.status for each in changes}
    return FollowUp(
        may_be_corrected=is_recorded and Status.APPROVED not in statuses,
        may_carry_a_change=is_recorded
        and consultation.kind == FORMAL
        and not statuses & {*OPEN, Status.APPROVED},
    )


@dataclass(frozen=True)
class DecisionRow:
    """A decision as the page tells it; one that no longer counts says so."""

    decision: Decision
    status_note: str = ""

    @property
    def title(self) -> str:
        """Return what was done, in a word or two."""
        return TRANSITIONS[Step(self.decision.step)].title


def decision_rows(decisions: Iterable[Decision]) -> list[DecisionRow]:
    """Return the decisions in order; an endorsement that ended since is marked (rule 9)."""
    ended = ""
    found: list[DecisionRow] = []
    for each in reversed(list(decisions)):
        if each.step == Step.ENDORSE and ended:
            found.append(DecisionRow(each, ended))
            ended = ""
            continue
        if each.step in ENDS_ENDORSEMENT and each.from_status == Status.ENDORSED:
            ended = "void" if each.step == Step.VOID else "no longer counts"
        found.append(DecisionRow(each))
    return found[::-1]


def current_endorsement(decisions: Iterable[DecisionRow]) -> Decision | None:
    """Return the endorsement that stands, if one does."""
    stands = [
        each.decision
        for each in decisions
        if each.decision.step == Step.ENDORSE and not each.status_note
    ]
    return stands[-1] if stands else None


def progress_steps(change: GoalChange) -> list[tuple[str, str, str]]:
    """Return the path of a change as steps for the page: label, state, note."""
    status = Status(change.status)
    path = STATUSES_TO_OTHER_ENDS.get(status, STATUSES_TO_APPROVAL)
    here = path.index(status)
    since = day_in_words(change.status_since_on)
    steps = []
    for place, each in enumerate(path):
        state = "done" if place < here else "ahead"
        if place == here:
            state = "current" if status in OPEN else "done"
        note = f"Since {since}" if state == "current" else since if place == here else ""
        steps.append((each.label, state, note))
    return steps


def next_step_sentence(change: GoalChange) -> str:
    """Return in words who acts next on a change, or how it ended."""
    child, status = change.child, Status(change.status)
    sentences = {
        Status.DRAFT: "Not proposed yet. A Permanency Coordinator finishes the draft and proposes "
        "it.",
        Status.PROPOSED: f"Waits for a Permanency Coordinator of {child.district} to endorse it or "
        "not. Whoever asked for the change cannot.",
        Status.ENDORSED: f"Waits for a {APPROVERS[CaseManagement(child.case_managed_by)].label} of "
        f"{child.district} to decide.",
        Status.NOT_ENDORSED: "Not endorsed. The goal in force stays.",
        Status.APPROVED: "Approved. The new goal is in force.",
        Status.DECLINED: "Declined. The goal in force stays.",
        Status.WITHDRAWN: "Withdrawn. The goal in force stays.",
    }
    return sentences[status]


@dataclass(frozen=True)
class StepOffer:
    """A step that could be taken now, or why this person cannot take it."""

    step: Step
    reasons_against: tuple[str, ...]


def step_offers(step_context: StepContext) -> list[StepOffer]:
    """Return the steps that lead on from here for somebody who writes or decides about the child.

    A step of somebody else's role is left out: `waits_for` says whose turn it is.
    """
    if not step_context.roles & (WRITES_CASES | DECIDES):
        return []
    found = []
    for step in USER_STEPS:
        row = TRANSITIONS[step]
        roles = step_context.roles & row.roles_for(step_context.case_managed_by)
        if step_context.status in row.starts and roles:
            found.append(StepOffer(step, reasons_against(step, step_context)))
    return sorted(found, key=lambda each: not TRANSITIONS[each.step].is_decision)


def approval(decisions: Iterable[Decision]) -> Decision | None:
    """Return the approval among the decisions on a change, if there is one."""
    return next((each for each in decisions if each.step == Step.APPROVE), None)


def change_effects(change: GoalChange, *, on: date) -> list[Effect]:
    """Return both dates now and as they will be if the change takes effect today."""
    current = current_goal(change.child)
    after = clocks.dates_after_goal_change(change.child, goal=change.goal, effective_on=on, on=on)
    return effects_on(clocks.dates_on_goal(current) if current else None, after)
