"""What a step of a goal change costs beside its own SQL (goal G9).

The raw measure is the statements that the step sent, noted once and sent again as they are, without
anything that works them out. Every run is undone, so that each meets the same case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection

from bench.goals import Figures, Found, Goal
from bench.timing import undone
from consultations.goal_changes import decisions
from consultations.models import GoalChange
from consultations.workflow import Status
from directory import clock
from directory.errors import StepNotAllowedError
from directory.models import User

ROUNDS = 60
# With its values, and whether it was sent once for each of several rows of them.
Statement = tuple[str, Any, bool]
Act = Callable[[GoalChange, User], object]


def _endorse(change: GoalChange, by: User) -> object:
    return decisions.endorse(change, by=by, on=clock.today(), reasons="The home is safe.")


def _approve(change: GoalChange, by: User) -> object:
    return decisions.approve(change, effective_on=clock.today(), by=by, on=clock.today())


STEPS: dict[str, tuple[Status, Act]] = {
    "endorse": (Status.PROPOSED, _endorse),
    "approve": (Status.ENDORSED, _approve),
}


def measure(size: int) -> Figures:
    """Return the middle time of each step and of its statements, and how far its slowest stray."""
    figures: Figures = {}
    for name, (status, act) in STEPS.items():
        step = undone(_a_step(status, act))
        statements: list[Statement] = []
        with connection.execute_wrapper(_noting(statements)):
            step()
        parts = {"ours": step, "raw": undone(partial(_send, statements))}
        times: dict[str, list[float]] = {which: [] for which in parts}
        for _ in range(ROUNDS):
            for which, part in parts.items():
                began = perf_counter()
                part()
                times[which].append((perf_counter() - began) * 1000)
        figures |= {f"{name} {which}, ms": median(taken) for which, taken in times.items()}
        figures[f"{name}: slowest in twenty, ms"] = quantiles(times["ours"], n=20)[-1]
    return figures


def _a_step(status: Status, act: Act) -> Callable[[], object]:
    """Return the step on the first change that stands there, by the first person who may take it.

    Raises LookupError where nobody may.
    """
    for change in GoalChange.objects.filter(status=status).order_by("pk"):
        for person in User.objects.filter(is_active=True).order_by("pk"):
            step = _bound(act, change.pk, person)
            try:
                undone(step)()
            except (StepNotAllowedError, PermissionDenied):
                continue
            return step
    raise LookupError(f"Nobody may take the step on any {status} change.")


def _bound(act: Act, change: int, person: User) -> Callable[[], object]:
    return lambda: act(GoalChange.objects.get(pk=change), person)


def _noting(statements: list[Statement]) -> Callable[..., object]:
    def note(
        execute: Callable[..., object], sql: str, params: Any, many: bool, context: Any
    ) -> object:
        if not sql.startswith("BEGIN"):  # On SQLite the transaction is begun by a statement.
            statements.append((sql, params, many))
        return execute(sql, params, many, context)

    return note


def _send(statements: list[Statement]) -> None:
    with connection.cursor() as cursor:
        for sql, params, many in statements:
            send = cursor.executemany if many else cursor.execute
            send(sql, params)
            if cursor.description:
                cursor.fetchall()


def judge(found: Found) -> Iterator[Goal]:
    """Yield G9 for each kind of database, at the smallest size: a step touches one case."""
    for vendor in found.vendors:
        size = found.sizes(vendor)[0]
        for name in STEPS:
            ratio = found.ratio(vendor, size, f"{name} ours, ms", f"{name} raw, ms")
            yield Goal("G9", f"{vendor}: {name}, to its own SQL", ratio, 2.5)
            strays = found.ratio(vendor, size, f"{name}: slowest in twenty, ms", f"{name} ours, ms")
            says = f"{vendor}: {name}, the slowest in twenty to the middle one"
            yield Goal("G9", says, strays, 2.5)
