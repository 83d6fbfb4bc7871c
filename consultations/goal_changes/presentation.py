"""What the pages show of a goal change: its path, decisions, next steps and place in the queue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, prefetch_related_objects

from consultations.goal_changes.eligibility import is_named_requester, reasons_against_one_step
from consultations.models import Consultation, Decision, GoalChange, OptionWeighed
from consultations.models.changes import GoalChangeQuerySet
from consultations.workflow import (
    APPROVERS,
    OPEN,
    TRANSITIONS,
    USER_STEPS,
    WAITING,
    Status,
    Step,
    StepContext,
    reasons_against,
)
from directory.clock import working_days_between
from directory.models import User
from directory.roles import DECIDES_FOR, READS_QUEUE
from permanency.goals import clocks
from permanency.goals.effects import Effect, days_before_and_after, effects_on
from permanency.goals.store import current_goal
from permanency.models import CasePlanGoal, Child, RuleVersion
from permanency.policy.goals import AboriginalStatus, EndReason, Goal, goals_in_order
from permanency.policy.months import day_in_words, lower_first
from permanency.policy.rules import Rules

# The path of a change to where it stands, or to where it ends if all goes on.
STATUSES_TO_APPROVAL = (Status.DRAFT, Status.PROPOSED, Status.ENDORSED, Status.APPROVED)
STATUSES_TO_OTHER_ENDS = {
    Status.NOT_ENDORSED: (Status.DRAFT, Status.PROPOSED, Status.NOT_ENDORSED),
    Status.DECLINED: (Status.DRAFT, Status.PROPOSED, Status.ENDORSED, Status.DECLINED),
    Status.WITHDRAWN: (Status.DRAFT, Status.WITHDRAWN),
}


def options_for_child(consultation: Consultation) -> list[OptionWeighed]:
    """Return the options in the order in which they are considered for the child (rule 5)."""
    order = goals_in_order(AboriginalStatus(consultation.child.aboriginal_status))
    rank = {goal.value: place for place, goal in enumerate(order)}
    return sorted(consultation.options.all(), key=lambda each: rank[each.goal])


@dataclass(frozen=True)
class DecisionRow:
    """A decision as the page shows it; `status_note` says that it no longer counts."""

    decision: Decision
    status_note: str = ""

    @property
    def title(self) -> str:
        return TRANSITIONS[Step(self.decision.step)].title


def decision_rows(decisions: Iterable[Decision]) -> list[DecisionRow]:
    """Return the decisions in order; an endorsement that ended since is marked (rule 9)."""
    ended = ""
    rows: list[DecisionRow] = []
    for each in reversed(list(decisions)):
        if each.step == Step.ENDORSE and ended:
            rows.append(DecisionRow(each, ended))
            ended = ""
            continue
        if TRANSITIONS[Step(each.step)].ends_endorsement and each.from_status == Status.ENDORSED:
            ended = "void" if each.step == Step.VOID else "no longer counts"
        rows.append(DecisionRow(each))
    return rows[::-1]


def current_endorsement(rows: Iterable[DecisionRow]) -> Decision | None:
    counting = [row.decision for row in rows if not row.status_note]
    return next((each for each in reversed(counting) if each.step == Step.ENDORSE), None)


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


def next_step_sentence(change: GoalChange, *, on: date) -> str:
    child, status = change.child, Status(change.status)
    if status in OPEN and (ended := clocks.ending_of(child, on=on)):
        return f"{ended.sentence()} Nothing is to be decided, unless that is taken back."
    sentences = {
        Status.DRAFT: "Not proposed yet. A Permanency Coordinator finishes the draft and proposes "
        "it.",
        Status.PROPOSED: f"Waits for a Permanency Coordinator of {child.district} to endorse it or "
        "not. Whoever asked for the change cannot.",
        Status.ENDORSED: f"Waits for a {APPROVERS[child.case_managed_by].label} of "
        f"{child.district} to decide.",
        Status.NOT_ENDORSED: "Not endorsed. The goal in force stays.",
        Status.APPROVED: "Approved. The new goal is in force.",
        Status.DECLINED: "Declined. The goal in force stays.",
        Status.WITHDRAWN: "Withdrawn. The goal in force stays.",
    }
    return sentences[status]


def step_offers(context: StepContext) -> list[tuple[Step, tuple[str, ...]]]:
    """Return the steps from here that are of the person's role, decisions first, and why not."""
    offers = [
        (step, reasons_against(step, context))
        for step in USER_STEPS
        if context.status in TRANSITIONS[step].starts
        and context.roles & TRANSITIONS[step].roles_for(context.case_managed_by)
    ]
    return sorted(offers, key=lambda offer: not TRANSITIONS[offer[0]].is_decision)


