"""Working every open date out again, and what a draft of the rules would do (goal G4).

The measure is one statement written by hand over the same goals, which comes to the same figures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db import connection

from bench.goals import Figures, Found, Goal
from bench.raw import in_dialect
from bench.timing import in_turn, refresh_statistics
from directory import clock
from permanency.models import CasePlanGoal
from permanency.models.months import AddMonths, MonthsApart
from permanency.policy import goals
from permanency.policy.review_dates import DUE_SOON_DAYS
from permanency.policy.rules import VERSION_1, Rules, Transition
from permanency.rules import apply as rules_apply
from permanency.rules import preview as rules_preview
from permanency.rules.in_sql import FAR

AHEAD = timedelta(days=30)
# Both dates of every open goal by hand: 18 years, extensions and the transition are counted with.
BOTH_DATES = """
WITH dated AS MATERIALIZED (
    SELECT district_id, office_id, provider_id, goal, intensive_since IS NOT NULL AS is_intensive,
        review_due_on,
        COALESCE(review_due_on, {far}) AS review_now, COALESCE(two_year_on, {far}) AS two_year_now,
        {review} AS review_then,
        COALESCE(CASE WHEN two_year < {adult} THEN two_year END, {far}) AS two_year_then
    FROM (
        SELECT counted.*, {greatest}({two_year}, COALESCE(extended_to, {two_year})) AS two_year
        FROM (
            SELECT goal.*, child.district_id, child.office_id, child.provider_id, child.born_on,
                {period} AS period, {start} AS start_on, {apart} AS apart,
                CASE WHEN goal.child_id IN (
                    SELECT earlier.child_id FROM permanency_extension extension
                    JOIN permanency_caseplangoal earlier ON earlier.id = extension.goal_id)
                THEN (
                    SELECT extension.extended_to FROM permanency_extension extension
                    JOIN permanency_caseplangoal earlier ON earlier.id = extension.goal_id
                    WHERE earlier.child_id = goal.child_id AND extension.decided_on >= {start}
                    ORDER BY extension.extended_to DESC LIMIT 1
                ) END AS extended_to
            FROM permanency_caseplangoal goal
            JOIN permanency_child child ON child.id = goal.child_id
            WHERE goal.ended_on IS NULL
        ) counted
    ) both_counted
)
"""
DIFFERENT = """SELECT count(*) FROM dated
WHERE review_then <> review_now OR two_year_then <> two_year_now"""
MOVED = """
SELECT district_id, office_id, provider_id, goal, is_intensive, count(*),
    count(*) FILTER (WHERE review_due_on < {day}),
    count(*) FILTER (WHERE review_then < review_now),
    count(*) FILTER (WHERE review_then > review_now),
    count(*) FILTER (WHERE review_then <= {soon} AND review_now > {soon}),
    count(*) FILTER (WHERE review_now <= {soon} AND review_then > {soon}),
    count(*) FILTER (WHERE two_year_then <> two_year_now)
FROM dated GROUP BY district_id, office_id, provider_id, goal, is_intensive"""
START = "CASE WHEN goal.goal IN ({}) THEN goal.first_in_episode_on END"
# The first whole number of periods that leads to the day or past it.
NUMBER = (
    "period * {greatest}(1, apart / period + CASE WHEN apart % period = 0 AND {far_enough} >= {day}"
    " THEN 0 ELSE 1 END)"
)


def measure(size: int) -> Figures:
    """Return the times of both beside plain SQL, and how many goals and dates they are about."""
    refresh_statistics()
    today = clock.today()
    draft = replace(
        VERSION_1,
        version=2,
        effective_on=today + AHEAD,
        review_months={**VERSION_1.review_months, goals.Goal.LONG_TERM_CARE: 6},
        transition=Transition.RECOUNT,
    )
    in_force = CasePlanGoal.objects.in_force()
    moved: dict[str, int] = {}

    def what_if() -> None:
        moved["ours"] = rules_preview.what_if(in_force, draft, on=today).total.reviews_moved

    def by_hand() -> None:
        rows = _run(_statement(draft) + _told(MOVED, draft))
        moved["raw"] = sum(row[7] + row[8] for row in rows)

    times = in_turn(
        {
            "recompute raw, ms": partial(_run, _statement(VERSION_1, is_open=True) + DIFFERENT),
            "recompute ours, ms": partial(rules_apply.date_differences, on=today),
            "what-if raw, ms": by_hand,
            "what-if ours, ms": what_if,
        }
    )
    if moved["ours"] != moved["raw"]:
        raise RuntimeError(f"Both should find the same: {moved}.")
    return {
        "goals in force": in_force.count(),
        "reviews moved by the draft": moved["ours"],
        **times,
    }


def _run(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _statement(by: Rules, *, is_open: bool = False) -> str:
    """Return the dates by these rules: once they have taken effect, or as they are counted now."""
    months = " ".join(f"WHEN '{goal}' THEN {number}" for goal, number in by.review_months.items())
    two_year_goals = ", ".join(f"'{goal}'" for goal in goals.TWO_YEAR_GOALS)
    counted = _plus("review_anchor_on", "period" if is_open else _told(NUMBER, by))
    within = (
        f"COALESCE(CASE WHEN {counted} < {_plus('born_on', '216')} THEN {counted} END, {{far}})"
    )
    open_alone = (
        f"CASE WHEN COALESCE(review_due_on, {{far}}) < {{day}} THEN review_due_on ELSE {within} END"
    )
    return _told(
        BOTH_DATES,
        by,
        period=f"CASE WHEN goal.intensive_since IS NOT NULL THEN {by.intensive_months} "
        f"ELSE CASE goal.goal {months} END END",
        start=START.format(two_year_goals),
        apart=in_dialect(MonthsApart, "goal.review_anchor_on", _day(by.effective_on)),
        adult=_plus("born_on", "216"),
        two_year=_plus("start_on", str(by.clock_months)),
        review=_told(within if is_open else open_alone, by),
    )


def _told(words: str, by: Rules, **more: str) -> str:
    greatest = "GREATEST" if connection.vendor == "postgresql" else "max"
    return words.format(
        far=_day(FAR),
        day=_day(by.effective_on),
        soon=_day(by.effective_on + timedelta(days=DUE_SOON_DAYS)),
        greatest=greatest,
        far_enough=_plus("review_anchor_on", "apart"),
        **more,
    )


def _day(day: date) -> str:
    return f"DATE '{day}'" if connection.vendor == "postgresql" else f"'{day}'"


def _plus(day: str, months: str) -> str:
    return in_dialect(AddMonths, day, months)


def judge(found: Found) -> Iterator[Goal]:
    """Yield G4 for each kind of database, at the largest size."""
    for vendor in found.vendors:
        size = found.sizes(vendor)[-1]
        for part in ("recompute", "what-if"):
            ratio = found.ratio(vendor, size, f"{part} ours, ms", f"{part} raw, ms")
            yield Goal(
                "G4", f"{vendor}, {size:,} children: {part}, to one plain statement", ratio, 1.3
            )
