"""The pages of consultations: reading them, writing a draft, recording and correcting."""

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
from consultations.goal_changes.presentation import OneStep
from consultations.goal_changes.services import Proposal
from consultations.goal_changes.transitions import StaleVersionError
from consultations.goal_changes.views import OTHER_DATES
from consultations.http import child_context, consultation_to_read, consultation_to_write
from consultations.models import Consultation, Evidence, GoalChange
from consultations.policy import FORMAL
from consultations.records import services as consultations
from consultations.records.forms import (
    DRAFT_BUTTON,
    ENDORSE,
    MARKED_EVIDENCE,
    MAX_ACTION_ROWS,
    PROPOSE,
    ConsultationForm,
    consultation_action_rows,
    current_values,
    done_actions,
    fields_by_history_line,
    initial_values,
    open_actions,
    saved_values,
)
from consultations.records.services import (
    history_fields,
    was_corrected,
    with_full_lists,
)
from consultations.workflow import OPEN, Status
from directory.errors import StepNotAllowedError, refuse
from directory.forms.drafts import as_post_data, restore_draft, texts_from_post, with_another_row
from directory.forms.optimistic_lock import bind_form_to_row, latest_edit, show_latest_row
from directory.forms.show_then_save import SEEN
from directory.history import diff
from directory.web.request import CaseworkRequest, post_data
from permanency.care.forms import ACTIONS
from permanency.goals.forms import StrikeForm
from permanency.http import (
    StepTexts,
    child_breadcrumbs,
    child_to_read,
    child_to_write,
    may_write_about,
    number_in,
    show_then_save,
)
from permanency.models import Child
from permanency.policy.months import age_on


@require_safe
def child_consultations(request: CaseworkRequest, pk: int) -> HttpResponse:
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
    row = consultation_to_read(request, pk)
    changes = list(row.goal_changes.order_by("pk"))
    statuses = {each.status for each in changes}
    stands = row.recorded_on is not None and row.struck_on is None
    options = presentation.options_for_child(row)
    context = child_context(
        row.child,
        consultation=row,
        options=options,
        evidence=list(row.evidence.all()),
        agreed=list(row.actions.all()),
        changes=changes,
        may_write=may_write_about(request, row.child),
        may_correct=stands and Status.APPROVED not in statuses,
        may_strike=stands and not statuses & {*OPEN, Status.APPROVED},
        may_propose=stands
        and row.kind == FORMAL
        and not statuses & {*OPEN, Status.APPROVED}
        and any(each.is_practicable for each in options),
        was_corrected=was_corrected(row),
    )
    return render(request, "consultations/consultation.html", context)


@require_safe
def consultation_versions(request: CaseworkRequest, pk: int) -> HttpResponse:
    row = consultation_to_read(request, pk)
    here = reverse("consultation", args=[pk])
    verbs = (consultations.RECORD_VERB, consultations.CORRECT_VERB)
    known = diff.versions(f"consultation {pk}", verbs, child_number=row.child_id)
    context = child_context(
        row.child,
        what="consultation",
        lead="consultations/_child_lead.html",
        about_url=here,
        **diff.comparison_context(known, request.GET, Consultation),
    )
    context["breadcrumbs"] = [*context["breadcrumbs"], ("Consultation", here)]
    return render(request, "versions.html", context)


DRAFT_IS_PRIVATE = "Only you can read it. The history says that it was begun."
RECORDED_ALREADY = "This consultation is recorded already."


