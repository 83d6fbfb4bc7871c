"""Keeps what is typed until it is saved, and acts on a sheet once, for every form with a token."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.contrib.messages.storage import default_storage
from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from directory import clock
from directory.forms import drafts, submission_token
from directory.forms.submission_token import SubmissionToken
from directory.models import SentSheet, User
from directory.web.error_pages import is_worth_retrying, unavailable

logger = logging.getLogger(__name__)

# How often an act is done again that the database has undone so that another one could end.
MOST_RETRIES = 3


class FormSubmissionMiddleware:
    """Answers a form that carries a token. What it brings is kept first; then it is acted on.

    The act and the note that this sheet was acted on are one transaction: of the same sheet sent
    twice, also at the same moment, one is acted on and the other is led to where that one led.
    An answer of 400 and above undoes whatever was written. What is kept goes when an act succeeds,
    which is when it leads on. An act that the database undid, as it waited in a circle with
    another or had read what another changed, is done again as a whole. Stands last: what is
    recorded of a refusal is recorded outside.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return self.get_response(request)
        token = submission_token.read_token(request.POST.get(submission_token.FIELD_NAME, ""))
        if token is None or token.form != request.get_full_path():
            return self.get_response(request)
        return self._answer(request, token)

    def _answer(self, request: HttpRequest, token: SubmissionToken) -> HttpResponse:
        content = drafts.content_from_post(request.POST)
        person = request.user
        is_theirs = isinstance(person, User) and person.pk == token.person
        if (sent := drafts.earlier_submission(token)) and is_theirs:
            return self._sent_before(request, token, sent, content)
        is_kept = sent is None and drafts.save_draft(
            token, content, at=clock.now(), is_theirs=is_theirs
        )
        request.is_draft_saved = is_kept  # type: ignore[attr-defined]  # read by the pages of faults
        if isinstance(person, User) and not is_theirs:
            return render(request, "typed_by_another.html", {"is_kept": is_kept}, status=409)
        if not is_theirs:
            return self.get_response(request)
        if token.is_old:
            return self._once_more(request, token)
        return self._act(request, token, content)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return a plain 503 where the database undid the act, and note why; let others pass."""
        if not is_worth_retrying(exception):
            return None
        request.database_error = exception  # type: ignore[attr-defined]  # read where the act is done
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
            # What was to be told of the act that was undone is told of the next one.
            request._messages = default_storage(request)  # type: ignore[attr-defined]  # Django's own
        return self._act_once(request, token, content)

    def _act_once(
        self, request: HttpRequest, token: SubmissionToken, content: drafts.Content
    ) -> HttpResponse:
        with transaction.atomic():
            sheet = drafts.begin_submission(token, content, at=clock.now())
            response = None if sheet is None else self.get_response(request)
            if database_error := vars(request).pop("database_error", None):
                raise database_error
            if sheet is not None and response is not None:
                self._settle(sheet, response)
        if response is not None:
            return response
        sent = drafts.earlier_submission(token)
        if sent is None:  # The one that came first was undone: this one is the first now.
            return self._act_once(request, token, content)
        drafts.discard_sheet(token)
        return self._sent_before(request, token, sent, content)

    def _settle(self, sheet: SentSheet, response: HttpResponse) -> None:
        """Keep the note where the act led on; undo everything where it was refused or failed.

        A refusal with `keeps_changes` is the one whose act wrote something that is to stay.
        """
        is_step_up_redirect = getattr(response, "is_step_up_redirect", False)
        if getattr(response, "keeps_changes", False):
            sheet.delete()
        elif response.status_code >= 400 or is_step_up_redirect:
            transaction.set_rollback(True)
        elif response.status_code >= 300:
            drafts.finish_submission(sheet, response.headers.get("Location", ""))
        else:
            sheet.delete()

    def _sent_before(
        self, request: HttpRequest, token: SubmissionToken, sent: SentSheet, content: drafts.Content
    ) -> HttpResponse:
        if sent.fingerprint == drafts.fingerprint(content):
            return HttpResponseRedirect(sent.location)
        # Other words on a sheet that was acted on, as by the browser's way back, were never saved.
        is_kept = drafts.save_draft(token, content, at=clock.now(), of_this_sheet=False)
        request.is_draft_saved = is_kept  # type: ignore[attr-defined]
        context = {"led_to": sent.location, "form_address": token.form, "is_kept": is_kept}
        return render(request, "sent_before.html", context, status=409)

    def _once_more(self, request: HttpRequest, token: SubmissionToken) -> HttpResponse:
        context = {"led_to": "", "form_address": token.form, "is_kept": True}
        return render(request, "sent_before.html", context, status=409)
