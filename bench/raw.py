"""The night's work in plain SQL: one INSERT … SELECT for each sort of dated matter, as the measure.

It writes the same notices as the ledger (the bench compares the rows), and it reads none of what
makes the ledger safe: nobody parks a date, nothing comes back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection

from directory.models import Inbox
from permanency.models.months import AddMonths, InWords, MonthsApart
from permanency.policy.months import adults_born_by
from reviews.notices_due.kinds import MATTER_KINDS, MatterKind, Repeat, ScheduleStep

INSERT = """
INSERT INTO directory_notice (kind, occurrence, threshold, inbox_id, district_id, child_number,
    reference, path, about_on, why, owed_on, is_covered)
SELECT kind, occurrence, threshold, inbox_id, district_id, child_number, reference,
    '/children/' || child_number || '{page}', day, why, begins_on, false
FROM (
    SELECT {kind} AS kind, '{before}' || matter.id || '{after}' || day AS occurrence,
        {threshold} AS threshold, {begins_on} AS begins_on,
        CASE WHEN inbox.id IS NOT NULL AND (inbox.retired_on IS NULL OR inbox.retired_on > {on})
             THEN inbox.id ELSE {fallback} END AS inbox_id,
        district.id AS district_id, child.id AS child_number, child.reference, day, why
    FROM (
        SELECT id, child_id, {day} AS day, {why} AS why, {elapsed} AS elapsed, {weeks} AS weeks,
            {months} AS months
        FROM {table} WHERE {open} AND {day} <= {latest}
    ) matter
    JOIN permanency_child child ON child.id = matter.child_id
    JOIN directory_district district ON district.id = child.district_id
    LEFT JOIN directory_inbox inbox ON inbox.id = district.inbox_id
    WHERE child.born_on > {adult}
      AND (child.died_on IS NULL OR child.died_on > {on})
      AND (child.left_state_on IS NULL OR child.left_state_on > {on})
) owed
WHERE NOT EXISTS (
    SELECT 1 FROM directory_notice told
    WHERE told.occurrence = owed.occurrence AND told.inbox_id = owed.inbox_id
      AND told.owed_on >= owed.begins_on
      AND (told.mail_id IS NOT NULL OR told.settled_at IS NULL))
ON CONFLICT DO NOTHING
"""
OPEN = {
    "review": "ended_on IS NULL",
    "two-year date": "ended_on IS NULL",
    "short term order": "ended_on IS NULL AND kind = 'short_term'",
    "action": "done_on IS NULL",
}
WHY = {
    "review": "COALESCE(review_derivation ->> 'in_short', '')",
    "two-year date": "COALESCE(two_year_derivation ->> 'in_short', '')",
    "short term order": (
        "'The short term order' || COALESCE(' made on ' || {since}, '') || ' expires then.'"
    ),
    "action": "'Agreed on ' || {since} || '.'",
}
# Days and months in the SQL of each database; {b} is the day on which the repeats begin.
ON_POSTGRESQL = {
    "date": "'{}'::date",
    "elapsed": "{on} - {day}",
    "weeks": "({on} - {b}) / 7",
    "plus": "({day} + {days})",
}
ON_SQLITE = {
    "date": "'{}'",
    "elapsed": "CAST(julianday({on}) - julianday({day}) AS integer)",
    "weeks": "CAST(julianday({on}) - julianday({b}) AS integer) / 7",
    "plus": "date({day}, ({days}) || ' days')",
}


def night(*, fallback: Inbox, on: date) -> int:
    """Write the notices owed on this day, and return how many."""
    with connection.cursor() as cursor:
        written = 0
        for sort in MATTER_KINDS:
            cursor.execute(statement(sort, fallback=fallback, on=on))
            written += cursor.rowcount
    return written


def statement(sort: MatterKind, *, fallback: Inbox, on: date) -> str:
    """Return the statement for one sort of matter."""
    words = ON_POSTGRESQL if connection.vendor == "postgresql" else ON_SQLITE
    today = words["date"].format(on)
    steps, again = sort.schedule.steps, sort.schedule.again
    begins = [words["plus"].format(day="day", days=each.after_days) for each in steps]
    repeats_from = words["plus"].format(day=sort.day, days=steps[-1].after_days)
    before, after = sort.key_parts
    number, last = {
        Repeat.NEVER: (f"'{steps[-1].threshold}'", begins[-1]),
        Repeat.WEEKLY: (
            "'week-' || (weeks + 1)",
            words["plus"].format(day=begins[-1], days="weeks * 7"),
        ),
        Repeat.MONTHLY: ("'month-' || (months + 1)", in_dialect(AddMonths, begins[-1], "months")),
    }[again]
    table = sort.open_rows().model._meta.db_table
    latest = date.fromordinal(on.toordinal() + sort.schedule.begins_days_before)
    return INSERT.format(
        kind=_by_stage(steps, [f"'{each.kind}'" for each in steps]),
        threshold=_by_stage(steps, [*(f"'{each.threshold}'" for each in steps[:-1]), number]),
        begins_on=_by_stage(steps, [*begins[:-1], last]),
        before=before,
        after=after,
        day=sort.day,
        elapsed=words["elapsed"].format(on=today, day=sort.day),
        weeks=words["weeks"].format(on=today, b=repeats_from),
        months=_whole_months(repeats_from, today),
        table=table,
        open=OPEN[sort.name],
        why=WHY[sort.name].format(since=in_dialect(InWords, sort.since)),
        page="/reviews/" if sort.name == "review" else "/",
        latest=words["date"].format(latest),
        adult=words["date"].format(adults_born_by(on)),
        on=today,
        fallback=fallback.pk,
    )


def in_dialect(function: type[AddMonths | InWords | MonthsApart], a: str, b: str = "") -> str:
    """Return the SQL of the product's own function of days, in the words of the database."""
    is_postgresql = connection.vendor == "postgresql"
    words = function.on_postgresql if is_postgresql else function.on_sqlite
    return words.format(a=a, b=b).replace("%%", "%")


def _whole_months(since: str, until: str) -> str:
    apart = in_dialect(MonthsApart, since, until)
    return f"{apart} - CASE WHEN {in_dialect(AddMonths, since, apart)} > {until} THEN 1 ELSE 0 END"


def _by_stage(steps: Sequence[ScheduleStep], values: Sequence[str]) -> str:
    """Return the value of the last step that was reached."""
    reached = [
        f"WHEN elapsed >= {step.after_days} THEN {value}"
        for step, value in zip(steps, values, strict=True)
    ]
    return f"CASE {' '.join(reversed(reached))} END"
