"""Restricting a child's record to named people, so that no restricted child is left alone.

Naming narrows and never widens: only somebody whose appointment covers the child can be named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from directory import history
from directory.accounts.services import create_personal_mail
from directory.database import row_security
from directory.errors import StepNotAllowedError, refuse
from directory.mail import texts
from directory.models import Appointment, User
from directory.roles import (
    DECIDES_FOR,
    LEADS_THE_COORDINATORS,
    READS_EVERY_CASE,
    WRITES_CASES,
)
from permanency.goals import store
from permanency.models import Child, NamedPerson, check_may_write

RESTRICTED = "restricted the child to named people"
NAMED = "named a person who may see the restricted child"
NAMED_FROM_THE_LIST = "named a person from the list of restricted children"
TAKEN_OFF = "took a person off the named people"
LIFTED = "lifted the restriction"

RESTRICTED_ALREADY = "Somebody has restricted this child already."
NOT_RESTRICTED = "This child is not restricted."
NO_REASONS = "Say why."
NOT_COVERED = "This person has no appointment that covers the child, so naming them opens nothing."
NAMED_ALREADY = "This person is named already."
LAST_WRITER = (
    "Nobody else who is named writes about this child. Name somebody first, or lift the "
    "restriction."
)
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


def named_people(child: Child, *, on: date) -> list[NamedPersonRights]:
    return [_rights(each) for each in _namings(on).filter(child=child.pk)]


def child_approver_warning(child: Child, *, on: date) -> str:
    """Return what is wrong with who is named on a restricted child, in words, or ""."""
    return approver_warning(named_people(child, on=on)) if child.is_restricted else ""


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
    rows = [
        RestrictedChild(
            pk=child.pk,
            reference=child.reference,
            district=child.district.name,
            restricted_on=child.restricted_on,
            can_act=sum(each.writes for each in found[child.pk]),
            can_decide=sum(each.decides for each in found[child.pk]),
        )
        for child in children
        if child.restricted_on is not None
    ]
    return sorted(rows, key=lambda row: (row.can_act > 0, row.can_decide > 0))


def restricted_child(pk: int) -> Child | None:
    """Return a restricted child for who leads: only reference and district may be shown."""
    with row_security.as_system():
        return (
            Child.objects.exclude(restricted_on=None)
            .select_related("district")
            .filter(pk=pk)
            .first()
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


def people_in_reach(child: Child, *, on: date) -> QuerySet[User]:
    """Return the people whose appointments cover the child on this day, named or not."""
    decides = {role for role, managed in DECIDES_FOR.items() if managed == child.case_managed_by}
    roles = READS_EVERY_CASE | decides
    people: QuerySet[User] = User.objects.holding(roles, on=on, district=child.district)
    return people


def people_to_name(child: Child, *, on: date) -> QuerySet[User]:
    with row_security.as_system():
        namings = NamedPerson.objects.in_force(on=on).filter(child=child.pk)
        already = list(namings.values_list("person", flat=True))
    return people_in_reach(child, on=on).exclude(pk__in=already)


@transaction.atomic
def restrict(child: Child, *, reasons: str, by: User, on: date) -> Child:
    """Return the child, from now on seen by named people only; whoever restricts is the first."""
    locked = store.lock_child(child)
    check_may_write(by, locked.district, on=on)
    already = RESTRICTED_ALREADY if locked.is_restricted else ""
    refuse(already, _missing_reasons(reasons))
    # Named first: the database lets nobody write a row that they would no longer see.
    _create_naming(locked, by, ends_on=None, by=by, on=on)
    _save_restriction(locked, on, by, reasons)
    after = {"restricted_on": on, "named": [by.name]}
    history.record_change(RESTRICTED, locked, after=after, by=by, on=on, note=reasons)
    return locked


@transaction.atomic
def name_person(
    child: Child, person: User, *, reasons: str, by: User, on: date, ends_on: date | None = None
) -> NamedPerson:
    """Return the naming of a further person by a named person who writes about the child."""
    locked = _lock_as_named_writer(child, by=by, on=on)
    refuse(*_reasons_against_naming(locked, person, reasons=reasons, ends_on=ends_on, on=on))
    naming = _create_naming(locked, person, ends_on=ends_on, by=by, on=on)
    _record_naming(NAMED, naming, reasons, on=on)
    return naming


@transaction.atomic
def name_from_list(child: Child, person: User, *, reasons: str, by: User, on: date) -> NamedPerson:
    """Return the naming of a person by who leads the Coordinators, and need not see the child.

    Whoever was named before and reads the record is told by mail.
    """
    if not by.holds(LEADS_THE_COORDINATORS, on=on):
        raise PermissionDenied
    with row_security.as_system():
        locked = store.lock_child(child)
        refuse("" if locked.is_restricted else NOT_RESTRICTED)
        refuse(*_reasons_against_naming(locked, person, reasons=reasons, ends_on=None, on=on))
        told = [each.naming.person for each in named_people(locked, on=on) if each.reads]
        naming = _create_naming(locked, person, ends_on=None, by=by, on=on)
        _record_naming(NAMED_FROM_THE_LIST, naming, reasons, on=on)
    path = f"/children/{locked.pk}/access/"
    text = texts.named_from_list_text(locked.reference, path, on=on)
    for each in told:
        if each != by:
            create_personal_mail(each, text, on=on, part=f"named:{naming.pk}")
    return naming


@transaction.atomic
def remove_named_person(naming: NamedPerson, *, reasons: str, by: User, on: date) -> None:
    """Take a person off at once; refused for the last who writes and could name another."""
    locked = _lock_as_named_writer(naming.child, by=by, on=on)
    row = locked.named_people.in_force(on=on).select_related("person").filter(pk=naming.pk).first()
    if row is None:
        raise StepNotAllowedError("This person is no longer named.")
    others = [each for each in named_people(locked, on=on) if each.naming.pk != row.pk]
    last = "" if any(each.writes for each in others) else LAST_WRITER
    refuse(last, _missing_reasons(reasons))
    before = {"named": [row.person.name]}
    # Told first: whoever takes themselves off sees the record no longer.
    history.record_change(TAKEN_OFF, row, before, after={"named": []}, by=by, on=on, note=reasons)
    _end_namings([row], by=by, on=on)


@transaction.atomic
def lift_restriction(child: Child, *, reasons: str, by: User, on: date) -> Child:
    locked = _lock_as_named_writer(child, by=by, on=on)
    refuse(_missing_reasons(reasons))
    namings = list(locked.named_people.in_force(on=on).select_related("person"))
    before = {
        "restricted_on": locked.restricted_on,
        "named": sorted(each.person.name for each in namings),
    }
    _save_restriction(locked, None, None, "")
    _end_namings(locked.named_people.filter(taken_off_on=None), by=by, on=on)
    after: dict[str, Any] = {"restricted_on": None, "named": []}
    history.record_change(LIFTED, locked, before, after=after, by=by, on=on, note=reasons)
    return locked


def _lock_as_named_writer(child: Child, *, by: User, on: date) -> Child:
    locked = store.lock_child(child)
    check_may_write(by, locked.district, on=on)
    refuse("" if locked.is_restricted else NOT_RESTRICTED)
    if not locked.named_people.in_force(on=on).filter(person=by.pk).exists():
        raise PermissionDenied
    return locked


def _reasons_against_naming(
    child: Child, person: User, *, reasons: str, ends_on: date | None, on: date
) -> Iterable[str]:
    if child.named_people.in_force(on=on).filter(person=person.pk).exists():
        yield NAMED_ALREADY
    elif not people_in_reach(child, on=on).filter(pk=person.pk).exists():
        yield NOT_COVERED
    if ends_on is not None and ends_on < on:
        yield "The last day must not be in the past."
    yield _missing_reasons(reasons)


def _missing_reasons(reasons: str) -> str:
    return "" if reasons.strip() else NO_REASONS


def _create_naming(
    child: Child, person: User, *, ends_on: date | None, by: User, on: date
) -> NamedPerson:
    return NamedPerson.objects.create(
        child=child, person=person, starts_on=on, ends_on=ends_on, named_by=by
    )


def _record_naming(verb: str, naming: NamedPerson, reasons: str, *, on: date) -> None:
    after = {"named": [naming.person.name], "ends_on": naming.ends_on}
    history.record_change(verb, naming, after=after, by=naming.named_by, on=on, note=reasons)


def _end_namings(namings: Iterable[NamedPerson], *, by: User, on: date) -> None:
    for naming in namings:
        naming.taken_off_on, naming.taken_off_by = on, by
        naming.save(update_fields=["taken_off_on", "taken_off_by"])


def _save_restriction(child: Child, on: date | None, by: User | None, because: str) -> None:
    child.restricted_on, child.restricted_by, child.restricted_because = on, by, because
    child.save(update_fields=["restricted_on", "restricted_by", "restricted_because"])
