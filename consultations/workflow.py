"""The workflow of a goal change, as a table that could be printed for the client.

The page asks it which buttons to show; the service asks it whether to act. Pure: no database, no
clock. Sources: the role comparison (a Permanency Coordinator endorses and does not approve); the
Permanency Coordinator role description (Managers Casework hold the delegation).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import TextChoices

from directory.roles import DECIDES, WRITES_CASES, CaseManagement, Role


class Status(TextChoices):
    """Where a goal change stands."""

    DRAFT = "draft", "Draft"
    PROPOSED = "proposed", "Proposed"
    ENDORSED = "endorsed", "Endorsed"
    NOT_ENDORSED = "not_endorsed", "Not endorsed"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


# What waits for an endorser or an approver.
WAITING = (Status.PROPOSED, Status.ENDORSED)
OPEN = frozenset({Status.DRAFT, Status.PROPOSED, Status.ENDORSED})


class Step(TextChoices):
    """What can be done to a goal change."""

    PROPOSE = "propose", "Propose"
    ENDORSE = "endorse", "Endorse"
    NOT_ENDORSE = "not_endorse", "Do not endorse"
    ASK_FOR_MORE = "ask_for_more", "Ask for more"
    VOID = "void", "Endorsement void"
    APPROVE = "approve", "Approve"
    DECLINE = "decline", "Decline"
    START_AGAIN = "start_again", "Start again"
    WITHDRAW = "withdraw", "Withdraw"


@dataclass(frozen=True)
class Transition:
    """One line of the table: from where, by whom, to where, and what it asks for."""

    step: Step
    starts: frozenset[Status]
    roles: frozenset[Role]
    end: Status
    asks_for: str


def _transition(
    step: Step, starts: Iterable[Status], roles: Iterable[Role], end: Status, asks_for: str
) -> Transition:
    return Transition(step, frozenset(starts), frozenset(roles), end, asks_for)


TRANSITIONS = (
    _transition(
        Step.PROPOSE,
        {Status.DRAFT},
        WRITES_CASES,
        Status.PROPOSED,
        "a formal consultation, a goal, reasons, who asked",
    ),
    _transition(
        Step.ENDORSE,
        {Status.PROPOSED},
        WRITES_CASES,
        Status.ENDORSED,
        "evidence complete, or exempted with a reason and a date",
    ),
    _transition(Step.NOT_ENDORSE, {Status.PROPOSED}, WRITES_CASES, Status.NOT_ENDORSED, "reasons"),
    _transition(
        Step.ASK_FOR_MORE,
        {Status.PROPOSED, Status.ENDORSED},
        WRITES_CASES | DECIDES,
        Status.DRAFT,
        "what is missing",
    ),
    _transition(
        Step.VOID,
        {Status.ENDORSED},
        WRITES_CASES,
        Status.PROPOSED,
        "a material edit, a case that moves, or another goal in force",
    ),
    _transition(
        Step.APPROVE,
        {Status.ENDORSED},
        DECIDES,
        Status.APPROVED,
        "an effective date, not after today, not before the consultation or the current goal",
    ),
    _transition(Step.DECLINE, {Status.ENDORSED}, DECIDES, Status.DECLINED, "reasons"),
    _transition(
        Step.START_AGAIN,
        {Status.NOT_ENDORSED, Status.DECLINED},
        WRITES_CASES,
        Status.DRAFT,
        "nothing: a new draft on the same consultation",
    ),
    _transition(Step.WITHDRAW, OPEN, WRITES_CASES, Status.WITHDRAWN, "reasons"),
)

# What a person takes; the endorsement becomes void by itself.
USER_STEPS = tuple(row.step for row in TRANSITIONS if row.step is not Step.VOID)
ENDORSEMENT_STEPS = frozenset({Step.ENDORSE, Step.NOT_ENDORSE})
DECISION_STEPS = frozenset({Step.APPROVE, Step.DECLINE})
NEEDS_CONSULTATION = frozenset({Step.PROPOSE, Step.START_AGAIN})
CHANGES_THE_GOAL = frozenset({Step.PROPOSE, Step.ENDORSE, Step.APPROVE, Step.START_AGAIN})
# What a draft must say is asked again by whoever endorses and approves: the child's facts move.
NEEDS_COMPLETE_CHANGE = frozenset({Step.PROPOSE, Step.ENDORSE, Step.APPROVE})
NEEDS_UNCHANGED_CASE = DECISION_STEPS | {Step.ENDORSE}

PAST_TENSE = {
    Step.PROPOSE: "proposed",
    Step.ENDORSE: "endorsed",
    Step.NOT_ENDORSE: "refused an endorsement",
    Step.ASK_FOR_MORE: "sent back",
    Step.VOID: "put back to proposed",
    Step.APPROVE: "approved",
    Step.DECLINE: "declined",
    Step.START_AGAIN: "started again",
    Step.WITHDRAW: "withdrawn",
}


def transition_for(step: Step) -> Transition:
    """Return the table's line for a step."""
    return next(row for row in TRANSITIONS if row.step == step)


