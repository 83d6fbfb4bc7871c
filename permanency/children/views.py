"""Registering a child and editing the details."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from directory.errors import StaleEditError, StepNotAllowedError
from directory.forms.lists import Sorting
from directory.forms.optimistic_lock import form_status, show_latest_row
from directory.forms.show_then_save import Stage, form_stage, hidden_answers
from directory.history import access_log
from directory.roles import LEADS_THE_COORDINATORS, READS_CASES, WRITES_CASES
from directory.web.exports import MOST_ROWS, Cell, ExportRow, Listing, export
from directory.web.pagination import PAGE_ROWS, KeysetPage, Part, first_rows
from directory.web.request import CaseworkRequest, only, post_data
from permanency.children import finds, lists
from permanency.children import services as register
from permanency.children.forms import (
    ChildFilterForm,
    ChildForm,
    EditChildForm,
    FindChildForm,
    NewChildForm,
)
from permanency.goals.effects import effects_of_facts
from permanency.goals.store import goal_in_force, goal_that_follows_facts
from permanency.http import (
    StepTexts,
    address_with_filters,
    child_breadcrumbs,
    child_to_write,
    effects_in_words,
    log_child_read,
    may_write_about,
)
from permanency.models import CasePlanGoal, Child
from permanency.models.children import ChildQuerySet
from permanency.policy.months import day_in_words

ID_REGISTERED = "A child with this ChildStory ID is registered already."


@require_http_methods(["GET", "POST"])
@only(WRITES_CASES)
def new_child(request: CaseworkRequest) -> HttpResponse:
    holder, alike = None, list[Child]()
    form = NewChildForm(
        post_data(request),
        by=request.user,
        on=request.today,
        cancel_url=reverse("children"),
    )
    if form.is_bound and form.is_valid():
        alike = _ask_whether_the_same(request, form)
    if form.is_bound and form.is_valid():
        try:
            child = register.register_in_care(
                entered_care_on=form.cleaned_data["entered_care_on"],
                by=request.user,
                on=request.today,
                **form.service_values(),
            )
        except register.IdNotUsableError as error:
            holder = _child_with_id(request, form, error)
        except StepNotAllowedError as error:
            form.add_error(None, list(error.reasons))
        else:
            messages.success(request, f"Registered. The case reference is {child.reference}.")
            return redirect("child", child.pk)
    context = {"form": form, "holder": holder, "alike": alike}
    return render(request, "permanency/new_child.html", context, status=form_status(form))


def _ask_whether_the_same(
    request: CaseworkRequest, form: ChildForm, edited: Child | None = None
) -> list[Child]:
    """Return who may be the same child, and was not before, with nobody saving one meanwhile."""
    facts = form.service_values()
    visible = Child.objects.visible_to(request.user, on=request.today)
    # One with the very ID is told by itself.
    others = visible.exclude(childstory_id=facts["childstory_id"])
    known = list[Child]()
    if edited:
        before = {name: getattr(edited, name) for name in register.FIELDS}
        if register.likeness(**before) == register.likeness(**facts):
            return []
        others = others.exclude(pk=edited.pk)
        (known,) = register.alike(others, before)
    register.lock_alike(**facts)
    (found,) = register.alike(others, facts)
    alike = [child for child in found if child not in known]
    if not form.ask_about(alike):
        return []
    keys = (child.pk for child in alike)
    access_log.add_list_read(request, keys, kind=access_log.Kind.SEARCH)
    return alike


def _child_with_id(
    request: CaseworkRequest, form: ChildForm, error: register.IdNotUsableError
) -> Child | None:
    """Return the child with this ID where the person sees it; of another the form tells nothing."""
    visible = Child.objects.visible_to(request.user, on=request.today)
    holder = visible.filter(childstory_id=form.cleaned_data["childstory_id"]).first()
    form.add_error("childstory_id", ID_REGISTERED if holder else error.reasons[0])
    return log_child_read(request, holder) if holder else None


@require_http_methods(["GET", "POST"])
def edit_child(request: CaseworkRequest, pk: int) -> HttpResponse:
    child = child_to_write(request, pk)
    form = EditChildForm(
        post_data(request),
        child=child,
        by=request.user,
        on=request.today,
        cancel_url=reverse("child", args=[child.pk]),
    )
    alike = list[Child]()
    if form.is_bound and form.is_valid():
        alike = _ask_whether_the_same(request, form, child)
    effects = cache(lambda: effects_of_facts(child, form.service_values(), on=request.today))

    def effect() -> str | None:
        return effects_in_words(effects(), form.district_out_of_reach) or None

    stage = form_stage(request, form, effect)
    if stage in {Stage.ASK, Stage.PUT_RIGHT}:
        return _edit_page(request, child, form, alike=alike, status=stage.status)
    if stage is Stage.SAVE:
        return _save_edit(request, child, form)
    context = {
        "child": child,
        "breadcrumbs": child_breadcrumbs(child),
        "form": form,
        "step": StepTexts("Edit details", "Save"),
        "effects": effects(),
        "answers": form.changes_in_words(),
        "has_moved": stage is Stage.SHOW_AGAIN,
        "carried": [*hidden_answers(form, effect() or ""), form.answered],
    }
    page = "hand_over" if form.district_out_of_reach else "goal_check"
    return render(request, f"permanency/{page}.html", context)


def _save_edit(request: CaseworkRequest, child: Child, form: EditChildForm) -> HttpResponse:
    before = goal_that_follows_facts(child)
    try:
        edited = register.edit_child(
            child,
            changes=form.service_values(),
            version=form.cleaned_data["version"],
            by=request.user,
            on=request.today,
        )
    except register.IdNotUsableError as error:
        holder = _child_with_id(request, form, error)
        return _edit_page(request, child, form, holder=holder, status=422)
    except StaleEditError:
        child = child_to_write(request, child.pk)
        show_latest_row(form)
        return _edit_page(request, child, form, status=409)
    messages.success(request, _saved_message(edited, before))
    if form.district_out_of_reach:
        return redirect("children")
    return redirect("child", child.pk)


def _edit_page(
    request: CaseworkRequest,
    child: Child,
    form: EditChildForm,
    holder: Child | None = None,
    alike: Sequence[Child] = (),
    status: int = 200,
) -> HttpResponse:
    context = {
        "child": child,
        "breadcrumbs": child_breadcrumbs(child),
        "form": form,
        "holder": holder,
        "alike": alike,
    }
    return render(request, "permanency/edit_child.html", context, status=status)


def _saved_message(child: Child, before: CasePlanGoal | None) -> str:
    after = goal_in_force(child)
    if before is None or (before.ended_on is not None and after is None):
        return "Saved."
    if after is None:
        return "Saved. The goal has ended, and nothing is due any more."
    if before.ended_on is not None:
        return f"Saved. The goal is in force again: {after}."
    moved = [
        f"The {what} moved from {_day(getattr(before, name))} to {_day(getattr(after, name))}."
        for name, what in (("review_due_on", "next review"), ("two_year_on", "two-year date"))
        if getattr(before, name) != getattr(after, name)
    ]
    return " ".join(["Saved.", *moved])


def _day(day: date | None) -> str:
    return "no date" if day is None else day_in_words(day)


@require_safe
@only(READS_CASES)
def children(request: CaseworkRequest) -> HttpResponse:
    form = ChildFilterForm(request.GET, by=request.user, on=request.today)
    visible = Child.objects.visible_to(request.user, on=request.today)
    narrowed = form.narrow(visible)
    sorting = Sorting(lists.ORDERS, request.GET)
    parts = _parts(narrowed, visible, sorting)
    page = KeysetPage(parts, request.GET, counted=narrowed, kept=form.row_count)
    access_log.add_list_read(request, (child.pk for child in page), filters=form)
    context = {
        "form": form,
        "sorting": sorting,
        "page": page,
        "is_narrowed": any(form.cleaned_data.values()),
        "may_register": request.user.holds(WRITES_CASES, on=request.today),
        "leads": request.user.holds(LEADS_THE_COORDINATORS, on=request.today),
        **_rows_context(request, page),
    }
    return render(request, "permanency/children.html", context)


def _parts(
    narrowed: ChildQuerySet, visible: ChildQuerySet, sorting: Sorting, *, says_why: bool = True
) -> Sequence[Part]:
    if not sorting.chosen:
        return lists.list_parts(narrowed, says_why=says_why)
    order, descending = lists.Order(sorting.chosen), sorting.descending
    return lists.sorted_parts(narrowed, visible, order, descending=descending, says_why=says_why)


def _rows_context(request: CaseworkRequest, found: Iterable[Any]) -> dict[str, Any]:
    """Return the rows of a table of children, and whether it names their districts."""
    writes = request.user.reach(WRITES_CASES, on=request.today)
    reads = request.user.reach(READS_CASES, on=request.today)
    return {
        "rows": lists.child_rows(found, on=request.today, writes=writes),
        "names_district": reads.everywhere or len(reads.district_ids) > 1,
    }


# What a search is for, where not to open a child: the address says it beside the key.
FOR, LOG = "for", "log"


@require_http_methods(["GET", "POST"])
@only(READS_CASES)
def find_child(request: CaseworkRequest) -> HttpResponse:
    """Find by POST, which leads to one exact hit or to what was found, by a key in the address."""
    is_for_log = request.GET.get(FOR) == LOG and request.user.holds(WRITES_CASES, on=request.today)
    form = FindChildForm(post_data(request))
    visible = Child.objects.visible_to(request.user, on=request.today)
    if form.is_bound and form.is_valid():
        who = form.cleaned_data["who"]
        hits = register.with_key(visible.select_related("district"), who)
        if len(hits) == 1:
            access_log.add_list_read(request, [hits[0].pk], kind=access_log.Kind.SEARCH)
            if is_for_log and may_write_about(request, hits[0]):
                return redirect(f"{reverse('new-consultation')}?child={hits[0].pk}")
            return redirect("child", hits[0].pk)
        query = {"key": finds.keep_words(request.session, who)}
        query |= {FOR: LOG} if is_for_log else {}
        return redirect(f"{reverse('find-child')}?{urlencode(query)}")
    context: dict[str, Any] = {"form": form, "is_for_log": is_for_log}
    if not form.is_bound and (key := request.GET.get("key")):
        words = finds.kept_words(request.session, key)
        context |= _found(request, visible, words) if words else {"is_forgotten": True}
    return render(request, "permanency/find_child.html", context, status=form_status(form))


def _found(request: CaseworkRequest, visible: ChildQuerySet, who: str) -> dict[str, Any]:
    keys = [child.pk for child in register.with_key(visible, who)]
    named = visible.filter(pk__in=keys) if keys else visible.named_or_with(who)
    found = list(lists.worst_first(named, says_why=True)[: PAGE_ROWS + 1])
    is_near = not found
    if is_near:
        near = lists.worst_first(visible.nearly_named(who), says_why=True)
        found = list(near[: PAGE_ROWS + 1])
    numbers = [child.pk for child in found[:PAGE_ROWS]]
    access_log.add_list_read(request, numbers, kind=access_log.Kind.SEARCH)
    return {
        "form": FindChildForm(initial={"who": who}),
        "is_found": True,
        "is_near": is_near,
        "has_more": len(found) > PAGE_ROWS,
        "may_register": request.user.holds(WRITES_CASES, on=request.today),
        **_rows_context(request, found[:PAGE_ROWS]),
    }


ROWS_AT_A_TIME = 1_000
HEADINGS = (
    "Case reference",
    "First name",
    "Last name",
    "Goal",
    "Intensive",
    "Next review",
    "How the review stands",
    "Two-year date",
    "How the two-year date stands",
    "Two-year date before its extension",
    "Entered care",
    "Short term order expires",
    "Managed by",
    "Office",
    "District",
)


@require_http_methods(["GET", "POST"])
@only(READS_CASES)
def export_children(request: CaseworkRequest) -> HttpResponse:
    form = ChildFilterForm(request.GET, by=request.user, on=request.today)
    visible = Child.objects.visible_to(request.user, on=request.today)
    narrowed = form.narrow(visible)
    parts = _parts(narrowed, visible, Sorting(lists.ORDERS, request.GET), says_why=False)
    listing = Listing(
        title="Children",
        back=address_with_filters(request, reverse("children")),
        filters=form,
        headings=HEADINGS,
        count=narrowed.order_by()[: MOST_ROWS + 1].count(),
        rows=lambda most: _rows(request, first_rows(parts, most)),
    )
    return export(request, listing)


def _rows(request: CaseworkRequest, found: Sequence[Any]) -> Iterator[ExportRow]:
    for start in range(0, len(found), ROWS_AT_A_TIME):
        for row in lists.child_rows(found[start : start + ROWS_AT_A_TIME], on=request.today):
            cells: tuple[Cell, ...] = (
                row.reference,
                row.first_name,
                row.last_name,
                row.goal or row.no_goal,
                "Yes" if row.is_intensive else "",
                row.review.on,
                row.review.words if row.review.on else "",
                row.two_year.on,
                row.two_year.words if row.two_year.on else "",
                *row.beside,
                row.case_with,
                row.office,
                row.district,
            )
            yield row.pk, cells
