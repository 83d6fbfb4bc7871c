#!/usr/bin/env python3
"""Compare every page for every demo person before and after a change.

    compare_pages.py snapshot FOLDER    in a checkout: writes a file for each person and address
    compare_pages.py compare A B        prints what differs; ends with 1 where anything does

A snapshot makes a throw-away SQLite demonstration on a set day with set random numbers, runs one
tick, and asks for pages as each of the demo people and as nobody. Every request is rolled back, so
that a page depends on the demonstration and its address alone. It needs nothing of a checkout but
`manage.py`, its commands, the settings and the addresses.
"""

from __future__ import annotations

import base64
import difflib
import hashlib
import io
import logging
import os
import random
import re
import runpy
import secrets
import subprocess
import sys
import tempfile
import uuid
import zipfile
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

import time_machine
from django.contrib.auth import get_user_model
from django.core.cache import caches
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, Resolver404, get_resolver, resolve, reverse
from django.utils import crypto

DAY = "2026-10-14"
NOW = datetime(2026, 10, 13, 23, 0, tzinfo=UTC)  # ten in the morning in Sydney
# The environment of a snapshot; every other variable that settings read is unset.
SET = {
    "DJANGO_SETTINGS_MODULE": "permanency.settings",
    "DEMO": "1",
    "DEBUG": "0",
    "SECRET_KEY": "8fkq2Lw9xZt4Rb7uVn3cYp6sHd1jGm5eKa0oTiWQ",
    "BASE_URL": "http://127.0.0.1:8000",
    "PYTHONHASHSEED": "0",
}
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
PEOPLE = (
    "pc.hunter", "pc.sydney", "cfdu.hunter", "mcw.hunter", "manager.hunter", "mpp", "mpp.acting",
    "contracts.hunter", "admin",
)  # fmt: skip
NOBODY = "nobody"
# So many addresses that differ in their numbers alone, and so many that differ in the values of
# their query alone; and for the people who see most.
ALIKE, ALIKE_QUERIES = 3, 2
SEE_MOST, ALIKE_FOR_THEM = {"pc.hunter", "mpp", "admin"}, 4
MORE = {"mail": 60}
# So many addresses of each route are asked for as everybody, also where no page leads there.
AS_EVERYBODY = 2
# What is done before: rules for somebody else to publish, and a restricted child.
FIRST = (("mpp", "new-rules"),)
WHO_RESTRICTS = "pc.hunter"
MOST_BUTTONS = 3
# So far on from where an act led, what nothing else leads to is asked for.
DEEPEST = 3
LARGEST = 40  # lines of one difference
# What is typed into a field that is empty, by its name, or by its route and name. The rest is told
# by the kind of field; a date is a few days ago.
TYPED = {
    "login": "pc.hunter@example.org",
    "password": "permanency-demo-only",
    "childstory_id": "T99999",
    "new-rules effective_on_month": "11",
    "planned_on_month": "11",
    "due_on_month": "11",
    "extended_to_year": "2031",
}
LEFT_EMPTY = re.compile(
    r"^(provider|exit_reason|(until|ended_on|died_on|left_on|left_state_on|moved_home_on"
    r"|evidence_exempted_until|first_two_year_goal_on)_(day|month|year))$"
)


# What is random


