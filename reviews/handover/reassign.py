"""Gives the open work of somebody who leaves or moves to others, in one step.

Who endorsed, recorded or decided stays on the record: only what is still to do changes hands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.db import transaction

from consultations.models import Consultation
from directory import history
from directory.database import row_security
from directory.errors import StepNotAllowedError
from directory.models import Allocation, Appointment, User
from directory.people import appointments
from permanency.models import Action, Child
from reviews.handover.open_work import ACTION, ALLOCATION, DRAFT, Piece, open_work

WORK_HAS_CHANGED = (
    "Some of this work has been done or given to somebody else since you opened the page."
)
SUCCESSOR_DOES_NOT_FIT = "{} no longer holds an appointment that fits."
SUCCESSOR_DOES_NOT_SEE = (
    "{} does not see every case that is about this work, so it cannot go to them."
)
NEW_OWNER = "gave an action a new owner"
NEW_AUTHOR = "gave a draft of a consultation a new author"

# Who takes over which pieces: the key of a share, and there the person and the pieces' keys.
Handover = Mapping[str, tuple[User, frozenset[str]]]


@transaction.atomic
def reassign_work(person: User, handover: Handover, *, by: User, on: date) -> int:
    """Give the chosen pieces of a person's work to their successors, and return how many.

    StepNotAllowedError where a piece is no longer the person's, or where a successor no longer fits
    or would not see a case; then nothing moves.
    """
    authority = history.editor_appointment(by, on=on)
    people = {person.pk, *(successor.pk for successor, _ in handover.values())}
    list(User.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk"))
    with row_security.as_system():
        moving = list(_pieces_with_successors(person, handover, on=on))
        _lock_cases(piece for piece, _ in moving)
        # Under the locks nothing moves any more: what was read before them is read again.
        if set(_pieces_with_successors(person, handover, on=on)) != set(moving):
            raise StepNotAllowedError(WORK_HAS_CHANGED)
        _check_visibility(moving, on=on)
        history.lock_chains(None, *(place for piece, _ in moving for place in piece.districts))
        for piece, successor in moving:
            _reassign_piece(piece, successor, person, by=by, on=on, authority=authority)
    return len(moving)


def _pieces_with_successors(
    person: User, handover: Handover, *, on: date
) -> Iterable[tuple[Piece, User]]:
    shares = {share.key: share for share in open_work(person, on=on).shares}
    for key, (successor, chosen) in handover.items():
        share = shares.get(key)
        pieces = [piece for piece in share.pieces if piece.key in chosen] if share else []
        if share is None or len(pieces) != len(chosen):
            raise StepNotAllowedError(WORK_HAS_CHANGED)
        if successor not in share.successors:
            raise StepNotAllowedError(SUCCESSOR_DOES_NOT_FIT.format(successor.name))
        yield from ((piece, successor) for piece in pieces)


def _lock_cases(pieces: Iterable[Piece]) -> None:
    keys: dict[str, list[int]] = {ACTION: [], DRAFT: []}
    children = set()
    for piece in pieces:
        if piece.child_number is not None:
            keys[piece.kind].append(piece.pk)
            children.add(piece.child_number)
    list(Child.objects.select_for_update().filter(pk__in=children).order_by("pk"))
    list(Action.objects.select_for_update().filter(pk__in=keys[ACTION]).order_by("pk"))
    list(Consultation.objects.select_for_update().filter(pk__in=keys[DRAFT]).order_by("pk"))


def _check_visibility(moving: Iterable[tuple[Piece, User]], *, on: date) -> None:
    children: dict[User, set[int]] = {}
    for piece, successor in moving:
        if piece.child_number is not None:
            children.setdefault(successor, set()).add(piece.child_number)
    for successor, numbers in children.items():
        seen = Child.objects.visible_to(successor, on=on).filter(pk__in=numbers).count()
        if seen != len(numbers):
            raise StepNotAllowedError(SUCCESSOR_DOES_NOT_SEE.format(successor.name))


def _reassign_piece(
    piece: Piece,
    successor: User,
    person: User,
    *,
    by: User,
    on: date,
    authority: Appointment | None,
) -> None:
    row: Action | Consultation
    if piece.kind == ALLOCATION:
        _reassign_allocation(Allocation.objects.get(pk=piece.pk), successor, by=by, on=on)
        return
    if piece.kind == ACTION:
        # What was agreed, and who was to do it then, stays as the record has it.
        action = Action.objects.select_related("child__district").get(pk=piece.pk)
        action.owner = successor
        action.save(update_fields=["owner"])
        row, verb, role = action, NEW_OWNER, "owner"
    else:
        draft = Consultation.objects.select_related("child__district").get(pk=piece.pk)
        draft.by, draft.version = successor, draft.version + 1
        draft.save(update_fields=["by", "version"])
        row, verb, role = draft, NEW_AUTHOR, "author"
    before, after = {role: person.name}, {role: successor.name}
    history.record_change(verb, row, before, after=after, by=by, on=on, appointment=authority)


def _reassign_allocation(allocation: Allocation, successor: User, *, by: User, on: date) -> None:
    last_day = max(allocation.starts_on, on - timedelta(days=1))
    planned_end = allocation.ends_on
    appointments.end_allocation(allocation, ends_on=last_day, by=by, on=on)
    place = allocation.office or allocation.provider
    assert place is not None  # noqa: S101  # an allocation names an office or a provider
    held = successor.allocations.in_force(on=on)
    if not held.filter(office=allocation.office_id, provider=allocation.provider_id).exists():
        appointments.allocate(successor, place, starts_on=on, ends_on=planned_end, by=by, on=on)
