"""Registering children and keeping their details right, the least that is needed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.db.models import Q

from directory import history, names
from directory.database import row_security
from directory.database.constraints import why_refused
from directory.database.named_locks import lock_names
from directory.errors import StaleEditError, StepNotAllowedError, refuse
from directory.models import District, Office, Provider, User
from directory.roles import CaseManagement
from permanency.care.services import enter_care
from permanency.goals import lifecycle, store
from permanency.models import Child, check_may_write
from permanency.models.children import NAME_FIELDS, ChildQuerySet
from permanency.policy.months import DateOutOfRangeError, check_year

EDITED = "changed the child's details"
RECEIVED = "took the case over from another district"
REGISTERED = "registered the child"
LONGEST_ID = 8
CHILDSTORY_ID = re.compile(r"[A-Z0-9]{1,8}")
# The same words whoever holds the ID: they tell nothing about a child of another district.
ID_NOT_USABLE = (
    "This ChildStory ID cannot be used here. If you think it is right, ask the Manager Practice "
    "and Permanency."
)


def in_capitals(childstory_id: str) -> str:
    """Return an ID in capitals, but not one beyond ASCII: "ß" would be the ID "SS" of another."""
    return childstory_id.upper() if childstory_id.isascii() else childstory_id


def with_zeros(childstory_id: str) -> list[str]:
    """Return an ID as it may have been before a spreadsheet took its first zeros away, or added."""
    digits = childstory_id.lstrip("0")
    return [digits.zfill(length) for length in range(len(digits), LONGEST_ID + 1)]


def with_key(children: ChildQuerySet, typed: str) -> list[Child]:
    """Return the child with this ChildStory ID or case reference, or those with it but for zeros.

    What stands between the letters of a reference, or of an ID that has a digit, is left out.
    """
    said, joined = in_capitals(typed.strip()), in_capitals("".join(filter(str.isalnum, typed)))
    ids = {said, joined} if any(map(str.isdigit, joined)) else {said}
    near = with_zeros(joined) if joined else []
    found = list(children.filter(Q(childstory_id__in=[*ids, *near]) | Q(reference=joined)))
    return [
        each for each in found if each.childstory_id in ids or each.reference == joined
    ] or found


class ChildFields(TypedDict, total=False):
    childstory_id: str
    first_name: str
    last_name: str
    born_on: date
    aboriginal_status: str
    cald: str
    district: District
    office: Office | None
    case_managed_by: str
    provider: Provider | None
    caseworker: str
    caseworker_organisation: str
    died_on: date | None
    left_state_on: date | None


FIELDS = tuple(ChildFields.__annotations__)
PLACES = ("district", "office", "provider")
# A change of one of these may move or end the dates of the goal.
MOVES_THE_CLOCKS = frozenset({"born_on", "died_on", "left_state_on"})
# An endorsement rests on these: who manages the case, where, in which order of options (rule 9).
MOVES_THE_CASE = frozenset({"case_managed_by", "provider", "district", "aboriginal_status"})


class IdNotUsableError(StepNotAllowedError):
    """The ChildStory ID is held by another child, perhaps one that the person may not see."""

    def __init__(self) -> None:
        super().__init__(ID_NOT_USABLE)


def child_errors(facts: Mapping[str, Any], *, on: date) -> dict[str, str]:
    """Return what is wrong with a child's facts, by field, for the form and for an import."""
    errors = _day_errors(facts, on=on)
    if not CHILDSTORY_ID.fullmatch(str(facts.get("childstory_id") or "")):
        errors["childstory_id"] = "Use 1 to 8 letters or digits."
    if not any(str(facts.get(name) or "").strip() for name in NAME_FIELDS):
        errors["first_name"] = "Enter the child's first name, last name, or both."
    office, district = facts.get("office"), facts.get("district")
    if office is not None and district is not None and office.district_id != district.pk:
        errors["office"] = f"{office} is not an office of {district}."
    if facts.get("provider") is not None and facts.get("case_managed_by") != CaseManagement.PSP:
        errors["provider"] = "Choose a provider only where a PSP provider manages the case."
    return errors


def _day_errors(facts: Mapping[str, Any], *, on: date) -> dict[str, str]:
    errors = {}
    born_on = facts.get("born_on")
    for name, what in (
        ("born_on", "The date of birth"),
        ("died_on", "The date of death"),
        ("left_state_on", "The date of leaving the state"),
    ):
        day = facts.get(name)
        if day is None:
            continue
        try:
            check_year(day)
        except DateOutOfRangeError as error:
            errors[name] = str(error)
            continue
        if day > on:
            errors[name] = f"{what} must not be in the future."
        elif born_on is not None and day < born_on:
            errors[name] = f"{what} must not be before the child was born."
    return errors


