"""The first tick, which tells of everything at once, in a process of its own (goal G12)."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from bench.goals import Figures, Found, Goal
from bench.timing import peak_mib
from directory import clock
from directory.models import Notice
from reviews import notices_due

MOST_MORE = 32


def measure(size: int) -> Figures:
    """Return what the tick took and how many notices it wrote."""
    began = perf_counter()
    run = notices_due.tick(at=notices_due.morning_of(clock.today()), now=clock.now)
    if run.problems:
        raise RuntimeError(f"The tick left something undone: {run.problems[:3]}")
    return {
        "first tick, ms": (perf_counter() - began) * 1000,
        "first tick, notices": Notice.objects.count(),
        "first tick, MiB": peak_mib(),
    }


def judge(found: Found) -> Iterator[Goal]:
    """Yield G12: what the largest database takes more than the smallest."""
    for vendor in found.vendors:
        sizes = found.sizes(vendor)
        least, most = (found.get(vendor, size, "first tick, MiB") for size in (sizes[0], sizes[-1]))
        more = None if least is None or most is None or len(sizes) < 2 else most - least
        says = f"{vendor}: memory of a tick at {sizes[-1]:,} above that at {sizes[0]:,}"
        yield Goal("G12", says, more, MOST_MORE, "MiB", why_not="it compares two sizes")
