"""Watches what services write, act by act, and whether the history tells of it.

An act is what one outermost call of a service does: the savepoint that its `atomic` sets inside the
test's transaction. After each act every row with a child behind it is compared with what stood
before: whichever child's rows differ, the act has written an entry with that child's number.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey, Model

from directory.models import HistoryEntry
from permanency.models import Child

PACKAGES = ("permanency.", "consultations.", "reviews.")
Rows = dict[tuple[str, int], tuple[Any, ...]]


def paths_to_child() -> dict[type[Model], str]:
    """Return every model with a child behind it, and the way from its row to the child's key."""
    found: dict[type[Model], str] = {Child: "pk"}
    models = [
        each for label in ("permanency", "consultations", "reviews") for each in _models(label)
    ]
    for _ in range(4):  # as far as a row can be from its child
        for model in models:
            for each in model._meta.concrete_fields:
                target = each.related_model if isinstance(each, ForeignKey) else None
                if model not in found and isinstance(target, type) and target in found:
                    found[model] = each.name if target is Child else f"{each.name}__{found[target]}"
    return found


def _models(label: str) -> list[type[Model]]:
    return list(apps.get_app_config(label).get_models(include_auto_created=True))


@dataclass
class ActLog:
    """What was done since the watch began, and what was written without being told."""

    acts: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    written: set[str] = field(default_factory=set)


class _ActWatch:
    def __init__(self, base: int) -> None:
        self.told = ActLog()
        self.base = self.depth = 0
        self.base = base
        self.is_asking = False
        self.paths = paths_to_child()
        self.rows, self.last = self._rows(), self._last()

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        answer = execute(sql, params, many, context)
        if self.is_asking:
            return answer
        if sql.startswith("SAVEPOINT"):
            self.depth += 1
            self.told.acts.add(_service())
        elif sql.startswith(("RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")):
            # Django releases a savepoint that it has rolled back to as well.
            self.depth -= not sql.startswith("ROLLBACK")
            if self.depth == self.base:
                self._look(_service())
        return answer

    def _look(self, act: str) -> None:
        """Compare all rows with what stood before the act."""
        self.is_asking = True
        now = self._rows()
        changed = {key for key in {*now, *self.rows} if now.get(key) != self.rows.get(key)}
        entries = list(HistoryEntry.objects.filter(pk__gt=self.last))
        told = {each.child_number for each in entries}
        for key in changed:
            child = (now.get(key) or self.rows[key])[0]
            self.told.written.add(key[0])
            if child not in told:
                self.told.faults.append(f"{act} wrote {key} and told nothing of child {child}")
        for each in entries:
            if each.by_id and each.child_number and not each.appointment_id:
                self.told.faults.append(f"{act}: {each.verb}, under no appointment")
        self.rows, self.last = now, self._last()
        self.is_asking = False

    def _rows(self) -> Rows:
        rows: Rows = {}
        for model, path in self.paths.items():
            columns = [each.attname for each in model._meta.concrete_fields]
            for values in model._base_manager.values_list("pk", path, *columns):
                rows[model._meta.label, values[0]] = values[1:]
        return rows

    def _last(self) -> int:
        return HistoryEntry.objects.order_by("pk").values_list("pk", flat=True).last() or 0


def _is_ours(module: str) -> bool:
    return module.startswith(PACKAGES) and ".tests." not in module


def _service() -> str:
    """Return the service whose `atomic` is being entered or left, or "" where it is none."""
    frame: FrameType | None = inspect.currentframe()
    while frame is not None:
        function = frame.f_locals.get("func") if frame.f_code.co_name == "inner" else None
        if function is not None and _is_ours(function.__module__):
            return f"{function.__module__}.{function.__name__}"
        frame = frame.f_back
    return ""


@contextmanager
def watch_acts(base: int = 0) -> Iterator[ActLog]:
    """Watch the acts done inside; `base` is how many savepoints stand around each of them."""
    watch = _ActWatch(base)
    with connection.execute_wrapper(watch):
        yield watch.told
