"""The steps of a goal change: each locks, checks and applies. Then whether the history tells them.

`version` is that of the page on which the person decided.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

from django.db import transaction

from consultations.goal_changes.eligibility import (
    check_step,
    effective_on_errors,
    exemption_errors,
    missing_evidence,
    start_step,
    step_context_for,
)
from consultations.goal_changes.transitions import (
    NO_ENDORSEMENT,
    apply_step,
    endorsed_case_fields,
    fresh_user,
    lock_change,
    void_endorsement,
)
from consultations.models import Decision, GoalChange
from consultations.workflow import TRANSITIONS, Status, Step
from directory.audit.verify import CHANGED, ChainFault
from directory.errors import OtherEffectError, StepNotAllowedError, refuse
from directory.models import HistoryEntry, User
from permanency.goals import effects, lifecycle
from permanency.goals.store import current_goal
from permanency.policy.months import day_in_words


@transaction.atomic
def propose(
    change: GoalChange, *, by: User, on: date, reasons: str = "", version: int | None = None
) -> Decision:
    """Return the decision that puts a draft, to replace the goal in force, up for endorsement."""
    change, appointment = start_step(Step.PROPOSE, change, by=by, on=on, version=version)
    return apply_step(
        change,
        Step.PROPOSE,
        by=by,
        on=on,
        appointment=appointment,
        reasons=reasons,
        current_goal=current_goal(change.child),
    )


@transaction.atomic
def endorse(
    change: GoalChange,
    *,
    by: User,
    on: date,
    reasons: str = "",
    evidence_exempted_because: str = "",
    evidence_exempted_until: date | None = None,
    version: int | None = None,
) -> Decision:
    """Return the endorsement, bound to the case as it is now (rule 9)."""
    change, appointment = start_step(Step.ENDORSE, change, by=by, on=on, version=version)
    missing = missing_evidence(change)
    because, until = evidence_exempted_because.strip(), evidence_exempted_until
    refuse(*exemption_errors(missing, because=because, until=until, on=on).values())
    values = {"endorsed_by": by, **endorsed_case_fields(change.child)}
    if missing and until is not None:
        values |= {"evidence_exempted_because": because, "evidence_exempted_until": until}
        note = f"Evidence to come by {day_in_words(until)} ({'; '.join(missing)}): {because}"
        reasons = f"{reasons}\n\n{note}".strip()
    return apply_step(
        change, Step.ENDORSE, by=by, on=on, appointment=appointment, reasons=reasons, **values
    )


def approve(
    change: GoalChange,
    *,
    effective_on: date,
    by: User,
    on: date,
    reasons: str = "",
    version: int | None = None,
    seen: str | None = None,
) -> Decision:
    """Return the approval; the goal is in force from the effective date on.

    Where the case or the goal in force has moved since the endorsement, the endorsement becomes
    void, which stays, and the approval is refused. OtherEffectError where the dates before and
    after are not those `seen`, which were shown.
    """
    with transaction.atomic():
        change, person = lock_change(change, by), fresh_user(by)
        context = step_context_for(change, person, on=on)
        moved = context.case_change_sentence if change.status == Status.ENDORSED else ""
        if not moved:
            appointment = check_step(Step.APPROVE, change, person, context, on=on, version=version)
            refuse(*effective_on_errors(change, effective_on, on=on))
            current = current_goal(change.child)
            new = lifecycle.put_in_force(
                change.child,
                goal=change.goal,
                effective_on=effective_on,
                by=by,
                on=on,
                appointment=appointment,
            )
            effect = effects.days_before_and_after(current, new)
            if seen not in {None, effect}:
                raise OtherEffectError(effect)
            return apply_step(
                change,
                Step.APPROVE,
                by=by,
                on=on,
                appointment=appointment,
                reasons=reasons,
                rule_version=new.review_rule_version,
                effects=effects.effects_as_data(current, new),
                approved_by=by,
                effective_on=effective_on,
                new_goal=new,
            )
        void_endorsement(change, because=moved, by=by, on=on)
    raise StepNotAllowedError(moved)


@transaction.atomic
def _take_step(
    step: Step,
    without_reasons: str,
    change: GoalChange,
    *,
    by: User,
    on: date,
    reasons: str,
    version: int | None = None,
) -> Decision:
    """Return the decision of a step that asks for reasons and for nothing else."""
    refuse("" if reasons.strip() else without_reasons)
    change, appointment = start_step(step, change, by=by, on=on, version=version)
    values = NO_ENDORSEMENT if step is Step.ASK_FOR_MORE else {}
    return apply_step(
        change, step, by=by, on=on, appointment=appointment, reasons=reasons, **values
    )


not_endorse = partial(_take_step, Step.NOT_ENDORSE, "Give your reasons for not endorsing.")
ask_for_more = partial(_take_step, Step.ASK_FOR_MORE, "Say what is missing.")
decline = partial(_take_step, Step.DECLINE, "Give your reasons for declining.")
withdraw = partial(_take_step, Step.WITHDRAW, "Give the reasons for withdrawing.")


SUBJECT = "goal change "
Row = tuple[Any, ...]


def integrity_faults() -> Iterator[ChainFault]:
    """Yield the goal changes whose decisions differ from the history, or from their own row.

    Only the history is chained: a decision changed, taken away or added past the triggers no longer
    agrees with it.
    """
    decided, states = _decisions()
    recorded: dict[int, list[Row]] = defaultdict(list)
    verbs = [row.verb for row in TRANSITIONS.values()]
    entries = HistoryEntry.objects.filter(subject__startswith=SUBJECT, verb__in=verbs)
    columns = ("subject", "verb", "by", "on", "appointment", "note", "salt")
    for subject, *entry in entries.order_by("pk").values_list(*columns).iterator():
        recorded[int(subject.removeprefix(SUBJECT))].append(tuple(entry))
    changes = GoalChange.objects.values_list("pk", "status", "endorsed_by", "approved_by")
    differing = {change for change, *state in changes.iterator() if tuple(state) != states[change]}
    for change in sorted({*decided, *recorded, *differing}):
        told, kept = recorded[change], decided[change]
        is_told = len(kept) == len(told) and all(
            one[:-1] == other[:-2] and (one[-1] == other[-2] or not other[-1])
            for one, other in zip(kept, told, strict=True)
        )
        if not is_told:
            why = "The decisions on it are not those that the history tells."
            yield ChainFault(f"{SUBJECT}{change}", CHANGED, why)
        elif change in differing:
            why = "Where it stands, or who endorsed or approved it, is not what was decided."
            yield ChainFault(f"{SUBJECT}{change}", CHANGED, why)


def _decisions() -> tuple[dict[int, list[Row]], dict[int, Row]]:
    decided: dict[int, list[Row]] = defaultdict(list)
    states: dict[int, Row] = defaultdict(lambda: (Status.DRAFT, None, None))
    columns = ("goal_change", "step", "to_status", "by", "on", "appointment", "reasons")
    for change, step, status, by, *rest in (
        Decision.objects.order_by("pk").values_list(*columns).iterator()
    ):
        row = TRANSITIONS[Step(step)]
        decided[change].append((row.verb, by, *rest))
        _, endorsed_by, approved_by = states[change]
        if row.ends_endorsement:
            endorsed_by = None
        elif step == Step.ENDORSE:
            endorsed_by = by
        elif step == Step.APPROVE:
            approved_by = by
        states[change] = (status, endorsed_by, approved_by)
    return decided, states
