"""The chains of the history: whatever is changed in them, `verify` names the first bad entry.

The triggers are off here, as they would be for the owner of the tables: what is tested is that the
change is found, not that it is refused. Negative control: `test_numbers_alone_find_no_edit`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from directory import history
from directory.audit.verify import ChainFault, ChainHead, heads_in_mail, verify
from directory.history.chain import DIGEST_FIELDS, content_digest, entry_digest
from directory.models import District, HistoryEntry, HistoryHead, User
from directory.models.history import BEGINNING
from directory.tests.people import make_district

pytestmark = pytest.mark.dialect

DAY = date(2026, 5, 14)


def write(district: District | None, count: int = 5) -> list[HistoryEntry]:
    """Return so many entries of a chain, each saying something of its own."""
    return [
        history.record(
            "noted",
            f"matter {n}",
            by=None,
            on=DAY,
            district=district,
            child_number=n,
            before={"words": None, "day": DAY},
            after={"words": f"Ünïcode “{n}”", "list": [n, {"b": True, "a": None}]},
            note=f"note {n}",
        )
        for n in range(1, count + 1)
    ]


def row(chain: str, sequence: int) -> HistoryEntry:
    """Return the entry at a place."""
    return HistoryEntry.objects.get(chain=chain, sequence=sequence)


def only_fault(**heads: list[ChainHead]) -> ChainFault:
    """Return the one fault that is found."""
    (fault,) = verify(**heads).faults
    return fault


@pytest.fixture
def chain(hunter: District) -> str:
    """Return the chain of Hunter, five entries long; another district and no district have some."""
    write(None, 2)
    entries = write(hunter)
    write(make_district("Sydney"), 3)
    return entries[0].chain


def test_an_untouched_history_is_whole(chain: str) -> None:
    found = verify()
    assert found.faults == []
    assert sorted(found.lengths.values()) == [2, 3, 5]
    assert found.lengths[chain] == 5


def test_a_chain_counts_without_a_gap_and_each_entry_follows_the_one_before(chain: str) -> None:
    entries = list(HistoryEntry.objects.filter(chain=chain).order_by("pk"))
    assert [each.sequence for each in entries] == [1, 2, 3, 4, 5]
    before = BEGINNING
    for each in entries:
        assert each.digest == entry_digest(before, *(getattr(each, name) for name in DIGEST_FIELDS))
        before = each.digest
    assert len({each.salt for each in entries}) == 5


def test_many_entries_of_several_districts_are_chained_in_one_go(chain: str) -> None:
    districts = [District.objects.get(slug="hunter"), None, District.objects.get(slug="sydney")]
    entries = [
        history.new_entry("noted", f"many {n}", by=None, on=DAY, district=districts[n % 3])
        for n in range(1200)
    ]
    assert history.record_many(entries) == 1200
    found = verify()
    assert found.faults == []
    assert found.lengths[chain] == 405


def test_an_entry_that_is_undone_leaves_no_gap(chain: str, hunter: District) -> None:
    with transaction.atomic():
        write(hunter, 2)
        transaction.set_rollback(True)
    write(hunter, 1)
    assert verify().faults == []


# What somebody who owns the tables may try. Each returns the number of the first bad entry.


def edit_content(chain: str) -> int:
    HistoryEntry.objects.filter(chain=chain, sequence=3).update(after={"words": "others"})
    return 3


def edit_who(chain: str) -> int:
    liar = User.objects.create_user(email="liar@example.org", name="Liar")
    HistoryEntry.objects.filter(chain=chain, sequence=2).update(by=liar)
    return 2


def edit_when(chain: str) -> int:
    HistoryEntry.objects.filter(chain=chain, sequence=4).update(on=date(2026, 5, 13))
    return 4


def edit_and_seal_anew(chain: str) -> int:
    entry = row(chain, 3)
    entry.note = "another note"
    entry.content_digest = content_digest(entry.salt, entry.before, entry.after, entry.note)
    before = row(chain, 2).digest
    entry.digest = entry_digest(before, *(getattr(entry, name) for name in DIGEST_FIELDS))
    entry.save()
    return 4


def blank_without_a_redaction(chain: str) -> int:
    HistoryEntry.objects.filter(chain=chain, sequence=1).update(
        before={}, after={}, note="", salt=""
    )
    return 1


def delete_one(chain: str) -> int:
    row(chain, 3).delete()
    return 3


def delete_one_and_close_up(chain: str) -> int:
    row(chain, 3).delete()
    for sequence in (4, 5):
        HistoryEntry.objects.filter(chain=chain, sequence=sequence).update(sequence=sequence - 1)
    return 3


def delete_the_first(chain: str) -> int:
    row(chain, 1).delete()
    return 1


def insert_in_between(chain: str) -> int:
    for sequence in (5, 4, 3):
        HistoryEntry.objects.filter(chain=chain, sequence=sequence).update(sequence=sequence + 1)
    entry = row(chain, 2)
    entry.pk, entry.sequence = None, 3
    entry.save(force_insert=True)
    return 3


def insert_at_the_end(chain: str) -> int:
    entry = row(chain, 5)
    entry.pk, entry.sequence = None, 6
    entry.digest = entry_digest(
        row(chain, 5).digest, *(getattr(entry, name) for name in DIGEST_FIELDS)
    )
    entry.save(force_insert=True)
    return 6


def swap_places(chain: str) -> int:
    for old, new in ((2, 99), (4, 2), (99, 4)):
        HistoryEntry.objects.filter(chain=chain, sequence=old).update(sequence=new)
    return 2


def swap_content(chain: str) -> int:
    one, other = row(chain, 2), row(chain, 4)
    one.after, other.after, one.salt, other.salt = other.after, one.after, other.salt, one.salt
    one.content_digest, other.content_digest = other.content_digest, one.content_digest
    one.save()
    other.save()
    return 2


def cut_the_tail(chain: str) -> int:
    HistoryEntry.objects.filter(chain=chain, sequence__gt=3).delete()
    return 4


def cut_everything(chain: str) -> int:
    HistoryEntry.objects.filter(chain=chain).delete()
    return 1


def move_to_another_chain(chain: str) -> int:
    HistoryEntry.objects.filter(chain=chain, sequence=5).update(
        district=District.objects.get(slug="sydney")
    )
    return 5


WAYS: dict[Callable[[str], int], str] = {
    edit_content: "changed",
    edit_who: "changed",
    edit_when: "changed",
    edit_and_seal_anew: "changed",
    blank_without_a_redaction: "changed",
    delete_one: "missing",
    delete_one_and_close_up: "changed",
    delete_the_first: "missing",
    insert_in_between: "out of order",
    insert_at_the_end: "head too short",
    swap_places: "out of order",
    swap_content: "changed",
    cut_the_tail: "missing",
    cut_everything: "missing",
    move_to_another_chain: "changed",
}


@pytest.mark.parametrize(
    ("change", "sort"), WAYS.items(), ids=lambda each: getattr(each, "__name__", each)
)
def test_the_first_bad_entry_is_named(chain: str, change: Callable[[str], int], sort: str) -> None:
    number = change(chain)
    fault = only_fault()
    assert (fault.place, fault.sort) == (f"{chain}/{number}", sort)


@pytest.mark.parametrize("change", [edit_content, edit_who, edit_and_seal_anew, swap_content])
def test_numbers_alone_find_no_edit(
    chain: str, change: Callable[[str], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: with the walk cut down to counting, these changes pass unseen."""

    def count(walk: Any, row: tuple[Any, ...]) -> None:
        walk.sequence += 1
        walk.digest = row[-2]
        if row[1] != walk.sequence:
            walk._fail("missing", "")

    change(chain)
    with monkeypatch.context() as cut:
        cut.setattr("directory.audit.verify._ChainCheck.step", count)
        assert [each.place for each in verify().faults] == []
    assert len(verify().faults) == 1


