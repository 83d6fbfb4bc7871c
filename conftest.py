"""What every test may ask for: the people, a browser, a mail server and a real worker.

Tests run on SQLite by themselves. `.ci/with_services.py pytest ...` runs them on a private
PostgreSQL and Redis instead; `make test` does both.
"""

import gc
import os
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import time_machine
from django.core.cache import caches

from directory import clock
from directory.database import row_security
from directory.models import District, User
from directory.tests.people import make_district, make_one_of_the_cast
from directory.tests.skips import need_services
from directory.web.result_cache import CACHE_ALIAS
from permanency.tests.rules import put_first_rules_back

# The clock of the suite: ten in the morning of this day in Sydney, and it goes on from there. What
# tests start in Python is on the same clock; PostgreSQL, SQLite's own `now`, Redis, files and
# Chromium are on the true one.
DAY = os.environ.get("TEST_DATE", "2026-08-12")  # a Wednesday far from any holiday
MOMENT = datetime.fromisoformat(f"{DAY}T10:00").replace(tzinfo=clock.zone(clock.SYDNEY)).timestamp()
CLOCK_AHEAD = MOMENT - time.time()  # noqa: TID251  # the clock itself is set here
time_machine.travel(MOMENT).start()

pytest_plugins = [
    "directory.tests.migrated",
    "directory.tests.append_only",
    "directory.tests.browser",
    "directory.tests.mail_server",
    "directory.tests.roles",
    "directory.tests.scripted_server",
    "permanency.tests.worker",
    "reviews.tests.writes",
    "reviews.tests.canaries",
    "reviews.tests.pooler",
]
# Playwright's own event loop runs in the test's thread, which Django takes for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# A test reads and makes rows as the system. What it asks the site for is answered as in the web.
row_security.run_process_as_system()

# A busy machine is no failure; and on the way in, the same examples are tried each time.
hypothesis.settings.register_profile(
    "steady", deadline=None, derandomize=os.environ.get("CI") == "true"
)
hypothesis.settings.load_profile("steady")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by what they ask for, and keep those that share the queue in one process."""
    for item in items:
        asked_for = getattr(item, "fixturenames", [])
        if "page" in asked_for:
            item.add_marker(pytest.mark.browser)
        if "requires_services" in asked_for:
            item.add_marker(pytest.mark.services)
        if "start_worker" in asked_for:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.xdist_group("worker"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Spare the garbage collector what lives as long as the run: every module and every test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs servers that are not there, or fail where they are required."""
    if item.get_closest_marker("services"):
        need_services()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the figures of the promises, and how many cells of the table of access were tried."""
    found = [report for reports in terminalreporter.stats.values() for report in reports]
    reports = [report for report in found if getattr(report, "when", "") == "call"]
    for report in reports:
        if figure := dict(report.user_properties).get("figure"):
            word = "" if report.passed else "FAILED "
            terminalreporter.write_line(f"{word}{figure} in {report.duration:.0f} s")
    told = [
        (dict(report.user_properties)["cells"], report.duration)
        for report in reports
        if "cells" in dict(report.user_properties)
    ]
    if told:
        cells, seconds = sum(count for count, _ in told), sum(took for _, took in told)
        people = len(told)
        terminalreporter.write_line(
            f"Who is answered how: {cells} cells of {people} people in {seconds:.0f} s of one core"
        )


@pytest.fixture(scope="session", autouse=True)
def one_clock() -> None:
    """Have every Python process that a test starts set its clock, by its `sitecustomize`."""
    injected = Path(__file__).parent / "reviews" / "tests" / "faults" / "injected"
    os.environ |= {"CLOCK_AHEAD": str(CLOCK_AHEAD), "PYTHONPATH": str(injected)}


@pytest.fixture
def requires_services() -> None:
    """Say that a test is about PostgreSQL and Redis; the same as the marker `services`."""
    need_services()


@pytest.fixture(autouse=True)
def clear_result_cache() -> None:
    """Forget what the process keeps: a test takes back its history, and with it what tells."""
    caches[CACHE_ALIAS].clear()


@pytest.fixture(autouse=True)
def rules_are_there(request: pytest.FixtureRequest) -> None:
    """Put version 1 of the rules back: a test that commits leaves every table empty behind it."""
    marker = request.node.get_closest_marker("django_db")
    asked_for = set(request.fixturenames)
    commits = marker is not None and marker.kwargs.get("transaction", False)
    if commits or {"transactional_db", "live_server"} & asked_for:
        request.getfixturevalue("transactional_db")
    elif marker is not None or "db" in asked_for:
        request.getfixturevalue("db")
    else:
        return
    put_first_rules_back()


# The people. `directory/tests/people.py` makes them; here they become fixtures.


@pytest.fixture
def hunter(db: None) -> District:
    """Return the district where the people of the tests work."""
    return make_district("Hunter")


@pytest.fixture
def coordinator(hunter: District) -> User:
    """Return Hunter's Permanency Coordinator."""
    return make_one_of_the_cast("coordinator")


@pytest.fixture
def second_coordinator(hunter: District) -> User:
    """Return another Permanency Coordinator of Hunter."""
    return make_one_of_the_cast("second_coordinator")


@pytest.fixture
def cfdu(hunter: District) -> User:
    """Return Hunter's CFDU approver."""
    return make_one_of_the_cast("cfdu")


@pytest.fixture
def casework_manager(hunter: District) -> User:
    """Return Hunter's Manager Casework."""
    return make_one_of_the_cast("casework_manager")


@pytest.fixture
def district_manager(hunter: District) -> User:
    """Return Hunter's district manager."""
    return make_one_of_the_cast("district_manager")


@pytest.fixture
def mpp(db: None) -> User:
    """Return the Manager Practice and Permanency, who serves the whole state."""
    return make_one_of_the_cast("mpp")


@pytest.fixture
def contract_manager(hunter: District) -> User:
    """Return Hunter's contract manager."""
    return make_one_of_the_cast("contract_manager")


@pytest.fixture
def administrator(db: None) -> User:
    """Return an administrator of the directory."""
    return make_one_of_the_cast("administrator")


@pytest.fixture
def stranger(db: None) -> User:
    """Return the Permanency Coordinator of another district."""
    return make_one_of_the_cast("stranger")


@pytest.fixture
def nobody(db: None) -> User:
    """Return a person who can sign in and holds no appointment."""
    return make_one_of_the_cast("nobody")