def alike(children: ChildQuerySet, *registered: Mapping[str, Any]) -> list[list[Child]]:
    """Return, for each child to be registered, those of these children who may be the same.

    They have the ID but for its first zeros, or the name, the birth date and the district.
    """
    ids = {each for facts in registered for each in with_zeros(facts["childstory_id"])}
    born_on = {facts["born_on"] for facts in registered}
    districts = {facts["district"] for facts in registered}
    near = Q(childstory_id__in=ids) | Q(born_on__in=born_on, district__in=districts)
    by_key: dict[object, list[Child]] = defaultdict(list)
    for child in children.filter(near).select_related("district"):
        for key in likeness(**{name: getattr(child, name) for name in FIELDS}):
            by_key[key].append(child)
    found = (
        [child for key in likeness(**facts) for child in by_key.get(key, ())]
        for facts in registered
    )
    return [list(dict.fromkeys(some)) for some in found]


def lock_alike(**facts: Unpack[ChildFields]) -> None:
    """Let nobody else register or edit a child who may be the same until this is saved."""
    lock_names(*(f"child:{key}" for key in likeness(**facts)))


def likeness(
    *,
    childstory_id: str,
    born_on: date,
    district: District,
    first_name: str = "",
    last_name: str = "",
    **others: object,
) -> tuple[object, object]:
    """Return what two children have in common, one of it at least, who may be the same child."""
    name = names.name_key(first_name, last_name)
    return childstory_id.lstrip("0"), (name, born_on, district.pk)


@transaction.atomic
def register_child(*, by: User | None, on: date, **facts: Unpack[ChildFields]) -> Child:
    """Return a new child; IdNotUsableError where another child holds the ChildStory ID."""
    check_may_write(by, facts["district"], on=on)
    refuse(*child_errors(facts, on=on).values())
    child = Child(**facts)
    _save_child(child)
    after = {
        name: value for name, value in history.values(child).items() if value not in (None, "")
    }
    history.record_change(REGISTERED, child, after=after, by=by, on=on)
    return child


@transaction.atomic
def edit_child(
    child: Child, *, changes: ChildFields, version: int, by: User | None, on: date, note: str = ""
) -> Child:
    """Return the child changed, its dates with it; StaleEditError where `version` is an old one."""
    locked = store.lock_child(child)
    check_may_write(by, locked.district, on=on)
    if locked.version != version:
        raise StaleEditError("Somebody else has changed these details since you opened them.")
    before, left = history.values(locked), locked.district
    for name, value in changes.items():
        setattr(locked, name, value)
    errors = child_errors({name: getattr(locked, name) for name in FIELDS}, on=on)
    refuse(*errors.values())
    _, now = history.changes(before, history.values(locked))
    if not now:
        return locked
    history.lock_chains(left, locked.district)
    locked.version = version + 1
    # A case that moves to another district is out of the writer's sight before all is written.
    with row_security.as_system():
        _save_child(locked)
        history.record_change(EDITED, locked, before, by=by, on=on, district=left, note=note)
        if locked.district_id != left.pk:
            # Each of the two histories says that its children are others now.
            after = {"district": locked.district.name}
            appointment = history.acting_appointment(by, left, on=on)
            history.record_change(
                RECEIVED, locked, after=after, by=by, on=on, appointment=appointment
            )
        if MOVES_THE_CASE.intersection(now):
            lifecycle.case_moved.send(Child, child=locked, by=by, on=on)
        if MOVES_THE_CLOCKS.intersection(now):
            lifecycle.refresh_clocks(locked, by=by, on=on)
    return locked


def _save_child(child: Child) -> None:
    try:
        with transaction.atomic():
            if child.pk is None:
                child.save(force_insert=True)
            else:
                child.save(update_fields=[*FIELDS, "version"])
    except IntegrityError as error:
        held = Child.objects.filter(childstory_id=child.childstory_id).exclude(pk=child.pk)
        # The other child may be one that the writer does not see.
        with row_security.as_system():
            is_held = held.exists()
        if is_held:
            raise IdNotUsableError from None
        raise StepNotAllowedError(f"This was not saved: {why_refused(error)}") from error


@transaction.atomic
def register_in_care(
    *, entered_care_on: date | None, by: User | None, on: date, **facts: Unpack[ChildFields]
) -> Child:
    child = register_child(by=by, on=on, **facts)
    if entered_care_on is not None:
        enter_care(child, entered_on=entered_care_on, by=by, on=on)
    return child
