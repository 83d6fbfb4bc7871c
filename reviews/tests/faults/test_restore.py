"""The drill of a restore: a copy of a large database comes back on an empty server, silently."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg2 import sql

from directory.accounts.demo_people import DEMO_PASSWORD
from reviews.tests.faults.bench import Bench, run_sql
from reviews.tests.faults.conftest import RecordFigure
from reviews.tests.faults.parts import services
from reviews.tests.faults.visitor import Visitor

pytestmark = [pytest.mark.faults]

CHILDREN, REVIEWS, MORNINGS, OWED = 15_000, 150_000, 5, 20
MOST_SECONDS = 600
COUNTS = {
    "children": "SELECT count(*) FROM permanency_child",
    "reviews": "SELECT count(*) FROM reviews_goalreview",
    "entries of the history": "SELECT count(*) FROM directory_historyentry",
    "mails": "SELECT count(*) FROM directory_mail",
}


@pytest.fixture
def empty_server(bench_home: Path) -> Iterator[Any]:
    """Return a PostgreSQL that holds nothing but its ordinary role."""
    folder = bench_home / "empty-server"
    folder.mkdir(mode=0o711)
    cluster = services.Cluster(folder, durable=True)
    yield cluster
    cluster.stop()


def place(cluster: Any, name: str, home: Path, static: Path) -> Bench:
    """Return a bench on a new, empty database."""
    run_sql(cluster, f"CREATE DATABASE {name} OWNER ordinary")
    home.mkdir(mode=0o711)
    return Bench(home, cluster, name, static)


def run(bench: Bench, *words: str) -> float:
    """Run a command of the product; return how many seconds it took."""
    began = time.monotonic()
    part = bench.manage(*words, seconds=MOST_SECONDS)
    assert part.process.returncode == 0, part.said()[-3000:]
    return time.monotonic() - began


def pg(program: str, *words: object) -> None:
    """Run a program of PostgreSQL's."""
    path = services.program(program, package="postgresql-client")
    subprocess.run([path, *map(str, words)], check=True)  # noqa: S603  # the installed program, and words of this file


def more_reviews(bench: Bench) -> None:
    """Add copies of the held reviews, each held so many days before, up to the number wanted."""
    columns = [
        name
        for (name,) in bench.rows(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = 'reviews_goalreview' AND table_schema = 'public'"
            " AND column_name NOT IN ('id', 'held_on')"
        )
    ]
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    bench.rows("CREATE TABLE held AS SELECT * FROM reviews_goalreview WHERE held_on IS NOT NULL")
    for days in range(1, 30):
        missing = REVIEWS - bench.one(COUNTS["reviews"])
        if missing <= 0:
            break
        bench.rows(
            sql.SQL(
                "INSERT INTO reviews_goalreview (held_on, {}) SELECT held_on - {}, {} FROM held"
                " LIMIT {} ON CONFLICT DO NOTHING"
            ).format(names, sql.Literal(days), names, sql.Literal(missing))
        )
    bench.rows("DROP TABLE held")


def test_p21_a_large_copy_is_restored_and_sends_nothing_twice(
    bench_home: Path, template: str, cluster: Any, empty_server: Any, say: RecordFigure
) -> None:
    """Mornings of mail were sent before the copy was taken, and some mails were still owed."""
    static = bench_home / "furnished" / "static"
    lost = place(cluster, "lost", bench_home / "lost", static)
    found = place(empty_server, "found", bench_home / "found", static)
    try:
        _make(lost)
        before = {name: lost.one(query) for name, query in COUNTS.items()}
        sent = len(lost.stub.stored)
        old = Visitor(lost.web().port).sign_in("pc.hunter@example.org", DEMO_PASSWORD)
        assert old.ask("/").status == 200
        copy = lost.home / "copy"
        pg("pg_dump", "--format=custom", f"--file={copy}", cluster.address("test", "lost"))
        run_sql(cluster, "DROP DATABASE lost WITH (FORCE)")

        began = time.monotonic()
        address = empty_server.address("test", "found")
        pg("pg_restore", "--exit-on-error", f"--dbname={address}", copy)
        run(found, "restored", "Restored from a copy.")
        restored = time.monotonic() - began
        verified = run(found, "verify_history")
        web = found.web()
        left_to = Visitor(web.port, old.cookies).ask("/").location
        found.worker()
        found.beat()
        found.wait(lambda: found.health(web)[0] == 200)
        whole = time.monotonic() - began
        found.wait_for_ticks(2)
        silent = len(found.stub.stored)
        run(found, "release_mail")
        found.wait_until_ended(OWED)
        found.wait_for_ticks(2)
        after = {name: found.one(query) for name, query in COUNTS.items()}
        again = len(found.stub.stored)
        say(
            f"P21: {before['children']} children, {before['reviews']} reviews, "
            f"{before['entries of the history']} entries, copy of {copy.stat().st_size >> 20} MiB: "
            f"restored in {restored:.0f} s, chain verified in {verified:.0f} s, whole after "
            f"{whole:.0f} s; {sent} mails sent before, {silent} sent until released, then {again} "
            f"of {OWED} that were owed"
        )
        assert before["children"] == CHILDREN
        assert before["reviews"] >= REVIEWS
        assert {**after, "entries of the history": 0} == {**before, "entries of the history": 0}
        assert sent >= MORNINGS
        assert left_to == "/accounts/login/?next=/&ended=1"
        assert (silent, again) == (0, OWED)
        assert whole < MOST_SECONDS
    finally:
        lost.close()
        found.close()


def _make(bench: Bench) -> None:
    run(bench, "migrate", "--verbosity", "0")
    run(bench, "load_directory")
    fill = [sys.executable, "-m", "bench", "fill", str(CHILDREN)]
    assert bench.start(fill, "fill").process.wait(MOST_SECONDS) == 0
    more_reviews(bench)
    run(bench, "release_mail")
    day = bench.next_working_day()
    for _ in range(MORNINGS):
        run(bench, "tick", "--on", day)
        day = bench.working_day_after(day, 1)
    bench.rows(
        "UPDATE directory_mail SET part = 'pattern', state = 'cancelled'"
        " WHERE id = (SELECT min(id) FROM directory_mail WHERE state = 'sent')"
    )
    bench.owe(OWED)
