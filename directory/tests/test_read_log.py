"""The read log: rows are only added, name children by number, and answer two questions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django import forms
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import RequestFactory

from directory.database import append_only
from directory.history import access_log
from directory.history.access_log import Kind, ReadEvent
from directory.models import District, ReadEntry, User
from directory.request_notes import notes_of

TABLE = "directory_readentry"
TODAY = date(2026, 5, 14)


@pytest.fixture
def entry(coordinator: User) -> ReadEntry:
    """Return the row of one look at the record of child 7."""
    return _wrote(coordinator, ReadEvent(Kind.RECORD, child_number=7))


def _wrote(by: User, *reads: ReadEvent) -> ReadEntry:
    assert access_log.write_reads(reads, by=by, on=TODAY, route="child") == len(reads)
    return ReadEntry.objects.latest("pk")


def by_save(entry: ReadEntry) -> None:
    entry.route = "something else"
    entry.save(update_fields=["route"])


def by_update(entry: ReadEntry) -> None:
    ReadEntry.objects.update(route="something else")


def by_delete(entry: ReadEntry) -> None:
    ReadEntry.objects.all().delete()


def by_raw_delete(entry: ReadEntry) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM directory_readentry")


EVERY_WAY = [by_save, by_update, by_delete, by_raw_delete]


def test_a_migration_guards_the_log(tables_guarded_by_migrations: frozenset[str]) -> None:
    assert TABLE in tables_guarded_by_migrations


@pytest.mark.parametrize("change", EVERY_WAY)
def test_nobody_changes_or_removes_what_was_read(
    entry: ReadEntry, change: Callable[[ReadEntry], None]
) -> None:
    connection.check_constraints()  # PostgreSQL alters no table with checks still to come
    append_only.install(connection, TABLE)
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        change(entry)
    assert ReadEntry.objects.get().route == "child"


@pytest.mark.parametrize("change", EVERY_WAY)
def test_it_is_the_trigger_that_refuses(
    entry: ReadEntry, change: Callable[[ReadEntry], None]
) -> None:
    change(entry)
    assert not ReadEntry.objects.filter(route="child").exists()


@pytest.mark.parametrize("read", [ReadEvent(Kind.RECORD), ReadEvent(Kind.LIST, child_number=7)])
def test_exactly_the_read_of_a_record_names_one_child(coordinator: User, read: ReadEvent) -> None:
    with pytest.raises(IntegrityError, match="a_read_names_one_child"), transaction.atomic():
        access_log.write_reads([read], by=coordinator, on=TODAY, route="child")


def test_a_child_is_found_on_its_record_and_on_every_list(coordinator: User) -> None:
    record = _wrote(coordinator, ReadEvent(Kind.RECORD, child_number=7))
    listed = _wrote(coordinator, ReadEvent(Kind.LIST, shown=(3, 7, 17)))
    found = _wrote(coordinator, ReadEvent(Kind.SEARCH, shown=(7,)))
    for other in (
        ReadEvent(Kind.RECORD, child_number=17),
        ReadEvent(Kind.LIST, shown=(17, 77, 70)),
    ):
        _wrote(coordinator, other)
    _wrote(coordinator, ReadEvent(Kind.LIST))
    assert set(ReadEntry.objects.of_child(7)) == {record, listed, found}
    assert ReadEntry.objects.of_child(1).count() == 0


def test_a_time_is_from_the_first_moment_until_before_the_last(entry: ReadEntry) -> None:
    moment = entry.at
    second = timedelta(seconds=1)
    assert ReadEntry.objects.between(moment, moment + second).count() == 1
    assert ReadEntry.objects.between(moment - second, moment).count() == 0


def test_what_is_noted_twice_is_read_once() -> None:
    request = RequestFactory().get("/")
    access_log.add_read(request, ReadEvent(Kind.RECORD, child_number=7))
    access_log.add_read(request, ReadEvent(Kind.RECORD, child_number=7))
    access_log.add_read(request, ReadEvent(Kind.RECORD, child_number=8))
    assert [each.child_number for each in notes_of(request).reads] == [7, 8]


@pytest.mark.parametrize("status", [200, 206, 304, 409, 422])
def test_an_answer_that_shows_a_record_is_a_read(status: int) -> None:
    expected = status != 304  # it holds nothing that was not sent, and logged, before
    assert ReadEvent(Kind.RECORD, child_number=7).is_shown_by(status) is expected


@pytest.mark.parametrize("status", [302, 303, 403, 404, 405, 500, 503])
def test_an_answer_that_shows_nothing_is_no_read(status: int) -> None:
    assert not ReadEvent(Kind.RECORD, child_number=7).is_shown_by(status)


def test_a_search_that_leads_on_has_told_that_the_child_is_there() -> None:
    assert ReadEvent(Kind.SEARCH, shown=(7,)).is_shown_by(302)
    assert not ReadEvent(Kind.SEARCH, shown=(7,)).is_shown_by(403)


class _Filters(forms.Form):
    state = forms.ChoiceField(choices=[("overdue", "Overdue")], required=False)
    district = forms.ModelChoiceField(District.objects.none(), required=False)
    since = forms.DateField(required=False)
    mine = forms.BooleanField(required=False)
    name = forms.CharField(required=False)


def test_the_log_keeps_filters_and_never_typed_words(hunter: District) -> None:
    sent = {"state": "overdue", "district": hunter.pk, "since": "2026-05-14", "name": "Zebedee"}
    form = _Filters(sent)
    form.fields["district"].queryset = District.objects.all()  # type: ignore[attr-defined]  # it is a choice of rows
    assert form.is_valid()
    assert access_log.filters_in_use(form) == {
        "state": "overdue",
        "district": str(hunter.pk),
        "since": "2026-05-14",
        "name": "typed",
    }


def test_a_filter_that_made_no_sense_is_not_in_use() -> None:
    form = _Filters({"state": "Zebedee"})
    assert not form.is_valid()
    assert access_log.filters_in_use(form) == {}