class Numbers:
    """Random numbers that depend on what they are for, and on how many were drawn for it before.

    So a token more or less of one kind moves none of another kind.
    """

    def __init__(self) -> None:
        self.begin("")

    def begin(self, salt: str) -> None:
        """Begin again, for another request or command."""
        self.salt, self.drawn = salt, Counter[str]()
        random.seed(salt)

    def bytes(self, kind: str, length: int) -> bytes:
        self.drawn[kind] += 1
        said = f"{self.salt} {kind} {self.drawn[kind]}".encode()
        return hashlib.shake_256(said).digest(length)

    def below(self, limit: int, kind: str = "below") -> int:
        return int.from_bytes(self.bytes(f"{kind} {limit}", 16)) % limit

    def choice(self, choices: Sequence[Any]) -> Any:
        return choices[self.below(len(choices), f"choice {choices!r}")]

    def string(self, length: int, allowed_chars: str) -> str:
        drawn = self.bytes(f"string {length} {allowed_chars}", 4 * length)
        parts = (int.from_bytes(drawn[4 * at : 4 * at + 4]) for at in range(length))
        return "".join(allowed_chars[part % len(allowed_chars)] for part in parts)

    def take_over(self) -> None:
        """Take the place of what draws random numbers, before anything imports it."""

        def urlsafe(nbytes: int | None = None) -> str:
            drawn = self.bytes(f"urlsafe {nbytes}", nbytes or 32)
            return base64.urlsafe_b64encode(drawn).rstrip(b"=").decode()

        os.urandom = lambda size: self.bytes("urandom", size)
        uuid.uuid4 = lambda: uuid.UUID(bytes=self.bytes("uuid4", 16), version=4)
        secrets.choice = self.choice  # type: ignore[assignment]  # one for all kinds of choices
        secrets.randbelow = lambda exclusive_upper_bound: self.below(exclusive_upper_bound)
        secrets.token_bytes = lambda nbytes=None: self.bytes(f"token {nbytes}", nbytes or 32)
        secrets.token_hex = lambda nbytes=None: self.bytes(f"hex {nbytes}", nbytes or 32).hex()
        secrets.token_urlsafe = urlsafe
        letters = crypto.RANDOM_STRING_CHARS
        crypto.get_random_string = lambda length, allowed_chars=letters: self.string(
            length, allowed_chars
        )


# What a page says

SIGNED = re.compile(r"^[\w.=-]+:[0-9A-Za-z]{6}:[\w-]{43}$")
CSRF = re.compile(r"^\w{64}$")
REFERENCE = re.compile(r"\b[2-9BCDFGHJKMNPQRTVWXZ]{5}-[2-9BCDFGHJKMNPQRTVWXZ]{5}\b")
HASHED = re.compile(r"(/static/[\w./-]+)\.[0-9a-f]{12}(\.\w+)")
INLINE = {"a", "abbr", "b", "code", "em", "i", "small", "span", "strong", "sup", "time"}


class PageReader(HTMLParser):
    """Reads a page once: its lines without tokens, its links, its forms."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.parts: list[tuple[str, str]] = []  # the name of a tag or "", and what to print
        self.links: list[str] = []
        self.forms: list[PageForm] = []
        self.by_id: dict[str, PageForm] = {}
        self.inside: PageForm | None = None
        self.field: PageField | None = None  # the select or textarea that is open
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.parts.append((tag, _tag_line(tag, said)))
        if "href" in said and tag == "a":
            self.links.append(said["href"])
        if tag == "form":
            self.inside = PageForm(said.get("method", "get").lower(), said.get("action", ""))
            self.forms.append(self.inside)
            self.by_id[said.get("id", "")] = self.inside
        self._read_field(tag, said)

    def _read_field(self, tag: str, said: dict[str, str]) -> None:
        form = self.by_id.get(said["form"]) if "form" in said else self.inside
        if tag == "option" and self.field is not None:
            self.field.choices.append(said.get("value", ""))
            if "selected" in said:
                self.field.values.append(said.get("value", ""))
        named = said.get("name", "")
        if form is None or not named or "disabled" in said or "__prefix__" in named:
            return
        if tag == "button" or (tag == "input" and said.get("type") == "submit"):
            if said.get("type", "submit") == "submit":
                form.buttons.append((said["name"], said.get("value", "")))
        elif tag == "input":
            form.add(said)
        elif tag in {"select", "textarea"}:
            self.field = PageField(said["name"], tag)
            form.fields.append(self.field)

    def handle_endtag(self, tag: str) -> None:
        self.parts.append((tag, f"</{tag}>"))
        if tag == "form":
            self.inside = None
        if tag in {"select", "textarea"}:
            self.field = None

    def handle_data(self, data: str) -> None:
        self.parts.append(("", data))
        self.links += re.findall(r"http://127\.0\.0\.1:8000/\S*", data)
        if self.field is not None and self.field.kind == "textarea":
            self.field.values.append(data.removeprefix("\n"))

    def handle_decl(self, decl: str) -> None:
        self.parts.append(("!", f"<!{decl}>"))

    @property
    def lines(self) -> list[str]:
        """Return a line for each tag and each text; spaces stay only between words."""
        found = []
        for at, (name, text) in enumerate(self.parts):
            if name:
                found.append(text)
                continue
            words = re.sub(r"\s+", " ", text)
            before = self.parts[at - 1][0] if at else "!"
            after = self.parts[at + 1][0] if at + 1 < len(self.parts) else "!"
            words = words if before in INLINE else words.lstrip()
            words = words if after in INLINE else words.rstrip()
            if words:
                found.append(REFERENCE.sub("REFERENCE", words))
        return found


@dataclass
class PageField:
    """A field of a form, its choices, and what stands in it."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)

    def sent(self) -> list[str]:
        """Return what a browser sends of it as it stands."""
        values = ["".join(self.values)] if self.kind == "textarea" else self.values
        return self.choices[:1] if self.kind == "select" and not values else values

    def filled(self, route: str, *, last: bool = False) -> list[str]:
        """Return what a browser sends of it, filled in where it is empty; or the last choice."""
        if last and self.kind == "radio":
            return self.choices[-1:]
        fixed = self.kind in {"hidden", "file"} or LEFT_EMPTY.match(self.name)
        return self.sent() if fixed or any(self.sent()) else [self._answer(route)]

    def _answer(self, route: str) -> str:
        name = re.sub(r"^\w+-\d+-", "", self.name)
        if typed := TYPED.get(f"{route} {name}") or TYPED.get(name):
            return typed
        if self.choices:
            return next((choice for choice in self.choices if choice), "")
        for ending, answer in (("day", "12"), ("month", "10"), ("year", "2026")):
            if name.endswith(f"_{ending}"):
                return answer
        given = {"email": "somebody.else@example.org", "number": "1"}
        return given.get(self.kind, "Words that a comparison typed.")


