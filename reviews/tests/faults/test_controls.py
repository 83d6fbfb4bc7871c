"""The guards are taken out one by one: the case that each of them is for turns red."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from reviews.tests.faults.bench import Bench
from reviews.tests.faults.conftest import RecordFigure
from reviews.tests.faults.test_beat import (
    test_f10_a_beat_that_lost_its_notes_over_the_hour_still_has_the_day_done as f10,
)
from reviews.tests.faults.test_clock import (
    test_f12_p4_dark_days_are_worked_off_with_one_digest as f12,
)
from reviews.tests.faults.test_many import KEYS, TWICE
from reviews.tests.faults.test_many import (
    test_p2_many_beats_workers_and_people_owe_each_notice_once as p2,
)
from reviews.tests.faults.test_many import test_two_workers_share_the_mails as two_workers
from reviews.tests.faults.test_queue import (
    test_f17_what_a_killed_process_had_in_hand_is_done_after_the_next_nudge as f17,
)
from reviews.tests.faults.test_queue import (
    test_f18_a_queue_that_is_full_cut_off_or_started_anew_is_found_again as f18,
)
from reviews.tests.faults.test_saves import asleep, people_save

pytestmark = [pytest.mark.faults]


# What a control says that fits the product no more: it turns its case red for that alone.
MISTAKE = re.compile(r"\b(TypeError|AttributeError|NameError|KeyError|ImportError)\b")


def _killed_at_the_text(bench: Bench, say: RecordFigure) -> None:
    """Kill the senders of twenty mails just before the text: all of them arrive."""
    bench.owe(20)
    once = bench.falling(
        "smtplib:SMTP.data", "before", times=20, once_for="Message-ID: <[0-9]+@bench>"
    )
    bench.worker(once, children=20)
    bench.beat()
    bench.wait_until_ended(20)
    bench.wait(lambda: bench.stub.open_lines == 0)
    assert len(bench.stub.copies()) == 20


def _saving_while_the_queue_sleeps(bench: Bench, say: RecordFigure) -> None:
    """Save once before and once meanwhile: nobody waits for longer than the promise."""
    people_save("F16", asleep, bench, say, before=2, during=2, seconds=2, patience=10)


CONTROLS: list[tuple[str, Callable[[Bench, RecordFigure], Any]]] = [
    ("sent_before_sending", _killed_at_the_text),
    ("read_then_save", two_workers),
    ("only_what_is_due_today", lambda bench, say: f12(3, bench, say)),
    ("the_day_of_utc", f10),
    ("publishing_in_the_request", _saving_while_the_queue_sleeps),
    ("beat_that_asks_once", f17),
    ("ended_by_a_full_queue", f18),
]
UNIQUE = {
    "directory_notice": "an_inbox_is_told_of_a_matter_once_at_a_threshold",
    "directory_mail": "one_mail_for_an_inbox_day_and_part",
}


@pytest.mark.parametrize(("control", "case"), CONTROLS)
def test_control_a_guard_that_is_taken_out_turns_its_case_red(
    control: str, case: Callable[[Bench, RecordFigure], Any], bench: Bench, say: RecordFigure
) -> None:
    bench.without, bench.patience = control, 45
    with pytest.raises((AssertionError, pytest.fail.Exception)) as red:
        case(bench, lambda figure: None)
    assert not [part.log for part in bench.parts if MISTAKE.search(part.said())]
    what = control.replace("_", " ")
    say(f"Without its guard ({what}) the case is red: {str(red.value).splitlines()[0][:80]}")


def test_control_the_case_of_the_text_is_green_with_its_guard(
    bench: Bench, say: RecordFigure
) -> None:
    _killed_at_the_text(bench, say)
    say("With its guard the senders killed at the text lose nothing: 20 of 20 arrived")


@pytest.mark.parametrize(("table", "key"), UNIQUE.items())
def test_control_without_its_unique_key_something_is_there_twice(
    table: str, key: str, bench: Bench, say: RecordFigure
) -> None:
    bench.rows(f"ALTER TABLE {table} DROP CONSTRAINT {key}")
    bench.patience = 45
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        p2(table, bench, lambda figure: None)
    twice = bench.one(TWICE.format(table, KEYS[table]))
    say(f"Without its unique key P2 is red: {twice} rows of {table} are there more than once")
    assert twice > 0


def test_control_the_case_of_saving_is_green_with_its_guard(
    bench: Bench, say: RecordFigure
) -> None:
    _saving_while_the_queue_sleeps(bench, say)
