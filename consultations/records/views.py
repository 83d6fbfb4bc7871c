"""Reading consultations: all of one child, and one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from consultations.goal_changes import presentation
from consultations.goal_changes.transitions import StaleVersionError
from consultations.http import child_context, consultation_to_read, consultation_to_write
from consultations.models import Consultation, GoalChange
from consultations.policy import FORMAL
from consultations.records import form_values
from consultations.records import services as consultations
from consultations.records.content import history_fields, with_full_lists
from consultations.records.forms import (
    CORRECTION_BUTTONS,
    DRAFT_BUTTONS,
    MAX_ACTION_ROWS,
    PREFIX,
    ConsultationForm,
    action_rows,
)
from consultations.records.services import versions_of, was_corrected
from consultations.workflow import OPEN, Status
from directory.errors import StepNotAllowedError
from directory.forms.draft_forms import as_post_data, texts_from_post, with_another_row
from directory.forms.optimistic_lock import Edit, bind_form_to_row, latest_edit, show_latest_row
from directory.history import diff
from directory.web.request import CaseworkRequest
from permanency.http import (
    child_breadcrumbs,
    child_to_read,
    child_to_write,
    may_write_about,
    number_in,
)
from permanency.models import Child


@require_safe
def child_consultations(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Show the consultations of one child, the latest first, and the changes they led to."""
    child = child_to_read(request, pk)
    changes = Prefetch("goal_changes", GoalChange.objects.order_by("pk"))
    rows = Consultation.objects.visible_to(request.user, on=request.today)
    context = {
        "child": child,
        "breadcrumbs": child_breadcrumbs(child),
        "tab": "consultations",
        "rows": rows.filter(child=child).select_related("by").prefetch_related(changes),
        "may_write": may_write_about(request, child),
    }
    return render(request, "consultations/child_consultations.html", context)


