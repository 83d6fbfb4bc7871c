"""Children without a goal, a date or an inbox: the conditions, and the list. Reads only.

Not among them: whom no date is due (no two-year date in long term care and preservation; nothing
from 18 on).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, TextChoices, Value, When
from django.db.models.functions import Coalesce, TruncDate
from django.urls import reverse

from directory.models import Appointment, User
from directory.roles import EDITS_DIRECTORY, WRITES_CASES, Role
from permanency.models import CasePlanGoal, Child, needs_goal
from permanency.models.children import ChildQuerySet
from permanency.models.due import can_be_owed
from permanency.policy.goals import TWO_YEAR_GOALS
from permanency.policy.months import age_in_words

MAX_NAMES = 3
# The orders of the list by what an address calls them.
ORDERS = {"": "Worst first", "name": "Name", "since": "Since"}


class Reason(TextChoices):
    """Why no clock runs, the worst first."""

    NO_GOAL = "no_goal", "No goal in force"
    NO_REVIEW_DATE = "no_review_date", "No review date"
    NO_TWO_YEAR_DATE = "no_two_year_date", "No two-year date"
    NO_INBOX = "no_inbox", "No inbox"


SENTENCES = {
    Reason.NO_GOAL: "No case plan goal is in force, so nothing is being counted.",
    Reason.NO_REVIEW_DATE: "The goal in force has no day from which reviews are counted.",
    Reason.NO_TWO_YEAR_DATE: "No care episode is recorded, and the time counts from entry to care.",
    Reason.NO_INBOX: "No inbox serves the district, so its notices go to the fallback inbox.",
}


def _has_no_start(day: str, derivation: str) -> Q:
    """Return the condition that a date is missing because there was no day to count it from.

    A date that is not owed, being on or after the 18th birthday, has that day. The derivation is
    large, and looked up only where there is no date.
    """
    start = f"{derivation}__start_on"
    goals = CasePlanGoal.objects.in_force().filter(child=OuterRef("pk"))
    no_start = goals.filter(Q(**{start: None}) | Q(**{f"{start}__isnull": True}))
    return Q(**{day: None}) & Q(Exists(no_start))


def _conditions(on: date) -> dict[str, Q]:
    no_inbox = Q(district__inbox=None) | Q(district__inbox__retired_on__lte=on)
    has_goal = Q(now_id__isnull=False)
    no_review = _has_no_start("now_review_due_on", "review_derivation")
    no_two_year = _has_no_start("now_two_year_on", "two_year_derivation")
    return {
        Reason.NO_GOAL.value: needs_goal(),
        Reason.NO_REVIEW_DATE.value: has_goal & no_review,
        Reason.NO_TWO_YEAR_DATE.value: Q(now_goal__in=TWO_YEAR_GOALS) & no_two_year,
        Reason.NO_INBOX.value: has_goal & no_inbox,
    }


def has_no_clock(*, on: date, reason: str = "") -> Q:
    """Return the condition that a child `with_goal_now` has no clock, for any reason or for one."""
    conditions = _conditions(on)
    wanted = [conditions[Reason(reason)]] if reason else list(conditions.values())
    return can_be_owed(on) & reduce(or_, wanted)


def children_worst_first(children: ChildQuerySet, *, on: date) -> ChildQuerySet:
    """Return the children with what a row shows: worst reason first, then the longest without."""
    conditions = _conditions(on)
    goals = CasePlanGoal.objects.filter(child=OuterRef("pk")).order_by("-effective_on", "-pk")
    latest = goals.annotate(on=Coalesce("ended_on", "effective_on"))
    is_so = {
        name: Case(When(condition, then=Value(True)), default=Value(False))
        for name, condition in conditions.items()
    }
    ranks = [
        When(condition, then=Value(rank)) for rank, condition in enumerate(conditions.values())
    ]
    return (
        children.select_related("district", "office", "provider")
        .annotate(**is_so)
        .annotate(goal_number=Subquery(latest.values("pk")[:1]))
        .annotate(since_on=Coalesce(Subquery(latest.values("on")[:1]), TruncDate("added_at")))
        .order_by(Case(*ranks, default=Value(len(ranks))), F("since_on").asc(), "pk")
    )


def in_order(children: ChildQuerySet, order: str, *, descending: bool) -> ChildQuerySet:
    """Return the children of `children_worst_first` in another order, if one is chosen."""
    columns = {"name": ("sort_name", "pk"), "since": ("since_on", "sort_name", "pk")}.get(order)
    if columns is None:
        return children
    return children.order_by(*(f"-{name}" if descending else name for name in columns))


def no_clock_rows(children: Iterable[Child], *, by: User, on: date) -> Iterator[dict[str, Any]]:
    """Yield for each child of `children_worst_first` since when there is no clock, and why.

    Each of its matters says who can mend it, and names the page where the reader may.
    """
    children = list(children)
    coordinators = _coordinators({each.district_id for each in children}, on=on)
    writes, edits_directory = by.reach(WRITES_CASES, on=on), by.holds(EDITS_DIRECTORY, on=on)
    for child in children:
        row: Any = child
        who = _responsible_people(child, coordinators.get(child.district_id, []))
        matters = []
        for reason in (each for each in Reason if getattr(row, each.value)):
            is_inbox = reason is Reason.NO_INBOX
            may = edits_directory if is_inbox else child.district_id in writes
            link, url = _remedy(reason, row) if may else ("", "")
            mends = "An administrator of the directory" if is_inbox else who
            words = {"label": reason.label, "sentence": SENTENCES[reason], "who": mends}
            matters.append({**words, "link": link, "url": url})
        age = age_in_words(child.born_on, on)
        yield {"child": child, "age": age, "since_on": row.since_on, "matters": matters}


def _coordinators(districts: Iterable[int], *, on: date) -> dict[int, list[str]]:
    held = (
        Appointment.objects.in_force(on=on)
        .filter(role=Role.COORDINATOR, district__in=districts, person__is_active=True)
        .order_by("person__name", "pk")
    )
    names: dict[int, list[str]] = {}
    for district, name in held.values_list("district", "person__name"):
        if district is not None and name not in names.setdefault(district, []):
            names[district].append(name)
    return names


def _responsible_people(child: Child, names: Sequence[str]) -> str:
    if child.is_restricted:
        return "A Permanency Coordinator who is named to see this record"
    if not names:
        return f"No Permanency Coordinator is appointed for {child.district.name}"
    more = len(names) - MAX_NAMES
    listed = ", ".join(names[:MAX_NAMES]) + (f" and {more} more" if more > 0 else "")
    return f"{listed} (Permanency Coordinator)"


def _remedy(reason: Reason, child: Any) -> tuple[str, str]:
    if reason is Reason.NO_INBOX:
        return "Give the district an inbox", reverse("edit-district", args=[child.district_id])
    if reason is Reason.NO_TWO_YEAR_DATE:
        return "Record entry to care", reverse("new-care-episode", args=[child.pk])
    if reason is Reason.NO_REVIEW_DATE:
        return "Correct its days", reverse("correct-goal", args=[child.goal_number])
    if child.goal_number is None:
        return "Open with the goal in force", reverse("open-goal", args=[child.pk])
    return "Log a consultation", f"{reverse('new-consultation')}?child={child.pk}"
