"""The sender dies or sleeps, the mail server misbehaves, the inbox changes under way."""

from __future__ import annotations

import pytest

from reviews.tests.faults.bench import Bench
from reviews.tests.faults.conftest import RecordFigure
from reviews.tests.faults.smtp_stub import DROP_AFTER, DROP_BEFORE, REFUSED, TOO_BIG
from reviews.tests.faults.test_queue import STATEMENT

pytestmark = [pytest.mark.faults, pytest.mark.faults_quick]

CLAIM = "UPDATE directory_mail SET attempt"
FIRST_WORD, ADDRESS, TEXT = "smtplib:SMTP.mail", "smtplib:SMTP.rcpt", "smtplib:SMTP.data"
FLAGS = "SELECT count(*) FROM directory_mail WHERE may_repeat"


def test_f1_a_sender_that_dies_before_the_text_has_sent_nothing(
    bench: Bench, say: RecordFigure
) -> None:
    bench.owe(20, inboxes=20)
    once = bench.falling(ADDRESS, "before", times=20, once_for="[a-z0-9.]+@example.org")
    bench.worker(once, children=20)
    bench.beat()
    bench.wait_until_ended(20)
    copies, flags = bench.stub.copies(), bench.one(FLAGS)
    say(
        f"F1: {bench.falls()} kills, {len(copies)} sent, {copies.total() - len(copies)} repeats, "
        f"{flags} flags"
    )
    assert bench.falls() == 20
    assert bench.states() == {"sent": 20}
    assert copies.total() == len(copies) == 20
    assert flags == 0


def test_f2_a_sender_that_dies_after_the_text_repeats_it_and_says_so(
    bench: Bench, say: RecordFigure
) -> None:
    bench.owe(20)
    once = bench.falling(TEXT, "after", times=20, once_for="Message-ID: <[0-9]+@bench>")
    bench.worker(once, children=20)
    bench.beat()
    bench.wait_until_ended(20)
    copies, flags = bench.stub.copies(), bench.one(FLAGS)
    say(
        f"F2: {bench.falls()} kills, {20 - len(copies)} lost, {flags} flags, "
        f"{bench.stub.silent_repeats()} unflagged repeats"
    )
    assert bench.falls() == 20
    assert bench.states() == {"sent": 20}
    assert len(copies) == 20
    assert bench.stub.silent_repeats() == 0
    assert flags == 20


def test_f2_a_sender_that_dies_as_it_claims_the_next_mail_repeats_the_one_before_and_says_so(
    bench: Bench, say: RecordFigure
) -> None:
    """The end of one mail and the claim of the next are one transaction, which then is undone."""
    bench.owe(20)
    once = bench.falling(STATEMENT, "after", times=10, only=CLAIM, once_for="[0-9]+, 'owed'")
    bench.worker(once, children=20)
    bench.beat()
    bench.wait_until_ended(20)
    copies, flags = bench.stub.copies(), bench.one(FLAGS)
    left = bench.one("SELECT count(*) FROM directory_mail WHERE left_behind > 0 AND NOT may_repeat")
    say(
        f"F2 at the claim: {bench.falls()} kills, {20 - len(copies)} lost, {flags} flags, "
        f"{copies.total() - 20} repeats, {bench.stub.silent_repeats()} of them unflagged"
    )
    assert bench.falls() == 10
    assert bench.states() == {"sent": 20}
    assert len(copies) == 20
    assert bench.stub.silent_repeats() == 0
    assert 0 < flags <= copies.total() - 20 <= 10
    assert left == 0, "a claim that was undone leaves the mail owed as it was"


def test_f5_an_inbox_that_is_refused_is_told_of_once_and_delays_nobody(
    bench: Bench, say: RecordFigure
) -> None:
    bench.owe(8, inboxes=8)
    bad = bench.rows(
        "SELECT m.id, i.address FROM directory_mail m JOIN directory_inbox i ON i.id = m.inbox_id"
        " WHERE part IN ('case-2', 'case-5') ORDER BY part"
    )
    bench.stub.of = {bad[0][1]: REFUSED, bad[1][1]: TOO_BIG}
    bench.worker()
    bench.beat()
    bench.wait_until_ended(8)
    told = "SELECT part, state FROM directory_mail WHERE part LIKE 'undeliverable:%' ORDER BY 1"
    bench.wait(lambda: {state for _, state in bench.rows(told)} == {"sent"})
    well = [each for each in bench.stub.stored if each.message_id.endswith("@bench>")]
    spread = well[-1].at - well[0].at
    say(
        f"F5: 6 of 8 sent within {spread:.1f} s, 2 undeliverable, {len(bench.rows(told))} words "
        f"to the fallback inbox, at most {bench.stub.most_recipients} recipient a message"
    )
    assert bench.states() == {"sent": 6, "undeliverable": 2}
    assert [part for part, _ in bench.rows(told)] == sorted(f"undeliverable:{pk}" for pk, _ in bad)
    assert bench.one("SELECT max(attempt) FROM directory_mail WHERE part LIKE 'case-%'") == 1
    assert bench.stub.most_recipients == 1, "so that none of two can be refused in silence"


