"""Goes to an address as a person, undoes what that did, and tells what came back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from directory.models import ReadEntry, Session

# What changes with every page: the session, and the log of what was read.
PASSING = (ReadEntry, Session)
OURS = ("directory", "permanency", "consultations", "reviews")
TOKEN = re.compile(
    rb'name="(csrfmiddlewaretoken|sealed)" value="[\w:-]+"'
    rb'|<strong class="app-reference">[\w-]+</strong>'
)


def leaves(patterns: list[URLPattern | URLResolver] | None = None) -> dict[str, URLPattern]:
    """Return every address of the site by its name."""
    found: dict[str, URLPattern] = {}
    for each in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(each, URLResolver):
            found |= leaves(each.url_patterns)
        else:
            found[str(each.name)] = each
    return found


def fingerprint() -> str:
    """Return what changes with any row of our tables; that somebody was here is no change."""
    told = sha256()
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in OURS and model not in PASSING:
            told.update(repr(list(model._base_manager.order_by("pk").values_list())).encode())
    return told.hexdigest()


def without_tokens(body: bytes) -> bytes:
    """Return the body of a page without the tokens that differ at each answer."""
    return TOKEN.sub(b"", body)


@dataclass(frozen=True)
class Answer:
    """What came back, without the tokens that differ at each answer."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def code(self) -> str:
        """Return the status, or `in` where the answer leads to the sign-in page and back."""
        if self.headers.get("Location", "").startswith(f"{reverse('sign-in')}?next="):
            return "in"
        return str(self.status)


class Visitor:
    """A person with a browser. What a POST does is undone; what a GET does would stay."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.cookies = client.cookies.output(header="")
        self.before = fingerprint()

    @property
    def has_changed_rows(self) -> bool:
        """Say whether any row of ours is other than it was at the start."""
        return fingerprint() != self.before

    def go(self, method: str, address: str) -> tuple[Answer, bool]:
        """Return the answer, and whether anything but a GET changed a row of ours."""
        if method == "GET":
            return self._ask(method, address), False
        with transaction.atomic():
            answer = self._ask(method, address)
            changed = self.has_changed_rows
            transaction.set_rollback(True)
        return answer, changed

    def _ask(self, method: str, address: str) -> Answer:
        kind = "application/x-www-form-urlencoded"
        answer = self.client.generic(method, address, content_type=kind)
        self.client.cookies.clear()
        self.client.cookies.load(self.cookies)
        headers = {name: value for name, value in answer.headers.items() if name != "Set-Cookie"}
        return Answer(answer.status_code, without_tokens(answer.content), headers)
