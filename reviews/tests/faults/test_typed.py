"""A long note is being typed, and something goes: the words are there when the person is back."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from reviews.tests.faults.bench import Bench
from reviews.tests.faults.conftest import RecordFigure
from reviews.tests.faults.furnish import COLLEAGUE, COORDINATOR
from reviews.tests.faults.parts import Web
from reviews.tests.faults.visitor import Visitor

pytestmark = [pytest.mark.faults, pytest.mark.faults_quick]

NOTE = ("“I want to stay.” Zoë 🦘 " + "What the family told us. " * 400)[:10_000]
FORM = "/consultations/new/?child={}"


def _session_deleted(bench: Bench, web: Web, desk: Visitor) -> None:
    bench.rows("DELETE FROM directory_session")


def _session_expired(bench: Bench, web: Web, desk: Visitor) -> None:
    bench.rows(
        "UPDATE directory_session SET began_at = now() - interval '2 hours',"
        " seen_at = now() - interval '1 hour', expire_date = now() - interval '30 minutes'"
    )


def _signed_in_in_another_tab(bench: Bench, web: Web, desk: Visitor) -> None:
    _session_deleted(bench, web, desk)
    desk.cookies = bench.visitor(web, COORDINATOR).cookies


def _database_restarted(bench: Bench, web: Web, desk: Visitor) -> None:
    bench.cluster.stop(signal.SIGINT)
    bench.cluster.start()


def _web_killed(bench: Bench, web: Web, desk: Visitor) -> None:
    web.kill()


def _too_large(bench: Bench, web: Web, desk: Visitor) -> None:
    sent = desk.ask("/consultations/new/", {"question": "x" * 3_000_000})
    assert sent.status == 413, sent.status


WAYS: list[Callable[[Bench, Web, Visitor], None]] = [
    _session_deleted,
    _session_expired,
    _signed_in_in_another_tab,
    _database_restarted,
    _web_killed,
    _too_large,
]


def test_f28_what_was_typed_survives_six_ways_to_lose_it(bench: Bench, say: RecordFigure) -> None:
    web = bench.web()
    children = bench.rows(
        "SELECT c.id FROM permanency_child c JOIN directory_district d ON d.id = c.district_id"
        " WHERE d.name = 'Bench' ORDER BY 1"
    )
    back = shown_to_another = 0
    for way, (child,) in zip(WAYS, children, strict=False):
        desk = bench.visitor(web, COORDINATOR)
        filled = {**desk.sheet(FORM.format(child)), "question": [NOTE]}
        assert desk.ask("/typed/keep/", filled).status == 204
        way(bench, web, desk)
        if not web.is_running():
            web = bench.web()
        again = bench.visitor(web, COORDINATOR).sheet(FORM.format(child))
        other = bench.visitor(web, COLLEAGUE).sheet(FORM.format(child))
        back += again["question"] == [NOTE]
        shown_to_another += other["question"] == [NOTE]
    say(
        f"F28: {back} of {len(WAYS)} times {len(NOTE)} characters were back, "
        f"{shown_to_another} times shown to another"
    )
    assert (back, shown_to_another) == (len(WAYS), 0)