@dataclass
class PageForm:
    """A form of a page: how it is sent, its fields, and the buttons that send it."""

    method: str
    action: str
    fields: list[PageField] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def add(self, said: dict[str, str]) -> None:
        """Add an input; those of one name that are chosen from are one field."""
        name, kind = said["name"], said.get("type", "text")
        if kind not in {"radio", "checkbox"}:
            self.fields.append(PageField(name, kind, [said.get("value", "")]))
            return
        same = [each for each in self.fields if each.name == name and each.kind == kind]
        chosen = same[0] if same else PageField(name, kind)
        chosen.choices.append(said.get("value", "on"))
        if "checked" in said:
            chosen.values.append(said.get("value", "on"))
        if not same:
            self.fields.append(chosen)

    @property
    def names(self) -> tuple[str, ...]:
        """Return what tells this form from another one that is sent to the same route."""
        return tuple(sorted({each.name for each in self.fields}))

    def empty(self) -> dict[str, list[str]]:
        """Return what a browser sends where nothing is answered."""
        return self._body((each.name, each.sent()) for each in self.fields if each.kind == "hidden")

    def filled(
        self, route: str, button: tuple[str, str] | None = None, *, last: bool = False
    ) -> dict[str, list[str]]:
        """Return what a browser sends where everything is answered."""
        fields = ((each.name, each.filled(route, last=last)) for each in self.fields)
        return self._body(fields, button)

    def ways(self) -> Iterator[tuple[tuple[str, str] | None, bool]]:
        """Yield each button, and then one more time the last: with the last of what is chosen."""
        yield from ((button, False) for button in self.buttons[-MOST_BUTTONS:])
        if not self.buttons:
            yield None, False
        if any(each.kind == "radio" and len(each.choices) > 1 for each in self.fields):
            yield self.buttons[-1] if self.buttons else None, True

    def _body(
        self, fields: Iterable[tuple[str, list[str]]], button: tuple[str, str] | None = None
    ) -> dict[str, list[str]]:
        body: dict[str, list[str]] = defaultdict(list)
        for name, values in fields:
            body[name] += values
        for name, value in [button] if button else self.buttons[-1:]:
            body[name] = [value]
        return body

    def choices(self) -> Iterator[str]:
        """Yield the query of the form as it stands, and one for each choice of each field."""
        whole = {each.name: value for each in self.fields for value in each.sent()}
        yield urlencode(whole)
        for each in self.fields:
            for choice in each.choices:
                yield urlencode({each.name: choice})


def _tag_line(tag: str, said: dict[str, str]) -> str:
    if tag == "input" and said.get("type") == "hidden":
        if SIGNED.match(said.get("value", "")):
            return "<input hidden SIGNED>"
        if CSRF.match(said.get("value", "")):
            return "<input hidden CSRF>"
    if "class" in said:
        said["class"] = " ".join(said["class"].split())
    words = (f' {name}="{_plain(said[name])}"' for name in sorted(said))
    return f"<{tag}{''.join(words)}>"


