"""The directory as published, loaded as often as wanted.

Inboxes and the districts they serve: the department's Permanency Coordinator contact list. It names
eight inboxes for fourteen of the sixteen districts. Two addresses reached us damaged (a stray
backslash; spaces); they are repaired here and marked as to be confirmed. Offices are a sample: no
list of the Community Services Centres by district is published, and the real ones are to be
confirmed with each district.

A row is found by its key in the list; what the list no longer names is retired, never deleted. A
row that a person has edited is left as it is, and the report says where it differs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model

from directory import history
from directory.clock import SYDNEY
from directory.history import audited_edit
from directory.models import District, HistoryEntry, Inbox, Office, User
from directory.places.services import FALLBACK_NAME, FALLBACK_NOTE

FALLBACK_KEY = "fallback"
NOT_PUBLISHED = "Inbox not published"


@dataclass(frozen=True)
class ListedInbox:
    """An inbox of the contact list; `repaired` says what was repaired in its address."""

    key: str
    name: str
    address: str
    repaired: str = ""


@dataclass(frozen=True)
class ListedDistrict:
    slug: str
    name: str
    inbox: str | None
    offices: tuple[str, ...]
    time_zone: str = SYDNEY


@dataclass(frozen=True)
class PublishedList:
    inboxes: tuple[ListedInbox, ...]
    districts: tuple[ListedDistrict, ...]


INBOXES = (
    ListedInbox(
        "hunter-central-coast",
        "Hunter and Central Coast",
        "PermanencySupportHunterCentralCoast@facs.nsw.gov.au",
    ),
    ListedInbox("new-england", "New England", "NewEnglandPermanencySupportTeam@facs.nsw.gov.au"),
    ListedInbox(
        "illawarra-shoalhaven-southern",
        "Illawarra Shoalhaven and Southern NSW",
        "ISSNSWPermanencySupport@facs.nsw.gov.au",
    ),
    ListedInbox("mid-north-coast", "Mid North Coast", "MNCPermanency@facs.nsw.gov.au"),
    ListedInbox("northern-nsw", "Northern NSW", "NNSWPermanency@facs.nsw.gov.au"),
    ListedInbox("western-nsw", "Western NSW", "WesternPractice.Permanency@facs.nsw.gov.au"),
    ListedInbox(
        "sydney-south-eastern-northern-south-western",
        "Sydney, South Eastern, Northern and South Western Sydney",
        "SSESNS_SWSPermanencySupport@facs.nsw.gov.au",
        repaired="Repaired: the list shows a backslash before the underscore.",
    ),
    ListedInbox(
        "western-sydney-nepean-blue-mountains",
        "Western Sydney and Nepean Blue Mountains",
        "WSNBMPermanencySupport@facs.nsw.gov.au",
        repaired="Repaired: the list shows spaces inside the address.",
    ),
)

DISTRICTS = (
    ListedDistrict("central-coast", "Central Coast", "hunter-central-coast", ("Tuggerah",)),
    ListedDistrict(
        "far-west", "Far West", None, ("Broken Hill", "Dareton"), time_zone="Australia/Broken_Hill"
    ),
    ListedDistrict(
        "hunter",
        "Hunter",
        "hunter-central-coast",
        ("Cessnock", "Charlestown", "Maitland", "Mayfield", "Muswellbrook", "Raymond Terrace"),
    ),
    ListedDistrict(
        "illawarra-shoalhaven",
        "Illawarra Shoalhaven",
        "illawarra-shoalhaven-southern",
        ("Nowra", "Shellharbour", "Wollongong"),
    ),
    ListedDistrict(
        "mid-north-coast",
        "Mid North Coast",
        "mid-north-coast",
        ("Coffs Harbour", "Kempsey", "Port Macquarie", "Taree"),
    ),
    ListedDistrict(
        "murrumbidgee", "Murrumbidgee", None, ("Albury", "Deniliquin", "Griffith", "Wagga Wagga")
    ),
    ListedDistrict(
        "nepean-blue-mountains",
        "Nepean Blue Mountains",
        "western-sydney-nepean-blue-mountains",
        ("Hawkesbury", "Lithgow", "Penrith", "St Marys"),
    ),
    ListedDistrict(
        "new-england", "New England", "new-england", ("Armidale", "Inverell", "Moree", "Tamworth")
    ),
    ListedDistrict(
        "northern-nsw",
        "Northern NSW",
        "northern-nsw",
        ("Ballina", "Grafton", "Lismore", "Tweed Heads"),
    ),
    ListedDistrict(
        "northern-sydney",
        "Northern Sydney",
        "sydney-south-eastern-northern-south-western",
        ("Pymble",),
    ),
    ListedDistrict(
        "south-eastern-sydney",
        "South Eastern Sydney",
        "sydney-south-eastern-northern-south-western",
        ("Eastern Sydney", "St George", "Sutherland"),
    ),
    ListedDistrict(
        "south-western-sydney",
        "South Western Sydney",
        "sydney-south-eastern-northern-south-western",
        ("Bankstown", "Campbelltown", "Fairfield", "Ingleburn", "Liverpool"),
    ),
    ListedDistrict(
        "southern-nsw",
        "Southern NSW",
        "illawarra-shoalhaven-southern",
        ("Batemans Bay", "Bega", "Goulburn", "Queanbeyan"),
    ),
    ListedDistrict(
        "sydney",
        "Sydney",
        "sydney-south-eastern-northern-south-western",
        ("Burwood", "Central Sydney", "Lakemba"),
    ),
    ListedDistrict(
        "western-nsw",
        "Western NSW",
        "western-nsw",
        ("Bathurst", "Bourke", "Dubbo", "Orange", "Walgett"),
    ),
    ListedDistrict(
        "western-sydney",
        "Western Sydney",
        "western-sydney-nepean-blue-mountains",
        ("Auburn", "Blacktown", "Mt Druitt", "Parramatta"),
    ),
)

PUBLISHED = PublishedList(INBOXES, DISTRICTS)


ListedRow = TypeVar("ListedRow", Inbox, District, Office)


@dataclass
class LoadReport:
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    left_alone: list[str] = field(default_factory=list)

    def count(self, row: Inbox | District | Office, outcome: str) -> None:
        self.counts.setdefault(_kind(row), Counter())[outcome] += 1

    def total(self, *outcomes: str) -> int:
        return sum(each[outcome] for each in self.counts.values() for outcome in outcomes)


def _kind(row: Inbox | District | Office) -> str:
    return str(row._meta.verbose_name)


class _Loader:
    def __init__(self, published: PublishedList, *, by: User | None, on: date) -> None:
        self.published, self.by, self.on = published, by, on
        self.report = LoadReport()
        self.entries: list[HistoryEntry] = []
        self.inboxes: dict[str, Inbox] = {}
        self.named: dict[type[Inbox | District | Office], set[str]] = {}

    def find_row(self, model: type[ListedRow], key: str, **natural: Any) -> ListedRow:
        self.named.setdefault(model, set()).add(key)
        rows = model.objects.select_for_update(no_key=True)
        row = rows.filter(list_key=key).first() or rows.filter(list_key="", **natural).first()
        if row is None:
            return model()
        if row.list_key == "":
            row.list_key = key
            if isinstance(row, Office) or (isinstance(row, Inbox) and not row.is_fallback):
                row.edited_on = row.edited_on or self.on
            row.save(update_fields=["list_key", "edited_on"])
        return row

    def update_row(self, row: Inbox | District | Office, key: str, **values: Any) -> None:
        if row.pk is None:
            for column, value in {**values, "list_key": key}.items():
                setattr(row, column, value)
            row.save(force_insert=True)
            self._record("added from the published list", row, {}, values)
            self.report.count(row, "added")
            return
        now = {**{column: getattr(row, column) for column in values}, "retired_on": row.retired_on}
        old, new = history.changes(now, {**values, "retired_on": None})
        if new and row.edited_on is not None:
            self._keep(row, old, new)
        elif new:
            self._change(row, "changed to what the list says", "changed", old, new)
        else:
            self.report.count(row, "unchanged")

    def retire_unlisted(self, model: type[ListedRow]) -> None:
        rows = (
            model.objects.select_for_update(no_key=True)
            .filter(retired_on=None)
            .exclude(list_key="")
        )
        for row in rows.exclude(list_key__in=self.named.get(model, ())):
            if isinstance(row, Inbox) and row.districts.current(on=self.on).exists():
                self.report.count(row, "kept")
                self.report.left_alone.append(
                    f"Inbox {row} left the list but still serves a district."
                )
                continue
            retired = {"retired_on": self.on}
            self._change(row, "retired, no longer on the list", "retired", {}, retired)

    def _keep(self, row: Any, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        self.report.count(row, "kept")
        for column, value in new.items():
            self.report.left_alone.append(
                f"{_kind(row).capitalize()} {row}, {column.replace('_', ' ')}: "
                f"was edited here and stays {old[column] or 'empty'}; "
                f"the list says {value or 'nothing'}."
            )

    def _change(
        self,
        row: Any,
        verb: str,
        outcome: str,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
    ) -> None:
        audited_edit.save_new_version(row, after)
        self._record(verb, row, before, after)
        self.report.count(row, outcome)

    def _record(
        self, verb: str, row: Any, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> None:
        named = {k: str(value) if isinstance(value, Model) else value for k, value in after.items()}
        act = history.Act(by=self.by, on=self.on, before=before, after=named, note=str(row))
        self.entries.append(history.new_entry(verb, f"{_kind(row)} {row.pk}", **act))


def _load_inboxes(loading: _Loader) -> None:
    fallback = loading.find_row(Inbox, FALLBACK_KEY, is_fallback=True)
    loading.update_row(
        fallback, FALLBACK_KEY, name=FALLBACK_NAME, is_fallback=True, note=FALLBACK_NOTE
    )
    for each in loading.published.inboxes:
        row = loading.find_row(Inbox, each.key, name=each.name)
        loading.update_row(
            row,
            each.key,
            name=each.name,
            address=each.address,
            to_be_confirmed=bool(each.repaired),
            note=each.repaired,
        )
        loading.inboxes[each.key] = row


def _load_districts(loading: _Loader) -> None:
    for each in loading.published.districts:
        row = loading.find_row(District, each.slug, slug=each.slug)
        loading.update_row(
            row,
            each.slug,
            name=each.name,
            slug=each.slug,
            time_zone=each.time_zone,
            inbox=loading.inboxes[each.inbox] if each.inbox else None,
            note="" if each.inbox else NOT_PUBLISHED,
        )
        for name in each.offices:
            key = f"{each.slug}/{name}"
            loading.update_row(
                loading.find_row(Office, key, district=row, name=name), key, district=row, name=name
            )


@transaction.atomic
def load(published: PublishedList, *, by: User | None, on: date) -> LoadReport:
    """Take the published list into the directory and return what was done and what was left."""
    loading = _Loader(published, by=by, on=on)
    _load_inboxes(loading)
    _load_districts(loading)
    loading.retire_unlisted(Office)
    loading.retire_unlisted(District)
    loading.retire_unlisted(Inbox)
    report = loading.report
    history.record_many(loading.entries)
    if added := report.total("added"):
        history.record(
            "loaded the published list", "directory", by=by, on=on, after={"added": added}
        )
    return report
