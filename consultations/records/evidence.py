"""Marking a missing piece of evidence from the page of the goal change that rests on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from consultations.goal_changes.forms import MarkEvidenceForm
from consultations.goal_changes.services import why_not_edited
from consultations.http import change_to_write, child_context
from consultations.models import Consultation, Evidence
from consultations.policy import EvidenceEntry
from consultations.records.services import content_of, correct
from directory.errors import refuse
from directory.forms.optimistic_lock import form_status, save_unless_stale
from directory.models import User
from directory.web.request import CaseworkRequest, post_data


def mark_evidence(
    consultation: Consultation, marked: EvidenceEntry, *, version: int, by: User, on: date
) -> Consultation:
    """Return the consultation with one piece of evidence marked: a correction like any other."""
    content = content_of(consultation)
    others = tuple(each for each in content.evidence if each.kind != marked.kind)
    content = replace(content, evidence=(*others, marked))
    return correct(consultation, content, version=version, by=by, on=on)


@require_http_methods(["GET", "POST"])
def mark_evidence_page(request: CaseworkRequest, pk: int, kind: str) -> HttpResponse:
    change = change_to_write(request, pk)
    refuse(why_not_edited(change))
    missing = change.consultation.evidence.filter(state=Evidence.State.MISSING)
    evidence = get_object_or_404(missing, kind=kind)
    here = reverse("goal-change", args=[pk])
    form = MarkEvidenceForm(post_data(request), change=change, evidence=evidence, cancel_url=here)

    def save() -> None:
        said = form.cleaned_data
        marked = EvidenceEntry(kind, said["state"], said["note"])
        mark_evidence(
            change.consultation, marked, version=said["version"], by=request.user, on=request.today
        )

    if form.is_valid() and save_unless_stale(form, save):
        messages.success(request, f"Marked: {evidence}.")
        return redirect(here)
    context = child_context(
        change.child, change=change, form=form, title=f"Mark evidence: {evidence}"
    )
    return render(request, "consultations/step.html", context, status=form_status(form))
