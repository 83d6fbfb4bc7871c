"""What a person types into the forms of the register, as the browser sends it."""

from __future__ import annotations

from datetime import date
from typing import Any

from permanency.children import services as register
from permanency.models import Child


def form_data(**answers: Any) -> dict[str, str]:
    """Return answers as form values: a date in its three boxes, a row by its key."""
    sent: dict[str, str] = {}
    for name, value in answers.items():
        if isinstance(value, date):
            sent |= {
                f"{name}_day": str(value.day),
                f"{name}_month": str(value.month),
                f"{name}_year": str(value.year),
            }
        elif value is not None:
            sent[name] = str(getattr(value, "pk", value))
    return sent


def child_form_data(child: Child, **changed: Any) -> dict[str, str]:
    """Return the details of a child as the edit form would send them, with some changed."""
    details = {name: getattr(child, name) for name in register.FIELDS}
    return form_data(**{**details, "version": child.version, **changed})
