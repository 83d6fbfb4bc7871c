"""Takes times and memory: several rounds, what is compared in turn in each, and the middle one."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter

from django.db import connection, transaction

from bench.goals import Figures

ROUNDS = 5
KIB_IN_A_MIB = 1024


def in_turn(
    parts: dict[str, Callable[[], object]], *, rounds: int = ROUNDS, warm: bool = True
) -> Figures:
    """Return the middle time of each part in milliseconds; every round runs them all, in turn.

    One round before that warms up whatever can be warm, unless what counts is the first time.
    """
    times: dict[str, list[float]] = {name: [] for name in parts}
    for number in range(1 - warm, rounds + 1):
        for name, part in parts.items():
            began = perf_counter()
            part()
            if number:
                times[name].append((perf_counter() - began) * 1000)
    return {name: median(each) for name, each in times.items()}


def undone(part: Callable[[], object]) -> Callable[[], object]:
    """Return the part as one that leaves no trace: its transaction is rolled back."""

    def run() -> object:
        with transaction.atomic():
            answer = part()
            transaction.set_rollback(True)
        return answer

    return run


def refresh_statistics() -> None:
    """Let the database look at its tables anew, as it does by itself every now and then."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def peak_mib() -> float:
    """Return the most memory that this process has had, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / KIB_IN_A_MIB if sys.platform.startswith("linux") else peak / KIB_IN_A_MIB**2
