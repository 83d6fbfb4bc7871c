"""The workflow of a goal change, as a table that could be printed for the client.

The page asks it which buttons to show; the service asks it whether to act. Pure: no database, no
clock. Sources: the role comparison (a Permanency Coordinator endorses and does not approve), the
Permanency Coordinator role description (Managers Casework hold the delegation), defaults D7 and D10.
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
class Row:
    """One line of the table: from where, by whom, to where, and what it asks for."""

    step: Step
    starts: frozenset[Status]
    roles: frozenset[Role]
    end: Status
    asks_for: str


def _row(
    step: Step, starts: Iterable[Status], roles: Iterable[Role], end: Status, asks_for: str
) -> Row:
    return Row(step, frozenset(starts), frozenset(roles), end, asks_for)


TABLE = (
    _row(
        Step.PROPOSE,
        {Status.DRAFT},
        WRITES_CASES,
        Status.PROPOSED,
        "a formal consultation, a goal, reasons, who asked",
    ),
    _row(
        Step.ENDORSE,
        {Status.PROPOSED},
        WRITES_CASES,
        Status.ENDORSED,
        "evidence complete, or exempted with a reason and a date",
    ),
    _row(Step.NOT_ENDORSE, {Status.PROPOSED}, WRITES_CASES, Status.NOT_ENDORSED, "reasons"),
    _row(
        Step.ASK_FOR_MORE,
        {Status.PROPOSED, Status.ENDORSED},
        WRITES_CASES | DECIDES,
        Status.DRAFT,
        "what is missing",
    ),
    _row(
        Step.VOID,
        {Status.ENDORSED},
        WRITES_CASES,
        Status.PROPOSED,
        "a material edit, or case management that moves",
    ),
    _row(
        Step.APPROVE,
        {Status.ENDORSED},
        DECIDES,
        Status.APPROVED,
        "an effective date, not after today, not before the consultation or the current goal",
    ),
    _row(Step.DECLINE, {Status.ENDORSED}, DECIDES, Status.DECLINED, "reasons"),
    _row(
        Step.START_AGAIN,
        {Status.NOT_ENDORSED, Status.DECLINED},
        WRITES_CASES,
        Status.DRAFT,
        "nothing: a new draft on the same consultation",
    ),
    _row(Step.WITHDRAW, OPEN, WRITES_CASES, Status.WITHDRAWN, "reasons"),
)


def row_for(step: Step) -> Row:
    """Return the table's line for a step."""
    return next(row for row in TABLE if row.step == step)


def approver_role(case_managed_by: str) -> Role:
    """Return who approves: CFDU where a provider manages the case, else a Manager Casework."""
    return Role.CFDU if case_managed_by == CaseManagement.PSP else Role.CASEWORK_MANAGER
