"""My work, the dashboards, children without a clock, and the goal changes that wait."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from consultations.models import GoalChange
from directory import read_log
from directory.http import CaseworkRequest, only
from directory.kept import entries_of_the_district
from directory.keyset import KeysetPage, Part
from directory.models import District
from directory.roles import READS_CASES, READS_DASHBOARD
from permanency.http import CappedPaginator
from permanency.models import Child
from reviews.dashboard import dashboard as figures_of
from reviews.district_figures import district_figures
from reviews.due import longest_first, waiting_rows
from reviews.forms.filters import NoClockFilterForm, WaitingFilterForm
from reviews.my_work import my_work as work_of
from reviews.no_clock import rows_of, worst_first


@require_safe
def my_work(request: CaseworkRequest) -> HttpResponse:
    """Show what waits for this person, by the appointments they hold."""
    work = work_of(request.user, on=request.today)
    if work.children:
        read_log.note_list(request, work.children)
    return render(request, "reviews/my_work.html", {"work": work})


@require_safe
@only(READS_DASHBOARD)
def dashboards(request: CaseworkRequest) -> HttpResponse:
    """Go to the one district's dashboard, or show a line for each of several."""
    reach = request.user.reach(READS_DASHBOARD, on=request.today)
    if not reach.everywhere and len(reach.district_ids) == 1:
        held = request.user.held(on=request.today)
        (only_one,) = {each.district for each in held if each.district_id in reach.district_ids}
        return redirect("dashboard", only_one.slug if only_one else "")
    figures = district_figures(request.user, on=request.today)
    return render(request, "reviews/dashboards.html", {"figures": figures})


@require_safe
@only(READS_DASHBOARD)
def dashboard(request: CaseworkRequest, slug: str) -> HttpResponse:
    """Show the figures of one district."""
    reach = request.user.reach(READS_DASHBOARD, on=request.today)
    districts = District.objects.filter(reach.q("pk")).annotate(entries=entries_of_the_district())
    district = get_object_or_404(districts, slug=slug)
    entries: int = district.entries  # type: ignore[attr-defined]  # asked with the row
    board = figures_of(district, by=request.user, on=request.today, entries=entries)
    several = reach.everywhere or len(reach.district_ids) > 1
    return render(request, "reviews/dashboard.html", {"board": board, "several": several})


@require_safe
@only(READS_CASES)
def no_clock(request: CaseworkRequest) -> HttpResponse:
    """Show the children whose clock does not run though it should, worst first."""
    form = NoClockFilterForm(request.GET or None, by=request.user, on=request.today)
    children = form.narrow(Child.objects.visible_to(request.user, on=request.today))
    page = CappedPaginator(worst_first(children, on=request.today)).get_page(
        request.GET.get("page")
    )
    rows = list(rows_of(page.object_list, by=request.user, on=request.today))
    read_log.note_list(request, (row.child.pk for row in rows), filters=form)
    return render(request, "reviews/no_clock.html", {"form": form, "page": page, "rows": rows})


@require_safe
@only(READS_CASES)
def changes_waiting(request: CaseworkRequest) -> HttpResponse:
    """Show the goal changes that wait for endorsement or approval, the longest first."""
    form = WaitingFilterForm(request.GET or None, by=request.user, on=request.today)
    changes = form.narrow(GoalChange.objects.visible_to(request.user, on=request.today))
    part = Part(longest_first(changes), by="status_since_on")
    page = KeysetPage([part], request.GET, counted=changes, kept=form.counted)
    rows = list(waiting_rows(page, on=request.today))
    read_log.note_list(request, (row.child.pk for row in rows), filters=form)
    context = {"form": form, "page": page, "rows": rows}
    return render(request, "reviews/changes_waiting.html", context)