def _plain(value: str) -> str:
    return HASHED.sub(r"\1\2", "SIGNED" if SIGNED.match(value) else value)


def lines_of(answer: Any) -> list[str]:
    """Return the lines of an answer: of a page, of the parts of a workbook, or as they are."""
    content: bytes = answer.text
    if isinstance(answer.page, PageReader):
        return answer.page.lines
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return [
                f"{name}: {line}"
                for name in sorted(parts.namelist())
                for line in parts.read(name).decode(errors="replace").replace("><", ">\n<").split()
            ]
    return content.decode(errors="replace").splitlines()


# The snapshot


@dataclass(frozen=True)
class Address:
    """An address of the site: its route, and what makes it another page of that route."""

    whole: str
    route: str
    words: tuple[str, ...] = ()
    query: tuple[str, ...] = ()


def address_of(whole: str) -> Address | None:
    """Return the address, or None where it is not one of the site's pages."""

    parts = urlsplit(whole)
    if not parts.path:
        return None
    try:
        match = resolve(parts.path)
    except Resolver404:
        return Address(whole, "no route")
    if match.route.startswith("static/"):
        return None
    # A number, or a word that is drawn at random, makes no page of another kind.
    words = [str(value) for value in match.kwargs.values()]
    words = [word for word in words if not word.isdigit() and len(word) < 20]
    query = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
    return Address(whole, str(match.url_name), tuple(words), tuple(query))


