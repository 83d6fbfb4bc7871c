"""Reads who is named on restricted children, and whether any of them can still act."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from directory.database import row_security
from directory.models import Appointment
from directory.roles import DECIDES_FOR, READS_EVERY_CASE, WRITES_CASES
from permanency.models import Child, NamedPerson

NO_APPROVER = (
    "Nobody who approves a change of goal for this child is named. Name an approver, or a change "
    "cannot be decided."
)


@dataclass(frozen=True)
class NamedPersonRights:
    """One named person, and what their appointments let them do about the child on the day."""

    naming: NamedPerson
    writes: bool
    decides: bool
    reads: bool

    @property
    def words(self) -> str:
        if self.writes:
            return "Reads and writes"
        if self.decides:
            return "Reads and decides"
        return "Reads" if self.reads else "Nothing: no appointment covers the child any more"


@dataclass(frozen=True)
class RestrictedChild:
    """A restricted child as the list of them shows it: no name, no content."""

    pk: int
    reference: str
    district: str
    restricted_on: date
    can_act: int
    can_decide: int


def people(child: Child, *, on: date) -> list[NamedPersonRights]:
    """Return the people named on a child on this day, the first named first."""
    return [_rights(each) for each in _namings(on).filter(child=child.pk)]


def child_approver_warning(child: Child, *, on: date) -> str:
    """Return what is wrong with who is named on a restricted child, in words, or ""."""
    return approver_warning(people(child, on=on)) if child.is_restricted else ""


def approver_warning(named: Sequence[NamedPersonRights]) -> str:
    """Return that nobody of these decides, in words, or "" where somebody does."""
    return "" if any(each.decides for each in named) else NO_APPROVER


def restricted_children(*, on: date) -> list[RestrictedChild]:
    """Return every restricted child of the state, those first for whom nobody named can act."""
    found: dict[int, list[NamedPersonRights]] = defaultdict(list)
    restricted = Child.objects.exclude(restricted_on=None).select_related("district")
    with row_security.as_system():
        for each in _namings(on):
            found[each.child_id].append(_rights(each))
        children = list(restricted.order_by("restricted_on", "pk"))
    rows = [_restricted_row(child, found[child.pk]) for child in children]
    return sorted(rows, key=lambda row: (row.can_act > 0, row.can_decide > 0))


def restricted_child(pk: int) -> Child | None:
    """Return a restricted child for who leads, to name somebody; None where there is none.

    Of what it holds only the reference and the district may be shown.
    """
    with row_security.as_system():
        return (
            Child.objects.exclude(restricted_on=None)
            .select_related("district")
            .filter(pk=pk)
            .first()
        )


def _restricted_row(child: Child, found: Sequence[NamedPersonRights]) -> RestrictedChild:
    assert child.restricted_on is not None  # noqa: S101  # only restricted children come here
    return RestrictedChild(
        pk=child.pk,
        reference=child.reference,
        district=child.district.name,
        restricted_on=child.restricted_on,
        can_act=sum(each.writes for each in found),
        can_decide=sum(each.decides for each in found),
    )


def _namings(on: date) -> QuerySet[Any]:
    held = Appointment.objects.in_force(on=on).filter(
        Q(district=None) | Q(district=OuterRef("child__district")),
        person=OuterRef("person"),
        person__is_active=True,
    )
    roles = {f"is_{role.value}": Exists(held.filter(role=role)) for role in DECIDES_FOR}
    return (
        NamedPerson.objects.in_force(on=on)
        .filter(child__restricted_on__isnull=False)
        .select_related("person", "named_by", "child")
        .annotate(
            writes=Exists(held.filter(role__in=WRITES_CASES)),
            reads=Exists(held.filter(role__in=READS_EVERY_CASE)),
            **roles,
        )
    )


def _rights(naming: Any) -> NamedPersonRights:
    decides = any(
        getattr(naming, f"is_{role.value}")
        for role, managed in DECIDES_FOR.items()
        if managed == naming.child.case_managed_by
    )
    return NamedPersonRights(
        naming, writes=naming.writes, decides=decides, reads=naming.reads or decides
    )