@dataclass
class ConsultationEditor:
    """One person writing one consultation about one child, which may not be saved yet."""

    request: CaseworkRequest
    child: Child
    consultation: Consultation | None = None

    @property
    def is_draft(self) -> bool:
        return self.consultation is None or self.consultation.recorded_on is None

    def form(
        self, sent: QueryDict | None = None, *, hides_errors: bool = False
    ) -> ConsultationForm:
        request, saved = self.request, self.consultation
        if saved is None:
            kind = request.GET.get("kind", "")
            first = initial_values(self.child, request.user, asked_kind=kind, on=request.today)
            initial_rows, cancel_url = None, reverse("child-consultations", args=[self.child.pk])
        else:
            first, initial_rows = current_values(saved), open_actions(saved)
            cancel_url = reverse("consultation", args=[saved.pk])
        form = ConsultationForm(
            sent,
            child=self.child,
            on=request.today,
            one_step=self.one_step(),
            rows=consultation_action_rows(
                sent,
                initial=initial_rows,
                done=done_actions(saved) if sent else (),
                soon_after=request.today,
                hides_errors=hides_errors,
            ),
            hides_errors=hides_errors,
            initial=first,
            cancel_url=cancel_url,
        )
        if saved is not None:
            bind_form_to_row(
                form,
                saved,
                child_number=self.child.pk,
                lines=fields_by_history_line(),
                typed=lambda: history_fields(with_full_lists(form.content(), self.child)),
                saved=saved_values,
            )
        form.draft_button = DRAFT_BUTTON if self.is_draft else None
        return form

    def one_step(self) -> OneStep | None:
        """Return what may be done about the goal with a consultation that is not recorded yet."""
        if not self.is_draft:
            return None
        user, on = self.request.user, self.request.today
        typed = self.request.POST.get("asked_by_name")
        if typed is None:
            saved = self.consultation.typed if self.consultation else {}
            typed = next(iter(saved.get("asked_by_name", ())), self.child.caseworker)
        return presentation.one_step(self.child, user, asked_by=typed, on=on)

    def initial_form(self) -> ConsultationForm:
        saved = self.consultation
        if saved is None or not saved.typed:
            return self.form()
        return self.form(as_post_data(saved.typed, version=saved.version), hides_errors=True)

    def page(self, form: ConsultationForm, *, status: int = 200) -> HttpResponse:
        # The page says what kind it is before it comes to the fields.
        restore_draft(form, self.request)
        form.name_by_kind()
        subject = f"consultation {getattr(self.consultation, 'pk', None)}"
        endorsed = GoalChange.objects.endorsed().filter(consultation=self.consultation)
        context = child_context(
            self.child,
            consultation=self.consultation,
            is_draft=self.is_draft,
            form=form,
            age=age_on(self.child.born_on, self.request.today),
            goal_in_force=presentation.goal_in_force_words(self.child),
            people=self.people(),
            saved=None
            if form.other_edits is None
            else latest_edit(subject, child_number=self.child.pk),
            done=done_actions(self.consultation),
            has_endorsement=not self.is_draft and endorsed.exists(),
        )
        return render(self.request, "consultations/write.html", context, status=status)

    def people(self) -> list[str]:
        """Return the names that an action agreed here is most often given to."""
        return list(filter(None, (self.child.caseworker, self.request.user.name)))

    def is_duplicate(self, form: ConsultationForm) -> bool:
        by, on = self.request.user, self.request.today
        return self.consultation is None and bool(
            consultations.identical_record(self.child, form.content(), by=by, on=on)
        )

    def propose(self, form: ConsultationForm, proposal: Proposal, *, endorses: bool) -> GoalChange:
        return consultations.record_and_propose(
            self.child,
            form.content(),
            proposal,
            exemption=form.exemption(),
            endorses=endorses,
            draft=self.consultation,
            version=form.cleaned_data.get("version") or 1,
            by=self.request.user,
            on=self.request.today,
        )

    def save(self, form: ConsultationForm, *, as_draft: bool) -> Consultation:
        request, saved = self.request, self.consultation
        who: dict[str, Any] = {"by": request.user, "on": request.today}
        version = form.cleaned_data.get("version") or 1
        if as_draft:
            return consultations.save_draft(
                self.child,
                typed=texts_from_post(request.POST, form, form.rows),
                answers=form.cleaned_data,
                draft=saved,
                version=version,
                **who,
            )
        if saved is None or self.is_draft:
            return consultations.record(
                self.child, form.content(), draft=saved, version=version, **who
            )
        return consultations.correct(saved, form.content(), version=version, **who)


@require_http_methods(["GET", "POST"])
def new_consultation(request: CaseworkRequest) -> HttpResponse:
    return _write(ConsultationEditor(request, child_to_write(request, number_in(request, "child"))))


