"""What the pages show of a goal change: its path, decisions, next steps and place in the queue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Prefetch, Q, prefetch_related_objects

from consultations.goal_changes.eligibility import is_named_requester, reasons_against_one_step
from consultations.models import Consultation, Decision, Evidence, GoalChange, OptionWeighed
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
from permanency.goals.effects import TWO_YEAR, Effect, days_before_and_after, effects_on
from permanency.goals.store import current_goal
from permanency.models import CasePlanGoal, Child, CourtOrder, RuleVersion
from permanency.policy.cautions import NO_CULTURAL_CONSULTATION, Caution, change_cautions
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


DECISIONS = (Step.APPROVE, Step.DECLINE, Step.ASK_FOR_MORE)


def decisions_offered(offers: Iterable[tuple[Step, tuple[str, ...]]]) -> list[Step]:
    """Return what the person may answer to an endorsed change: nothing, or also ask for more."""
    open_steps = [step for step, reasons in offers if not reasons]
    decides = any(TRANSITIONS[step].is_decision for step in open_steps)
    return [step for step in DECISIONS if decides and step in open_steps]


def decision_hints(change: GoalChange) -> dict[str, str]:
    """Return what each decision leads to, under its radio."""
    stays = lower_first(str(change.current_goal or "no goal"))
    new = lower_first(Goal(change.goal).label)
    return {
        Step.APPROVE: f"The goal becomes {new}",
        Step.DECLINE: f"The goal stays {stays}" if change.current_goal else "No goal is set",
        Step.ASK_FOR_MORE: "Goes back to draft, with what is missing",
    }


def consequences(change: GoalChange, step: Step, *, effective_on: date | None) -> list[str]:
    """Return what happens when a decision is saved, a sentence each."""
    child = change.child
    mail = f"The inbox of {child.district} gets a mail, with the reference and no name."
    if step is Step.APPROVE and effective_on is not None:
        day = day_in_words(effective_on)
        return [
            f"{Goal(change.goal).label} becomes the goal on {day}.",
            mail,
            "The case plan then waits for your approval, and a Permanency Coordinator enters the "
            "goal in ChildStory.",
        ]
    if step is Step.DECLINE:
        return [
            f"{decision_hints(change)[step]}, and no date moves.",
            mail,
            "A Permanency Coordinator can start again with a new draft, or seek group supervision.",
        ]
    return [
        "The change goes back to draft, and the endorsement no longer counts.",
        mail,
        "A Permanency Coordinator adds what is missing and proposes it again.",
    ]


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


def cautions_about(
    change: GoalChange, order: CourtOrder | None, effects: Iterable[Effect] = (), *, on: date
) -> tuple[Caution, ...]:
    """Return what to look at first, before an open change is decided."""
    if change.goal not in Goal.values or change.status not in OPEN:
        return ()
    rows = change.consultation.evidence.all()
    culture = next((each for each in rows if each.kind == Evidence.Kind.CULTURAL), None)
    return change_cautions(
        Goal(change.goal),
        AboriginalStatus(change.child.aboriginal_status),
        has_cultural_consultation=culture is not None and culture.state == Evidence.State.SEEN,
        cultural_note=culture.note if culture else "",
        order_kind=order.kind if order else None,
        order_expires_on=order.expires_on if order else None,
        section_90_recorded=order is not None and order.section_90_on is not None,
        two_year_on=change.current_goal.two_year_on if change.current_goal else None,
        two_year_stays=any(each.label == TWO_YEAR and not each.moves for each in effects),
        on=on,
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


@dataclass(frozen=True)
class EvidenceList:
    """The evidence by its state: what is missing comes first on a page."""

    missing: list[Evidence]
    seen: list[Evidence]
    not_needed: list[Evidence]


def evidence_list(change: GoalChange) -> EvidenceList:
    rows = list(change.consultation.evidence.all())
    states = Evidence.State
    by_state = (
        [each for each in rows if each.state == state]
        for state in (states.MISSING, states.SEEN, states.NOT_NEEDED)
    )
    return EvidenceList(*by_state)


def still_open(change: GoalChange, cautions: Sequence[Caution]) -> list[str]:
    """Return what is open when a change is decided, a sentence each, nothing twice."""
    lines = [f"{each.sentence} {each.detail}".strip() for each in cautions]
    said = (
        {Evidence.Kind.CULTURAL}
        if NO_CULTURAL_CONSULTATION in {c.short for c in cautions}
        else set()
    )
    for each in evidence_list(change).missing:
        if each.kind not in said:
            lines.append(f"Missing: {each}. {each.note}".strip())
    if change.evidence_exempted_until is not None:
        day = day_in_words(change.evidence_exempted_until)
        lines.append(f"What was missing at the endorsement is to come by {day}.")
    return lines


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
    in_force = CourtOrder.objects.in_force(on=on)
    return (
        rows.with_reader_asked(user)
        .order_by("status_since_on", "pk")
        .select_related(
            "child__district", "child__provider", "current_goal", "endorsed_by", "consultation"
        )
        .prefetch_related(
            "consultation__evidence",
            Prefetch("child__court_orders", in_force, to_attr="orders_in_force"),
        )
    )


MOST_WAITING = 50


def other_decisions(user: User, besides: GoalChange, *, on: date) -> list[GoalChange]:
    """Return what else waits for this person to decide, the oldest first: `MOST_WAITING` at most.

    Without their children: the page of one child names no other.
    """
    rows = approval_queue(user, on=on).filter(decided_by(user, on=on)).exclude(pk=besides.pk)
    few = rows.prefetch_related(None)[:MOST_WAITING]
    return [change for change in few if not _why_not_theirs(change, user)]


def _why_not_theirs(change: GoalChange, user: User) -> str:
    context = StepContext(
        status=Status(change.status),
        case_managed_by=change.child.case_managed_by,
        person=user.pk,
        roles=frozenset({APPROVERS[change.child.case_managed_by]}),
        requested_by=change.requested_by_id,
        endorsed_by=change.endorsed_by_id,
        is_named_as_requester=is_named_requester(change, user),
        has_asked=change.reader_asked,
    )
    return " ".join(reasons_against(Step.APPROVE, context))


def queue_row(change: GoalChange, user: User, *, on: date, rules: Rules) -> dict[str, Any]:
    since = change.status_since_on
    child: Any = change.child  # with the orders that `approval_queue` has fetched
    order = next(iter(child.orders_in_force), None)
    working_days = working_days_between(since, on)
    return {
        "change": change,
        "cautions": cautions_about(change, order, on=on),
        "decider": APPROVERS[change.child.case_managed_by],
        "days": (on - since).days,
        "working_days": working_days,
        "is_over_target": working_days > rules.targets_working_days["approval"],
        "why_not_mine": _why_not_theirs(change, user),
    }