class Snapshot:
    """Asks for pages as each person and writes down what came back."""

    def __init__(self, folder: Path, numbers: Numbers) -> None:

        self.folder, self.numbers = folder, numbers
        self.names = sorted({name for name, _ in _leaves(get_resolver().url_patterns)})
        self.found: dict[str, dict[str, Address]] = defaultdict(dict)  # by route, by anybody
        # By person: addresses asked for, routes that showed something, routes a form was sent to.
        self.asked: dict[str, set[str]] = defaultdict(set)
        self.seen: dict[str, set[str]] = defaultdict(set)
        self.sent: dict[str, set[str]] = defaultdict(set)
        self.forms: dict[str, dict[Any, tuple[PageForm, Address, Address]]] = defaultdict(dict)
        self.statuses: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self.requests = 0

    def sign_in(self, person: str) -> Any:
        """Return a browser in which this person is signed in."""

        self.numbers.begin(f"sign in {person}")
        client = Client(raise_request_exception=False, SERVER_NAME="127.0.0.1", SERVER_PORT="8000")
        if person != NOBODY:
            client.force_login(get_user_model().objects.get(email=f"{person}@example.org"))
        return client

    def ask(self, client: Any, method: str, address: str, sent: Any = None) -> Any:
        """Return the answer to one request."""

        self.requests += 1
        self.numbers.begin(f"{method} {address}")
        for cache in caches.all():
            cache.clear()
        body = urlencode(sent or {}, doseq=True)
        kind = "application/x-www-form-urlencoded"
        answer = client.generic(
            method, address, body if method == "POST" else "", content_type=kind
        )
        answer.text, answer.asked = answer.getvalue(), (method, address)
        is_page = "html" in answer.headers.get("Content-Type", "")
        answer.page = PageReader(answer.text.decode(errors="replace")) if is_page else None
        return answer

    def prepare(self, person: str, client: Any) -> None:
        """Do once and for all what other pages show: reading, and what has a second step."""

        listed = self.ask(client, "GET", reverse("children"))
        links = [address_of(_absolute(link, listed.asked[1])) for link in listed.page.links]
        children = [each for each in links if each is not None and each.route == "child"][:2]
        for child in children:
            self.ask(client, "GET", child.whole)
        acts = [reverse(route) for who, route in FIRST if who == person]
        if person == WHO_RESTRICTS:
            number = children[-1].whole.strip("/").split("/")[-1]
            acts.append(reverse("restrict-child", args=[number]))
        for act in acts:
            page = self.ask(client, "GET", act).page
            form, to = next(each for each in _forms(page, act) if each[1].whole == act)
            done = self.ask(client, "POST", act, form.filled(to.route))
            if done.status_code != 302:
                sys.exit(f"{person} could not do what a snapshot begins with: {act}")

    def crawl(self, person: str, client: Any) -> None:
        """Follow what the pages offer to this person, and keep their forms for later."""

        waiting: deque[str] = deque(["/", "/no-such-page/"])
        for name in self.names:
            try:
                waiting.append(reverse(name))
            except NoReverseMatch:
                continue
        alike = Counter[Any]()
        while waiting:
            address = address_of(waiting.popleft())
            if address is None or address.whole in self.asked[person]:
                continue
            kind = (address.route, address.words, address.query)
            if alike[kind] >= self.limit(person, address):
                continue
            alike[kind] += 1
            self.found[address.route].setdefault(address.whole, address)
            page = self.look(person, client, address)
            if page is not None:
                waiting.extend(_led_to(page, address.whole))
                self.keep_forms(person, page, address)

    def limit(self, person: str, address: Address) -> int:
        """Return how many addresses that differ in their numbers alone are asked for."""
        if person in SEE_MOST:
            return MORE.get(address.route, ALIKE_FOR_THEM)
        return ALIKE_QUERIES if address.query else ALIKE

    def look(self, person: str, client: Any, address: Address) -> PageReader | None:
        """Write down one page and return it, None where it leads on or is no page."""
        self.asked[person].add(address.whole)
        with Undone(client):
            answer = self.ask(client, "GET", address.whole)
        self.write(person, address, "GET", [answer])
        if answer.status_code < 300:
            self.seen[person].add(address.route)
        return _shown(answer)

    def keep_forms(self, person: str, page: PageReader, address: Address) -> None:
        """Keep the first form of each kind."""
        for form, to in _forms(page, address.whole):
            self.forms[person].setdefault((to.route, to.words, form.names), (form, to, address))
            self.found[to.route].setdefault(to.whole, to)

    def send_forms(self, person: str, client: Any) -> None:
        """Send each form without an answer, and filled in with each of its buttons."""
        self.sent[person] |= {route for route, *_ in self.forms[person]}
        for (_, _, names), (form, to, page) in self.forms[person].items():
            # Two forms of one page may be sent to the same address.
            mark = hashlib.sha256(repr(names).encode()).hexdigest()[:4]
            with Undone(client):
                answers = [self.ask(client, "POST", to.whole, form.empty())]
            self.write(person, to, f"POST empty {mark}", answers)
            for button, last in form.ways():
                with Undone(client):
                    answers = self.act(person, client, form, to, button, last=last)
                    if answers[-1].status_code < 400 and page != to:
                        answers.append(self.ask(client, "GET", page.whole))
                        if again := _shown(answers[-1]):
                            answers += self.beyond(person, client, again, page)
                way = f"{'last' if last else 'filled'} {mark} {button[1] if button else ''}"
                self.write(person, to, f"POST {way.strip()}", answers)

    def act(
        self,
        person: str,
        client: Any,
        form: PageForm,
        to: Address,
        button: tuple[str, str] | None = None,
        *,
        last: bool = False,
    ) -> list[Any]:
        """Return the answers to a form, to the next one that shows what it would do, to the page
        that they led to, and to what only that page leads to."""
        answers = [self.ask(client, "POST", to.whole, form.filled(to.route, button, last=last))]
        if answers[0].status_code == 200 and (page := _shown(answers[0])):
            again = [each for each, where in _forms(page, to.whole) if where == to]
            if again:
                answers.append(self.ask(client, "POST", to.whole, again[0].filled(to.route)))
        led_to = to
        if 300 <= answers[-1].status_code < 400:
            there = address_of(_absolute(answers[-1].headers["Location"], to.whole))
            if there is None:
                return answers
            led_to = there
            answers.append(self.ask(client, "GET", led_to.whole))
        page = _shown(answers[-1])
        return answers + (self.beyond(person, client, page, led_to) if page else [])

    def beyond(
        self, person: str, client: Any, page: PageReader, address: Address, depth: int = 1
    ) -> list[Any]:
        """Return the answers at routes to which nothing else has led this person."""
        answers = []
        for link in _led_to(page, address.whole):
            to = address_of(link)
            if to is None or to.route in {*self.seen[person], *self.sent[person], "no route"}:
                continue
            self.seen[person].add(to.route)
            answers.append(self.ask(client, "GET", to.whole))
            self.note(person, to, "GET", answers[-1:])
            there = _shown(answers[-1])
            if there is not None and depth < DEEPEST:
                answers += self.beyond(person, client, there, to, depth + 1)
        for form, to in _forms(page, address.whole):
            if to.route not in self.sent[person]:
                self.sent[person].add(to.route)
                done = self.act(person, client, form, to)
                self.note(person, to, "POST", done)
                answers += done
        return answers

    def as_everybody(self, person: str, client: Any) -> None:
        """Ask for the first addresses of each route that anybody found, and send nothing there."""
        for name in self.names:
            found = list(self.found[name].values())[:AS_EVERYBODY]
            for address in found:
                if address.whole not in self.asked[person]:
                    self.look(person, client, address)
            if found and name not in self.sent[person]:
                with Undone(client):
                    answer = self.ask(client, "POST", found[0].whole)
                self.write(person, found[0], "POST nothing", [answer])

    def note(self, person: str, address: Address, method: str, answers: list[Any]) -> None:
        """Count an answer for the summary."""
        told = "-".join(str(each.status_code) for each in answers)
        self.statuses[address.route, method][f"{person} {told}"] += 1

    def write(self, person: str, address: Address, what: str, answers: list[Any]) -> None:
        """Write what came back into a file of its own."""
        self.note(person, address, what.split()[0], answers)
        lines = [f"{what} {_plain(address.whole)}", f"route {address.route}"]
        for answer in answers:
            asked = f"{answer.asked[0]} {_plain(answer.asked[1])}"
            lines += ["", asked, f"status {answer.status_code}"]
            for name in sorted(answer.headers):
                if name not in {"Content-Length", "Set-Cookie"}:
                    lines.append(f"{name}: {answer.headers[name]}")
            lines.append(f"cookies: {' '.join(sorted(answer.cookies))}")
            lines += lines_of(answer)
        named = quote(f"{what} {address.whole}", safe=" ")
        if len(named) > 150:
            named = f"{named[:130]} {hashlib.sha256(named.encode()).hexdigest()[:12]}"
        file = self.folder / person / f"{named}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(lines) + "\n")

    def summary(self) -> list[str]:
        """Return how each route answered to whom, and which never showed a page."""
        lines = []
        for (route, method), counts in sorted(self.statuses.items()):
            told = ", ".join(f"{name} x{count}" for name, count in sorted(counts.items()))
            lines.append(f"{method} {route}: {told}")
        shown = {
            route
            for (route, method), counts in self.statuses.items()
            if method == "GET" and any(each.endswith(" 200") for each in counts)
        }
        sent = {route for route, method in self.statuses if method == "POST"}
        for name in self.names:
            if name not in shown:
                how = "answered a POST alone" if name in sent else "never found"
                lines.append(f"no page of {name}: {how}")
        return lines


