"""Who has open work that no appointment of theirs covers any more, as an administrator counts it.

They left, were disabled, moved to another district, or their appointment ran out on its day. As for
one person's open work the database's fence is lifted, and restricted children are left out.
"""

from __future__ import annotations

from datetime import date
from functools import reduce
from operator import add, or_
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from consultations.models import Consultation
from directory import fence
from directory.models import Allocation, Appointment, District, User
from directory.roles import DECIDES_FOR, READS_EVERY_CASE
from directory.services.leaving import Left
from permanency.models import Action
from permanency.models.scope import unrestricted
from reviews.open_work import ALLOCATION, ASKS_FOR, DRAFT


def without_home(*, on: date) -> list[Left]:
    """Return who has work that no appointment of theirs covers on this day; one question."""
    kinds = {"allocations_left": _left_allocations(on), **_left_case_work(on)}
    numbers = {name: Coalesce(Subquery(rows), 0) for name, rows in kinds.items()}
    people = User.objects.annotate(**numbers).annotate(left=reduce(add, map(F, numbers)))
    with fence.lifted():
        return [Left(each, each.left) for each in people.filter(left__gt=0)]


def _left_allocations(on: date) -> QuerySet[Any, Any]:
    held = _held("person", on=on).filter(role__in=ASKS_FOR[ALLOCATION])
    in_office = held.filter(Q(district=None) | Q(district=OuterRef("office__district")))
    served = District.objects.filter(providers=OuterRef(OuterRef("provider")))
    with_provider = held.filter(Q(district=None) | Q(district__in=served.values("pk")))
    nowhere = District.objects.filter(providers=OuterRef("provider"))
    covered = (
        Q(office__isnull=False) & Exists(in_office)
        | Q(provider__isnull=False) & Exists(with_provider)
        | Q(provider__isnull=False) & ~Exists(nowhere) & Exists(held)
    )
    rows = Allocation.objects.in_force(on=on).exclude(ends_on=on).exclude(covered)
    return _number(rows, "person")


def _left_case_work(on: date) -> dict[str, QuerySet[Any, Any]]:
    owned = _in_district(_held("owner", on=on))
    reads = Exists(owned.filter(role__in=READS_EVERY_CASE))
    decides = [
        Q(child__case_managed_by=managed) & Exists(owned.filter(role=role))
        for role, managed in DECIDES_FOR.items()
    ]
    actions = Action.objects.open().filter(unrestricted("child__"))
    actions = actions.exclude(reduce(or_, decides, Q(reads)))
    writes = Exists(_in_district(_held("by", on=on)).filter(role__in=ASKS_FOR[DRAFT]))
    drafts = Consultation.objects.filter(unrestricted("child__"), ~writes, recorded_on=None)
    return {"actions_left": _number(actions, "owner"), "drafts_left": _number(drafts, "by")}


def _held(holder: str, *, on: date) -> QuerySet[Appointment]:
    """Return the appointments in force of whoever holds a piece, if they can sign in."""
    held = Appointment.objects.in_force(on=on)
    return held.filter(person=OuterRef(holder), person__is_active=True)


def _in_district(held: QuerySet[Appointment]) -> QuerySet[Appointment]:
    return held.filter(Q(district=None) | Q(district=OuterRef("child__district")))


def _number(rows: QuerySet[Any], holder: str) -> QuerySet[Any, Any]:
    own = rows.order_by().filter(**{holder: OuterRef("pk")})
    number: QuerySet[Any, Any] = own.values(holder).annotate(number=Count("pk")).values("number")
    return number
