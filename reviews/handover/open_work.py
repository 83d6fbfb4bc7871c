"""What hangs on one person: the work that needs somebody else when they leave or move.

An administrator reads it, who sees no case: a case reference, the kind of work, a day and a
district, and nothing else. So these questions do not start from `visible_to`, and the database's
fence is lifted for them. Restricted children are left out: who leads the Coordinators sees to them.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import add, or_
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncDate
from django.dispatch import receiver

from consultations.models import Consultation, GoalChange
from directory.database import row_security
from directory.models import Allocation, Appointment, District, User
from directory.people.services import (
    PersonWithOpenWork,
    open_work_asked,
    uncovered_work_asked,
)
from directory.roles import (
    DECIDES_FOR,
    READS_CASES,
    READS_DASHBOARD,
    READS_EVERY_CASE,
    WRITES_CASES,
    Role,
)
from permanency.models import Action, Child, NamedPerson
from permanency.models.access import unrestricted
from permanency.policy.months import day_in_words
from reviews.models import GoalReview

ALLOCATION, ACTION, DRAFT = "allocation", "action", "draft"
# Which roles a kind of work asks for.
REQUIRED_ROLES = {ALLOCATION: READS_DASHBOARD, ACTION: READS_CASES, DRAFT: WRITES_CASES}
# Who can stand in for whom: Coordinators and their manager for each other, others for their like.
INTERCHANGEABLE_ROLES = (
    WRITES_CASES,
    *(frozenset({role}) for role in Role if role not in WRITES_CASES),
)


@dataclass(frozen=True)
class Piece:
    """One piece of work that can be given to somebody else."""

    kind: str
    pk: int
    words: str
    districts: tuple[District, ...]
    child_number: int | None = None

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.pk}"

    @property
    def place(self) -> tuple[int, ...]:
        return tuple(sorted(each.pk for each in self.districts))


@dataclass(frozen=True)
class Share:
    """The work in one district, or with a provider of several; who can take it over, by role."""

    key: str
    where: str
    pieces: Sequence[Piece]
    successors: Mapping[User, str]


@dataclass(frozen=True)
class RemainingWork:
    """Work that stays on the record as it is: whoever works with the child's place goes on."""

    reference: str
    kind: str
    words: str
    district: str
    child_number: int


@dataclass(frozen=True)
class OpenWork:
    """Everything that hangs on one person."""

    shares: Sequence[Share] = ()
    remaining: Sequence[RemainingWork] = ()
    has_restricted: bool = False

    @property
    def pieces(self) -> list[Piece]:
        return [piece for share in self.shares for piece in share.pieces]

    @property
    def children(self) -> list[int]:
        numbers = [piece.child_number for piece in self.pieces if piece.child_number]
        return [*numbers, *(each.child_number for each in self.remaining)]

    def __bool__(self) -> bool:
        return bool(self.shares or self.remaining or self.has_restricted)


def open_work(person: User, *, on: date) -> OpenWork:
    """Return what hangs on a person on this day, in districts, and who could take it over."""
    with row_security.as_system():
        appointments = _appointments(person, on=on)
        works_in = {each.district_id for each in appointments if each.person_id == person.pk}
        pieces = _allocation_pieces(person, works_in, on=on)
        movable = list(_case_work(person, on=on))
        staying = list(_remaining_work(person, on=on))
    pieces += [piece for child, piece in movable if not child.is_restricted]
    remaining = [each for child, each in staying if not child.is_restricted]
    has_restricted = any(child.is_restricted for child, _ in (*movable, *staying))
    # A naming counts only together with an appointment.
    is_named = any(each.is_named for each in appointments)
    by_place: dict[tuple[int, ...], list[Piece]] = {}
    for piece in pieces:
        by_place.setdefault(piece.place, []).append(piece)
    shares = [_share(pieces, appointments, person) for pieces in by_place.values()]
    shares.sort(key=lambda share: share.where)
    return OpenWork(shares, remaining, has_restricted or is_named)


def _appointments(person: User, *, on: date) -> list[Any]:
    """Return the appointments in force of all who can sign in, and every one of this person.

    `is_named` says on this person's whether a restricted child names them.
    """
    namings = NamedPerson.objects.in_force(on=on).filter(
        person=person, child__restricted_on__isnull=False
    )
    in_force = Appointment.objects.in_force(on=on)
    active = Q(person__is_active=True, pk__in=in_force.values("pk"))
    rows = Appointment.objects.filter(active | Q(person=person)).select_related("person")
    named = rows.annotate(is_named=Exists(namings.filter(person=OuterRef("person"))))
    return list(named.order_by("person__name", "person_id", "pk"))


def _allocation_pieces(person: User, works_in: Container[int | None], *, on: date) -> list[Piece]:
    rows = person.allocations.in_force(on=on).exclude(ends_on=on)
    rows = rows.select_related("office__district", "provider")
    pieces = []
    for row in rows.prefetch_related("provider__districts"):
        since = f"{row}, since {day_in_words(row.starts_on)}"
        if row.office is not None:
            words, districts = f"Office: {since}", [row.office.district]
        else:
            words = f"Provider: {since}"
            everywhere = list(row.provider.districts.all()) if row.provider else []
            districts = [each for each in everywhere if each.pk in works_in] or everywhere
        pieces.append(Piece(ALLOCATION, row.pk, words, tuple(districts)))
    return pieces


