"""Counts what a page asks of the database."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

# As either database begins a question: alone, of several parts, or read bit by bit.
QUERY_STARTS = ("SELECT", "(SELECT", "DECLARE", "WITH")
# What a page may ask: the session and the person's appointments among it.
MAX_QUERIES = 12


class PageQueries(CaptureQueriesContext):
    """What was asked while it was open.

    What a page writes does not count: the session, the read log, who asks. It does not grow.
    """

    def __init__(self) -> None:
        super().__init__(connection)
        # What Django asks SQLite once in a process is no question of a page.
        assert connection.features.supports_json_field

    @property
    def captured_queries(self) -> list[dict[str, str]]:
        """Return the questions among the queries."""
        return [
            query for query in super().captured_queries if query["sql"].startswith(QUERY_STARTS)
        ]

    @property
    def asked(self) -> list[str]:
        """Return the SQL of each question."""
        return [query["sql"] for query in self.captured_queries]
