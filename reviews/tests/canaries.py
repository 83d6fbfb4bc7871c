"""Looks for names, dates of birth, notes and passwords wherever they must not be, in every test.

The canaries are what the tests call their children, write about them and sign in with. Watched are
the lines of the log, what is mailed, what is put on the queue, sessions and notes about sign-in in
the database, the addresses that the site gives out, and the names of files. A hit fails the test
that left it; the end of a run says how much was looked at.
"""

from __future__ import annotations

import json
import logging
import re
import smtplib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from celery.signals import before_task_publish
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase
from django.utils.module_loading import import_string

from consultations.tests import cases
from directory.models import Mail, Notice, SignInTry
from directory.models.accounts import Session
from directory.tests.people import PASSWORD
from directory.web.log_format import LogFormatter
from permanency.tests.factories import BORN_ON
from reviews.tests.whole_site.fixtures import FIRST_NAME, LAST_NAME

BORN = (BORN_ON, cases.TODAY.fromordinal(cases.TODAY.toordinal() - 3_700))
NAMES = (FIRST_NAME, LAST_NAME, r"Robin Example\d*", r"Example\d+")
NOTES = (
    "likes living with the aunt",
    "The mother agrees",
    "is settled there",
    "has offered a home",
    "Weighed with care",
)
CANARIES = re.compile(
    "|".join(
        [
            *(rf"\b{name}\b" for name in NAMES),
            *(f"{day.isoformat()}|{day.day} {day:%B %Y}" for day in BORN),
            *NOTES,
            re.escape(PASSWORD),
        ]
    )
)
# What a page gives out as an address or a file name.
ADDRESSES = re.compile(rb'\s(?:href|src|action|formaction)="([^"]*)"')
IN_HEADERS = ("Location", "Content-Disposition", "Refresh", "ETag", "Link")


class CanaryScan:
    """Counts what was looked at, by where it was found, and keeps the hits."""

    def __init__(self) -> None:
        self.looked: Counter[str] = Counter()
        self.hits: list[str] = []

    def look(self, where: str, text: str) -> None:
        """Look for canaries in a text."""
        self.looked[where] += 1
        self.hits += [f"{where}: {found[0]!r} in {text[:300]!r}" for found in _canaries_in(text)]

    def take_hits(self) -> list[str]:
        """Return the hits so far, and begin again with none."""
        hits, self.hits = self.hits, []
        return hits


def _canaries_in(text: str) -> Iterator[re.Match[str]]:
    return CANARIES.finditer(text)


class LogScan(logging.Handler):
    """Looks at each line of the log, as the console would show it."""

    def __init__(self, scan: CanaryScan, formatter: logging.Formatter) -> None:
        super().__init__()
        self.scan = scan
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        self.scan.look("log lines", self.format(record))


def _formatter_of_the_settings() -> logging.Formatter:
    told: Any = settings.LOGGING
    made = import_string(told["formatters"]["line"]["()"])()
    assert isinstance(made, LogFormatter)
    return made


class ProcessScan:
    """Stands beside the log, the mail, the queue and the answers of this process."""

    def __init__(self, scan: CanaryScan) -> None:
        self.scan = scan
        self.lines = LogScan(scan, _formatter_of_the_settings())
        self.answer, self.mail = BaseHandler.get_response, smtplib.SMTP.data

    def start(self) -> None:
        """Begin to look. What is watched works as before."""
        scan, answer, mail = self.scan, self.answer, self.mail
        self.listen()
        before_task_publish.connect(self._published)

        def answered(handler: BaseHandler, request: HttpRequest) -> HttpResponseBase:
            response = answer(handler, request)
            scan_answer(scan, response)
            return response

        def mailed(server: smtplib.SMTP, content: Any) -> tuple[int, bytes]:
            scan.look("mails sent", str(content))
            return mail(server, content)

        setattr(BaseHandler, "get_response", answered)  # noqa: B010  # put back at the end
        setattr(smtplib.SMTP, "data", mailed)  # noqa: B010  # put back at the end

    def listen(self) -> None:
        """Stand beside the log, also after a test that has set the logging up anew."""
        logging.getLogger().addHandler(self.lines)

    def stop(self) -> None:
        """Look no more."""
        logging.getLogger().removeHandler(self.lines)
        before_task_publish.disconnect(self._published)
        setattr(BaseHandler, "get_response", self.answer)  # noqa: B010
        setattr(smtplib.SMTP, "data", self.mail)  # noqa: B010

    def _published(self, *, headers: Any = None, body: Any = None, **_: Any) -> None:
        self.scan.look("messages to the queue", repr((headers, body)))


