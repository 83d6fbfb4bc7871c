"""The list of reviews due as a file."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from directory.exporting import MOST_ROWS, Listing, Row, export
from directory.http import CaseworkRequest, only
from directory.roles import READS_CASES
from directory.spreadsheet import Cell
from permanency.http import back_to
from permanency.models import CasePlanGoal
from permanency.models.goals import CasePlanGoalQuerySet
from permanency.views.exports import HEADINGS
from reviews.due import DueRow, due_rows, told, worst_first
from reviews.forms.filters import DueFilterForm


@require_http_methods(["GET", "POST"])
@only(READS_CASES)
def export_reviews(request: CaseworkRequest) -> HttpResponse:
    """Ask why, then answer with the list of reviews as it is on the screen."""
    form = DueFilterForm(request.GET or None, by=request.user, on=request.today)
    goals = worst_first(
        form.narrow(CasePlanGoal.objects.visible_to(request.user, on=request.today))
    )
    listing = Listing(
        title="Reviews",
        back=back_to(request, reverse("reviews")),
        filters=form,
        headings=HEADINGS,
        count=goals[: MOST_ROWS + 1].count(),
        rows=lambda most: _rows(request, goals, most),
    )
    return export(request, listing)


def _rows(request: CaseworkRequest, goals: CasePlanGoalQuerySet, most: int) -> Iterator[Row]:
    for row in due_rows(told(goals)[:most], by=request.user, on=request.today):
        yield row.child, _cells(row)


def _cells(row: DueRow) -> tuple[Cell, ...]:
    review, two_year = row.review, row.two_year
    return (
        row.reference,
        row.first_name,
        row.last_name,
        row.goal,
        "Yes" if row.is_intensive else "",
        review.on,
        review.words if review.on else f"No date. {review.no_date_reason}",
        two_year.on,
        two_year.words if two_year.on else "",
        row.case_with,
        row.office,
        row.district,
    )