def _leaves(patterns: Any) -> Iterator[tuple[str, Any]]:
    for each in patterns:
        if hasattr(each, "url_patterns"):
            yield from _leaves(each.url_patterns)
        else:
            yield str(each.name), each


def _absolute(link: str, page: str) -> str:
    """Return where a link of a page leads to on this site, "" where it leads elsewhere."""
    parts = urlsplit(urljoin(f"http://127.0.0.1:8000{page}", link))
    if parts.netloc not in {"127.0.0.1:8000", "127.0.0.1"} or parts.scheme not in {"http", "https"}:
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _shown(answer: Any) -> PageReader | None:
    """Return the page of an answer, None where it leads on, is refused or is no page."""
    page: PageReader | None = answer.page if answer.status_code < 300 else None
    return page


def _led_to(page: PageReader, whole: str) -> Iterator[str]:
    """Yield where the links of a page lead, and the filters of its lists."""
    for link in page.links:
        yield _absolute(link, whole)
    for form in page.forms:
        if form.method == "get":
            to = _absolute(form.action or urlsplit(whole).path, whole).partition("?")[0]
            yield from (f"{to}?{query}" for query in form.choices())


def _forms(page: PageReader, whole: str) -> Iterator[tuple[PageForm, Address]]:
    """Yield the forms of a page that are sent by POST, and where to; but not to sign out."""
    for form in page.forms:
        to = address_of(_absolute(form.action or whole, whole))
        if form.method == "post" and to is not None and to.route != "sign-out":
            yield form, to


class Undone:
    """Undoes what a request did: rows, and the cookies of the browser."""

    def __init__(self, client: Any) -> None:

        self.client, self.atomic = client, transaction.atomic()

    def __enter__(self) -> None:
        self.cookies = self.client.cookies.output(header="")
        self.atomic.__enter__()

    def __exit__(self, *fault: Any) -> None:

        transaction.set_rollback(True)
        self.atomic.__exit__(*fault)
        self.client.cookies.clear()
        self.client.cookies.load(self.cookies)


