"""The bench as fixtures."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from directory.database import limits
from directory.tests.skips import skip_or_fail
from reviews.tests.faults.bench import Bench, LiteBench, make_template, run_sql
from reviews.tests.faults.parts import services

RecordFigure = Callable[[str], None]
CHANGES = 60
_numbers = count(1)


@pytest.fixture(scope="session", autouse=True)
def end_on_sigterm() -> None:
    """Let a SIGTERM end the run as Ctrl-C does: no server is left behind."""
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("It was told to end.", 128 + 15))


@pytest.fixture(scope="session")
def bench_home() -> Iterator[Path]:
    """Return a folder of the whole run into which servers of other users may look."""
    with tempfile.TemporaryDirectory(prefix="permanency-faults-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


@pytest.fixture(scope="session")
def cluster(bench_home: Path) -> Iterator[Any]:
    """Return a private PostgreSQL cluster that writes to the disk as in production."""
    try:
        services.program("redis-server", package="redis-server")
        cluster = services.Cluster(bench_home, durable=True)
    except services.ProgramMissingError as line:
        skip_or_fail(f"needs PostgreSQL and Redis: {line}", required_by="REQUIRE_SERVICES")
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def template(bench_home: Path, cluster: Any) -> str:
    """Return the name of the database that each case begins with a copy of."""
    home = bench_home / "furnished"
    home.mkdir()
    run_sql(cluster, "CREATE DATABASE furnished OWNER ordinary")
    make_template(home, cluster.address(database="furnished"), changes=CHANGES)
    return "furnished"


@pytest.fixture(scope="session")
def lite_template(bench_home: Path) -> Path:
    """Return the folder with the SQLite database that a case begins with a copy of."""
    home = bench_home / "furnished-lite"
    home.mkdir()
    make_template(home, "", changes=CHANGES)
    return home


@pytest.fixture
def bench(bench_home: Path, cluster: Any, template: str) -> Iterator[Bench]:
    """Return the bench of one case; its parts are ended with it."""
    name = f"case_{next(_numbers)}"
    home = bench_home / name
    home.mkdir(mode=0o711)
    run_sql(cluster, f"CREATE DATABASE {name} OWNER ordinary TEMPLATE {template}")
    for statement in limits.statements(name):
        run_sql(cluster, statement)
    # Until the first checkpoint a crash would set the sequences of a copy back to where they stood
    # in the pattern, below rows that were committed since.
    run_sql(cluster, "CHECKPOINT")
    bench = Bench(home, cluster, name, bench_home / "furnished" / "static")
    yield bench
    bench.close()
    run_sql(cluster, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def lite_bench(bench_home: Path, lite_template: Path) -> Iterator[LiteBench]:
    """Return the bench of one case on SQLite."""
    home = bench_home / f"case_{next(_numbers)}"
    home.mkdir()
    bench = LiteBench(home, lite_template)
    yield bench
    bench.close()


@pytest.fixture(params=["bench", "lite_bench"], ids=["PostgreSQL", "SQLite"])
def either_bench(request: pytest.FixtureRequest) -> Bench:
    """Return the bench of a case that holds on both databases, once on each."""
    found: Bench = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def say(record_property: Callable[[str, object], None]) -> RecordFigure:
    """Return a function that has a figure stand at the end of the run."""
    return lambda figure: record_property("figure", figure)
