"""The pages of a goal change, its steps, and the queue of those that wait for approval."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from consultations.goal_changes import presentation, services
from consultations.goal_changes.eligibility import (
    OPEN_ALREADY,
    step_context_for,
    why_change_is_unsupported,
)
from consultations.goal_changes.forms import (
    CHANGE,
    DRAFT,
    PROPOSE,
    CasePlanForm,
    GoalChangeForm,
    MarkEvidenceForm,
    initial_from_change,
    initial_from_consultation,
)
from consultations.goal_changes.step_forms import FORMS, DecideForm, StepForm
from consultations.goal_changes.transitions import StaleVersionError, case_change_reason
from consultations.http import (
    change_to_decide,
    change_to_read,
    change_to_write,
    child_context,
    consultation_to_write,
)
from consultations.models import Consultation, Evidence, GoalChange
from consultations.workflow import (
    TRANSITIONS,
    USER_STEPS,
    Status,
    Step,
    new_status_sentence,
    reasons_against,
)
from directory.errors import OtherEffectError, StepNotAllowedError, refuse
from directory.forms.optimistic_lock import (
    VERSION,
    bind_form_to_row,
    form_status,
    save_unless_stale,
)
from directory.forms.show_then_save import SEEN, sent_answers, set_hidden
from directory.history import access_log
from directory.request_notes import notes_of
from directory.roles import DECIDES, READS_QUEUE
from directory.web.pagination import KeysetPage, Part
from directory.web.request import (
    Breadcrumbs,
    CaseworkRequest,
    has_fresh_proof,
    only,
    post_data,
    step_up_redirect,
)
from permanency.goals import store
from permanency.goals.effects import effects_from_data
from permanency.http import may_write_about, number_in
from permanency.models import RuleVersion

OTHER_DATES = "This is not what the page showed before: look at the dates, then send it again."


@require_http_methods(["GET", "POST"])
def goal_change(request: CaseworkRequest, pk: int) -> HttpResponse:
    if "save" in request.POST:
        return _decide(request, change_to_decide(request, pk))
    change = change_to_read(request, pk)
    if request.method == "POST":
        return _decide(request, change)
    page = goal_change_context(request, change)
    return render(request, "consultations/goal_change.html", page)


def _decide(request: CaseworkRequest, change: GoalChange) -> HttpResponse:
    """Check an approver's decision, show what it does, and save what was shown."""
    roles = TRANSITIONS[Step.APPROVE].roles_for(change.child.case_managed_by)
    if not request.user.holds(roles, on=request.today, district=change.child.district):
        raise PermissionDenied
    if change.status != Status.ENDORSED:
        return _new_status_page(request, change_to_read(request, change.pk))
    form = DecideForm(request.POST, change=change, on=request.today)
    if not form.is_valid():
        return _decide_page(request, form, status=422)
    if form.step_form.step is Step.APPROVE and not has_fresh_proof(request):
        return step_up_redirect(request)
    if "save" in request.POST:
        return _save_step(request, change, form.step_form, check=form)
    if form.cleaned_data[VERSION] != change.version:
        form.add_error(None, str(StaleVersionError("goal change")))
        set_hidden(form, VERSION, change.version)
        return _decide_page(request, form, status=409)
    if "change" in request.POST:
        return _decide_page(request, form, status=200)
    return _check_page(request, form)


def _decide_page(request: CaseworkRequest, form: DecideForm, *, status: int) -> HttpResponse:
    change = form.change
    if "save" in request.POST:
        change = change_to_read(request, change.pk)
    page = goal_change_context(request, change, form)
    return render(request, "consultations/goal_change.html", page, status=status)