def shown_with(
    change: GoalChange, *, on: date, effective_on: date | None = None
) -> tuple[list[Effect], str]:
    """Return both dates now and after a change that waits, and what a step on it was shown with.

    As they will be if the change takes effect on a day, or today.
    """
    child = change.child
    if change.status not in WAITING:
        return [], goal_in_force_words(child)
    return dates_before_and_after(child, change.goal, effective_on=effective_on or on, on=on)


def dates_before_and_after(
    child: Child, goal: str, *, effective_on: date, on: date, rules: Rules | None = None
) -> tuple[list[Effect], str]:
    """Return both dates now and after a goal takes effect, to be shown and to be compared."""
    current, new = current_goal(child), CasePlanGoal()
    after = clocks.dates_after_goal_change(
        child, goal=goal, effective_on=effective_on, on=on, rules=rules
    )
    after.copy_to(new)
    effects = effects_on(clocks.dates_on_goal(current) if current else None, after)
    return effects, days_before_and_after(current, new)


@dataclass(frozen=True)
class OneStep:
    """What a page says that records a consultation and takes its change on in one step.

    `seen` is compared when the form is sent: the goal in force, and both dates after each other
    goal, as if it took effect today.
    """

    goal_in_force: str
    effects: tuple[tuple[Goal, list[Effect]], ...]
    seen: str
    against_proposing: tuple[str, ...]
    against_endorsing: tuple[str, ...]
    decider: str


def one_step(child: Child, user: User, *, asked_by: str, on: date) -> OneStep:
    """Return what may be done about the goal together with a new consultation, and its effects."""
    prefetch_related_objects([child], "goals__extensions", "care_episodes")
    rules, current = RuleVersion.objects.in_force(on=on), current_goal(child)
    words = goal_in_force_words(child)
    against = reasons_against_one_step(child, user, asked_by=asked_by, on=on)
    goals = goals_in_order(AboriginalStatus(child.aboriginal_status))
    others = [goal for goal in goals if current is None or current.goal != goal]
    found = [
        (goal, *dates_before_and_after(child, goal, effective_on=on, on=on, rules=rules))
        for goal in others
    ]
    return OneStep(
        goal_in_force=words,
        effects=tuple((goal, effects) for goal, effects, _ in found),
        seen="; ".join([words, *(f"{goal}: {days}" for goal, _, days in found)]),
        against_proposing=against[Step.PROPOSE],
        against_endorsing=against[Step.ENDORSE],
        decider=f"{APPROVERS[child.case_managed_by].label} of {child.district}",
    )


def goal_in_force_words(child: Child) -> str:
    """Return the goal in force as the pages say it, or what has become of the last one."""
    if current := current_goal(child):
        return f"{current}, since {day_in_words(current.effective_on)}"
    last = next(iter(child.goals.all()), None)
    if last is None or last.ended_on is None:
        return "None yet"
    why = EndReason(last.end_reason).label.lower()
    return f"None: {lower_first(str(last))} ended on {day_in_words(last.ended_on)} ({why})"


LEADER_ROLES = READS_QUEUE - frozenset(DECIDES_FOR)


def decided_by(user: User, *, on: date) -> Q:
    """Return the condition that a change is about a case that this person decides on (rule 8)."""
    return reduce(
        or_,
        (
            user.reach({role}, on=on).q("child__district") & Q(child__case_managed_by=managed)
            for role, managed in DECIDES_FOR.items()
        ),
    )


def approval_queue(user: User, *, on: date) -> GoalChangeQuerySet:
    """Return the endorsed changes that this person decides or leads, the oldest first."""
    wanted = user.reach(LEADER_ROLES, on=on).q("child__district") | decided_by(user, on=on)
    rows = GoalChange.objects.visible_to(user, on=on).ongoing(on=on).endorsed().filter(wanted)
    return (
        rows.with_reader_asked(user)
        .order_by("status_since_on", "pk")
        .select_related(
            "child__district", "child__provider", "current_goal", "endorsed_by", "consultation"
        )
    )


def queue_row(change: GoalChange, user: User, *, on: date, rules: Rules) -> dict[str, Any]:
    since, child = change.status_since_on, change.child
    decider = APPROVERS[child.case_managed_by]
    step_context = StepContext(
        status=Status(change.status),
        case_managed_by=child.case_managed_by,
        person=user.pk,
        roles=frozenset({decider}),
        requested_by=change.requested_by_id,
        endorsed_by=change.endorsed_by_id,
        is_named_as_requester=is_named_requester(change, user),
        has_asked=change.reader_asked,
    )
    working_days = working_days_between(since, on)
    return {
        "change": change,
        "decider": decider,
        "days": (on - since).days,
        "working_days": working_days,
        "is_over_target": working_days > rules.targets_working_days["approval"],
        "why_not_mine": " ".join(reasons_against(Step.APPROVE, step_context)),
    }
