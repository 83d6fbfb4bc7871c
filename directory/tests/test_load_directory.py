"""Loading the published list: first time, again, after edits, and with another list."""

from dataclasses import replace
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from directory.models import District, HistoryEntry, Inbox, Office, User
from directory.places import services as places
from directory.places.published_list import PUBLISHED, LoadReport, PublishedList, load
from directory.places.services import districts_without_inbox, inboxes_to_confirm

DAY = date(2026, 5, 14)
LATER = date(2026, 6, 1)

pytestmark = pytest.mark.django_db


def loaded(published: PublishedList = PUBLISHED, *, on: date = DAY) -> LoadReport:
    return load(published, by=None, on=on)


def without_inbox_key(key: str) -> PublishedList:
    """Return a list in which this inbox is gone and its districts have none."""
    return PublishedList(
        tuple(each for each in PUBLISHED.inboxes if each.key != key),
        tuple(
            replace(each, inbox=None) if each.inbox == key else each for each in PUBLISHED.districts
        ),
    )


def test_an_empty_database_gets_sixteen_districts_and_eight_inboxes() -> None:
    loaded()
    assert District.objects.count() == 16
    assert Inbox.objects.filter(is_fallback=False).count() == 8
    assert Inbox.objects.get(is_fallback=True).address == ""
    assert (
        District.objects.get(slug="hunter").inbox
        == District.objects.get(slug="central-coast").inbox
    )
    assert District.objects.get(slug="far-west").time_zone == "Australia/Broken_Hill"
    assert all(district.offices.exists() for district in District.objects.all())


def test_fourteen_districts_have_an_inbox_and_two_are_a_visible_gap() -> None:
    loaded()
    assert District.objects.exclude(inbox=None).count() == 14
    gaps = districts_without_inbox(on=DAY)
    assert [district.name for district in gaps] == ["Far West", "Murrumbidgee"]
    assert {district.note for district in gaps} == {"Inbox not published"}


def test_repaired_addresses_are_whole_and_to_be_confirmed() -> None:
    loaded()
    addresses = Inbox.objects.filter(is_fallback=False).values_list("address", flat=True)
    assert not [each for each in addresses if " " in each or "\\" in each or "@" not in each]
    assert {each.address for each in inboxes_to_confirm(on=DAY)} == {
        "SSESNS_SWSPermanencySupport@facs.nsw.gov.au",
        "WSNBMPermanencySupport@facs.nsw.gov.au",
    }


def test_every_row_that_the_list_adds_is_named_in_the_history() -> None:
    report = loaded()
    added = HistoryEntry.objects.filter(verb="added from the published list")
    rows = [*Inbox.objects.all(), *District.objects.all(), *Office.objects.all()]
    assert {(entry.subject, entry.note) for entry in added} == {
        (f"{row._meta.verbose_name} {row.pk}", str(row)) for row in rows
    }
    assert len(added) == len(rows) == report.total("added")
    hunter = added.get(note="Hunter")
    assert (hunter.by, hunter.on, hunter.before) == (None, DAY, {})
    assert hunter.after["inbox"] == "Hunter and Central Coast"


def test_a_fallback_that_was_added_before_joins_the_list_unchanged() -> None:
    known = places.fallback_inbox(on=DAY)
    report = loaded()
    assert Inbox.objects.get(is_fallback=True) == known
    assert report.counts["inbox"] == {"added": 8, "unchanged": 1}


def test_loading_again_changes_nothing_and_writes_no_history() -> None:
    loaded()
    entries = HistoryEntry.objects.count()
    report = loaded(on=LATER)
    assert report.total("added", "changed", "retired", "kept") == 0
    assert report.total("unchanged") == 16 + 9 + Office.objects.count()
    assert HistoryEntry.objects.count() == entries


def test_an_edited_address_stays_and_the_report_says_so(administrator: User) -> None:
    loaded()
    inbox = Inbox.objects.get(name="Northern NSW")
    places.edit_inbox(
        inbox,
        name=inbox.name,
        address="new@example.org",
        to_be_confirmed=False,
        note="",
        by=administrator,
        on=DAY,
    )
    report = loaded(on=LATER)
    inbox.refresh_from_db()
    assert inbox.address == "new@example.org"
    assert report.left_alone == [
        "Inbox Northern NSW, address: was edited here and stays new@example.org; "
        "the list says NNSWPermanency@facs.nsw.gov.au."
    ]


