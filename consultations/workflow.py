"""The workflow of a goal change, as a table that could be printed for the client.

The page asks it which buttons to show; the service asks it whether to act. Pure: no database, no
clock. Sources: the role comparison (a Permanency Coordinator endorses and does not approve); the
Permanency Coordinator role description (Managers Casework hold the delegation).
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from enum import Enum, auto

from django.db.models import TextChoices

from directory.roles import DECIDES, DECIDES_FOR, WRITES_CASES, Role


class Status(TextChoices):
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
    PROPOSE = "propose", "Propose"
    ENDORSE = "endorse", "Endorse"
    NOT_ENDORSE = "not_endorse", "Do not endorse"
    ASK_FOR_MORE = "ask_for_more", "Ask for more"
    VOID = "void", "Endorsement void"
    APPROVE = "approve", "Approve"
    DECLINE = "decline", "Decline"
    START_AGAIN = "start_again", "Start again"
    WITHDRAW = "withdraw", "Withdraw"


class Check(Enum):
    """What is looked at before a step beside the status and the role, in this order."""

    NOT_REQUESTER = auto()  # Rule 7: requester, endorser and approver are three people.
    NOT_ENDORSER = auto()
    CONSULTATION = auto()  # Rule 6.
    COMPLETE = auto()  # Rule 5; again at each step, because the child's facts move.
    NO_ENDING = auto()  # Rule 4.
    SAME_CASE = auto()  # Rule 9.


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One line of the table; `verb` is for the history, `notices` are kinds of `Notice`."""

    step: Step
    starts: Set[Status]
    roles: Set[Role]
    end: Status
    asks_for: str
    checks: Set[Check] = frozenset()
    past: str
    title: str
    verb: str
    message: str = ""
    notices: tuple[str, ...] = ()
    ends_endorsement: bool = False

    @property
    def is_decision(self) -> bool:
        return self.roles <= DECIDES

    def roles_for(self, case_managed_by: str) -> Set[Role]:
        return self.roles & (WRITES_CASES | {APPROVERS[case_managed_by]})


APPROVERS = {str(managed): role for role, managed in DECIDES_FOR.items()}

TRANSITIONS = {
    row.step: row
    for row in (
        Transition(
            step=Step.PROPOSE,
            starts={Status.DRAFT},
            roles=WRITES_CASES,
            end=Status.PROPOSED,
            asks_for="a formal consultation, a goal, reasons, who asked",
            checks={Check.CONSULTATION, Check.COMPLETE, Check.NO_ENDING},
            past="proposed",
            title="Proposed",
            verb="proposed a goal change",
            message="Your proposal is on the record.",
            notices=("endorsement_waiting",),
        ),
        Transition(
            step=Step.ENDORSE,
            starts={Status.PROPOSED},
            roles=WRITES_CASES,
            end=Status.ENDORSED,
            asks_for="evidence complete, or exempted with a reason and a date",
            checks={Check.NOT_REQUESTER, Check.COMPLETE, Check.NO_ENDING, Check.SAME_CASE},
            past="endorsed",
            title="Endorsed",
            verb="endorsed a goal change",
            message="Your endorsement is on the record.",
            notices=("approval_waiting",),
        ),
        Transition(
            step=Step.NOT_ENDORSE,
            starts={Status.PROPOSED},
            roles=WRITES_CASES,
            end=Status.NOT_ENDORSED,
            asks_for="reasons",
            checks={Check.NOT_REQUESTER},
            past="refused an endorsement",
            title="Not endorsed",
            verb="did not endorse a goal change",
            message="Your decision is on the record.",
            notices=("change_decided",),
        ),
        Transition(
            step=Step.ASK_FOR_MORE,
            starts={Status.PROPOSED, Status.ENDORSED},
            roles=WRITES_CASES | DECIDES,
            end=Status.DRAFT,
            asks_for="what is missing",
            past="sent back",
            title="Asked for more",
            verb="asked for more on a goal change",
            message="Sent back to draft with what is missing.",
            notices=("change_returned",),
            ends_endorsement=True,
        ),
        # Taken by nobody: the endorsement becomes void by itself.
        Transition(
            step=Step.VOID,
            starts={Status.ENDORSED},
            roles=WRITES_CASES,
            end=Status.PROPOSED,
            asks_for="a material edit, a case that moves, or another goal in force",
            past="put back to proposed",
            title="Endorsement void",
            verb="voided the endorsement of a goal change",
            notices=("change_returned", "endorsement_waiting"),
            ends_endorsement=True,
        ),
        Transition(
            step=Step.APPROVE,
            starts={Status.ENDORSED},
            roles=DECIDES,
            end=Status.APPROVED,
            asks_for=(
                "an effective date, not after today, not before the consultation or the current "
                "goal"
            ),
            checks={
                Check.NOT_REQUESTER,
                Check.NOT_ENDORSER,
                Check.COMPLETE,
                Check.NO_ENDING,
                Check.SAME_CASE,
            },
            past="approved",
            title="Approved",
            verb="approved a goal change",
            message="Your approval is on the record.",
            notices=("change_decided",),
        ),
        Transition(
            step=Step.DECLINE,
            starts={Status.ENDORSED},
            roles=DECIDES,
            end=Status.DECLINED,
            asks_for="reasons",
            checks={Check.NOT_REQUESTER, Check.NOT_ENDORSER, Check.SAME_CASE},
            past="declined",
            title="Declined",
            verb="declined a goal change",
            message="Your decision is on the record.",
            notices=("change_decided",),
        ),
        Transition(
            step=Step.START_AGAIN,
            starts={Status.NOT_ENDORSED, Status.DECLINED},
            roles=WRITES_CASES,
            end=Status.DRAFT,
            asks_for="nothing: a new draft on the same consultation",
            checks={Check.CONSULTATION, Check.NO_ENDING},
            past="started again",
            title="Started again",
            verb="started a goal change again",
            message="A new draft stands on the same consultation.",
        ),
        Transition(
            step=Step.WITHDRAW,
            starts=OPEN,
            roles=WRITES_CASES,
            end=Status.WITHDRAWN,
            asks_for="reasons",
            past="withdrawn",
            title="Withdrawn",
            verb="withdrew a goal change",
            message="The goal change is withdrawn.",
        ),
    )
}
USER_STEPS = tuple(step for step in TRANSITIONS if step is not Step.VOID)

