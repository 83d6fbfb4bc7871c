"""Finding the few that are due among however many there are (goal G2). No tick has run yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from django.db import connection
from django.db.models import Count

from bench.goals import Figures, Found, Goal
from bench.timing import in_turn, refresh_statistics
from directory import clock
from directory.places.services import fallback_inbox
from permanency.models import CasePlanGoal
from reviews.notices_due import find_due, kinds
from reviews.notices_due.kinds import REVIEW

DUE = 300


def measure(size: int) -> Figures:
    """Return how long the ledger takes to find about 300 reviews, on a day with no more."""
    refresh_statistics()
    on = day_with_few() - timedelta(days=REVIEW.begins_days_before)
    search = find_due.Search(kinds.MATTER_KINDS[0], fallback_inbox(on=clock.today()), on)
    found = in_turn({"took": partial(_find, search)})
    rows = _find(search)
    return {"few due, reviews": rows, "find 300 due, ms": found["took"] * DUE / rows}


def _find(search: find_due.Search) -> int:
    """Find what is owed as the ledger does, but write nothing; return how many notices."""
    queries, _ = search.run()
    found = 0
    with connection.cursor() as cursor:
        for query, values in queries:
            cursor.execute(query, values)
            found += len(cursor.fetchall())
    return found


def day_with_few() -> date:
    """Return the day by which closest to 300 reviews fall due."""
    by_day = CasePlanGoal.objects.in_force().exclude(review_due_on=None).order_by("review_due_on")
    total, totals = 0, dict[date, int]()
    for day, count in by_day.values_list("review_due_on").annotate(Count("pk")):
        total += count
        totals[day] = total
        if total >= DUE:
            break
    return min(totals, key=lambda day: abs(totals[day] - DUE))


def judge(found: Found) -> Iterator[Goal]:
    """Yield G2 for each kind of database."""
    for vendor in found.vendors:
        grown = found.growth(vendor, "find 300 due, ms")
        says = f"{vendor}: find {DUE} due in {found.sizes(vendor)[-1]:,}, to the fewest"
        yield Goal("G2", says, grown, 1.5, why_not="it compares two sizes")
