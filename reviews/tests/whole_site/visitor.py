"""Goes to an address as a person, undoes what that did, and tells what came back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

APP_LABELS = ("directory", "permanency", "consultations", "reviews")
# Rows that any request may leave behind, whatever it is answered: that somebody was here, what they
# read, what they had typed, what was counted for them. They say nothing of a case that was not
# there before.
INCIDENTAL_MODELS = frozenset(
    {
        "directory.Session",
        "directory.ReadEntry",
        "directory.FeedRead",
        "reviews.DistrictSummary",
    }
)
CHANGING_PARTS = re.compile(
    rb'name="(csrfmiddlewaretoken|submission_token|token)" value="[\w:-]+"'
    rb'|data-seconds="\d+"|<span data-session-at>[^<]*'
    rb'|<strong class="app-reference">[\w-]+</strong>'
    rb"|DTSTAMP:\w+"
)
READS = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET ", "EXPLAIN", "PRAGMA")
WRITES = re.compile(
    r'(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?\s[^;]*', re.IGNORECASE
)
FORM = "application/x-www-form-urlencoded"


def all_routes(
    patterns: list[URLPattern | URLResolver] | None = None, above: frozenset[str] = frozenset()
) -> list[tuple[str, frozenset[str]]]:
    """Return the name of every address of the site, "None" without one, and its arguments."""
    found: list[tuple[str, frozenset[str]]] = []
    for each in get_resolver().url_patterns if patterns is None else patterns:
        arguments = above | set(each.pattern.converters)
        if isinstance(each, URLResolver):
            found += all_routes(each.url_patterns, arguments)
        else:
            found.append((str(each.name), arguments))
    return found


def watched_tables() -> dict[str, type[Model]]:
    """Return our tables by name, but for those to which any request may add."""
    return {
        model._meta.db_table: model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in APP_LABELS and model._meta.label not in INCIDENTAL_MODELS
    }


def database_digest() -> dict[str, bytes]:
    """Return for each watched table what changes with any row of it."""
    return {table: _digest(model) for table, model in watched_tables().items()}


def _digest(model: type[Model]) -> bytes:
    rows = list(model._base_manager.order_by("pk").values_list())
    return sha256(repr(rows).encode()).digest()


@contextmanager
def capture_writes() -> Iterator[set[str]]:
    """Give the set of the watched tables to which a statement may write."""
    watched = set(watched_tables())
    written: set[str] = set()

    def look(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if not sql.lstrip().upper().startswith(READS):
            writes = WRITES.fullmatch(sql)
            # What is not plainly a write to one table may be one to any.
            written.update({writes[1]} & watched if writes else watched)
        return execute(sql, *rest)

    with connection.execute_wrapper(look):
        yield written


def without_tokens(body: bytes) -> bytes:
    """Return the body without tokens and moments, which differ at each answer anyway."""
    return CHANGING_PARTS.sub(b"", body)


@dataclass(frozen=True)
class Answer:
    """What came back, without the tokens that differ at each answer, and whether rows changed."""

    status: int
    body: bytes
    headers: dict[str, str]
    changed: bool = field(compare=False)

    @property
    def code(self) -> str:
        """Return the status, or `in` where the answer leads to the sign-in page and back."""
        if self.headers.get("Location", "").startswith(f"{reverse('sign-in')}?next="):
            return "in"
        return str(self.status)

    @property
    def whole(self) -> bytes:
        """Return everything that came back: body and headers, file names and cookies in them."""
        return self.body + str(self.headers).encode()


class Visitor:
    """A person with a browser. What a request does is undone."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.cookies = client.cookies.output(header="")
        self.before = database_digest()

    @property
    def has_changed_rows(self) -> bool:
        """Say whether any row of ours is other than it was at the start."""
        return database_digest() != self.before

    def go(self, method: str, address: str, sent: dict[str, Any] | None = None) -> Answer:
        """Return the answer; every row is as it was before."""
        with transaction.atomic():
            answer = self._ask(method, address, sent)
            transaction.set_rollback(True)
        return answer

    def _ask(self, method: str, address: str, sent: dict[str, Any] | None) -> Answer:
        with capture_writes() as written:
            body = urlencode(sent or {}, doseq=True)
            got = self.client.generic(method, address, body, content_type=FORM)
        # To compare all tables takes longer than most answers.
        tables = watched_tables()
        changed = any(_digest(tables[table]) != self.before[table] for table in written)
        self.client.cookies.clear()
        self.client.cookies.load(self.cookies)
        headers = {name: value for name, value in got.headers.items() if name != "Set-Cookie"}
        headers["Set-Cookie"] = ", ".join(sorted(got.cookies))
        return Answer(got.status_code, without_tokens(got.getvalue()), headers, changed)
