"""Database roles for tests: one that row security binds, and the one that runs the product."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from directory.database import append_only, grants
from directory.tests.skips import skip_or_fail

RUNNER = "runner"  # made by .ci/with_services.py, with the password of the owner


@pytest.fixture
def bound_role(requires_services: None, db: None) -> Iterator[None]:
    """Let the test's connection be bound: it is, or takes on an ordinary role until the end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        (is_above,) = cursor.fetchone()
    if not is_above:
        yield
        return
    role = f"bound_in_{connection.settings_dict['NAME']}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE ROLE {role} NOSUPERUSER NOBYPASSRLS;"
            f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role};"
            f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role};"
            f"SET ROLE {role}"
        )
        yield
        # The end of the test takes the role back with everything else.
        cursor.execute("RESET ROLE")


@pytest.fixture
def runner(requires_services: None, transactional_db: None) -> Iterator[None]:
    """Connect as the role that runs and owns nothing, with the history guarded, until the end."""
    try:
        grants.grant(connection, RUNNER)
    except grants.UnfitRunnerError as fault:
        skip_or_fail(str(fault), required_by="REQUIRE_SERVICES")
    append_only.install(connection, append_only.HISTORY_TABLE)
    append_only.install_head_guard(connection)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(connection.settings_dict, "USER", RUNNER)
        connection.close()
        yield
        connection.close()
    for table in (append_only.HISTORY_TABLE.table, append_only.HEADS_TABLE):
        append_only.uninstall(connection, table)