def _check_page(
    request: CaseworkRequest, form: DecideForm, *, has_moved: bool = False
) -> HttpResponse:
    change, on, step = form.change, request.today, form.step_form.step
    refuse(*reasons_against(step, step_context_for(change, request.user, on=on)))
    day = form.step_form.cleaned_data.get("effective_on")
    effects, seen = presentation.shown_with(change, on=on, effective_on=day)
    order = change.child.court_orders.in_force(on=on).first()
    cautions = presentation.cautions_about(change, order, effects, on=on)
    context = child_context(
        change.child,
        change=change,
        form=form,
        step=step,
        answers=form.answers(),
        effects=effects if step is Step.APPROVE else (),
        has_moved=has_moved,
        still_open=presentation.still_open(change, cautions),
        consequences=presentation.consequences(change, step, effective_on=day),
        carried=sent_answers(request.POST, seen),
        here=_change_address(request, change),
    )
    context["breadcrumbs"] = [
        *_way_back(request, context["breadcrumbs"]),
        ("Goal change", context["here"]),
    ]
    status = 409 if has_moved else 200
    return render(request, "consultations/check_decision.html", context, status=status)


APPROVALS = "approvals"


def _came_from_approvals(request: CaseworkRequest) -> bool:
    return request.GET.get("from") == APPROVALS


def _change_address(request: CaseworkRequest, change: GoalChange) -> str:
    address = reverse("goal-change", args=[change.pk])
    return f"{address}?from={APPROVALS}" if _came_from_approvals(request) else address


def _way_back(request: CaseworkRequest, breadcrumbs: Breadcrumbs) -> Breadcrumbs:
    return [("Approvals", reverse("approvals"))] if _came_from_approvals(request) else breadcrumbs


def goal_change_context(
    request: CaseworkRequest, change: GoalChange, decide_form: DecideForm | None = None
) -> dict[str, Any]:
    on, child, status = request.today, change.child, Status(change.status)
    decisions = list(change.decisions.all())
    decision_rows = presentation.decision_rows(decisions)
    approval = next((each for each in decisions if each.step == Step.APPROVE), None)
    order = child.court_orders.in_force(on=on).first()
    offers = presentation.step_offers(step_context_for(change, request.user, on=on))
    effects, seen = presentation.shown_with(change, on=on)
    to_decide = presentation.decisions_offered(offers) if status is Status.ENDORSED else []
    forms = [
        FORMS[step](
            change=change,
            on=on,
            seen=seen,
            action_url=reverse("take-step", args=[change.pk, step.value]),
        )
        for step, reasons in offers
        if not reasons and step not in to_decide
    ]
    if to_decide and decide_form is None:
        decide_form = DecideForm(change=change, steps=to_decide, on=on)
    may_edit = may_write_about(request, child) and not services.why_not_edited(change)
    evidence = presentation.evidence_list(change)
    context = child_context(
        child,
        change=change,
        progress=presentation.progress_steps(change),
        next_step_sentence=presentation.next_step_sentence(change, on=on),
        decision_rows=decision_rows,
        endorsement=presentation.current_endorsement(decision_rows),
        order=order,
        cautions=presentation.cautions_about(change, order, effects, on=on),
        evidence=evidence,
        missing=[
            (each, _mark_form(change, each) if may_edit else None) for each in evidence.missing
        ],
        options=presentation.options_for_child(change.consultation),
        effects=effects or effects_from_data(approval.effects if approval else {}),
        approval=approval,
        case_change=case_change_reason(change),
        decide_form=decide_form,
        others=_other_decisions(request, change, decides=bool(to_decide)),
        forms=forms,
        main_step=next((form.step for form in forms if form.look == "dark"), None),
        refused=[(step, reasons) for step, reasons in offers if reasons],
        may_edit=may_edit,
        may_disagree=status in {Status.NOT_ENDORSED, Status.DECLINED},
        may_record_dates=status is Status.APPROVED
        and any(services.date_appointments(request.user, child, on=on).values()),
    )
    return context | {"breadcrumbs": _way_back(request, context["breadcrumbs"])}


def _mark_form(change: GoalChange, evidence: Evidence) -> MarkEvidenceForm:
    address = reverse("mark-evidence", args=[change.pk, evidence.kind])
    return MarkEvidenceForm(change=change, evidence=evidence, action_url=address)


def _other_decisions(
    request: CaseworkRequest, change: GoalChange, *, decides: bool
) -> list[GoalChange] | None:
    """Return what else waits for this person, who decides here or came from the approvals."""
    if not decides and not _came_from_approvals(request):
        return None
    return presentation.other_decisions(request.user, change, on=request.today)


