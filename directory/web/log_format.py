"""How a line of the log reads: enough to find a fault, and nothing about a child or of a person.

Of a request it tells the method, the address as the site writes it (a number, never a typed word)
and the status. Of an exception it tells the kind and the lines of code it passed through: its
message may quote what somebody typed. A refusal by the database is told by its constraint.
"""

from __future__ import annotations

import logging
import re
import sqlite3
import time
import traceback
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from directory.request_notes import notes_of

ROOT = Path(__file__).resolve().parents[2]
NO_REFERENCE = "-"
# The reference number of the request that this thread answers.
reference: ContextVar[str] = ContextVar("reference", default=NO_REFERENCE)

ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
QUERY = re.compile(r"\?[^\s\"']*")
ARGUMENT = re.compile(r"<(?:(\w+):)?(\w+)>")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]")
CELERY = "celery.app.trace"
FRAMES = 40


class LogFormatter(logging.Formatter):
    """Writes a record as one line, followed by indented lines where there was an exception."""

    converter = time.gmtime  # type: ignore[assignment]  # UTC; the stubs know another form alone
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        request = getattr(record, "request", None)
        number = notes_of(request).reference if isinstance(request, HttpRequest) else ""
        number = number or reference.get()
        said = f"{record.name} [{number}]: {_record_in_words(record)}"
        lines = [f"{self.formatTime(record)} {record.levelname} {said}"]
        if record.exc_info and record.exc_info[1] is not None:
            lines += exception_lines(record.exc_info[1])
        return "\n    ".join(lines)


class OncePerRequestFilter(logging.Filter):
    """Lets the first exception of a request through: the layers above would tell it once more."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if not isinstance(request, HttpRequest) or not record.exc_info:
            return True
        notes = notes_of(request)
        notes.logged_exception = notes.logged_exception or record
        return notes.logged_exception is record


def exception_lines(fault: BaseException) -> list[str]:
    lines: list[str] = []
    seen: set[int] = set()
    each: BaseException | None = fault
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        lines.append(f"{'from ' if len(seen) > 1 else ''}{_exception_name(each)}")
        for frame in traceback.extract_tb(each.__traceback__)[-FRAMES:]:
            path = frame.filename.partition("site-packages/")[2] or frame.filename
            lines.append(f"  {path.removeprefix(f'{ROOT}/')}:{frame.lineno} {frame.name}")
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return lines


def request_address(request: HttpRequest) -> str:
    match = request.resolver_match
    if match is None:
        return "(no address of ours)"

    def fill(argument: re.Match[str]) -> str:
        value = match.kwargs.get(argument[2])
        return str(value) if isinstance(value, int) else argument[0]

    return "/" + ARGUMENT.sub(fill, match.route or "")


def _record_in_words(record: logging.LogRecord) -> str:
    request = getattr(record, "request", None)
    if isinstance(request, HttpRequest):
        status = getattr(record, "status_code", "")
        return f"{request.method} {request_address(request)} {status}".rstrip()
    if record.name == CELERY and isinstance(record.args, dict):
        asked = {name: record.args.get(name) for name in ("name", "id")}
        ended = "failed" if record.exc_info else "ended"
        return _one_line(f"Task {asked['name']}[{asked['id']}] {ended}")
    try:
        if not isinstance(record.args, tuple):
            return _one_line(record.getMessage())
        said = str(_argument(record.msg))
        return _one_line(said % tuple(map(_argument, record.args)) if record.args else said)
    except (TypeError, ValueError):
        return "(a line that could not be written)"


def _argument(value: Any) -> Any:
    if isinstance(value, BaseException):
        return _exception_name(value)
    if isinstance(value, HttpRequest):
        return request_address(value)
    return f"{value._meta.label} {value.pk}" if isinstance(value, Model) else value


def _one_line(text: str) -> str:
    without = ADDRESS.sub("(address)", QUERY.sub("?...", text))
    return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), without)


def _exception_name(fault: BaseException) -> str:
    kind = f"{type(fault).__module__}.{type(fault).__qualname__}".removeprefix("builtins.")
    if isinstance(fault, sqlite3.IntegrityError):  # names the constraint or column, never a value
        return f"{kind}: {fault}"
    constraint = getattr(getattr(fault, "diag", None), "constraint_name", None)
    state = getattr(fault, "pgcode", None)
    found = " ".join(str(each) for each in (state, constraint) if each)
    return f"{kind}: {found}" if found else kind
