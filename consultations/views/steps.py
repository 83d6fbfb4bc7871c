"""Taking one step of the workflow, and the facts that follow an approval."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from consultations.forms.steps import FORMS, CasePlanForm, StepForm
from consultations.http import about, change_to_read
from consultations.models import Decision, GoalChange
from consultations.services import changes, decisions, steps
from consultations.views.changes import desk
from consultations.workflow import (
    TAKEN_BY_PEOPLE,
    Status,
    Step,
    moved_on,
    reasons_against,
    roles_for,
    row_for,
)
from directory import proof
from directory.editing import edits, is_saved, status_of
from directory.http import CaseworkRequest
from directory.refusals import StepNotAllowedError
from permanency.services.cautions import cautions_on

SERVICES: dict[Step, Callable[..., Decision]] = {
    Step.PROPOSE: decisions.propose,
    Step.ENDORSE: decisions.endorse,
    Step.NOT_ENDORSE: decisions.not_endorse,
    Step.ASK_FOR_MORE: decisions.ask_for_more,
    Step.APPROVE: decisions.approve,
    Step.DECLINE: decisions.decline,
    Step.START_AGAIN: changes.start_again,
    Step.WITHDRAW: decisions.withdraw,
}
SAID = {
    Step.PROPOSE: "Your proposal is on the record.",
    Step.ENDORSE: "Your endorsement is on the record.",
    Step.NOT_ENDORSE: "Your decision is on the record.",
    Step.ASK_FOR_MORE: "Sent back to draft with what is missing.",
    Step.APPROVE: "Your approval is on the record.",
    Step.DECLINE: "Your decision is on the record.",
    Step.START_AGAIN: "A new draft stands on the same consultation.",
    Step.WITHDRAW: "The goal change is withdrawn.",
}


@require_http_methods(["GET", "POST"])
def take_step(request: CaseworkRequest, pk: int, step: str) -> HttpResponse:
    """Ask for what a step needs, then take it; a step not possible here is a 409 with reasons."""
    change = change_to_read(request, pk)
    if step not in TAKEN_BY_PEOPLE:
        raise Http404
    taken = Step(step)
    roles = roles_for(row_for(taken), change.child.case_managed_by)
    if not request.user.holds(roles, on=request.today, district=change.child.district):
        raise PermissionDenied
    if taken is Step.APPROVE and not proof.is_fresh(request):
        return proof.detour(request)
    form = _form(request, change, taken)
    if request.method == "POST" and change.status not in row_for(taken).starts:
        return _moved_on(request, change)
    if request.method == "POST" and form.is_valid():
        return _take(request, change, form)
    standing = steps.standing_of(
        change, request.user, on=request.today, has_asked=change.reader_asked
    )
    if against := reasons_against(taken, standing):
        raise StepNotAllowedError(*against)
    return _page(request, change, form, status=422 if request.method == "POST" else 200)


def _form(request: CaseworkRequest, change: GoalChange, step: Step) -> StepForm:
    return FORMS[step](
        request.POST if request.method == "POST" else None,
        change=change,
        on=request.today,
        cancel_url=reverse("goal-change", args=[change.pk]),
    )


def _take(request: CaseworkRequest, change: GoalChange, form: StepForm) -> HttpResponse:
    take = SERVICES[form.step]
    try:
        decision = take(change, by=request.user, on=request.today, **form.asked_for())
    except StepNotAllowedError as refusal:
        now = change_to_read(request, change.pk)
        if now.status not in row_for(form.step).starts:
            answer = _moved_on(request, now, *refusal.reasons)
            # An endorsement that an approval finds void stays void, though the approval is refused.
            answer.keeps_what_was_found = True  # type: ignore[attr-defined]  # read by TypedTextMiddleware
            return answer
        if not form.cleaned_data.get("reasons"):
            raise
        return _refused(request, now, form, refusal)
    messages.success(request, SAID[form.step])
    return redirect("goal-change", decision.goal_change_id)


def _moved_on(request: CaseworkRequest, change: GoalChange, *reasons: str) -> HttpResponse:
    """Show the change as it now stands to somebody whose page was older, with what they typed."""
    page = desk(request, change)
    page["moved_on"] = " ".join(reasons) or moved_on(Status(change.status))
    page["typed"] = request.POST.get("reasons", "")
    return render(request, "consultations/goal_change.html", page, status=409)


def _refused(
    request: CaseworkRequest, change: GoalChange, form: StepForm, refusal: StepNotAllowedError
) -> HttpResponse:
    """Show the form again with what was typed, on the change as it stands now."""
    form.add_error(None, list(refusal.reasons))
    form.data = {**form.data.dict(), "version": change.version}  # type: ignore[attr-defined]  # it was sent
    return _page(request, change, form, status=409)


def _page(
    request: CaseworkRequest, change: GoalChange, form: StepForm, status: int
) -> HttpResponse:
    order = change.child.court_orders.in_force(on=request.today).first()
    context = about(
        change.child,
        change=change,
        form=form,
        title=form.step.label,
        cautions=cautions_on(change.goal, change.child, order),
    )
    return render(request, "consultations/step.html", context, status=status)


@require_http_methods(["GET", "POST"])
def record_case_plan(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Record the facts after approval: case plan approved, goal entered in ChildStory."""
    change = change_to_read(request, pk)
    form = CasePlanForm(
        request.POST if request.method == "POST" else None,
        change=change,
        person=request.user,
        on=request.today,
        cancel_url=reverse("goal-change", args=[change.pk]),
    )
    if not form.fields:
        raise PermissionDenied
    if change.status != Status.APPROVED:
        raise StepNotAllowedError("This goal change is not approved.")
    edits(form, change, child_number=change.child_id)
    record = partial(changes.record_dates, change, by=request.user, on=request.today)
    if form.is_valid() and is_saved(form, lambda: record(**form.cleaned_data)):
        messages.success(request, "Saved.")
        return redirect("goal-change", change.pk)
    context = about(change.child, change=change, form=form, title="Dates after approval")
    return render(request, "consultations/step.html", context, status=status_of(form))
