"""Pages of the versions of the rules: all, one, drafting and publishing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from directory.errors import refuse
from directory.forms.optimistic_lock import form_status
from directory.forms.show_then_save import Stage, form_stage
from directory.roles import READS_CASES, SHAPES_THE_RULES
from directory.web.request import EVERYBODY, CaseworkRequest, needs_fresh_proof, only, post_data
from permanency.models import CasePlanGoal, RuleVersion
from permanency.rules import preview as rules_preview
from permanency.rules import services as rules
from permanency.rules.forms import RulesDraftForm

RELATED = ("drafted_by", "published_by", "taken_effect")


@require_safe
@only(EVERYBODY)
def all_rules(request: CaseworkRequest) -> HttpResponse:
    rows = list(RuleVersion.objects.select_related(*RELATED).order_by("-version"))
    context = {
        "rows": [row for row in rows if row.withdrawn_at is None],
        "withdrawn": [row for row in rows if row.withdrawn_at is not None],
        "in_force": RuleVersion.objects.in_force(on=request.today).version,
        "may_draft": request.user.holds(SHAPES_THE_RULES, on=request.today),
    }
    return render(request, "permanency/rules.html", context)


@require_http_methods(["GET", "POST"])
@only(SHAPES_THE_RULES)
def new_rules(request: CaseworkRequest) -> HttpResponse:
    form = RulesDraftForm(
        post_data(request),
        on=request.today,
        in_force=RuleVersion.objects.in_force(on=request.today),
        cancel_url=reverse("rules"),
    )
    if not (form.is_bound and form.is_valid()):
        context = {"form": form}
        return render(request, "permanency/new_rules.html", context, status=form_status(form))
    row = rules.draft(form.new_rules(), by=request.user, on=request.today)
    messages.success(request, "The draft is saved. See below what it would do.")
    return redirect("rules-version", row.version)


@require_safe
@only(EVERYBODY)
def rules_version(request: CaseworkRequest, version: int) -> HttpResponse:
    return _version_page(request, _version_context(request, version))


def _version_context(request: CaseworkRequest, version: int) -> dict[str, Any]:
    on = request.today
    row = get_object_or_404(RuleVersion.objects.select_related(*RELATED), version=version)
    in_force = RuleVersion.objects.in_force(on=on)
    may_shape = request.user.holds(SHAPES_THE_RULES, on=on)
    context = {
        "row": row,
        "in_force": in_force,
        "lines": rules.rule_lines(row.rules, in_force),
        "is_in_force": row.version == in_force.version,
        "may_shape": may_shape and row.is_draft,
        "reasons_against": rules.reasons_against_publishing(row, by=request.user, on=on)
        if may_shape and row.is_draft
        else (),
    }
    if row.withdrawn_at is None and row.effective_on > on:
        if request.user.holds(READS_CASES, on=on):
            goals = CasePlanGoal.objects.visible_to(request.user, on=on)
            context["what_if"] = rules_preview.what_if(goals, row.rules, on=on)
        else:
            context["no_figures"] = True
    context["seen"] = _shown_in_words(context)
    return context


def _shown_in_words(context: dict[str, Any]) -> str:
    what_if = context.get("what_if")
    beside = f"beside version {context['in_force'].version}"
    return f"{beside}: {what_if.total.moves_in_words}" if what_if else beside


def _version_page(
    request: CaseworkRequest, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    return render(request, "permanency/rules_version.html", context, status=status)


@require_POST
@only(SHAPES_THE_RULES)
@needs_fresh_proof(back="rules-version")
def publish_rules(request: CaseworkRequest, version: int) -> HttpResponse:
    context = _version_context(request, version)
    row = context["row"]
    refuse(*rules.reasons_against_publishing(row, by=request.user, on=request.today))
    stage = form_stage(request, forms.Form(request.POST), lambda: context["seen"])
    if stage is Stage.SHOW_AGAIN:
        return _version_page(request, context | {"has_moved": True}, status=409)
    if stage is not Stage.SAVE:
        return _version_page(request, context)
    row = rules.publish(row, by=request.user, on=request.today)
    messages.success(request, f"Version {row.version} is published.")
    return redirect("rules-version", row.version)


@require_POST
@only(SHAPES_THE_RULES)
def withdraw_rules(request: CaseworkRequest, version: int) -> HttpResponse:
    row = rules.withdraw(
        get_object_or_404(RuleVersion, version=version), by=request.user, on=request.today
    )
    messages.success(request, f"The draft, version {row.version}, is withdrawn.")
    return redirect("rules")
