"""What a test says when the machine lacks a server or a browser."""

import os

import pytest

SERVICE_VARIABLES = ("TEST_DATABASE_URL", "TEST_REDIS_URL")


def skip_or_fail(reason: str, *, required_by: str) -> None:
    """Skip this test for a reason, or fail it where the environment forbids the skip."""
    if os.environ.get(required_by) == "1":
        pytest.fail(f"{reason} ({required_by}=1)")
    pytest.skip(reason)


def need_services() -> None:
    """Skip or fail where PostgreSQL or Redis is missing."""
    missing = [name for name in SERVICE_VARIABLES if not os.environ.get(name)]
    if missing:
        skip_or_fail(
            "needs PostgreSQL and Redis: .ci/with_services.py pytest ...",
            required_by="REQUIRE_SERVICES",
        )
