"""A database role that row-level security binds, for tests about it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from directory.database.row_security import role_without_row_security


@pytest.fixture
def bound_role(requires_services: None, db: None) -> Iterator[None]:
    """Let the test's connection be bound: it is, or takes on an ordinary role until the end."""
    if not role_without_row_security(connection):
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
