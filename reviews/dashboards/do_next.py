"""What waits for a person to do, as one list over all kinds, worst first. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from urllib.parse import urlencode

from django.urls import reverse

from consultations.models import Consultation
from permanency.models import Action, Child, CourtOrder
from permanency.policy.months import age_in_words, day_in_words, lower_first, time_since, time_until
from reviews.dashboards.due_list import DueRow, WaitingRow

# What is late; what waits for a decision; what is begun; what is coming.
LATE, DECIDE, BEGUN, COMING = range(4)
TONES = ("error", "warning", "neutral", "neutral")
# The words and the address of a link.
Act = tuple[str, str]


@dataclass(frozen=True)
class WorkItem:
    """One thing to do: its kind, about which child, in a sentence, and the links of its acts.

    `since` is the day that orders the things of one rank; `action` is marked done in the list.
    """

    rank: int
    since: date
    kind: str
    child: Child
    age: str
    sentence: str
    acts: Sequence[Act]
    action: Action | None = None

    @property
    def tone(self) -> str:
        return TONES[self.rank]


def worst_first(items: Iterable[WorkItem]) -> list[WorkItem]:
    return sorted(items, key=attrgetter("rank", "since", "child.pk"))


def case_acts(child: Child, *, may_write: bool) -> list[Act]:
    """Return the links with which a review or a consultation of a child is recorded."""
    if not may_write:
        return []
    asked = urlencode({"child": child.pk})
    return [
        ("Record review", f"{reverse('new-review')}?{asked}&back={reverse('my-work')}"),
        ("Log", f"{reverse('new-consultation')}?{asked}"),
    ]


def overdue_reviews(rows: Iterable[DueRow], *, on: date) -> Iterator[WorkItem]:
    for row in rows:
        if due_on := row.review.on:
            goal = lower_first(row.goal.get_goal_display())
            sentence = f"Review of {goal}, due {day_in_words(due_on)}."
            yield _late(row, due_on, row.review.words, sentence, on=on)


def passed_two_years(rows: Iterable[DueRow], *, on: date) -> Iterator[WorkItem]:
    for row in rows:
        if passed_on := row.two_year.on:
            goal = row.goal.get_goal_display()
            sentence = f"{goal} was to be reached by {day_in_words(passed_on)}."
            yield _late(row, passed_on, "Two-year date passed", sentence, on=on)


def _late(row: DueRow, since: date, kind: str, sentence: str, *, on: date) -> WorkItem:
    return WorkItem(
        LATE,
        since,
        kind,
        row.child,
        age_in_words(row.child.born_on, on),
        f"{sentence} {row.case_with}.",
        case_acts(row.child, may_write=row.may_write),
    )


def changes(rows: Iterable[WaitingRow], kind: str, *, on: date) -> Iterator[WorkItem]:
    """Yield goal changes; `kind` names what is to be done, except where one was sent back."""
    for row in rows:
        change, since, is_draft = row.change, row.change.status_since_on, row.is_draft
        goal = change.get_goal_display()
        if change.current_goal:
            goal = f"{change.current_goal} to {lower_first(goal)}"
        verb = "begun" if is_draft else lower_first(change.get_status_display())
        verb = "more was asked for" if row.is_sent_back else verb
        day = "today" if since == on else f"on {day_in_words(since)}"
        waits = "" if is_draft or since == on else f" Waits {row.waits}."
        yield WorkItem(
            BEGUN if is_draft else DECIDE,
            since,
            "Sent back" if row.is_sent_back else kind,
            row.child,
            age_in_words(row.child.born_on, on),
            f"{goal}: {verb} {day}.{waits}",
            [("Go on" if is_draft else kind, reverse("goal-change", args=[change.pk]))],
        )


def own_actions(actions: Iterable[Action], *, on: date) -> Iterator[WorkItem]:
    for action in actions:
        is_late = action.due_on < on
        kind = f"My action, {time_since(action.due_on, on=on)} late" if is_late else "My action"
        yield WorkItem(
            LATE if is_late else COMING,
            action.due_on,
            kind,
            action.child,
            age_in_words(action.child.born_on, on),
            f"{action.what.rstrip('.')}. Due {day_in_words(action.due_on)}.",
            [],
            action=action,
        )


def consultation_drafts(drafts: Iterable[Consultation], *, on: date) -> Iterator[WorkItem]:
    for draft in drafts:
        yield WorkItem(
            BEGUN,
            draft.held_on,
            "Draft",
            draft.child,
            age_in_words(draft.child.born_on, on),
            f"Consultation of {day_in_words(draft.held_on)}. Only you can read it.",
            [("Go on", reverse("edit-consultation", args=[draft.pk]))],
        )


def ending_orders(orders: Iterable[CourtOrder], *, on: date) -> Iterator[WorkItem]:
    for order in orders:
        if order.expires_on is not None:
            yield WorkItem(
                COMING,
                order.expires_on,
                f"Order ends {time_until(order.expires_on, on=on)}",
                order.child,
                age_in_words(order.child.born_on, on),
                f"{order} ends on {day_in_words(order.expires_on)}. No next order is recorded.",
                [("Open the child", reverse("child", args=[order.child_id]))],
            )
