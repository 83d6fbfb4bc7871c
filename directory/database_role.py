"""A check that the database role is one that row-level security binds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Warning
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

NOT_BOUND = (
    "The database role {role} is a superuser or may bypass row-level security: the second fence "
    "around the children does not hold."
)
HINT = "Give the application an ordinary role that owns its database: see docs/access.md."


def role_is_bound(databases: Sequence[str] | None = None, **options: Any) -> list[CheckMessage]:
    """Return a warning for each of these databases whose role the fence does not bind."""
    roles = [unbound_role(connections[alias]) for alias in databases or ()]
    return [not_bound(role) for role in roles if role]


def not_bound(role: str) -> CheckMessage:
    """Return the warning about a role."""
    return Warning(NOT_BOUND.format(role=role), hint=HINT, id="directory.W001")


def unbound_role(connection: BaseDatabaseWrapper) -> str:
    """Return the name of the connection's role where row-level security does not bind it, or ""."""
    if connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (role,) = cursor.fetchone()
    return role if role in unbound_roles(connection) else ""


def unbound_roles(connection: BaseDatabaseWrapper) -> frozenset[str]:
    """Return the names of the roles of a PostgreSQL that row-level security does not bind."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolsuper OR rolbypassrls")
        return frozenset(name for (name,) in cursor)
