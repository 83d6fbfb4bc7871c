"""A database from before the history was chained: `python -m directory.tests.old_history`.

Brings it up to today, verifies its history, tries to change it, and says what came of each.
"""

import os

import django
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

LAST_WITHOUT_CHAINS = ("directory", "0004_what_inboxes_were_told")
MOMENTS = ("2026-02-01 01:02:03", "2026-02-01 01:02:03.500000", "2026-02-02 13:00:00.000001")
COLUMNS = 'at, "on", district_id, child_number, verb, subject, "before", "after", note, digest'
ENTRIES = 1_203
CHANGES = ("UPDATE directory_historyentry SET note = 'x'", "DELETE FROM directory_historyentry")


def write() -> None:
    """Write entries of two districts and of none, in turns, as services did then."""
    then = MigrationExecutor(connection).loader.project_state([LAST_WITHOUT_CHAINS])
    district = then.apps.get_model("directory", "District").objects
    districts = [None, *(district.create(slug=slug, name=slug).pk for slug in "ab")]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO directory_historyentry ({COLUMNS})"  # noqa: S608  # our own names
            " VALUES (%s, '2026-02-01', %s, %s, 'noted', %s, %s, %s, %s, '')",
            [
                (
                    MOMENTS[n % 3] + ("+00" if connection.vendor == "postgresql" else ""),
                    districts[n % 3],
                    n,
                    f"matter {n}",
                    "{}",
                    f'{{"words": "Ünï “{n}”", "list": [2, {{"b": true, "a": null}}]}}',
                    "a note" if n % 2 else "",
                )
                for n in range(ENTRIES)
            ],
        )


def is_refused(statement: str) -> bool:
    """Say whether the database refuses the statement."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError:
        return True
    return False


def main() -> None:
    """Do it all, in the order in which it would happen to a house that is brought up to date."""
    from directory.audit import verify

    call_command("migrate", *LAST_WITHOUT_CHAINS, verbosity=0)
    write()
    call_command("migrate", "directory", verbosity=0)
    verify.extra_checks.clear()  # what is told apart from the chains: the tables of other apps
    call_command("verify_history")
    for change in CHANGES:
        print(is_refused(change), change)  # noqa: T201  # the test reads it


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "permanency.settings_test"
    django.setup()
    main()