@pytest.mark.parametrize("mode", [DROP_BEFORE, DROP_AFTER])
def test_f6_a_line_that_drops_with_the_text_leaves_one_flagged_copy_more_or_none(
    mode: str, bench: Bench, say: RecordFigure
) -> None:
    bench.owe(5)
    bench.stub.misbehave(mode)
    bench.worker()
    bench.beat()
    bench.wait_until_ended(5)
    copies, dropped = bench.stub.copies(), bench.stub.dropped
    flagged = {
        each for (each,) in bench.rows("SELECT message_id FROM directory_mail WHERE may_repeat")
    }
    silent = bench.stub.silent_repeats()
    say(
        f"F6 {mode}: {len(dropped)} drops, {5 - len(copies)} lost, "
        f"{copies.total() - 5} repeats, {silent} of them unflagged"
    )
    assert bench.states() == {"sent": 5}
    assert len(dropped) == 5
    assert len(copies) == 5
    assert copies.total() == (5 if mode == DROP_BEFORE else 10)
    assert silent == 0
    assert flagged == set(dropped)


@pytest.mark.parametrize(
    ("change", "to"),
    [
        ("UPDATE directory_inbox SET address = 'moved@example.org'", "moved@example.org"),
        ("UPDATE directory_inbox SET retired_on = '2020-01-01'", "fallback@example.org"),
    ],
)
def test_f19_a_mail_goes_where_its_inbox_is_as_it_leaves(
    change: str, to: str, bench: Bench, say: RecordFigure
) -> None:
    """The sender sleeps between claim and first word; the inbox changes in the meantime."""
    bench.owe(1)
    slow = {"MAIL_LEASE_SECONDS": "60", "EMAIL_TIMEOUT": "20"}
    worker = bench.worker(slow | bench.falling(FIRST_WORD, "before", times=1, how="stop"))
    bench.beat()
    bench.wait(lambda: bench.falls() == 1)
    bench.rows(
        f"{change} WHERE id = (SELECT inbox_id FROM directory_mail WHERE part = 'case-1')"  # noqa: S608  # ours
    )
    worker.resume()
    bench.wait_until_ended(1)
    say(f"F19: the inbox changed under way, and {len(bench.stub.stored)} mail went to {to}")
    assert [each.to for each in bench.stub.stored] == [to]
    assert bench.states() == {"sent": 1}


def test_f19_two_districts_that_share_an_inbox_get_one_copy(
    bench: Bench, say: RecordFigure
) -> None:
    bench.rows(
        "UPDATE directory_district SET inbox_id = (SELECT inbox_id FROM directory_district"
        " WHERE name = 'District 1') WHERE name = 'District 2'"
    )
    assert bench.manage("tick", "--on", bench.next_working_day()).process.returncode == 0
    went = [each.to for each in bench.stub.stored]
    shared = went.count("inbox.1@example.org")
    say(f"F19: {shared} copy for two districts that share an inbox, {len(went)} mails in all")
    assert shared == 1
    assert "inbox.2@example.org" not in went
    lines = bench.one(
        "SELECT count(DISTINCT n.district_id) FROM directory_notice n JOIN directory_mail m"
        " ON m.id = n.mail_id JOIN directory_inbox i ON i.id = m.inbox_id"
        " WHERE i.address = 'inbox.1@example.org'"
    )
    assert lines == 2


@pytest.mark.parametrize(("place", "copies"), [(FIRST_WORD, 1), (TEXT, 2)])
def test_f36_a_sender_that_slept_past_its_lease_changes_nothing_when_it_wakes(
    place: str, copies: int, bench: Bench, say: RecordFigure
) -> None:
    bench.owe(1)
    worker = bench.worker(bench.falling(place, "before", times=1, how="stop"), children=2)
    bench.beat()
    bench.wait(lambda: bench.falls() == 1)
    bench.wait_until_ended(1)
    worker.resume()
    bench.wait(lambda: bench.stub.open_lines == 0, why="the sender that slept goes on")
    state, attempt = bench.rows("SELECT state, attempt FROM directory_mail WHERE part = 'case-1'")[
        0
    ]
    silent = sum(not each.may_repeat for each in bench.stub.stored)
    say(
        f"F36 asleep before {place.partition('.')[2]}: {len(bench.stub.stored)} copies, "
        f"{silent} unflagged, ends {state}"
    )
    assert (state, attempt) == ("sent", 2)
    assert len(bench.stub.stored) == copies
    assert silent <= 1