def approver_role(case_managed_by: str) -> Role:
    """Return who approves: CFDU where a provider manages the case, else a Manager Casework."""
    return Role.CFDU if case_managed_by == CaseManagement.PSP else Role.CASEWORK_MANAGER


EARLIER_REQUESTER = (
    "You were named as asking for this change, for the one it follows, or for the consultation"
)


@dataclass(frozen=True, kw_only=True)
class StepContext:
    """Where a goal change stands and who would act on it: all that the rules ask about.

    `roles` are those that the person holds in the child's district on the day. The sentences that
    only the records can give (what the change lacks, why the consultation cannot carry it, what
    ended the case, how the case or the goal in force moved) are empty where there is nothing to
    say. `has_asked` is whether the person was ever down as the one who asked, whatever stands now.
    """

    status: Status
    case_managed_by: str
    person: int | None
    roles: frozenset[Role]
    requested_by: int | None = None
    endorsed_by: int | None = None
    is_named_as_requester: bool = False
    has_asked: bool = False
    missing_parts: tuple[str, ...] = ()
    consultation_error: str = ""
    ending_sentence: str = ""
    case_change_sentence: str = ""

    @property
    def is_requester(self) -> bool:
        """Whether the person is down as asking for this change, as a user or by name, or was."""
        return bool(self.requester_sentence)

    @property
    def requester_sentence(self) -> str:
        """Return how the person asked for this change, in words, or ""."""
        if self.is_named_as_requester:
            return "You asked for this change"
        if self.requested_by is not None and self.requested_by == self.person:
            return "You asked for this change"
        return EARLIER_REQUESTER if self.has_asked else ""

    @property
    def is_endorser(self) -> bool:
        """Whether the person gave the endorsement that stands."""
        return self.endorsed_by is not None and self.endorsed_by == self.person


def reasons_against(step: Step, step_context: StepContext) -> tuple[str, ...]:
    """Return why the step cannot be taken, in words; empty if it can.

    What the step asks for on its own form (reasons, evidence, an effective date) is not told here.
    """
    row = transition_for(step)
    if step_context.status not in row.starts:
        return (_wrong_status_sentence(row, step_context.status),)
    if not has_role_for(row, step_context):
        return (required_role_sentence(row, step_context.case_managed_by),)
    found = (*_three_people_reasons(step, step_context), *_record_reasons(step, step_context))
    return tuple(reason for reason in found if reason)


def has_role_for(row: Transition, step_context: StepContext) -> bool:
    """Say whether the person holds a role that may take the step for this child (rule 8)."""
    return bool(step_context.roles & roles_for(row, step_context.case_managed_by))


def roles_for(row: Transition, case_managed_by: str) -> frozenset[Role]:
    """Return the roles that may take the step for a case that is managed so (rule 8)."""
    deciders = row.roles & DECIDES & {approver_role(case_managed_by)}
    return deciders | (row.roles & WRITES_CASES)


def required_role_sentence(row: Transition, case_managed_by: str) -> str:
    """Return the sentence that says who takes the step."""
    decider = approver_role(case_managed_by)
    if not row.roles & DECIDES:
        return "Only a Permanency Coordinator of the child's district can do this."
    if row.roles & WRITES_CASES:
        return f"Only a Permanency Coordinator or the {decider.label} for this case can do this."
    if decider is Role.CFDU:
        return (
            "A provider manages this case, so only a CFDU approver of the child's district "
            "can decide it."
        )
    return (
        "DCJ manages this case, so only a Manager Casework of the child's district can decide it."
    )


def _wrong_status_sentence(row: Transition, status: Status) -> str:
    starts = " or ".join(each.label.lower() for each in Status if each in row.starts)
    return f"{new_status_sentence(status)} Only one that is {starts} can be {PAST_TENSE[row.step]}."


def new_status_sentence(status: Status) -> str:
    """Return the sentence for somebody whose page is older than the change."""
    now = "a draft" if status is Status.DRAFT else status.label.lower()
    return f"This goal change has moved on: it is now {now}."


def _three_people_reasons(step: Step, step_context: StepContext) -> tuple[str, ...]:
    """Return what rule 7 says: requester, endorser and approver are three people."""
    if step in ENDORSEMENT_STEPS and step_context.is_requester:
        return (f"{step_context.requester_sentence}, so somebody else endorses it or not.",)
    if step not in DECISION_STEPS:
        return ()
    return (
        f"{step_context.requester_sentence}, so somebody else decides it."
        if step_context.is_requester
        else "",
        "You endorsed this change, so somebody else decides it."
        if step_context.is_endorser
        else "",
    )


def _record_reasons(step: Step, step_context: StepContext) -> tuple[str, ...]:
    """Return what the records say against the step: rules 4, 5, 6 and 9."""
    return (
        step_context.consultation_error if step in NEEDS_CONSULTATION else "",
        *(step_context.missing_parts if step in NEEDS_COMPLETE_CHANGE else ()),
        step_context.ending_sentence if step in CHANGES_THE_GOAL else "",
        step_context.case_change_sentence if step in NEEDS_UNCHANGED_CASE else "",
    )