def scan_answer(scan: CanaryScan, response: HttpResponseBase) -> None:
    """Look at the addresses and file names that an answer gives out, not at what it shows."""
    given = [response.headers[name] for name in IN_HEADERS if name in response.headers]
    if not response.streaming and response.headers.get("Content-Type", "").startswith("text/html"):
        given += [each.decode() for each in ADDRESSES.findall(response.content)]  # type: ignore[attr-defined]  # it does not stream
    if given:
        scan.look("answers", "\n".join(given))


def scan_rows(scan: CanaryScan) -> None:
    """Look at the rows that hold no case: mails, notices, sessions and notes about sign-in."""
    for session in Session.objects.all():
        scan.look("sessions", json.dumps(session.get_decoded(), default=str))
    kinds: list[type[Model]] = [Mail, Notice, SignInTry]
    for model in kinds:
        for row in model._base_manager.values():
            scan.look("rows of mail and sign-in", str(row))


def scan_files(scan: CanaryScan) -> None:
    """Look at the names of the product's own files, and into the queue of the folder broker."""
    home = Path(settings.VAR_DIR)
    for path in home.rglob("*"):
        scan.look("file names", path.name)
        if path.is_file() and settings.BROKER_FOLDER in path.parents:
            scan.look("messages to the queue", path.read_text(errors="replace"))


def scan_worker(scan: CanaryScan, folder: Path) -> None:
    """Look into the log and the queue of a worker that a test has started in this folder."""
    for path in folder.glob("worker-*/**/*"):
        is_message = "broker" in path.parts and path.is_file()
        if path.name == "log" or is_message:
            scan.look("files of workers", path.read_text(errors="replace"))
    if settings.REDIS_URL:
        queue: Any = redis.Redis.from_url(settings.REDIS_URL)
        for key in queue.scan_iter():
            scan.look("messages to the queue", f"{key!r} {queue.dump(key)!r}")
        queue.close()


# The plug-in of pytest. Each process of a run has one scan; the first process sums them up.

SCAN = pytest.StashKey[CanaryScan]()
TOTAL: Counter[str] = Counter()


def pytest_configure(config: pytest.Config) -> None:
    """Make the scan of this process."""
    config.stash[SCAN] = CanaryScan()


@pytest.fixture(scope="session", autouse=True)
def watch(request: pytest.FixtureRequest) -> Iterator[ProcessScan]:
    """Watch this process from its first test to its last."""
    watch = ProcessScan(request.config.stash[SCAN])
    watch.start()
    yield watch
    watch.stop()


@pytest.fixture(autouse=True)
def fail_on_canary(request: pytest.FixtureRequest, watch: ProcessScan) -> Iterator[None]:
    """Fail the test that left a canary where none may be."""
    asked_for = set(request.fixturenames)
    has_rows = bool({"db", "transactional_db"} & asked_for) or bool(
        request.node.get_closest_marker("django_db")
    )
    if has_rows:
        request.getfixturevalue("rules_are_there")
    folder = request.getfixturevalue("tmp_path") if "start_worker" in asked_for else None
    watch.listen()
    yield
    if has_rows:
        scan_rows(watch.scan)
    if folder:
        scan_worker(watch.scan, folder)
    hits = watch.scan.take_hits()
    assert not hits, "\n".join(["A canary where none may be:", *hits[:20]])


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Look at the files, and hand what was looked at to the process that sums it up."""
    scan = session.config.stash[SCAN]
    scan_files(scan)
    TOTAL.update(scan.looked)
    if scan.hits:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    handed = getattr(session.config, "workeroutput", None)
    if handed is not None:
        handed["canaries"] = (dict(scan.looked), scan.hits)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add what another process of this run has looked at."""
    looked, hits = getattr(node, "workeroutput", {}).get("canaries", ({}, []))
    TOTAL.update(looked)
    node.config.stash[SCAN].hits += hits


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say how much was looked at, and what was found at the very end."""
    looked = ", ".join(f"{count:,} {where}" for where, count in sorted(TOTAL.items()))
    hits = config.stash[SCAN].hits
    terminalreporter.write_line(f"Looked for names and passwords in {looked}: {len(hits)} found")
    for hit in hits[:20]:
        terminalreporter.write_line(hit)
