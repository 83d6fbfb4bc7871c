"""Working every open date out again, and what a draft of the rules would do (goal G4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import islice

from django.db import transaction
from django.db.models import F

from bench.goals import Figures, Found, Goal
from bench.timing import in_turn, peak_mib, refresh_statistics
from directory import clock
from permanency.models import CasePlanGoal
from permanency.policy import goals
from permanency.policy.rules import VERSION_1, Transition
from permanency.rules import apply as rules_apply
from permanency.rules import preview as rules_preview

AHEAD = timedelta(days=30)
MOST_SECONDS, MOST_CHILDREN, MOST_MORE = 3, 150_000, 32
# Each takes a millisecond or two.
MOST_SHIFTED = 20_000


def measure(size: int) -> Figures:
    """Return the times of both, the memory, and how many goals and dates they are about."""
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

    def recompute(most: int | None = None) -> int:
        return sum(1 for _ in islice(rules_apply.date_differences(on=today), most))

    @transaction.atomic
    def recompute_shifted() -> int:
        in_force.update(review_due_on=F("review_due_on") + timedelta(days=1))
        found = recompute(MOST_SHIFTED)
        transaction.set_rollback(True)
        return found

    times = in_turn(
        {
            "recompute, ms": recompute,
            "what-if, ms": partial(rules_preview.what_if, in_force, draft, on=today),
        }
    )
    return {
        "goals in force": in_force.count(),
        "reviews moved by the draft": rules_preview.what_if(
            in_force, draft, on=today
        ).total.reviews_moved,
        "recompute and what-if, MiB": peak_mib(),
        **times,
        # Last, as what is told is the most memory that this process has had.
        "recompute, all dates shifted, goals": recompute_shifted(),
        "recompute, all dates shifted, MiB": peak_mib(),
    }


def judge(found: Found) -> Iterator[Goal]:
    """Yield G4 for each kind of database: the times of 150,000 children, and the memory."""
    for vendor in found.vendors:
        sizes = found.sizes(vendor)
        size = max((each for each in sizes if each <= MOST_CHILDREN), default=sizes[0])
        for part in ("recompute", "what-if"):
            taken = found.get(vendor, size, f"{part}, ms")
            seconds = None if taken is None else taken / 1000
            yield Goal("G4", f"{vendor}, {size:,} children: {part}", seconds, MOST_SECONDS, "s")
        for part in ("recompute and what-if", "recompute, all dates shifted"):
            least, most = (found.get(vendor, each, f"{part}, MiB") for each in (sizes[0], size))
            more = None if least is None or most is None or size == sizes[0] else most - least
            says = f"{vendor}: memory of {part} at {size:,} above that at {sizes[0]:,}"
            yield Goal("G4", says, more, MOST_MORE, "MiB", why_not="it compares two sizes")
