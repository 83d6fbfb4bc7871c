"""Many people act in one moment, or one person twice: one act, and a civil word to the others."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable, Sequence
from threading import Barrier, Thread
from urllib.parse import urlencode

import pytest

from reviews.tests.faults.bench import Bench
from reviews.tests.faults.conftest import RecordFigure
from reviews.tests.faults.desk import approval_counts, endorsed_changes
from reviews.tests.faults.furnish import APPROVER
from reviews.tests.faults.visitor import Answer, Visitor
from reviews.tests.whole_site.form_parser import Fields

pytestmark = [pytest.mark.faults]

DONE, MOVED_ON = 302, 409


def at_once(acts: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Return the answers to acts that are sent from one starting shot."""
    barrier, answers = Barrier(len(acts)), list[Answer]()

    def run(act: Callable[[], Answer]) -> None:
        barrier.wait(60)
        answers.append(act())

    threads = [Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return answers


def address(change: int) -> str:
    return f"/goal-changes/{change}/approve/"


def sending(desk: Visitor, change: int, form: Fields) -> Callable[[], Answer]:
    return lambda: Visitor(desk.port, desk.cookies).ask(address(change), form)


def _approve_at_once(bench: Bench, say: RecordFigure, *, people: int, times: int) -> None:
    web = bench.web()
    desk = bench.visitor(web, APPROVER)
    seen: Counter[int] = Counter()
    for change in endorsed_changes(bench)[:times]:
        forms = [desk.sheet(address(change)) for _ in range(people)]
        came = Counter(
            each.status for each in at_once([sending(desk, change, form) for form in forms])
        )
        assert came == {DONE: 1, MOVED_ON: people - 1}
        seen += came
    told = bench.one("SELECT count(*) FROM directory_notice WHERE kind = 'change_decided'")
    lines = bench.one(
        "SELECT count(*) FROM directory_historyentry WHERE verb = 'approved a goal change'"
    )
    say(
        f"F24 {bench.url.partition(':')[0] or 'sqlite'}: {people} people {times} times: "
        f"{seen[DONE]} approvals, {seen[MOVED_ON]} told that it is done, {told} notices, "
        f"{lines} lines of history"
    )
    assert approval_counts(bench) == (times, 0, 0)
    assert (told, lines) == (times, times)


@pytest.mark.faults_quick
def test_f24_sixteen_people_approve_one_change_and_one_of_them_does(
    either_bench: Bench, say: RecordFigure
) -> None:
    _approve_at_once(either_bench, say, people=16, times=5)


@pytest.mark.parametrize(("people", "times"), [(16, 50), (64, 50)])
def test_f24_all_the_times(people: int, times: int, either_bench: Bench, say: RecordFigure) -> None:
    _approve_at_once(either_bench, say, people=people, times=times)


@pytest.mark.faults_quick
def test_f35_one_form_sent_again_is_one_record_and_shows_it(
    either_bench: Bench, say: RecordFigure
) -> None:
    """Twice at once; after an answer that nobody read; and by somebody who signed in anew."""
    bench = either_bench
    web = bench.web()
    desk = bench.visitor(web, APPROVER)
    twice, cut_off, anew, *_ = endorsed_changes(bench)

    form = desk.sheet(address(twice))
    answers = at_once([sending(desk, twice, form)] * 2)

    form = desk.sheet(address(cut_off))
    _send_and_leave(desk, address(cut_off), form)
    bench.wait(lambda: approval_counts(bench)[0] == 2)
    answers.append(desk.ask(address(cut_off), form))

    form = desk.sheet(address(anew))
    answers.append(desk.ask(address(anew), form))
    again = bench.visitor(web, APPROVER)
    token = again.sheet(address(endorsed_changes(bench)[0]))["csrfmiddlewaretoken"]
    answers.append(again.ask(address(anew), {**form, "csrfmiddlewaretoken": token}))

    told = bench.one("SELECT count(*) FROM directory_notice WHERE kind = 'change_decided'")
    say(f"F35: 3 forms sent twice: {approval_counts(bench)[0]} approvals, {told} notices")
    assert [each.status for each in answers] == [DONE] * 5
    assert (approval_counts(bench), told) == ((3, 0, 0), 3)


def _send_and_leave(desk: Visitor, place: str, form: Fields) -> None:
    """Send a form and go away before its answer comes."""
    body = urlencode(form, doseq=True)
    cookies = "; ".join(f"{name}={each.value}" for name, each in desk.cookies.items())
    with socket.create_connection(("127.0.0.1", desk.port)) as line:
        line.sendall(
            f"POST {place} HTTP/1.1\r\nHost: 127.0.0.1:{desk.port}\r\nCookie: {cookies}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
            f"Connection: close\r\n\r\n{body}".encode()
        )