def _case_work(person: User, *, on: date) -> Iterator[tuple[Child, Piece]]:
    mine = Action.objects.open().ongoing(on=on).filter(owner=person)
    actions = mine.select_related("child__district")
    for action in actions:
        child = action.child
        words = f"Action: case {child.reference}, due {day_in_words(action.due_on)}"
        yield child, Piece(ACTION, action.pk, words, (child.district,), child.pk)
    drafts: QuerySet[Any] = Consultation.objects.filter(recorded_on=None, by=person)
    drafts = drafts.select_related("child__district")
    for draft in drafts.annotate(begun_on=TruncDate("begun_at")):
        child, begun = draft.child, day_in_words(draft.begun_on)
        words = f"Draft of a consultation: case {child.reference}, begun {begun}"
        yield child, Piece(DRAFT, draft.pk, words, (child.district,), child.pk)


def _remaining_work(person: User, *, on: date) -> Iterator[tuple[Child, RemainingWork]]:
    changes = GoalChange.objects.open().ongoing(on=on).filter(recorded_by=person)
    for change in changes.select_related("child__district"):
        words = f"{change.get_status_display()} since {day_in_words(change.status_since_on)}"
        yield change.child, _remaining(change.child, "Goal change", words)
    held_since = GoalReview.objects.held().filter(
        goal=OuterRef("goal"), recorded_on__gte=OuterRef("recorded_on")
    )
    planned: QuerySet[Any] = GoalReview.objects.standing().filter(
        ~Exists(held_since), by=person, held_on=None, planned_on__gte=on, goal__ended_on=None
    )
    for review in planned.select_related("child__district"):
        words = f"Planned for {day_in_words(review.planned_on)}"
        yield review.child, _remaining(review.child, "Review", words)


def _remaining(child: Child, kind: str, words: str) -> RemainingWork:
    return RemainingWork(child.reference, kind, words, child.district.name, child.pk)


def _share(pieces: Sequence[Piece], appointments: Iterable[Appointment], person: User) -> Share:
    first = pieces[0]
    there = [
        each
        for each in appointments
        if not first.place or each.district_id is None or each.district_id in first.place
    ]
    wanted = successor_roles(
        {piece.kind for piece in pieces},
        {Role(each.role) for each in there if each.person_id == person.pk},
    )
    roles: dict[User, list[str]] = {}
    for each in there:
        if each.person_id != person.pk and each.role in wanted:
            roles.setdefault(each.person, []).append(each.get_role_display())
    return Share(
        key="-".join(map(str, first.place)) or "0",
        where=" and ".join(each.name for each in first.districts) or "no particular district",
        pieces=pieces,
        successors={each: ", ".join(dict.fromkeys(held)) for each, held in roles.items()},
    )


def successor_roles(kinds: Iterable[str], held: Iterable[Role]) -> frozenset[Role]:
    """Return the roles that can take these kinds of work over from who holds or held those there.

    Whoever held none that fits leaves the work to any role that the kinds ask for.
    """
    asked = frozenset(Role).intersection(*(REQUIRED_ROLES[kind] for kind in kinds))
    own = set(held)
    alike = frozenset[Role]().union(*(each for each in INTERCHANGEABLE_ROLES if each & own))
    return asked & alike or asked


@receiver(open_work_asked)
def has_open_work(person: User, *, on: date, **signal: object) -> bool:
    """Say whether anything hangs on a person on this day."""
    return bool(open_work(person, on=on))


@receiver(uncovered_work_asked)
def people_with_uncovered_work(*, on: date, **signal: object) -> list[PersonWithOpenWork]:
    """Return who has work that no appointment of theirs covers on this day; one question."""
    kinds = {"allocations_left": _uncovered_allocations(on), **_uncovered_case_work(on)}
    numbers = {name: Coalesce(Subquery(rows), 0) for name, rows in kinds.items()}
    people = User.objects.annotate(**numbers).annotate(left=reduce(add, map(F, numbers)))
    with row_security.as_system():
        return [PersonWithOpenWork(each, each.left) for each in people.filter(left__gt=0)]


def _uncovered_allocations(on: date) -> QuerySet[Any, Any]:
    held = _holder_appointments("person", on=on).filter(role__in=REQUIRED_ROLES[ALLOCATION])
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
    return _count_by_holder(rows, "person")


def _uncovered_case_work(on: date) -> dict[str, QuerySet[Any, Any]]:
    owned = _in_district(_holder_appointments("owner", on=on))
    reads = Exists(owned.filter(role__in=READS_EVERY_CASE))
    decides = [
        Q(child__case_managed_by=managed) & Exists(owned.filter(role=role))
        for role, managed in DECIDES_FOR.items()
    ]
    actions = Action.objects.open().ongoing(on=on).filter(unrestricted("child__"))
    actions = actions.exclude(reduce(or_, decides, Q(reads)))
    writes = Exists(
        _in_district(_holder_appointments("by", on=on)).filter(role__in=REQUIRED_ROLES[DRAFT])
    )
    drafts = Consultation.objects.filter(unrestricted("child__"), ~writes, recorded_on=None)
    return {
        "actions_left": _count_by_holder(actions, "owner"),
        "drafts_left": _count_by_holder(drafts, "by"),
    }


def _holder_appointments(holder: str, *, on: date) -> QuerySet[Appointment]:
    held = Appointment.objects.in_force(on=on)
    return held.filter(person=OuterRef(holder), person__is_active=True)


def _in_district(held: QuerySet[Appointment]) -> QuerySet[Appointment]:
    return held.filter(Q(district=None) | Q(district=OuterRef("child__district")))


def _count_by_holder(rows: QuerySet[Any], holder: str) -> QuerySet[Any, Any]:
    own = rows.order_by().filter(**{holder: OuterRef("pk")})
    number: QuerySet[Any, Any] = own.values(holder).annotate(number=Count("pk")).values("number")
    return number
