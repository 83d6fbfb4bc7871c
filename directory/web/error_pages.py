"""The pages about what went wrong: a number to quote, and nothing of the cause.

Those of a fault of ours and of a database that is away are written without a query, and without
asking who is signed in.
"""

from __future__ import annotations

import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from directory.request_notes import notes_of

RETRY_SECONDS = "30"
UNAVAILABLE_ERRORS = (OperationalError, InterfaceError)
# PostgreSQL's codes for a transaction that waited in a circle, and for one that read what another
# has changed since.
RETRY_CODES = frozenset({"40P01", "40001"})


def is_worth_retrying(fault: BaseException) -> bool:
    return getattr(fault.__cause__, "pgcode", None) in RETRY_CODES


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    status = 413 if isinstance(exception, RequestDataTooBig) else 400
    return render(request, f"{status}.html", status=status)


def server_error(request: HttpRequest) -> HttpResponse:
    if isinstance(sys.exception(), UNAVAILABLE_ERRORS):
        return unavailable(request)
    return _page_without_query(request, 500)


def unavailable(request: HttpRequest) -> HttpResponse:
    answer = _page_without_query(request, 503)
    answer.headers["Retry-After"] = RETRY_SECONDS
    return answer


def _page_without_query(request: HttpRequest, status: int) -> HttpResponse:
    context = {"demo": settings.DEMO, "reference": notes_of(request).reference}
    return HttpResponse(render_to_string(f"{status}.html", context), status=status)
