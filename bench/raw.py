"""The night's work in plain SQL: one INSERT … SELECT for each sort of dated matter, as the measure.

It writes the same notices as the ledger (the bench compares the rows), and it reads none of what
makes the ledger safe: nobody parks a date, nothing comes back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection

from directory.models import Inbox
from permanency.policy.months import MONTH_NAMES, adults_born_by
from reviews.notices_due.kinds import MATTER_KINDS, MatterKind, ScheduleStep

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
MONTHS = list(enumerate(MONTH_NAMES, 1))
# Days and months in the SQL of each database; {b} is the day on which the repeats begin.
ON_POSTGRESQL = {
    "date": "'{}'::date",
    "elapsed": "{on} - {day}",
    "weeks": "({on} - {b}) / 7",
    "plus": "({day} + {days})",
    "add months": "({a} + INTERVAL '1 month' * {b})::date",
    "months apart": (
        "((EXTRACT(YEAR FROM {b}) - EXTRACT(YEAR FROM {a})) * 12"
        " + EXTRACT(MONTH FROM {b}) - EXTRACT(MONTH FROM {a}))::integer"
    ),
    "in words": "to_char({a}, 'FMDD FMMonth FMYYYY')",
}
ON_SQLITE = {
    "date": "'{}'",
    "elapsed": "CAST(julianday({on}) - julianday({day}) AS integer)",
    "weeks": "CAST(julianday({on}) - julianday({b}) AS integer) / 7",
    "plus": "date({day}, ({days}) || ' days')",
    "add months": (
        "min(date({a}, 'start of month', ({b}) || ' months', (strftime('%d', {a}) - 1) || ' days')"
        ", date({a}, 'start of month', (({b}) + 1) || ' months', '-1 day'))"
    ),
    "months apart": (
        "((strftime('%Y', {b}) - strftime('%Y', {a})) * 12"
        " + strftime('%m', {b}) - strftime('%m', {a}))"
    ),
    "in words": (
        "(CAST(strftime('%d', {a}) AS integer) || CASE strftime('%m', {a}) "
        + " ".join(f"WHEN '{number:02}' THEN ' {name} '" for number, name in MONTHS)
        + " END || CAST(strftime('%Y', {a}) AS integer))"
    ),
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
        "": (f"'{steps[-1].threshold}'", begins[-1]),
        "weekly": (
            "'week-' || (weeks + 1)",
            words["plus"].format(day=begins[-1], days="weeks * 7"),
        ),
        "monthly": (
            "'month-' || (months + 1)",
            words["add months"].format(a=begins[-1], b="months"),
        ),
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
        months=_whole_months(words, repeats_from, today),
        table=table,
        open=OPEN[sort.name],
        why=WHY[sort.name].format(since=words["in words"].format(a=sort.since)),
        page="/reviews/" if sort.name == "review" else "/",
        latest=words["date"].format(latest),
        adult=words["date"].format(adults_born_by(on)),
        on=today,
        fallback=fallback.pk,
    )


def _whole_months(words: dict[str, str], since: str, until: str) -> str:
    apart = words["months apart"].format(a=since, b=until)
    reached = words["add months"].format(a=since, b=apart)
    return f"{apart} - CASE WHEN {reached} > {until} THEN 1 ELSE 0 END"


def _by_stage(steps: Sequence[ScheduleStep], values: Sequence[str]) -> str:
    """Return the value of the last step that was reached."""
    reached = [
        f"WHEN elapsed >= {step.after_days} THEN {value}"
        for step, value in zip(steps, values, strict=True)
    ]
    return f"CASE {' '.join(reversed(reached))} END"
