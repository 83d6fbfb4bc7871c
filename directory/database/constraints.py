"""Why the database refused a row, in words: by the constraint that the row broke."""

from __future__ import annotations

import re

from django.apps import apps
from django.db import IntegrityError

WRITTEN_TWICE = "somebody else has just recorded the same. Try again."
NO_LONGER_THERE = "something that it names is no longer there. Try again."
KIND_BY_STATE = {"23505": "UNIQUE", "23514": "CHECK", "23503": "FOREIGN KEY"}
SQLITE_WORDS = re.compile(r"(?P<kind>[A-Z ]+) constraint failed(?:: (?:index ')?(?P<name>[\w.]+))?")


def broken_constraint(error: IntegrityError) -> tuple[str, str]:
    """Return the kind and the name; of a unique column SQLite knows `table.column` alone."""
    cause = error.__cause__
    if diagnosis := getattr(cause, "diag", None):
        return KIND_BY_STATE.get(getattr(cause, "pgcode", ""), ""), diagnosis.constraint_name or ""
    found = SQLITE_WORDS.search(str(cause))
    return (found["kind"], found["name"] or "") if found else ("", "")


def why_refused(error: IntegrityError) -> str:
    """Return the end of a sentence that says why a row was refused."""
    kind, name = broken_constraint(error)
    if kind == "UNIQUE":
        return WRITTEN_TWICE
    if kind == "FOREIGN KEY":
        return NO_LONGER_THERE
    declared = {each.name for model in apps.get_models() for each in model._meta.constraints}
    if name in declared:
        return f"it breaks a rule of the database: {name.replace('_', ' ')}."
    return "the database does not take it. Tell whoever runs this service."
