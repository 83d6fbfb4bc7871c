"""Registering children and keeping their details right.

ChildStory is the system of record: what stands here is the least that is needed, and every change
of it is in the history with what stood before.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Model

from directory import history
from directory.models import District, User
from directory.roles import WRITES_CASES
from permanency.models import Child


def record_child_change(
    verb: str,
    subject: Model,
    child: Child,
    *,
    by: User | None,
    on: date,
    after: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
    district: District | None = None,
    authority: District | None = None,
    note: str = "",
) -> None:
    """Write the history entry of an act about a child, done in the child's district or this one.

    It is done under the appointment to that district, unless another gives the authority.
    """
    place = district or child.district
    held_in = authority or place
    history.record(
        verb,
        f"{subject._meta.verbose_name} {subject.pk}",
        by=by,
        on=on,
        child_number=child.pk,
        district=place,
        appointment=by.appointment_for(WRITES_CASES, on=on, district=held_in) if by else None,
        before=before,
        after=after,
        note=note,
    )
