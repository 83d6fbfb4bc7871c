"""Reading consultations: all of one child, and one of them."""

from __future__ import annotations

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from consultations.http import about, consultation_to_read
from consultations.models import Consultation, GoalChange
from consultations.services import reading
from consultations.services.consultations import versions_of, was_corrected
from directory import revisions
from directory.http import CaseworkRequest
from permanency.http import child_to_read, may_write_about, way_to


@require_safe
def child_consultations(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Show the consultations of one child, the latest first, and the changes they led to."""
    child = child_to_read(request, pk)
    changes = Prefetch("goal_changes", GoalChange.objects.order_by("pk"))
    rows = Consultation.objects.visible_to(request.user, on=request.today)
    context = {
        "child": child,
        "way": way_to(child),
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
    context = about(
        found.child,
        consultation=found,
        options=reading.options_of(found),
        evidence=list(found.evidence.all()),
        agreed=list(found.actions.all()),
        changes=changes,
        may_write=may_write_about(request, found.child),
        next=reading.next_for(found, changes),
        was_corrected=was_corrected(found),
    )
    return render(request, "consultations/consultation.html", context)


@require_safe
def consultation_versions(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Show the versions of one consultation, and what changed between two of them."""
    found = consultation_to_read(request, pk)
    here = reverse("consultation", args=[pk])
    context = about(
        found.child,
        what="consultation",
        lead="consultations/_child_lead.html",
        about_url=here,
        **revisions.compared(versions_of(found), request.GET, Consultation),
    )
    context["way"] = [*context["way"], ("Consultation", here)]
    return render(request, "versions.html", context)
