"""Registering a child and editing the details."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from directory.http import CaseworkRequest, only
from directory.refusals import StaleEditError
from directory.roles import WRITES_CASES
from permanency.forms.children import ChildForm, EditChildForm, NewChildForm
from permanency.http import carried, child_to_write, reads_about, sent, way_to
from permanency.models import CasePlanGoal, Child
from permanency.policy.months import day_in_words
from permanency.services import care, edits, register
from permanency.services.goals import goal_in_force

ID_REGISTERED = "A child with this ChildStory ID is registered already."


@require_http_methods(["GET", "POST"])
@only(WRITES_CASES)
def new_child(request: CaseworkRequest) -> HttpResponse:
    """Register a child into a district of the person."""
    holder = None
    form = NewChildForm(
        sent(request),
        by=request.user,
        on=request.today,
        cancel_url=reverse("children"),
    )
    if request.method == "POST" and form.is_valid():
        try:
            child = care.register_in_care(
                entered_care_on=form.cleaned_data["entered_care_on"],
                by=request.user,
                on=request.today,
                **form.facts(),
            )
        except register.IdNotUsableError as error:
            holder = _say_who_holds(request, form, error)
        else:
            messages.success(request, f"Registered. The case reference is {child.reference}.")
            return redirect("child", child.pk)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "holder": holder}
    return render(request, "permanency/new_child.html", context, status=status)


def _say_who_holds(
    request: CaseworkRequest, form: ChildForm, error: register.IdNotUsableError
) -> Child | None:
    """Return the child with this ID where the person sees it; put what may be said beside the ID.

    Of a child elsewhere the sentence tells nothing.
    """
    visible = Child.objects.visible_to(request.user, on=request.today)
    holder = visible.filter(childstory_id=form.cleaned_data["childstory_id"]).first()
    form.add_error("childstory_id", ID_REGISTERED if holder else error.reasons[0])
    return reads_about(request, holder) if holder else None


@require_http_methods(["GET", "POST"])
def edit_child(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Change a child's details, never overwriting unseen what somebody else changed meanwhile."""
    child = child_to_write(request, pk)
    form = _edit_form(request, child, sent(request))
    if request.method != "POST" or ("change" in request.POST and form.is_valid()):
        return _edit_page(request, child, form)
    if not form.is_valid():
        return _edit_page(request, child, form, status=422)
    if form.leaves_reach and "save" not in request.POST:
        context = {"child": child, "way": way_to(child), "form": form, "carried": carried(form)}
        return render(request, "permanency/hand_over.html", context)
    return _save_edit(request, child, form)


def _save_edit(request: CaseworkRequest, child: Child, form: EditChildForm) -> HttpResponse:
    before = goal_in_force(child)
    try:
        edited = register.edit_child(
            child,
            changes=form.facts(),
            version=form.cleaned_data["version"],
            by=request.user,
            on=request.today,
        )
    except register.IdNotUsableError as error:
        holder = _say_who_holds(request, form, error)
        return _edit_page(request, child, form, holder=holder, status=422)
    except StaleEditError:
        return _stale_page(request, child, form)
    messages.success(request, _saved(edited, before))
    if form.leaves_reach:
        return redirect("children")
    return redirect("child", child.pk)


def _edit_form(
    request: CaseworkRequest, child: Child, answers: Any, initial: dict[str, Any] | None = None
) -> EditChildForm:
    return EditChildForm(
        answers,
        child=child,
        by=request.user,
        on=request.today,
        initial=initial,
        cancel_url=reverse("child", args=[child.pk]),
    )


def _edit_page(
    request: CaseworkRequest,
    child: Child,
    form: EditChildForm,
    others: Sequence[edits.OtherEdit] = (),
    holder: Child | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "child": child,
        "way": way_to(child),
        "form": form,
        "others": others,
        "holder": holder,
    }
    return render(request, "permanency/edit_child.html", context, status=status)


def _stale_page(request: CaseworkRequest, child: Child, form: EditChildForm) -> HttpResponse:
    """Show the form again, with what was typed, over the details as somebody else left them."""
    version = form.cleaned_data["version"]
    child = child_to_write(request, child.pk)
    both = edits.merged(form.facts(), child, version=version)
    fresh = _edit_form(request, child, None, initial=both)
    return _edit_page(request, child, fresh, edits.edits_after(child, version), status=409)


def _saved(child: Child, before: CasePlanGoal | None) -> str:
    """Return what saving did, with the dates that it moved."""
    after = goal_in_force(child)
    if before is None:
        return "Saved."
    if after is None:
        return "Saved. The goal has ended, and nothing is due any more."
    moved = [
        f"The {what} moved from {_day(getattr(before, name))} to {_day(getattr(after, name))}."
        for name, what in (("review_due_on", "next review"), ("two_year_on", "two-year date"))
        if getattr(before, name) != getattr(after, name)
    ]
    return " ".join(["Saved.", *moved])


def _day(day: date | None) -> str:
    return "no date" if day is None else day_in_words(day)
