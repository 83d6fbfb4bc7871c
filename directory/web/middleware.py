"""Gives each request its number and its day, each answer its headers, and answers refused steps."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from datetime import date

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from directory import clock
from directory.database import row_security
from directory.errors import StepNotAllowedError
from directory.history import access_log
from directory.models import User
from directory.request_notes import notes_of
from directory.web import log_format
from directory.web.error_pages import unavailable
from directory.web.sessions import SessionStore

logger = logging.getLogger(__name__)

# No vowels and no look-alikes, as a person reads it out on the telephone.
REFERENCE_LETTERS = "23456789BCDFGHJKMNPQRTVWXZ"
FEATURES_OFF = (
    "accelerometer",
    "camera",
    "geolocation",
    "gyroscope",
    "microphone",
    "payment",
    "usb",
)
HEADERS = {
    "Cache-Control": "no-store, private",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in FEATURES_OFF),
    "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
    "X-Content-Type-Options": "nosniff",
}


def new_reference() -> str:
    letters = [secrets.choice(REFERENCE_LETTERS) for _ in range(10)]
    return f"{''.join(letters[:5])}-{''.join(letters[5:])}"


class RequestFrameMiddleware:
    """Stands outside all others: numbers each request and gives every answer its headers.

    Also the answers of the other middleware have them: redirects to https, refused hosts, static
    files. What is not told otherwise is kept in no cache.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = new_reference()
        notes_of(request).reference = number
        request.META["permanency.reference"] = number  # for the server's access log
        before = log_format.reference.set(number)
        try:
            response = self.get_response(request)
        finally:
            log_format.reference.reset(before)
        request.META["permanency.place"] = log_format.request_address(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response


class HealthWithoutCookiesMiddleware:
    """Drops the cookies of a question after health: who asks is looked up in what may be away."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == reverse("health"):
            request.COOKIES = {}
        return self.get_response(request)


class SessionActivityMiddleware:
    """Notes that the person of a session is here, so that it does not end under their hands."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.now = clock.now()  # type: ignore[attr-defined]  # named on CaseworkRequest
        if request.user.is_authenticated and isinstance(request.session, SessionStore):
            request.session.record_activity(at=request.now, least=settings.SESSION_SEEN_EVERY)  # type: ignore[attr-defined]
        return self.get_response(request)


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Leads whoever is not signed in to the sign-in page, which says so if a session has ended."""

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        answer = super().handle_no_permission(request, view_func)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            answer["Location"] += "&ended=1"
        return answer


def _local_day(person: object) -> date:
    """Return the date where this person works, Sydney's where nobody is signed in.

    The appointments are those of Sydney's day. All but half an hour of the day it is the person's
    day too, and what was read here is what the page itself asks for.
    """
    in_sydney = clock.today()
    if not isinstance(person, User):
        return in_sydney
    return clock.today(person.time_zone(on=in_sydney))


class CaseworkMiddleware:
    """Sets `request.today`, the person's local date; turns StepNotAllowedError into a 409 page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.today = _local_day(getattr(request, "user", None))  # type: ignore[attr-defined]  # named on CaseworkRequest
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, StepNotAllowedError):
            return None
        return render(request, "409.html", {"reasons": exception.reasons}, status=409)


class AccessLogMiddleware:
    """Writes what an answer shows of children to the read log before the answer leaves.

    No log, no page: where it cannot be written, the answer is a plain 503 with nothing in it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        noted = access_log.reads_of_request(request)
        reads = [read for read in noted if read.is_shown_by(response.status_code)]
        if not reads:
            return response
        match = request.resolver_match
        route = (match.url_name if match else None) or ""
        try:
            access_log.write_reads(reads, by=request.user, on=request.today, route=route)  # type: ignore[arg-type, attr-defined]  # a doorway knows the person and the day
        except DatabaseError as error:
            # The message of the error may hold the row: its kind is enough.
            logger.error("A page was not served: its reading was not logged (%s).", type(error))
            return unavailable(request)
        return response


class RowSecurityMiddleware:
    """Tells the database who asks and on which day, and that nobody does once it is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = getattr(request, "user", None)
        known = person.pk if isinstance(person, User) else None
        with row_security.as_person(known, request.today):  # type: ignore[attr-defined]  # named on CaseworkRequest
            return self.get_response(request)
