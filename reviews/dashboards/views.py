"""My work, the dashboards, children without a clock, and the goal changes that wait."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from consultations.models import GoalChange
from directory.forms.drafts import discard_draft
from directory.forms.lists import Sorting
from directory.history import access_log
from directory.roles import READS_CASES, READS_DASHBOARD
from directory.web.exports import MOST_ROWS, Cell, Listing, export
from directory.web.pagination import CappedPaginator, KeysetPage, Part, first_rows
from directory.web.request import CaseworkRequest, only
from directory.web.views import own_token
from permanency.children.views import HEADINGS
from permanency.http import address_with_filters
from permanency.models import CasePlanGoal, Child
from permanency.models.goals import CasePlanGoalQuerySet
from reviews.dashboards import state
from reviews.dashboards.district import SORTS, places_in_order
from reviews.dashboards.district import dashboard as figures_of
from reviews.dashboards.due_list import (
    DueRow,
    Order,
    WaitingOrder,
    due_rows,
    sorted_parts,
    waiting_parts,
    waiting_rows,
)
from reviews.dashboards.forms import DueFilterForm, NoClockFilterForm, WaitingFilterForm
from reviews.dashboards.my_drafts import draft_rows
from reviews.dashboards.my_work import my_work as work_of
from reviews.figures import missing_dates
from reviews.figures.district_counts import districts_to_count


@require_safe
def my_work(request: CaseworkRequest) -> HttpResponse:
    whole = request.GET.get("scope") == "all"
    work = work_of(request.user, on=request.today, whole=whole)
    if work.children:
        access_log.add_list_read(request, work.children)
    return render(request, "reviews/my_work.html", {"work": work})


@require_http_methods(["GET", "POST"])
def my_drafts(request: CaseworkRequest) -> HttpResponse:
    if request.method == "POST":
        token = own_token(request)
        if token is None:
            return render(request, "400.html", status=422)
        discard_draft(token.person, token.form)
        return redirect("my-drafts")
    rows = draft_rows(request.user, on=request.today)
    if shown := {row.child.pk for row in rows if row.child}:
        access_log.add_list_read(request, shown)
    return render(request, "reviews/my_drafts.html", {"rows": rows})


@require_safe
@only(READS_DASHBOARD)
def dashboards(request: CaseworkRequest) -> HttpResponse:
    reach = request.user.reach(READS_DASHBOARD, on=request.today)
    if not reach.everywhere and len(reach.district_ids) == 1:
        held = request.user.appointments_in_force(on=request.today)
        (only_one,) = {each.district for each in held if each.district_id in reach.district_ids}
        return redirect("dashboard", only_one.slug if only_one else "")
    measure = state.measure_chosen(request.GET.get("measure"))
    board = state.state(request.user, measure, on=request.today)
    sort = sort_chosen(request, state.SORTS)
    context = {
        "board": board,
        "rows": state.rows_in_order(board["rows"], sort),
        "sort": sort,
        "measures": list(state.MeasureName),
    }
    return render(request, "reviews/dashboards.html", context)


def sort_chosen(request: CaseworkRequest, sorts: Sequence[str]) -> str:
    """Return the order that was asked for, or the first one."""
    wanted = request.GET.get("sort", "")
    return wanted if wanted in sorts else sorts[0]


@require_safe
@only(READS_DASHBOARD)
def dashboard(request: CaseworkRequest, slug: str) -> HttpResponse:
    reach = request.user.reach(READS_DASHBOARD, on=request.today)
    districts = districts_to_count(request.user, on=request.today)
    district = get_object_or_404(districts, slug=slug)
    board = figures_of(district, by=request.user, on=request.today)
    sort = sort_chosen(request, SORTS)
    context = {
        "board": board,
        "several": reach.everywhere or len(reach.district_ids) > 1,
        "offices": places_in_order(board["offices"], sort),
        "providers": places_in_order(board["providers"], sort),
        "sort": sort,
    }
    return render(request, "reviews/dashboard.html", context)


@require_safe
@only(READS_CASES)
def no_clock(request: CaseworkRequest) -> HttpResponse:
    form = NoClockFilterForm(request.GET or None, by=request.user, on=request.today)
    children = form.narrow(Child.objects.visible_to(request.user, on=request.today))
    sorting = Sorting(missing_dates.ORDERS, request.GET)
    listed = missing_dates.in_order(
        missing_dates.children_worst_first(children, on=request.today),
        sorting.chosen,
        descending=sorting.descending,
    )
    kept = partial(form.row_keys, order=sorting.value)
    page = CappedPaginator(listed, kept).get_page(request.GET.get("page"))
    rows = list(missing_dates.no_clock_rows(page.object_list, by=request.user, on=request.today))
    access_log.add_list_read(request, (row["child"].pk for row in rows), filters=form)
    context = {"form": form, "sorting": sorting, "page": page, "rows": rows}
    return render(request, "reviews/no_clock.html", context)


@require_safe
@only(READS_CASES)
def changes_waiting(request: CaseworkRequest) -> HttpResponse:
    form = WaitingFilterForm(request.GET or None, by=request.user, on=request.today)
    visible = GoalChange.objects.visible_to(request.user, on=request.today)
    changes = form.narrow(visible)
    sorting = Sorting(dict(WaitingOrder.choices), request.GET, usual=WaitingOrder.SINCE)
    parts = waiting_parts(changes, visible, sorting.chosen, descending=sorting.descending)
    page = KeysetPage(parts, request.GET, counted=changes, kept=form.row_count)
    rows = list(waiting_rows(page, on=request.today))
    access_log.add_list_read(request, (row.child.pk for row in rows), filters=form)
    context = {"form": form, "sorting": sorting, "page": page, "rows": rows}
    return render(request, "reviews/changes_waiting.html", context)


@require_http_methods(["GET", "POST"])
@only(READS_CASES)
def export_reviews(request: CaseworkRequest) -> HttpResponse:
    form = DueFilterForm(request.GET or None, by=request.user, on=request.today)
    visible = CasePlanGoal.objects.visible_to(request.user, on=request.today)
    goals = form.narrow(visible)
    parts = _parts(goals, visible, Sorting(dict(Order.choices), request.GET, usual=Order.REVIEW))
    listing = Listing(
        title="Reviews",
        back=address_with_filters(request, reverse("reviews")),
        filters=form,
        headings=HEADINGS,
        count=goals.order_by()[: MOST_ROWS + 1].count(),
        rows=lambda most: (
            (row.child.pk, _cells(row))
            for row in due_rows(first_rows(parts, most), by=request.user, on=request.today)
        ),
    )
    return export(request, listing)


def _parts(
    goals: CasePlanGoalQuerySet, visible: CasePlanGoalQuerySet, sorting: Sorting
) -> list[Part]:
    return sorted_parts(goals, visible, sorting.chosen, descending=sorting.descending)


def _cells(row: DueRow) -> tuple[Cell, ...]:
    child, review, two_year = row.child, row.review, row.two_year
    return (
        child.reference,
        child.first_name,
        child.last_name,
        row.goal.get_goal_display(),
        "Yes" if row.goal.intensive_since else "",
        review.on,
        review.words if review.on else f"No date. {review.no_date_reason}",
        two_year.on,
        two_year.words if two_year.on else "",
        *row.beside,
        row.case_with,
        row.office,
        row.district,
    )


@require_safe
@only(READS_CASES)
def reviews(request: CaseworkRequest) -> HttpResponse:
    form = DueFilterForm(request.GET or None, by=request.user, on=request.today)
    visible = CasePlanGoal.objects.visible_to(request.user, on=request.today)
    goals = form.narrow(visible)
    sorting = Sorting(dict(Order.choices), request.GET, usual=Order.REVIEW)
    page = KeysetPage(
        _parts(goals, visible, sorting), request.GET, counted=goals, kept=form.row_count
    )
    rows = list(due_rows(page, by=request.user, on=request.today))
    access_log.add_list_read(request, (row.child.pk for row in rows), filters=form)
    reads = request.user.reach(READS_CASES, on=request.today)
    context = {
        "form": form,
        "sorting": sorting,
        "page": page,
        "rows": rows,
        "window": form.description,
        "names_district": reads.everywhere or len(reads.district_ids) > 1,
    }
    return render(request, "reviews/reviews.html", context)