@require_http_methods(["GET", "POST"])
def new_goal_change(request: CaseworkRequest) -> HttpResponse:
    consultation = consultation_to_write(request, number_in(request, "consultation"))
    form = GoalChangeForm(
        post_data(request),
        child=consultation.child,
        on=request.today,
        goal_in_force=presentation.goal_in_force_words(consultation.child),
        initial=initial_from_consultation(consultation, on=request.today),
        cancel_url=reverse("consultation", args=[consultation.pk]),
    )
    form.buttons = (PROPOSE, DRAFT)
    if request.method != "POST":
        refuse(why_change_is_unsupported(consultation))
        refuse(OPEN_ALREADY if consultation.child.goal_changes.open().exists() else "")
    return _write(request, form, consultation)


@require_http_methods(["GET", "POST"])
def edit_goal_change(request: CaseworkRequest, pk: int) -> HttpResponse:
    change = change_to_write(request, pk)
    refuse(services.why_not_edited(change))
    form = GoalChangeForm(
        post_data(request),
        child=change.child,
        on=request.today,
        goal_in_force=presentation.goal_in_force_words(change.child),
        initial=initial_from_change(change),
        cancel_url=reverse("goal-change", args=[change.pk]),
    )
    bind_form_to_row(form, change, subject=f"goal change {pk}", child_number=change.child_id)
    form.buttons = (PROPOSE, DRAFT) if change.status == Status.DRAFT else (CHANGE,)
    return _write(request, form, change.consultation, change)


def _write(
    request: CaseworkRequest,
    form: GoalChangeForm,
    consultation: Consultation,
    change: GoalChange | None = None,
) -> HttpResponse:
    current = store.goal_in_force(consultation.child)
    page = child_context(consultation.child, consultation=consultation, change=change, form=form)
    page |= {"is_endorsed": change and change.status == Status.ENDORSED}
    if request.method != "POST":
        return render(request, "consultations/write_change.html", page)
    is_draft = change is None or change.status == Status.DRAFT
    proposes = request.POST.get("save") == "propose" and is_draft
    form.is_proposal = proposes or not is_draft
    if form.is_valid():
        form.refuse_same_goal(current)
    if not form.is_valid():
        return render(request, "consultations/write_change.html", page, status=422)
    if form.is_proposal and form.refuse_unseen_goal():
        return render(request, "consultations/write_change.html", page, status=409)
    saved: list[GoalChange] = []
    save = partial(
        services.save_change,
        change,
        consultation,
        form.proposal(),
        proposes=proposes,
        version=form.cleaned_data.get(VERSION, 1),
        by=request.user,
        on=request.today,
    )
    try:
        is_done = save_unless_stale(form, lambda: saved.append(save()))
    except StepNotAllowedError as refusal:
        form.add_error(None, list(refusal.reasons))
        return render(request, "consultations/write_change.html", page, status=409)
    if not is_done:
        return render(request, "consultations/write_change.html", page, status=form_status(form))
    messages.success(request, "Proposed." if proposes else "Saved.")
    return redirect("goal-change", saved[0].pk)


@require_http_methods(["GET", "POST"])
def take_step(request: CaseworkRequest, pk: int, step: str) -> HttpResponse:
    change = change_to_decide(request, pk)
    if step not in USER_STEPS:
        raise Http404
    row = TRANSITIONS[Step(step)]
    roles = row.roles_for(change.child.case_managed_by)
    if not request.user.holds(roles, on=request.today, district=change.child.district):
        raise PermissionDenied
    if row.step is Step.APPROVE and not has_fresh_proof(request):
        return step_up_redirect(request)
    form = FORMS[row.step](
        post_data(request),
        change=change,
        on=request.today,
        cancel_url=reverse("goal-change", args=[pk]),
    )
    if request.method == "POST" and change.status not in row.starts:
        return _new_status_page(request, change_to_read(request, pk))
    if request.method == "POST" and form.is_valid():
        return _save_step(request, change, form)
    context = step_context_for(change, request.user, on=request.today)
    if against := reasons_against(row.step, context):
        raise StepNotAllowedError(*against)
    return _page(request, change, form, status=422 if request.method == "POST" else 200)


