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

from django.core.cache import caches
from django.db.models import CharField, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat

from directory.history.chain import DISTRICT_CHAIN_PREFIX, NO_DISTRICT, chain_name
from directory.models import HistoryHead, User

T = TypeVar("T")

CACHE_ALIAS = "kept"
LONGEST_SECONDS = 3_600


def district_entry_count() -> Any:
    """Return, for a query of districts, how many entries tell of one or of none."""
    own = Concat(Value(DISTRICT_CHAIN_PREFIX), Cast(OuterRef("pk"), CharField()))
    heads = HistoryHead.objects.filter(chain__in=[own, Value(NO_DISTRICT)])
    alike = heads.order_by().annotate(alike=Value(1)).values("alike")
    return Coalesce(Subquery(alike.annotate(number=Sum("sequence")).values("number")), 0)


class ResultCache:
    """What is kept for one person on one day; `entries` of a district do for that alone."""

    def __init__(self, person: User, *, on: date, entries: int | None = None) -> None:
        self._given = entries
        self._held = sorted(
            (each.role, each.district_id or 0) for each in person.appointments_in_force(on=on)
        )
        self._whose = (person.pk, on.isoformat(), self._held)

    @cached_property
    def _entries(self) -> int:
        if self._given is not None:
            return self._given
        heads = HistoryHead.objects.order_by()
        districts = {district for _, district in self._held}
        if 0 not in districts:
            heads = heads.filter(chain__in=[NO_DISTRICT, *map(chain_name, districts)])
        return heads.aggregate(entries=Sum("sequence"))["entries"] or 0

    def key(self, name: str, *given: Any) -> str:
        said = repr((name, given, *self._whose, self._entries))
        return sha256(said.encode()).hexdigest()

    def get(self, name: str, work_out: Callable[[], T], *given: Any) -> T:
        key = self.key(name, *given)
        found = caches[CACHE_ALIAS].get(key)
        if found is None:
            found = work_out()
            caches[CACHE_ALIAS].set(key, found, LONGEST_SECONDS)
        return cast(T, found)