def test_a_district_that_was_given_an_inbox_keeps_it(administrator: User) -> None:
    loaded()
    western = Inbox.objects.get(name="Western NSW")
    far_west = District.objects.get(slug="far-west")
    places.edit_district(far_west, inbox=western, note="", by=administrator, on=DAY)
    report = loaded(on=LATER)
    far_west.refresh_from_db()
    assert far_west.inbox == western
    assert any("Far West, inbox" in sentence for sentence in report.left_alone)
    assert [district.name for district in districts_without_inbox(on=LATER)] == ["Murrumbidgee"]


def test_an_address_that_nobody_edited_follows_the_list() -> None:
    loaded()
    moved = PublishedList(
        tuple(
            replace(each, address="moved@example.org") if each.key == "new-england" else each
            for each in PUBLISHED.inboxes
        ),
        PUBLISHED.districts,
    )
    report = loaded(moved, on=LATER)
    assert Inbox.objects.get(name="New England").address == "moved@example.org"
    assert report.counts["inbox"] == {"changed": 1, "unchanged": 8}
    entry = HistoryEntry.objects.first()
    assert entry is not None
    assert entry.before == {"address": "NewEnglandPermanencySupportTeam@facs.nsw.gov.au"}
    assert entry.after == {"address": "moved@example.org"}
    assert entry.child_number is None


def test_what_leaves_the_list_is_retired_on_the_day_and_comes_back_with_it() -> None:
    loaded()
    report = loaded(without_inbox_key("new-england"), on=LATER)
    inbox = Inbox.objects.get(name="New England")
    assert inbox.retired_on == LATER
    assert report.counts["inbox"]["retired"] == 1
    assert "New England" in {district.name for district in districts_without_inbox(on=LATER)}
    loaded(on=LATER)
    inbox.refresh_from_db()
    assert inbox.retired_on is None


def test_an_inbox_that_still_serves_a_district_does_not_retire(administrator: User) -> None:
    loaded()
    armidale = District.objects.get(slug="new-england")
    places.edit_district(
        armidale, inbox=armidale.inbox, note="Confirmed by telephone", by=administrator, on=DAY
    )
    report = loaded(without_inbox_key("new-england"), on=LATER)
    assert Inbox.objects.get(name="New England").retired_on is None
    assert "Inbox New England left the list but still serves a district." in report.left_alone


def test_what_a_person_added_is_left_alone(administrator: User) -> None:
    loaded()
    hunter = District.objects.get(slug="hunter")
    office = places.add_office(name="Singleton", district=hunter, by=administrator, on=DAY)
    inbox = places.add_inbox(name="Ours", address="ours@example.org", by=administrator, on=DAY)
    only = replace(PUBLISHED.districts[0], inbox=None)
    report = loaded(PublishedList((), (only,)), on=LATER)
    office.refresh_from_db()
    inbox.refresh_from_db()
    assert office.retired_on is None
    assert inbox.retired_on is None
    assert report.counts["district"]["retired"] == 15


def test_an_office_added_before_the_list_named_it_is_not_doubled(administrator: User) -> None:
    loaded(PublishedList((), (replace(PUBLISHED.districts[0], inbox=None, offices=()),)))
    coast = District.objects.get()
    office = places.add_office(name="Tuggerah", district=coast, by=administrator, on=DAY)
    loaded(on=LATER)
    assert list(Office.objects.filter(district=coast)) == [office]


def test_a_renamed_office_is_not_doubled(administrator: User) -> None:
    loaded()
    office = Office.objects.get(name="Tuggerah")
    places.edit_office(office, name="Tuggerah Central", by=administrator, on=DAY)
    report = loaded(on=LATER)
    assert Office.objects.filter(district=office.district).count() == 1
    assert report.counts["office"]["kept"] == 1


def test_a_district_made_before_the_list_was_loaded_joins_it(hunter: District) -> None:
    loaded()
    hunter.refresh_from_db()
    assert hunter.inbox is not None
    assert District.objects.count() == 16


def test_the_command_says_what_it_did_and_what_is_missing() -> None:
    said = StringIO()
    call_command("load_directory", stdout=said)
    lines = said.getvalue().splitlines()
    assert "District: 16 looked at, 16 added." in lines
    assert sum(line.startswith("Gap: ") and "has no inbox" in line for line in lines) == 2
    assert sum(line.startswith("To be confirmed: ") for line in lines) == 2
