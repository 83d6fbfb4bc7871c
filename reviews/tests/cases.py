"""Children as the services make them, on days counted from today."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from directory import clock
from directory.models import District, User
from permanency.goals import lifecycle
from permanency.models import CasePlanGoal
from permanency.policy.goals import Goal
from permanency.policy.months import add_months
from permanency.tests.factories import make_child
from reviews.dashboards.due_list import DueRow
from reviews.notices_due import kinds

TODAY = clock.today()


def days_ago(days: int) -> date:
    """Return the day so many days before today; ahead of it where the number is negative."""
    return TODAY - timedelta(days=days)


def open_child(
    district: District,
    by: User,
    goal: Goal = Goal.RESTORATION,
    *,
    effective_on: date | None = None,
    last_review_held_on: date | None = None,
    **fields: Any,
) -> CasePlanGoal:
    """Return the goal of a new child, opened with the goal in force three months ago or then."""
    child = make_child(district, **fields)
    return lifecycle.open_with_goal_in_force(
        child,
        goal=goal,
        effective_on=effective_on or add_months(TODAY, -3),
        source_note="ChildStory",
        by=by,
        on=TODAY,
        last_review_held_on=last_review_held_on,
    )


def goal_due_in(district: District, by: User, days: int, **fields: Any) -> CasePlanGoal:
    """Return a goal whose next review is due in so many days: overdue where they are negative.

    The stored date alone is set, for lists and figures; how dates come about is the services'.
    """
    goal = open_child(district, by, **fields)
    goal.review_due_on = TODAY + timedelta(days=days)
    goal.save(update_fields=["review_due_on"])
    return goal


def row_count(page: Any) -> int:
    """Return how many rows a list says that it has, whichever way it pages."""
    count: int = getattr(page, "paginator", page).count
    return count


def sentences_in_sql(goal: CasePlanGoal) -> tuple[str, str]:
    """Return the sentences that say why, of both dates, as a statement of notices takes them."""
    review, two_year = (sort.why for sort in kinds.MATTER_KINDS[:2])
    rows = CasePlanGoal.objects.filter(pk=goal.pk).annotate(review=review, two_year=two_year)
    found: tuple[str, str] = rows.values_list("review", "two_year").get()
    return found


def goals_of(rows: Iterable[DueRow]) -> list[CasePlanGoal]:
    """Return the goals that rows of a list show, in their order."""
    return [row.goal for row in rows]