def _save_step(
    request: CaseworkRequest, change: GoalChange, form: StepForm, *, check: DecideForm | None = None
) -> HttpResponse:
    """Save a step; `check` is the decision of which the check page was shown before."""
    row = TRANSITIONS[form.step]
    try:
        decision = form.save(by=request.user)
    except OtherEffectError:
        if check is not None:
            return _check_page(request, check, has_moved=True)
        return _show_again(request, change, form, OTHER_DATES)
    except StepNotAllowedError as refusal:
        now = change_to_read(request, change.pk)
        if now.status not in row.starts:
            answer = _new_status_page(request, now, *refusal.reasons)
            # An endorsement that an approval finds void stays void, though the approval is refused.
            notes_of(request).keeps_changes = True
            return answer
        if not form.cleaned_data.get("reasons"):
            raise
        return _show_again(request, now, form, *refusal.reasons)
    messages.success(request, row.message)
    return redirect(_change_address(request, decision.goal_change))


def _show_again(
    request: CaseworkRequest, change: GoalChange, form: StepForm, *reasons: str
) -> HttpResponse:
    """Show the form with what was typed, on the change as it stands now."""
    form.add_error(None, list(reasons))
    set_hidden(form, VERSION, change.version)
    return _page(request, change, form, status=409)


def _new_status_page(request: CaseworkRequest, change: GoalChange, *reasons: str) -> HttpResponse:
    page = goal_change_context(request, change)
    page["moved_on"] = " ".join(reasons) or new_status_sentence(Status(change.status))
    chosen = request.POST.get("decision", "")
    page["typed"] = request.POST.get(f"{chosen}-reasons", request.POST.get("reasons", ""))
    return render(request, "consultations/goal_change.html", page, status=409)


def _page(
    request: CaseworkRequest, change: GoalChange, form: StepForm, *, status: int
) -> HttpResponse:
    day = form.cleaned_data.get("effective_on") if form.is_bound else None
    effects, seen = presentation.shown_with(change, on=request.today, effective_on=day)
    form.initial[SEEN] = seen
    if form.is_bound:
        set_hidden(form, SEEN, seen)
    order = change.child.court_orders.in_force(on=request.today).first()
    context = child_context(
        change.child,
        change=change,
        form=form,
        title=form.step.label,
        effects=effects if SEEN in form.fields else (),
        effective_on=day or request.today,
        cautions=presentation.cautions_about(change, order, effects, on=request.today),
    )
    return render(request, "consultations/step.html", context, status=status)


@require_http_methods(["GET", "POST"])
def record_case_plan(request: CaseworkRequest, pk: int) -> HttpResponse:
    change = change_to_decide(request, pk)
    form = CasePlanForm(
        post_data(request),
        change=change,
        person=request.user,
        on=request.today,
        cancel_url=reverse("goal-change", args=[change.pk]),
    )
    if not form.fields:
        raise PermissionDenied
    if change.status != Status.APPROVED:
        raise StepNotAllowedError("This goal change is not approved.")
    bind_form_to_row(form, change, child_number=change.child_id)
    record = partial(services.record_dates, change, by=request.user, on=request.today)
    if form.is_valid() and save_unless_stale(form, lambda: record(**form.cleaned_data)):
        messages.success(request, "Saved.")
        return redirect("goal-change", change.pk)
    context = child_context(change.child, change=change, form=form, title="Dates after approval")
    return render(request, "consultations/step.html", context, status=form_status(form))


@require_safe
@only(READS_QUEUE)
def approvals(request: CaseworkRequest) -> HttpResponse:
    user, on = request.user, request.today
    changes = presentation.approval_queue(user, on=on)
    page = KeysetPage([Part(changes, by="status_since_on")], request.GET, counted=changes)
    rules = RuleVersion.objects.in_force(on=on)
    access_log.add_list_read(request, (change.child_id for change in page))
    context = {
        "page": page,
        "rows": [presentation.queue_row(change, user, on=on, rules=rules) for change in page],
        "target": rules.targets_working_days["approval"],
        "may_decide": user.holds(DECIDES, on=on),
    }
    return render(request, "consultations/approvals.html", context)
