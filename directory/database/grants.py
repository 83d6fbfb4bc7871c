"""What the role that runs the product may do. It owns nothing; the role that migrates owns all.

Web, worker and commands run as the one, `migrate` as the other. What is granted here is all the
runner has: it drops no trigger, changes no policy, and rewrites no row of the history.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from directory.database.append_only import HISTORY_TABLE

# Rows of these are added and read, and changed in these columns alone; "*" is all of them, where a
# trigger says when. Of every other table the runner reads, adds, changes and removes rows.
ADDED_TO: dict[str, tuple[str, ...]] = {
    "consultations_decision": (),
    "consultations_goalchange_asked_for_by": (),
    "directory_feedread": (),
    HISTORY_TABLE.table: tuple(HISTORY_TABLE.blanking.blank) if HISTORY_TABLE.blanking else (),
    "directory_historyhead": ("sequence", "digest"),
    "directory_historyheadofday": (),
    "directory_readentry": (),
    "directory_redaction": (),
    "permanency_rulestakeneffect": (),
    "permanency_ruleversion": ("*",),
}
READ = frozenset({"django_migrations"})
OUR_TABLES = (
    "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')"
    " AND relnamespace = 'public'::regnamespace ORDER BY relname"
)


class UnfitRunnerError(Exception):
    """A role that cannot be the runner; the message says why."""


def rights(table: str) -> frozenset[str]:
    """Return what the runner may do to a table, each in the words of GRANT."""
    if table in READ:
        return frozenset({"SELECT"})
    if table not in ADDED_TO:
        return frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
    columns = ADDED_TO[table]
    changed = {"UPDATE" if columns == ("*",) else f"UPDATE ({', '.join(sorted(columns))})"}
    return frozenset({"SELECT", "INSERT"} | (changed if columns else set()))


def our_tables(connection: BaseDatabaseWrapper) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(OUR_TABLES)
        return [name for (name,) in cursor]


def grant(connection: BaseDatabaseWrapper, runner: str) -> None:
    """Give the runner its rights on what is there now, and nothing else; as often as you like.

    UnfitRunnerError where there is no such role, or it has what belongs to the owner.
    """
    quote = connection.ops.quote_name
    role, database = quote(runner), quote(connection.settings_dict["NAME"])
    with transaction.atomic(connection.alias), connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper OR rolbypassrls OR pg_has_role(rolname, current_user, 'MEMBER')"
            " FROM pg_roles WHERE rolname = %s",
            [runner],
        )
        found = cursor.fetchone()
        if found is None:
            raise UnfitRunnerError(
                f"There is no role {runner}. Make it first, as a superuser: CREATE ROLE {role} "
                "LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '...'"
            )
        if found[0]:
            raise UnfitRunnerError(f"The role {runner} owns the tables or is above every policy.")
        cursor.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC, {role}")
        cursor.execute(f"GRANT CONNECT ON DATABASE {database} TO {role}")
        cursor.execute(f"REVOKE ALL ON SCHEMA public FROM {role}")
        cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {role}")
        for table in our_tables(connection):
            cursor.execute(f"REVOKE ALL ON {quote(table)} FROM PUBLIC, {role}")
            cursor.execute(f"GRANT {', '.join(sorted(rights(table)))} ON {quote(table)} TO {role}")


def grant_after_migrate(using: str, **signal: Any) -> None:
    if settings.DATABASE_RUNNER and connections[using].vendor == "postgresql":
        grant(connections[using], settings.DATABASE_RUNNER)