EARLIER_REQUESTER = (
    "You were named as asking for this change, for the one it follows, or for the consultation"
)


@dataclass(frozen=True, kw_only=True)
class StepContext:
    """All that a step is checked against; sentences are empty where nothing is against it.

    `roles` are those in the child's district on the day; `has_asked` means at any time.
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


def reasons_against(step: Step, context: StepContext) -> tuple[str, ...]:
    """Return why the step cannot be taken, whatever its own form says; empty if it can."""
    row = TRANSITIONS[step]
    if context.status not in row.starts:
        starts = " or ".join(each.label.lower() for each in Status if each in row.starts)
        sentence = new_status_sentence(context.status)
        return (f"{sentence} Only one that is {starts} can be {row.past}.",)
    if not context.roles & row.roles_for(context.case_managed_by):
        return (required_role_sentence(row, context.case_managed_by),)
    is_requester = context.requested_by is not None and context.requested_by == context.person
    if is_requester or context.is_named_as_requester:
        request = "You asked for this change"
    else:
        request = EARLIER_REQUESTER if context.has_asked else ""
    is_endorser = context.endorsed_by is not None and context.endorsed_by == context.person
    act = "decides it" if row.is_decision else "endorses it or not"
    reasons = {
        Check.NOT_REQUESTER: (f"{request}, so somebody else {act}." if request else "",),
        Check.NOT_ENDORSER: (
            "You endorsed this change, so somebody else decides it." if is_endorser else "",
        ),
        Check.CONSULTATION: (context.consultation_error,),
        Check.COMPLETE: context.missing_parts,
        Check.NO_ENDING: (context.ending_sentence,),
        Check.SAME_CASE: (context.case_change_sentence,),
    }
    return tuple(
        reason for check in reasons if check in row.checks for reason in reasons[check] if reason
    )


def required_role_sentence(row: Transition, case_managed_by: str) -> str:
    decider = APPROVERS[case_managed_by]
    if not row.roles & DECIDES:
        return "Only a Permanency Coordinator of the child's district can do this."
    if not row.is_decision:
        return f"Only a Permanency Coordinator or the {decider.label} for this case can do this."
    if decider is Role.CFDU:
        return (
            "A provider manages this case, so only a CFDU approver of the child's district "
            "can decide it."
        )
    return (
        "DCJ manages this case, so only a Manager Casework of the child's district can decide it."
    )


def new_status_sentence(status: Status) -> str:
    now = "a draft" if status is Status.DRAFT else status.label.lower()
    return f"This goal change has moved on: it is now {now}."
