"""Writing a consultation down: a new one, a draft taken up again, a correction.

Whatever happens, every typed word comes back: as a draft, beside an error, or over what somebody
else has saved meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from consultations.forms import accounts, stale
from consultations.forms.actions import MOST_ROWS, PREFIX, action_rows
from consultations.forms.consultations import (
    CORRECTION_BUTTONS,
    DRAFT_BUTTONS,
    ConsultationForm,
)
from consultations.forms.typed import as_sent, typed_words, with_another_row
from consultations.http import (
    about,
    consultation_to_read,
    consultation_to_write,
)
from consultations.models import Consultation, GoalChange
from consultations.services import consultations
from consultations.services.guards import StaleVersionError
from directory.editing import edits
from directory.http import CaseworkRequest
from directory.refusals import StepNotAllowedError
from directory.services.edits import Edit, latest_edit
from permanency.http import child_to_write, number_in
from permanency.models import Child

ONLY_YOU = "Only you can read it. The history says that it was begun."
TWICE = "This consultation is recorded already."


@dataclass
class Writing:
    """One person writing about one consultation of one child, which may not be there yet."""

    request: CaseworkRequest
    child: Child
    consultation: Consultation | None = None

    @property
    def is_draft(self) -> bool:
        """Whether what is written is not on the record yet."""
        return self.consultation is None or self.consultation.recorded_on is None

    def form(self, sent: QueryDict | None = None, *, is_quiet: bool = False) -> ConsultationForm:
        """Return the form, with what was sent or with what is known already."""
        request, found = self.request, self.consultation
        if found is None:
            kind = accounts.kind_asked_for(request.GET)
            first = accounts.first_words(self.child, request.user, kind=kind, on=request.today)
            initial_rows = None
        else:
            first, initial_rows = accounts.words_of(found), accounts.open_actions(found)
        form = ConsultationForm(
            sent,
            child=self.child,
            on=request.today,
            rows=action_rows(sent, initial=initial_rows, is_quiet=is_quiet),
            is_quiet=is_quiet,
            initial=first,
            cancel_url=self.way_back,
        )
        if found is not None:
            edits(form, found, child_number=self.child.pk)
        form.buttons = DRAFT_BUTTONS if self.is_draft else CORRECTION_BUTTONS
        return form

    def reopened(self) -> ConsultationForm:
        """Return the form as it is first shown; a draft comes back as it was typed."""
        found = self.consultation
        if found is None or not found.typed:
            return self.form()
        return self.form(as_sent(found.typed, version=found.version), is_quiet=True)

    @property
    def way_back(self) -> str:
        """Return where "Cancel" leads."""
        if self.consultation is None:
            return reverse("child-consultations", args=[self.child.pk])
        return reverse("consultation", args=[self.consultation.pk])

    def page(
        self,
        form: ConsultationForm,
        *,
        status: int = 200,
        differing: list[tuple[str, str]] | None = None,
    ) -> HttpResponse:
        """Return the page with the form on it."""
        context = about(
            self.child,
            consultation=self.consultation,
            is_draft=self.is_draft,
            form=form,
            differing=differing,
            saved=None if differing is None else self._latest_edit(),
            done=accounts.done_actions(self.consultation),
            voids=self._voids(),
        )
        return render(self.request, "consultations/write.html", context, status=status)

    def _latest_edit(self) -> Edit | None:
        pk = getattr(self.consultation, "pk", None)
        return latest_edit(f"consultation {pk}", child_number=self.child.pk)

    def _voids(self) -> bool:
        found = self.consultation
        if found is None or self.is_draft:
            return False
        return GoalChange.objects.endorsed().filter(consultation=found).exists()

    def is_recorded_alike(self, form: ConsultationForm) -> bool:
        """Say whether the very same words are recorded already, by the browser's way back."""
        request = self.request
        if self.consultation is not None:
            return False
        alike = consultations.recorded_alike(
            self.child, form.account(), by=request.user, on=request.today
        )
        return alike is not None

    def save(self, form: ConsultationForm, *, as_draft: bool) -> Consultation:
        """Return what was saved; the services refuse with StepNotAllowedError."""
        request, found = self.request, self.consultation
        who: dict[str, Any] = {"by": request.user, "on": request.today}
        version = form.cleaned_data.get("version") or 1
        if as_draft:
            return consultations.save_draft(
                self.child,
                typed=typed_words(request.POST, form, form.rows),
                answers=form.cleaned_data,
                draft=found,
                version=version,
                **who,
            )
        if found is None or self.is_draft:
            return consultations.record(
                self.child, form.account(), draft=found, version=version, **who
            )
        return consultations.correct(found, form.account(), version=version, **who)


@require_http_methods(["GET", "POST"])
def new_consultation(request: CaseworkRequest) -> HttpResponse:
    """Log a consultation about a child."""
    return _write(Writing(request, child_to_write(request, number_in(request, "child"))))


@require_http_methods(["GET", "POST"])
def edit_consultation(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Go on with a draft, or correct what is on the record."""
    found = consultation_to_write(request, pk)
    if found.recorded_on and request.method == "GET":
        why = consultations.why_not_corrected(found)
        if why:
            raise StepNotAllowedError(why)
    return _write(Writing(request, found.child, found))


def _write(writing: Writing) -> HttpResponse:
    sent = writing.request.POST
    if writing.request.method != "POST":
        return writing.page(writing.reopened())
    if sent.get("save") == "row":
        more = with_another_row(sent, prefix=PREFIX, most=MOST_ROWS)
        return writing.page(writing.form(more, is_quiet=True))
    form = writing.form(sent)
    as_draft = sent.get("save") == "draft" and writing.is_draft
    if not form.is_valid() and not as_draft:
        return writing.page(form, status=422)
    twice = not as_draft and writing.is_recorded_alike(form)
    try:
        saved = writing.save(form, as_draft=as_draft)
    except StaleVersionError:
        return _stale(writing, form)
    except StepNotAllowedError as refusal:
        form.add_error(None, list(refusal.reasons))
        return writing.page(form, status=409)
    if as_draft:
        messages.success(writing.request, f"Draft saved. {ONLY_YOU}")
        return redirect("edit-consultation", saved.pk)
    said = "Recorded." if writing.is_draft else "Correction saved."
    messages.success(writing.request, TWICE if twice else said)
    return redirect("consultation", saved.pk)


def _stale(writing: Writing, sent_form: ConsultationForm) -> HttpResponse:
    """Show the form again with what was typed, beside what was saved meanwhile."""
    request, found = writing.request, writing.consultation
    if found is None:
        raise StepNotAllowedError("This consultation has been saved already.")
    found = consultation_to_read(request, found.pk)
    both = Writing(request, found.child, found)
    typed = typed_words(request.POST, sent_form, sent_form.rows)
    sent = as_sent(typed, version=found.version)
    if found.recorded_on is None:  # Of a draft the history tells no words: what differs is shown.
        form = both.form(sent, is_quiet=True)
        return both.page(form, status=409, differing=accounts.differing(found, form))
    since = stale.edits_since(sent_form, found)
    stale.follow(sent, sent_form, found, since)
    form = both.form(sent, is_quiet=True)
    form.others = stale.in_words(form, since)
    return both.page(form, status=409)
