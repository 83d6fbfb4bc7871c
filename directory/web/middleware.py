"""Our middleware: what every request and answer gets, and the pages about what went wrong.

The pages of a fault of ours and of a database that is away show a number to quote and nothing of
the cause; they are written without a query, and without asking who is signed in.
"""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.messages.storage import default_storage
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin

from directory import clock
from directory.database import row_security
from directory.errors import StepNotAllowedError
from directory.forms import drafts
from directory.forms.drafts import SubmissionToken
from directory.history import access_log
from directory.models import Submission, User
from directory.request_notes import notes_of
from directory.web import log_format
from directory.web.request import StepUpRedirect
from directory.web.sessions import SessionStore

logger = logging.getLogger(__name__)

MOST_RETRIES = 3
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


def new_reference() -> str:
    letters = [secrets.choice(REFERENCE_LETTERS) for _ in range(10)]
    return f"{''.join(letters[:5])}-{''.join(letters[5:])}"


class _AroundMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response


class RequestFrameMiddleware(_AroundMiddleware):
    """Stands outside all others: numbers each request and gives every answer its headers."""

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


class HealthWithoutCookiesMiddleware(MiddlewareMixin):
    """Drops the cookies of a question after health: who asks is looked up in what may be away."""

    def process_request(self, request: HttpRequest) -> None:
        if request.path == reverse("health"):
            request.COOKIES = {}


class SessionActivityMiddleware(MiddlewareMixin):
    def process_request(self, request: HttpRequest) -> None:
        request.now = clock.now()  # type: ignore[attr-defined]  # named on CaseworkRequest
        if request.user.is_authenticated and isinstance(request.session, SessionStore):
            request.session.record_activity(at=request.now, least=settings.SESSION_SEEN_EVERY)  # type: ignore[attr-defined]


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Leads whoever is not signed in to the sign-in page, which says so if a session has ended."""

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        answer = super().handle_no_permission(request, view_func)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            answer["Location"] += "&ended=1"
        return answer


class CaseworkMiddleware(MiddlewareMixin):
    def process_request(self, request: HttpRequest) -> None:
        person, today = getattr(request, "user", None), clock.today()
        if isinstance(person, User):
            # The appointments are those of Sydney's day. All but half an hour of the day it is the
            # person's day too, and what was read here is what the page itself asks for.
            today = clock.today(person.time_zone(on=today))
        request.today = today  # type: ignore[attr-defined]  # named on CaseworkRequest

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, StepNotAllowedError):
            return None
        return render(request, "409.html", {"reasons": exception.reasons}, status=409)


class AccessLogMiddleware(_AroundMiddleware):
    """Writes what an answer shows of children to the read log first: no log, no page but a 503."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        noted = notes_of(request).reads
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


class RowSecurityMiddleware(_AroundMiddleware):
    """Tells the database who asks and on which day, and that nobody does once it is answered."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = getattr(request, "user", None)
        known = person.pk if isinstance(person, User) else None
        with row_security.as_person(known, request.today):  # type: ignore[attr-defined]  # named on CaseworkRequest
            return self.get_response(request)


class FormSubmissionMiddleware(_AroundMiddleware):
    """Saves the draft that a form with a token brings, then acts on it.

    The act and its submission are one transaction: of the same token sent twice, also at the same
    moment, one is acted on and the other is led to where that one led. An answer of 400 and above
    undoes whatever was written. The draft is deleted when an act succeeds, which is when it leads
    on. An act that the database undid for a deadlock or a serialisation failure is done again as a
    whole. Must be the last middleware: what is recorded of a refusal is recorded outside.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return self.get_response(request)
        token = drafts.read_token(request.POST.get(drafts.FIELD_NAME, ""))
        if token is None or token.form != request.get_full_path():
            return self.get_response(request)
        content = drafts.content_from_post(request.POST)
        person = request.user
        is_theirs = isinstance(person, User) and person.pk == token.person
        if (earlier := drafts.earlier_submission(token)) and is_theirs:
            return self._lead_to_earlier(request, token, earlier, content)
        is_saved = earlier is None and drafts.save_draft(
            token, content, at=clock.now(), is_theirs=is_theirs
        )
        notes_of(request).is_draft_saved = is_saved
        if isinstance(person, User) and not is_theirs:
            return render(request, "typed_by_another.html", {"is_kept": is_saved}, status=409)
        if not is_theirs:
            return self.get_response(request)
        if token.is_old:
            return _not_saved_page(request, token, led_to="", is_kept=True)
        return self._act(request, token, content)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not is_worth_retrying(exception):
            return None
        notes_of(request).database_error = exception
        return unavailable(request)

    def _act(
        self, request: HttpRequest, token: SubmissionToken, content: drafts.Content
    ) -> HttpResponse:
        for _ in range(MOST_RETRIES):
            try:
                return self._act_once(request, token, content)
            except OperationalError as fault:
                if not is_worth_retrying(fault):
                    raise
                logger.warning("An act is done again that the database undid: %s", fault.__cause__)
            # The messages of the act that was undone go with it.
            request._messages = default_storage(request)  # type: ignore[attr-defined]  # Django's own
        return self._act_once(request, token, content)

    def _act_once(
        self, request: HttpRequest, token: SubmissionToken, content: drafts.Content
    ) -> HttpResponse:
        notes = notes_of(request)
        notes.keeps_changes, notes.database_error = False, None
        with transaction.atomic():
            submission = drafts.begin_submission(token, content, at=clock.now())
            response = None if submission is None else self.get_response(request)
            if notes.database_error is not None:
                raise notes.database_error
            if submission is not None and response is not None:
                is_refused = response.status_code >= 400 or isinstance(response, StepUpRedirect)
                if is_refused and not notes.keeps_changes:
                    transaction.set_rollback(True)
                elif response.status_code >= 300 and not is_refused:
                    drafts.finish_submission(submission, response.headers.get("Location", ""))
                else:
                    submission.delete()
        if response is not None:
            return response
        earlier = drafts.earlier_submission(token)
        if earlier is None:  # The one that came first was undone: this one is the first now.
            return self._act_once(request, token, content)
        drafts.discard_draft_with_key(token)
        return self._lead_to_earlier(request, token, earlier, content)

    def _lead_to_earlier(
        self,
        request: HttpRequest,
        token: SubmissionToken,
        earlier: Submission,
        content: drafts.Content,
    ) -> HttpResponse:
        if earlier.fingerprint == drafts.fingerprint(content):
            return HttpResponseRedirect(earlier.location)
        # Other words with the same token, as by the browser's way back, were never saved.
        is_saved = drafts.save_draft(token, content, at=clock.now(), with_key=False)
        notes_of(request).is_draft_saved = is_saved
        return _not_saved_page(request, token, led_to=earlier.location, is_kept=is_saved)


def _not_saved_page(
    request: HttpRequest, token: SubmissionToken, *, led_to: str, is_kept: bool
) -> HttpResponse:
    context = {"led_to": led_to, "form_address": token.form, "is_kept": is_kept}
    return render(request, "sent_before.html", context, status=409)