@require_http_methods(["GET", "POST"])
def edit_consultation(request: CaseworkRequest, pk: int) -> HttpResponse:
    saved = consultation_to_write(request, pk)
    if saved.recorded_on and request.method == "GET":
        refuse(consultations.why_not_corrected(saved))
    return _write(ConsultationEditor(request, saved.child, saved))


STRIKE_STEP = StepTexts(
    "Strike a consultation",
    "Strike the consultation",
    "For one that was recorded by mistake, for example about the wrong child. It stays to be read, "
    "with the reason; no goal change can rest on it, and actions agreed at it are struck with it. "
    "No date moves.",
)


@require_http_methods(["GET", "POST"])
def strike_consultation(request: CaseworkRequest, pk: int) -> HttpResponse:
    row = consultation_to_write(request, pk)
    refuse(consultations.why_not_struck(row))
    here = reverse("consultation", args=[pk])
    form = StrikeForm(post_data(request), cancel_url=here)
    bind_form_to_row(form, row, child_number=row.child_id)

    def save() -> str:
        said = {name: form.cleaned_data[name] for name in ("reasons", "version")}
        consultations.strike(row, **said, by=request.user, on=request.today)
        return "The consultation is struck. What it said stays to be read."

    return show_then_save(
        request, row.child, STRIKE_STEP, form, effect=lambda: (), save=save, leads_to=here
    )


def _write(editor: ConsultationEditor) -> HttpResponse:
    sent = editor.request.POST
    if editor.request.method != "POST":
        return editor.page(editor.initial_form())
    if (more := _filled_further(sent)) is not None:
        return editor.page(editor.form(more, hides_errors=True))
    form = editor.form(sent)
    as_draft = sent.get("save") == "draft" and editor.is_draft
    if not form.is_valid() and not as_draft:
        return editor.page(form, status=422)
    if form.one_step is not None and sent.get("save") in {PROPOSE, ENDORSE}:
        return _propose(editor, form, form.one_step, endorses=sent["save"] == ENDORSE)
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
    message = "Recorded." if editor.is_draft else "Correction saved."
    messages.success(editor.request, RECORDED_ALREADY if twice else message)
    return redirect("consultation", saved.pk)


def _filled_further(sent: QueryDict) -> QueryDict | None:
    """Return what a button adds to the words that does not save them; None for one that does."""
    button = sent.get("save", "")
    if button == "row":
        return with_another_row(sent, prefix=ACTIONS, most=MAX_ACTION_ROWS)
    more = sent.copy()
    if button == "all_seen":
        for kind in MARKED_EVIDENCE:
            if kind != Evidence.Kind.OTHER:
                more[f"evidence_{kind}_state"] = Evidence.State.SEEN
    elif button in Consultation.Kind.values:
        more["kind"] = button
    else:
        return None
    return more


def _propose(
    editor: ConsultationEditor, form: ConsultationForm, step: OneStep, *, endorses: bool
) -> HttpResponse:
    """Record and propose, and endorse: only what the page showed, on the goal that it showed."""
    proposal = form.proposal(goal_in_force=step.goal_in_force, endorses=endorses)
    if proposal is None:
        return editor.page(form, status=422)
    if editor.request.POST.get(SEEN) != step.seen:
        form.add_error(None, OTHER_DATES)
        return editor.page(form, status=409)
    try:
        change = editor.propose(form, proposal, endorses=endorses)
    except StaleVersionError:
        return _stale_page(editor)
    except StepNotAllowedError as refusal:
        form.add_error(None, list(refusal.reasons))
        return editor.page(form, status=409)
    done = "Recorded, proposed and endorsed." if endorses else "Recorded and proposed."
    messages.success(editor.request, done)
    return redirect("goal-change", change.pk)


def _stale_page(editor: ConsultationEditor) -> HttpResponse:
    request = editor.request
    if editor.consultation is None:
        raise StepNotAllowedError("This consultation has been saved already.")
    saved = consultation_to_read(request, editor.consultation.pk)
    editor = ConsultationEditor(request, saved.child, saved)
    form = editor.form(request.POST, hides_errors=True)
    form.is_valid()
    show_latest_row(form)
    return editor.page(form, status=409)
