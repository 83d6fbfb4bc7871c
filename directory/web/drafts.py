"""The middleware that saves the draft of a form and acts on its token once."""

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
from directory.models import Submission, User
from directory.request_notes import notes_of
from directory.web.error_pages import is_worth_retrying, unavailable
from directory.web.step_up import StepUpRedirect

logger = logging.getLogger(__name__)

MOST_RETRIES = 3


class FormSubmissionMiddleware:
    """Saves the draft that a form with a token brings, then acts on it.

    The act and its submission are one transaction: of the same token sent twice, also at the same
    moment, one is acted on and the other is led to where that one led. An answer of 400 and above
    undoes whatever was written. The draft is deleted when an act succeeds, which is when it leads
    on. An act that the database undid for a deadlock or a serialisation failure is done again as a
    whole. Must be the last middleware: what is recorded of a refusal is recorded outside.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return self.get_response(request)
        token = submission_token.read_token(request.POST.get(submission_token.FIELD_NAME, ""))
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
                _settle(submission, response, keeps_changes=notes.keeps_changes)
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


def _settle(submission: Submission, response: HttpResponse, *, keeps_changes: bool) -> None:
    is_refused = response.status_code >= 400 or isinstance(response, StepUpRedirect)
    if is_refused and not keeps_changes:
        transaction.set_rollback(True)
    elif response.status_code >= 300 and not is_refused:
        drafts.finish_submission(submission, response.headers.get("Location", ""))
    else:
        submission.delete()


def _not_saved_page(
    request: HttpRequest, token: SubmissionToken, *, led_to: str, is_kept: bool
) -> HttpResponse:
    context = {"led_to": led_to, "form_address": token.form, "is_kept": is_kept}
    return render(request, "sent_before.html", context, status=409)
