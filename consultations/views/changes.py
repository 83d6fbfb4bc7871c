"""A goal change: its page, drafting it and editing it."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from consultations.forms.changes import (
    CHANGE,
    DRAFT,
    PROPOSE,
    GoalChangeForm,
    from_change,
    from_consultation,
)
from consultations.forms.steps import FORMS, StepForm
from consultations.http import (
    about,
    change_to_read,
    change_to_write,
    consultation_to_write,
)
from consultations.models import Consultation, GoalChange
from consultations.services import changes, proposals, reading, steps
from consultations.services.bound import how_it_moved
from consultations.services.support import why_change_is_unsupported
from consultations.workflow import Status, Step
from directory.editing import VERSION, edits, is_saved, status_of
from directory.http import CaseworkRequest
from directory.refusals import StepNotAllowedError
from permanency.http import may_write_about, number_in
from permanency.models import Child
from permanency.services import goals
from permanency.services.cautions import cautions_on
from permanency.services.effects import effects_kept

PREVIEWED = frozenset({Status.PROPOSED, Status.ENDORSED})
DISAGREED = frozenset({Status.NOT_ENDORSED, Status.DECLINED})


@require_safe
def goal_change(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Show everything needed to decide a change, and the steps that this person may take."""
    change = change_to_read(request, pk)
    return render(request, "consultations/goal_change.html", desk(request, change))


def desk(request: CaseworkRequest, change: GoalChange) -> dict[str, Any]:
    """Return what the page of a change shows."""
    on, status = request.today, Status(change.status)
    decisions = list(change.decisions.all())
    told, approval = reading.told(decisions), reading.approval(decisions)
    order = change.child.court_orders.in_force(on=on).first()
    standing = steps.standing_of(change, request.user, on=on, has_asked=change.reader_asked)
    offers = reading.offers(standing)
    forms = [_step_form(request, change, each.step) for each in offers if not each.reasons_against]
    return about(
        change.child,
        change=change,
        way_of_change=reading.way_of(change),
        waits_for=reading.waits_for(change),
        told=told,
        endorsement=reading.endorsement(told),
        order=order,
        cautions=cautions_on(change.goal, change.child, order),
        options=reading.options_of(change.consultation),
        effects=reading.effects_of(change, on=on)
        if status in PREVIEWED
        else effects_kept(approval.effects if approval else {}),
        approval=approval,
        moved=how_it_moved(change),
        forms=forms,
        main_step=next((form.step for form in forms if form.look == "dark"), None),
        refused=[each for each in offers if each.reasons_against],
        may_edit=may_write_about(request, change.child) and not changes.why_not_edited(change),
        is_disagreed=status in DISAGREED,
        may_record_facts=status is Status.APPROVED and _records_facts(request, change.child),
    )


def _step_form(request: CaseworkRequest, change: GoalChange, step: Step) -> StepForm:
    return FORMS[step](
        change=change,
        on=request.today,
        action_url=reverse("take-step", args=[change.pk, step.value]),
    )


def _records_facts(request: CaseworkRequest, child: Child) -> bool:
    person, on = request.user, request.today
    return any(
        recorder(person, child, on=on) is not None
        for recorder in (changes.recorder_of_case_plan, changes.recorder_of_childstory)
    )


@require_http_methods(["GET", "POST"])
def new_goal_change(request: CaseworkRequest) -> HttpResponse:
    """Draft a goal change on a recorded formal consultation, or propose it at once."""
    consultation = consultation_to_write(request, number_in(request, "consultation"))
    form = GoalChangeForm(
        request.POST or None,
        child=consultation.child,
        on=request.today,
        initial=from_consultation(consultation, on=request.today),
        cancel_url=reverse("consultation", args=[consultation.pk]),
    )
    form.buttons = (PROPOSE, DRAFT)
    if request.method != "POST":
        _refuse_what_cannot_begin(consultation)
    return _write(request, form, consultation)


def _refuse_what_cannot_begin(consultation: Consultation) -> None:
    if why := why_change_is_unsupported(consultation):
        raise StepNotAllowedError(why)
    if consultation.child.goal_changes.open().exists():
        raise StepNotAllowedError(steps.OPEN_ALREADY)


@require_http_methods(["GET", "POST"])
def edit_goal_change(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Edit an open change; where it is endorsed, the endorsement becomes void."""
    change = change_to_write(request, pk)
    if why := changes.why_not_edited(change):
        raise StepNotAllowedError(why)
    form = GoalChangeForm(
        request.POST or None,
        child=change.child,
        on=request.today,
        initial=from_change(change),
        cancel_url=reverse("goal-change", args=[change.pk]),
    )
    edits(form, change, subject=f"goal change {pk}", child_number=change.child_id)
    form.buttons = (PROPOSE, DRAFT) if change.status == Status.DRAFT else (CHANGE,)
    return _write(request, form, change.consultation, change)


def _write(
    request: CaseworkRequest,
    form: GoalChangeForm,
    consultation: Consultation,
    change: GoalChange | None = None,
) -> HttpResponse:
    current = goals.goal_in_force(consultation.child)
    page = about(consultation.child, consultation=consultation, change=change, form=form)
    page |= {"current": current, "is_endorsed": change and change.status == Status.ENDORSED}
    if request.method != "POST":
        return render(request, "consultations/write_change.html", page)
    is_draft = change is None or change.status == Status.DRAFT
    proposes = request.POST.get("save") == "propose" and is_draft
    form.is_proposal = proposes or not is_draft
    if form.is_valid():
        form.must_differ_from(current)
    if not form.is_valid():
        return render(request, "consultations/write_change.html", page, status=422)
    saved: list[GoalChange] = []
    write = partial(_save, request, form, consultation, change, proposes=proposes)
    try:
        is_done = is_saved(form, lambda: saved.append(write()))
    except StepNotAllowedError as refusal:
        form.add_error(None, list(refusal.reasons))
        return render(request, "consultations/write_change.html", page, status=409)
    if not is_done:
        return render(request, "consultations/write_change.html", page, status=status_of(form))
    messages.success(request, "Proposed." if proposes else "Saved.")
    return redirect("goal-change", saved[0].pk)


def _save(
    request: CaseworkRequest,
    form: GoalChangeForm,
    consultation: Consultation,
    change: GoalChange | None,
    *,
    proposes: bool,
) -> GoalChange:
    return proposals.write_down(
        change,
        consultation,
        form.proposal(),
        proposes=proposes,
        version=form.cleaned_data.get(VERSION, 1),
        by=request.user,
        on=request.today,
    )
