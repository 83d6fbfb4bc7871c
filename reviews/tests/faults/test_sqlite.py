"""SQLite, as the product runs without servers: many write, writers are killed, a copy is taken."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import time
from collections import Counter
from threading import Event, Thread

import pytest

from reviews.tests.faults.bench import LiteBench
from reviews.tests.faults.conftest import RecordFigure
from reviews.tests.faults.furnish import COORDINATOR
from reviews.tests.faults.visitor import LOST, Visitor
from reviews.tests.whole_site.form_parser import Fields

pytestmark = [pytest.mark.faults]

WRITERS = 16
FORM, KEEP = "/consultations/new/?child={}", "/typed/keep/"


class Writers:
    """People who keep what they type, one save after the other, each on a form of their own."""

    def __init__(self, desk: Visitor, forms: list[Fields]) -> None:
        self.answers: Counter[int] = Counter()
        self._over = Event()
        self._writing = [Thread(target=self._write, args=[desk, form]) for form in forms]
        for thread in self._writing:
            thread.start()

    def _write(self, desk: Visitor, form: Fields) -> None:
        visitor = Visitor(desk.port, desk.cookies)
        for number in range(10**6):
            if self._over.is_set():
                return
            words = [f"What was said, {number}. " * 20]
            self.answers[visitor.ask(KEEP, {**form, "question": words}).status] += 1

    def stop(self) -> None:
        self._over.set()
        for thread in self._writing:
            thread.join(60)


def _is_whole(file: str) -> bool:
    with contextlib.closing(sqlite3.connect(file, timeout=30)) as line:
        return line.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def _copy(bench: LiteBench, to: str) -> None:
    """Take a copy while others write, by SQLite's own way of doing so."""
    with (
        contextlib.closing(sqlite3.connect(bench.file, timeout=30)) as line,
        contextlib.closing(sqlite3.connect(to)) as copy,
    ):
        line.backup(copy, pages=50)


def _write_and_kill(bench: LiteBench, say: RecordFigure, *, seconds: float, kills: int) -> None:
    web = bench.web("--preload")
    desk = bench.visitor(web, COORDINATOR)
    children = bench.rows(
        "SELECT c.id FROM permanency_child c JOIN directory_district d ON d.id = c.district_id"
        " WHERE d.name = 'Bench' ORDER BY 1"
    )
    forms = [desk.sheet(FORM.format(child)) for (child,) in children[:WRITERS]]
    writers = Writers(desk, forms)
    copy = str(bench.home / "copy.sqlite3")
    time.sleep(seconds / 2)
    _copy(bench, copy)
    time.sleep(seconds / 2)
    calm = Counter(writers.answers)
    chance, whole = random.Random(29), 0  # noqa: S311  # whom it hits
    for _ in range(kills):
        time.sleep(chance.uniform(0.05, 0.2))
        bench.wait(web.children)
        os.kill(chance.choice(web.children()), signal.SIGKILL)
        whole += _is_whole(str(bench.file))
    writers.stop()
    restored = bench.manage("verify_history", DATABASE_URL=f"sqlite:///{copy}")
    failed = sum(count for status, count in writers.answers.items() if status not in {204, LOST})
    say(
        f"F29: {WRITERS} writers {seconds:.0f} s: {calm[204]} saves, {failed} failed; then {kills} "
        f"kills, whole {whole} of {kills}, a copy taken meanwhile is whole and its history verifies"
    )
    assert calm.keys() == {204}
    assert failed == 0
    assert whole == kills
    assert _is_whole(copy)
    assert restored.process.returncode == 0, restored.said()


@pytest.mark.faults_quick
def test_f29_writers_are_never_locked_out_and_a_killed_one_breaks_nothing(
    lite_bench: LiteBench, say: RecordFigure
) -> None:
    _write_and_kill(lite_bench, say, seconds=8, kills=20)


def test_f29_all_the_while(lite_bench: LiteBench, say: RecordFigure) -> None:
    _write_and_kill(lite_bench, say, seconds=30, kills=50)
