"""What every test may ask for: the people, a browser, a mail server and a real worker.

Tests run on SQLite by themselves. `.ci/with_services.py pytest ...` runs them on a private
PostgreSQL and Redis instead; `make test` does both.
"""

import os

import pytest

from directory.tests.skips import need_services

pytest_plugins = [
    "directory.tests.browser",
    "directory.tests.mail_server",
    "permanency.tests.worker",
]
# Playwright's own event loop runs in the test's thread, which Django takes for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


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


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs servers that are not there, or fail where they are required."""
    if item.get_closest_marker("services"):
        need_services()


@pytest.fixture
def requires_services() -> None:
    """Say that a test is about PostgreSQL and Redis; the same as the marker `services`."""
    need_services()


# The people. `directory/tests/people.py` makes them; here they become fixtures.