def manage(*words: str) -> None:
    """Run a command of `manage.py` in this process, with its clock and its random numbers."""
    sys.argv = ["manage.py", *words]
    try:
        runpy.run_path("manage.py", run_name="__main__")
    except SystemExit as ended:
        if ended.code:
            sys.exit(f"manage.py {' '.join(words)} ended with {ended.code}")


def with_set_environment(folder: str) -> None:
    """Begin again with the environment of a snapshot, where this is not yet it."""
    if os.environ.get("PYTHONHASHSEED") == "0" and os.environ.get("DEMO") == "1":
        return
    environment = {name: os.environ[name] for name in KEPT if name in os.environ} | SET
    with tempfile.TemporaryDirectory() as var:
        words = [sys.executable, __file__, "snapshot", folder]
        sys.exit(subprocess.run(words, env=environment | {"VAR_DIR": var}, check=False).returncode)


def snapshot(folder: str) -> int:
    """Write a snapshot of the checkout in which this runs."""
    with_set_environment(folder)
    if Path(folder).exists() and any(Path(folder).iterdir()):
        sys.exit(f"{folder} is not empty.")

    sys.path.insert(0, os.getcwd())
    numbers = Numbers()
    numbers.take_over()
    with time_machine.travel(NOW, tick=False) as clock:
        from django.conf import settings

        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
        plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
        settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": plain}}
        for words in (
            ("migrate", "--noinput", "--verbosity", "0"),
            ("load_directory",),
            ("demo", "--seed", "1"),
            ("tick", "--on", DAY),
        ):
            numbers.begin(words[0])
            manage(*words)
        logging.disable()
        taken = Snapshot(Path(folder), numbers)
        clients = {person: taken.sign_in(person) for person in (*PEOPLE, NOBODY)}
        for person, client in clients.items():
            clock.shift(60)
            taken.prepare(person, client)
        for step in (taken.crawl, taken.send_forms, taken.as_everybody):
            for person, client in clients.items():
                step(person, client)
    summary = taken.summary()
    (Path(folder) / "summary.txt").write_text("\n".join(summary) + "\n")
    print("\n".join(line for line in summary if line.startswith("no page")))
    print(f"{taken.requests} requests written to {folder}")
    return 0


# The comparison


def read(folder: str) -> dict[str, str]:
    """Return the answers of a snapshot by person and address."""
    if not (Path(folder) / "summary.txt").exists():
        sys.exit(f"{folder} is not a whole snapshot: that ends with summary.txt.")
    files = Path(folder).glob("*/*.txt")
    return {str(file.relative_to(folder)): file.read_text() for file in files}


def print_first(lines: list[str]) -> None:
    """Print lines, but not too many."""
    print("\n".join(lines[:LARGEST]))
    if len(lines) > LARGEST:
        print(f"... {len(lines) - LARGEST} more lines")


def compare(one: str, other: str) -> int:
    """Print each difference once, with the pages that have it."""
    before, after = read(one), read(other)
    pages: dict[tuple[str, ...], list[str]] = defaultdict(list)
    shown: dict[tuple[str, ...], list[str]] = {}
    for name in sorted(before.keys() & after.keys()):
        old, new = before[name].splitlines(), after[name].splitlines()
        if lines := list(difflib.unified_diff(old, new, n=2, lineterm=""))[2:]:
            changed = tuple(line for line in lines if line[0] in "+-")
            pages[changed].append(name)
            shown.setdefault(changed, lines)
    for changed, names in sorted(pages.items(), key=lambda each: -len(each[1])):
        print(f"\n{names[0]}" + (f" and {len(names) - 1} more" if len(names) > 1 else ""))
        print_first(shown[changed])
    for told, alone in ((one, before.keys() - after.keys()), (other, after.keys() - before.keys())):
        if alone:
            print(f"\nonly in {told}:")
            print_first(sorted(alone))
    differing, missing = sum(map(len, pages.values())), len(before.keys() ^ after.keys())
    print(f"{len(before)} and {len(after)} answers: {differing} differ, {missing} stand alone")
    return 1 if differing or missing else 0


def main() -> int:
    """Do what the command line says."""
    match sys.argv[1:]:
        case ["snapshot", folder]:
            return snapshot(str(Path(folder).resolve()))
        case ["compare", one, other]:
            return compare(one, other)
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main())