@pytest.mark.parametrize(
    "moment", [datetime(2026, 5, 14, 1, 2, 3, part, UTC) for part in (0, 1, 500_000)]
)
def test_a_moment_is_hashed_alike_by_the_database_and_by_python(
    hunter: District, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.clock.now", lambda: moment)
    write(hunter, 2)
    assert HistoryEntry.objects.first().at == moment  # type: ignore[union-attr]  # just written
    assert verify().faults == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps moments, not texts")
@pytest.mark.parametrize("spelt", ["{}+10:00", "{}Z", " {}"])
def test_a_moment_that_is_spelt_to_be_read_as_another_is_found(chain: str, spelt: str) -> None:
    entry = row(chain, 2)
    text = spelt.format(entry.at.replace(tzinfo=None).isoformat(" "))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE directory_historyentry SET at = %s WHERE id = %s", [text, entry.pk])
    assert only_fault().place == f"{chain}/2"


def cut_with_its_head(chain: str) -> None:
    """Cut the tail, and set the head of the chain back to what is left."""
    cut_the_tail(chain)
    last = row(chain, 3)
    HistoryHead.objects.filter(chain=chain).update(sequence=3, digest=last.digest)


def rewrite_everything(chain: str) -> None:
    """Change an entry and seal the whole chain anew, head and all: it is whole in itself."""
    HistoryEntry.objects.filter(chain=chain, sequence=2).update(verb="did nothing")
    before = BEGINNING
    for each in HistoryEntry.objects.filter(chain=chain).order_by("sequence"):
        each.digest = before = entry_digest(
            before, *(getattr(each, name) for name in DIGEST_FIELDS)
        )
        each.save()
    HistoryHead.objects.filter(chain=chain).update(digest=before)


@pytest.mark.parametrize(
    ("change", "number", "sort"),
    [(cut_with_its_head, 4, "missing"), (rewrite_everything, 5, "changed")],
)
def test_a_mailed_head_finds_what_the_chain_itself_hides(
    chain: str, change: Callable[[str], None], number: int, sort: str
) -> None:
    head = HistoryHead.objects.get(chain=chain)
    mailed = heads_in_mail(f"> 2026-05-14 {chain}\n> {head.sequence}   {head.digest} Hunter")
    assert verify(mailed).faults == []
    change(chain)
    assert verify().faults == []
    fault = only_fault(mailed=mailed)
    assert (fault.place, fault.sort) == (f"{chain}/{number}", sort)
    assert "the head mailed on 2026-05-14" in fault.why


@pytest.mark.usefixtures("chain")
def test_no_two_entries_take_one_place(hunter: District) -> None:
    entry = HistoryEntry.objects.get(district=hunter, sequence=2)
    entry.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save(force_insert=True)


def said(*arguments: str) -> tuple[int, str]:
    """Return how the command ends, and what it says."""
    out = StringIO()
    try:
        call_command("verify_history", *arguments, stdout=out, stderr=out)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


def test_the_command_says_whether_the_history_is_whole(chain: str, tmp_path: Path) -> None:
    code, text = said()
    assert code == 0
    assert f"{chain} (Hunter): 5 entries" in text
    assert "no-district (without a district): 2 entries" in text
    head = HistoryHead.objects.get(chain=chain)
    saved = tmp_path / "heads.txt"
    saved.write_text(f"2026-05-14 {chain} {head.sequence} {head.digest}")
    assert said("--heads", str(saved))[0] == 0
    rewrite_everything(chain)
    assert said()[0] == 0
    code, text = said("--heads", str(saved))
    assert code == 1
    assert f"BAD {chain}/5: changed." in text


def test_the_command_names_every_chain_that_is_not_whole(chain: str) -> None:
    edit_content(chain)
    HistoryEntry.objects.filter(chain="no-district", sequence=1).delete()
    code, text = said()
    assert code == 1
    assert f"BAD {chain}/3: changed." in text
    assert "BAD no-district/1: missing." in text


@pytest.mark.usefixtures("chain")
def test_without_heads_to_compare_with_nothing_is_called_verified(tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text("Dear all, the heads are in the attachment.")
    assert said("--heads", str(empty))[0] == 2
    assert said("--heads", str(tmp_path / "not there.txt"))[0] == 2


@pytest.mark.usefixtures("chain")
def test_what_is_hashed_is_what_is_read_back() -> None:
    """The database may reorder keys and respell numbers: the digest does not depend on it."""
    entry = history.record(
        "noted",
        "odd values",
        by=None,
        on=DAY,
        after={
            "z": 1.5,
            "a": 10**17,
            "nested": {"2": [DAY, (True, None)], "10": "é\u2028\U0001f600"},
            "text": 'line\r\nline\ttab \\ "quoted"',
        },
    )
    stored = HistoryEntry.objects.get(pk=entry.pk)
    assert stored.after == entry.after
    assert verify().faults == []
