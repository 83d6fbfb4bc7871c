"""What a page says beside its rows, kept in this process for as long as nothing has changed.

Whoever changes a fact writes the history in the same transaction: that of the district, or the one
without a district. So what was worked out for a person stays right while those chains hold as many
entries as they held before it was worked out. Rows themselves are never kept.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cached_property
from hashlib import sha256
from typing import Any, TypeVar, cast

from django.core.cache import cache
from django.db.models import Sum

from directory.chain import NO_DISTRICT, chain_of
from directory.models import HistoryHead, User

T = TypeVar("T")

LONGEST_SECONDS = 3_600


class Kept:
    """What is kept for one person on one day, under the appointments that they hold.

    The entries there are come from one question, asked once.
    """

    def __init__(self, person: User, *, on: date) -> None:
        self._held = sorted((each.role, each.district_id or 0) for each in person.held(on=on))
        self._whose = (person.pk, on.isoformat(), self._held)

    @cached_property
    def _entries(self) -> int:
        """Return how many entries of the history there were before anything was worked out."""
        heads = HistoryHead.objects.order_by()
        districts = {district for _, district in self._held}
        if 0 not in districts:
            heads = heads.filter(chain__in=[NO_DISTRICT, *map(chain_of, districts)])
        return heads.aggregate(entries=Sum("sequence"))["entries"] or 0

    def get(self, name: str, work_out: Callable[[], T], *given: Any) -> T:
        """Return what is kept under a name and all that was given, or else work it out."""
        said = repr((name, given, *self._whose, self._entries))
        key = sha256(said.encode()).hexdigest()
        found = cache.get(key)
        if found is None:
            found = work_out()
            cache.set(key, found, LONGEST_SECONDS)
        return cast(T, found)
