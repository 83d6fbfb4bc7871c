"""Edits, adds, retires and brings back places, and reads the contacts that everybody may see."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet

from directory import history
from directory.errors import refuse
from directory.history import audited_edit
from directory.models import Allocation, Appointment, District, Inbox, Office, Provider, User
from directory.roles import Role

STILL_SERVES = "This inbox still serves a district. Give the district another inbox first."
IS_FALLBACK = "The fallback inbox cannot retire: it receives what no other inbox can."
FALLBACK_NAME = "Fallback inbox"
FALLBACK_NOTE = "Receives what no other inbox can. Its address is the setting FALLBACK_INBOX."
RETIRED_INBOX = "This inbox is retired."
HAS_RETIRED = "It is already retired."
NOT_RETIRED = "It is not retired."


@transaction.atomic
def edit_district(
    district: District,
    *,
    inbox: Inbox | None,
    note: str,
    version: int | None = None,
    by: User,
    on: date,
) -> None:
    locked = audited_edit.lock(District.objects.all(), district, version, by=by, on=on)
    refuse(RETIRED_INBOX if inbox is not None and inbox.retired_on is not None else "")
    audited_edit.save(
        locked,
        {"inbox": inbox, "note": note},
        "edited a district",
        by=by,
        on=on,
        district=locked,
        note=locked.name,
        edited_on=on,
    )


@transaction.atomic
def add_inbox(
    *, name: str, address: str, to_be_confirmed: bool = False, note: str = "", by: User, on: date
) -> Inbox:
    history.editor_appointment(by, on=on)
    after = {"address": address, "to_be_confirmed": to_be_confirmed, "note": note}
    inbox = Inbox.objects.create(
        name=name, address=address, to_be_confirmed=to_be_confirmed, note=note
    )
    history.record_change("added an inbox", inbox, by=by, on=on, after=after, note=name)
    return inbox


def fallback_inbox(*, on: date) -> Inbox:
    """Return the inbox of those who have none, added where the published list is not loaded yet."""
    if inbox := Inbox.objects.filter(is_fallback=True).first():
        return inbox
    defaults = {"name": FALLBACK_NAME, "note": FALLBACK_NOTE}
    with transaction.atomic():
        inbox, is_new = Inbox.objects.get_or_create(is_fallback=True, defaults=defaults)
        if is_new:
            verb = "added the fallback inbox"
            history.record_change(verb, inbox, by=None, on=on, note=inbox.name)
    return inbox


@transaction.atomic
def edit_inbox(
    inbox: Inbox,
    *,
    name: str,
    address: str,
    to_be_confirmed: bool,
    note: str,
    version: int | None = None,
    by: User,
    on: date,
) -> None:
    """Change an inbox; from then on loading the published list leaves it as it is."""
    locked = audited_edit.lock(Inbox.objects.all(), inbox, version, by=by, on=on)
    values = {"name": name, "address": address, "to_be_confirmed": to_be_confirmed, "note": note}
    audited_edit.save(locked, values, "edited an inbox", by=by, on=on, note=name, edited_on=on)


@transaction.atomic
def add_office(*, name: str, district: District, by: User | None, on: date) -> Office:
    history.editor_appointment(by, on=on)
    office = Office.objects.create(name=name, district=district)
    history.record_change("added an office", office, by=by, on=on, district=district, note=name)
    return office


@transaction.atomic
def edit_office(
    office: Office, *, name: str, version: int | None = None, by: User, on: date
) -> None:
    """Rename an office; it stays in its district, where its children are."""
    rows = Office.objects.select_related("district")
    locked = audited_edit.lock(rows, office, version, by=by, on=on)
    audited_edit.save(
        locked,
        {"name": name},
        "edited an office",
        by=by,
        on=on,
        district=locked.district,
        note=name,
        edited_on=on,
    )


@transaction.atomic
def add_provider(
    *,
    name: str,
    districts: Collection[District],
    is_aboriginal_controlled: bool = False,
    by: User | None,
    on: date,
) -> Provider:
    history.editor_appointment(by, on=on)
    provider = Provider.objects.create(name=name, is_aboriginal_controlled=is_aboriginal_controlled)
    provider.districts.set(districts)
    names = provider.district_names
    after = {"districts": names, "is_aboriginal_controlled": is_aboriginal_controlled}
    history.record_change("added a provider", provider, by=by, on=on, after=after, note=name)
    return provider


@transaction.atomic
def edit_provider(
    provider: Provider,
    *,
    name: str,
    districts: Collection[District],
    is_aboriginal_controlled: bool,
    version: int | None = None,
    by: User,
    on: date,
) -> None:
    locked = audited_edit.lock(Provider.objects.all(), provider, version, by=by, on=on)
    values = {"name": name, "is_aboriginal_controlled": is_aboriginal_controlled}
    before = history.values(locked)
    locked.districts.set(districts)
    locked.name, locked.is_aboriginal_controlled = name, is_aboriginal_controlled
    if history.values(locked) != before:
        audited_edit.save_new_version(locked, values)
        history.record_change("edited a provider", locked, before, by=by, on=on, note=name)


Place = Inbox | Office | Provider


def reasons_against_retiring(place: Place, *, on: date) -> list[str]:
    if place.retired_on is not None:
        return [HAS_RETIRED]
    if isinstance(place, Inbox) and place.is_fallback:
        return [IS_FALLBACK]
    if isinstance(place, Inbox) and place.districts.current(on=on).exists():
        return [STILL_SERVES]
    return []


@transaction.atomic
def retire(
    place: Place, *, retired_on: date, version: int | None = None, by: User, on: date
) -> None:
    """Retire an inbox, office or provider from this day on; what refers to it stays."""
    locked = audited_edit.lock(type(place)._default_manager, place, version, by=by, on=on)
    refuse(*reasons_against_retiring(locked, on=on))
    _set_retired_on(locked, retired_on, "retired", by=by, on=on)


@transaction.atomic
def bring_back(place: Place, *, by: User, on: date) -> None:
    locked = audited_edit.lock(type(place)._default_manager, place, by=by, on=on)
    refuse("" if locked.retired_on else NOT_RETIRED)
    _set_retired_on(locked, None, "brought back", by=by, on=on)


def _set_retired_on(
    place: Place, retired_on: date | None, verb: str, *, by: User, on: date
) -> None:
    edited_on = None if isinstance(place, Provider) else on
    values = {"retired_on": retired_on}
    audited_edit.save(place, values, verb, by=by, on=on, note=str(place), edited_on=edited_on)


def districts_without_inbox_query(*, on: date) -> QuerySet[District]:
    served = District.objects.current(on=on).filter(
        Q(inbox__retired_on=None) | Q(inbox__retired_on__gt=on), inbox__isnull=False
    )
    return District.objects.current(on=on).exclude(pk__in=served.values("pk"))


def districts_without_inbox(*, on: date) -> list[District]:
    return list(districts_without_inbox_query(on=on))


def inboxes_to_confirm(*, on: date) -> list[Inbox]:
    return list(Inbox.objects.current(on=on).filter(to_be_confirmed=True))


def inboxes_with_districts(*, on: date) -> list[Inbox]:
    """Return the current inboxes with the current districts that each serves (`serves`)."""
    districts = District.objects.current(on=on)
    return list(
        Inbox.objects.current(on=on)
        .filter(is_fallback=False)
        .prefetch_related(Prefetch("districts", districts, to_attr="serves"))
    )


@dataclass(frozen=True)
class Colleague:
    person: User
    works_with: tuple[str, ...]


@dataclass(frozen=True)
class DistrictTeam:
    """A district, or the whole state where it is None, and its Permanency Coordinators."""

    district: District | None
    coordinators: Sequence[Colleague]


def district_teams(*, on: date) -> list[DistrictTeam]:
    """Return every current district with its Permanency Coordinators, the whole state last."""
    works_with: dict[int, list[str]] = {}
    for each in Allocation.objects.in_force(on=on).select_related("office", "provider"):
        works_with.setdefault(each.person_id, []).append(str(each))
    held = (
        Appointment.objects.in_force(on=on)
        .filter(role=Role.COORDINATOR, person__is_active=True)
        .select_related("person")
        .order_by("person__name", "pk")
    )
    by_district: dict[int | None, dict[int, Colleague]] = {}
    for appointment in held:
        person = appointment.person
        by_district.setdefault(appointment.district_id, {})[person.pk] = Colleague(
            person, tuple(sorted(works_with.get(person.pk, [])))
        )
    found = [
        DistrictTeam(district, tuple(by_district.get(district.pk, {}).values()))
        for district in District.objects.current(on=on)
    ]
    if None in by_district:
        found.append(DistrictTeam(None, tuple(by_district[None].values())))
    return found
