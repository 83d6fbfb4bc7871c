"""Fetches one consultation or goal change for a page: 404 unless visible, 403 unless writable."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, Subquery
from django.shortcuts import get_object_or_404
from django.urls import reverse

from consultations.models import Consultation, Decision, GoalChange
from directory.forms import drafts
from directory.forms.drafts import set_page_drafts
from directory.web.request import CaseworkRequest
from permanency.http import (
    check_may_write_about,
    child_breadcrumbs,
    lock_if_sent,
    log_child_read,
)
from permanency.models import Child

PEOPLE = (
    "requested_by",
    "recorded_by",
    "endorsed_by",
    "approved_by",
    "endorsed_provider",
    "case_plan_approved_by",
    "entered_in_childstory_by",
)
CHILD = ("child__district", "child__office", "child__provider")


def consultation_to_read(request: CaseworkRequest, pk: int) -> Consultation:
    rows = Consultation.objects.visible_to(request.user, on=request.today)
    rows = lock_if_sent(request, rows.select_related("by", *CHILD), "child")
    consultation = get_object_or_404(rows, pk=pk)
    log_child_read(request, consultation.child)
    return consultation


def consultation_to_write(request: CaseworkRequest, pk: int) -> Consultation:
    consultation = consultation_to_read(request, pk)
    check_may_write_about(request, consultation.child)
    return consultation


def change_to_decide(request: CaseworkRequest, pk: int) -> GoalChange:
    rows = GoalChange.objects.visible_to(request.user, on=request.today)
    rows = rows.with_reader_asked(request.user).select_related("consultation", "current_goal")
    rows = rows.select_related(*CHILD).prefetch_related("child__goals")
    change = get_object_or_404(lock_if_sent(request, rows, "child"), pk=pk)
    change.consultation.child = log_child_read(request, change.child)
    return change


def change_to_write(request: CaseworkRequest, pk: int) -> GoalChange:
    change = change_to_decide(request, pk)
    check_may_write_about(request, change.child)
    return change


def change_to_read(request: CaseworkRequest, pk: int) -> GoalChange:
    rows = GoalChange.objects.visible_to(request.user, on=request.today)
    here = reverse("goal-change", args=[pk])
    waiting = drafts.drafts_below(request.user, here)
    words: dict[str, Subquery] = {"waiting_words": drafts.drafts_subquery(waiting)}
    rows = rows.with_reader_asked(request.user).annotate(**words)
    rows = rows.select_related("consultation__by", "current_goal", "new_goal", *CHILD, *PEOPLE)
    rows = rows.prefetch_related(
        "child__goals",
        "child__care_episodes",
        "consultation__options",
        "consultation__evidence",
        Prefetch("decisions", Decision.objects.select_related("by", "appointment__district")),
    )
    change = get_object_or_404(lock_if_sent(request, rows, "child"), pk=pk)
    set_page_drafts(request, drafts.drafts_from_row(change.waiting_words))
    change.consultation.child = log_child_read(request, change.child)
    return change


def child_context(child: Child, **context: Any) -> dict[str, Any]:
    above = ("Consultations", reverse("child-consultations", args=[child.pk]))
    return {"child": child, "breadcrumbs": [*child_breadcrumbs(child), above], **context}
