"""Locks on what is no row yet, such as a child about to be registered, until a transaction ends."""

from __future__ import annotations

from hashlib import sha256

from django.db import connection


def lock_names(*names: str) -> None:
    """Let nobody else lock one of these names until the transaction ends."""
    if connection.vendor != "postgresql":
        return  # SQLite lets one transaction write at a time
    digests = (sha256(name.encode()).digest() for name in names)
    # In one order everywhere, so that no two wait for each other.
    keys = sorted({int.from_bytes(digest[:8], signed=True) for digest in digests})
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