@require_safe
def consultation(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Show one consultation as it stands on the record, or its author's draft."""
    found = consultation_to_read(request, pk)
    changes = list(found.goal_changes.order_by("pk"))
    statuses = {each.status for each in changes}
    is_recorded = found.recorded_on is not None
    context = child_context(
        found.child,
        consultation=found,
        options=presentation.options_for_child(found),
        evidence=list(found.evidence.all()),
        agreed=list(found.actions.all()),
        changes=changes,
        may_write=may_write_about(request, found.child),
        may_correct=is_recorded and Status.APPROVED not in statuses,
        may_propose=is_recorded
        and found.kind == FORMAL
        and not statuses & {*OPEN, Status.APPROVED},
        was_corrected=was_corrected(found),
    )
    return render(request, "consultations/consultation.html", context)


@require_safe
def consultation_versions(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Show the versions of one consultation, and what changed between two of them."""
    found = consultation_to_read(request, pk)
    here = reverse("consultation", args=[pk])
    context = child_context(
        found.child,
        what="consultation",
        lead="consultations/_child_lead.html",
        about_url=here,
        **diff.comparison_context(versions_of(found), request.GET, Consultation),
    )
    context["breadcrumbs"] = [*context["breadcrumbs"], ("Consultation", here)]
    return render(request, "versions.html", context)


DRAFT_IS_PRIVATE = "Only you can read it. The history says that it was begun."
RECORDED_ALREADY = "This consultation is recorded already."


@dataclass
class ConsultationEditor:
    """One person editor about one consultation of one child, which may not be there yet."""

    request: CaseworkRequest
    child: Child
    consultation: Consultation | None = None

    @property
    def is_draft(self) -> bool:
        """Whether what is written is not on the record yet."""
        return self.consultation is None or self.consultation.recorded_on is None

    def form(
        self, sent: QueryDict | None = None, *, hides_errors: bool = False
    ) -> ConsultationForm:
        """Return the form, with what was sent or with what is known already."""
        request, found = self.request, self.consultation
        if found is None:
            kind = form_values.kind_in_query(request.GET)
            first = form_values.initial_values(
                self.child, request.user, kind=kind, on=request.today
            )
            initial_rows = None
        else:
            first, initial_rows = form_values.current_values(found), form_values.open_actions(found)
        form = ConsultationForm(
            sent,
            child=self.child,
            on=request.today,
            rows=action_rows(sent, initial=initial_rows, hides_errors=hides_errors),
            hides_errors=hides_errors,
            initial=first,
            cancel_url=self.cancel_url,
        )
        if found is not None:
            bind_form_to_row(
                form,
                found,
                child_number=self.child.pk,
                lines=form_values.fields_by_history_line(),
                typed=lambda: history_fields(with_full_lists(form.content(), self.child)),
                saved=form_values.saved_values,
            )
        form.buttons = DRAFT_BUTTONS if self.is_draft else CORRECTION_BUTTONS
        return form

    def initial_form(self) -> ConsultationForm:
        """Return the form as it is first shown; a draft comes back as it was typed."""
        found = self.consultation
        if found is None or not found.typed:
            return self.form()
        return self.form(as_post_data(found.typed, version=found.version), hides_errors=True)

    @property
    def cancel_url(self) -> str:
        """Return where "Cancel" leads."""
        if self.consultation is None:
            return reverse("child-consultations", args=[self.child.pk])
        return reverse("consultation", args=[self.consultation.pk])

    def page(self, form: ConsultationForm, *, status: int = 200) -> HttpResponse:
        """Return the page with the form on it."""
        context = child_context(
            self.child,
            consultation=self.consultation,
            is_draft=self.is_draft,
            form=form,
            saved=None if form.other_edits is None else self._latest_edit(),
            done=form_values.done_actions(self.consultation),
            has_endorsement=self._has_endorsement(),
        )
        return render(self.request, "consultations/write.html", context, status=status)

    def _latest_edit(self) -> Edit | None:
        pk = getattr(self.consultation, "pk", None)
        return latest_edit(f"consultation {pk}", child_number=self.child.pk)

    def _has_endorsement(self) -> bool:
        found = self.consultation
        if found is None or self.is_draft:
            return False
        return GoalChange.objects.endorsed().filter(consultation=found).exists()

    def is_duplicate(self, form: ConsultationForm) -> bool:
        """Say whether the very same words are recorded already, by the browser's way back."""
        request = self.request
        if self.consultation is not None:
            return False
        alike = consultations.identical_record(
            self.child, form.content(), by=request.user, on=request.today
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
                typed=texts_from_post(request.POST, form, form.rows),
                answers=form.cleaned_data,
                draft=found,
                version=version,
                **who,
            )
        if found is None or self.is_draft:
            return consultations.record(
                self.child, form.content(), draft=found, version=version, **who
            )
        return consultations.correct(found, form.content(), version=version, **who)


@require_http_methods(["GET", "POST"])
def new_consultation(request: CaseworkRequest) -> HttpResponse:
    """Log a consultation about a child."""
    return _write(ConsultationEditor(request, child_to_write(request, number_in(request, "child"))))


@require_http_methods(["GET", "POST"])
def edit_consultation(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Go on with a draft, or correct what is on the record."""
    found = consultation_to_write(request, pk)
    if found.recorded_on and request.method == "GET":
        why = consultations.why_not_corrected(found)
        if why:
            raise StepNotAllowedError(why)
    return _write(ConsultationEditor(request, found.child, found))


def _write(editor: ConsultationEditor) -> HttpResponse:
    sent = editor.request.POST
    if editor.request.method != "POST":
        return editor.page(editor.initial_form())
    if sent.get("save") == "row":
        more = with_another_row(sent, prefix=PREFIX, most=MAX_ACTION_ROWS)
        return editor.page(editor.form(more, hides_errors=True))
    form = editor.form(sent)
    as_draft = sent.get("save") == "draft" and editor.is_draft
    if not form.is_valid() and not as_draft:
        return editor.page(form, status=422)
    twice = not as_draft and editor.is_duplicate(form)
    try:
        saved = editor.save(form, as_draft=as_draft)
    except StaleVersionError:
        return _stale_page(editor)
    except StepNotAllowedError as refusal:
        form.add_error(None, list(refusal.reasons))
        return editor.page(form, status=409)
    if as_draft:
        messages.success(editor.request, f"Draft saved. {DRAFT_IS_PRIVATE}")
        return redirect("edit-consultation", saved.pk)
    said = "Recorded." if editor.is_draft else "Correction saved."
    messages.success(editor.request, RECORDED_ALREADY if twice else said)
    return redirect("consultation", saved.pk)


def _stale_page(editor: ConsultationEditor) -> HttpResponse:
    """Show the form again with what was typed, beside what was saved meanwhile."""
    request, found = editor.request, editor.consultation
    if found is None:
        raise StepNotAllowedError("This consultation has been saved already.")
    found = consultation_to_read(request, found.pk)
    editor = ConsultationEditor(request, found.child, found)
    form = editor.form(request.POST, hides_errors=True)
    form.is_valid()
    show_latest_row(form)
    return editor.page(form, status=409)
