"""The list of children as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from directory.exporting import MOST_ROWS, Listing, Row, export
from directory.http import CaseworkRequest, only
from directory.roles import READS_CASES
from directory.spreadsheet import Cell
from permanency.forms.lists import ChildFilterForm
from permanency.http import back_to
from permanency.models import Child
from permanency.services import lists

AT_ONCE = 1_000
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
    "Case with",
    "Office",
    "District",
)


@require_http_methods(["GET", "POST"])
@only(READS_CASES)
def export_children(request: CaseworkRequest) -> HttpResponse:
    """Ask why, then answer with the list of children as it is on the screen."""
    form = ChildFilterForm(request.GET, by=request.user, on=request.today)
    narrowed = form.narrow(Child.objects.visible_to(request.user, on=request.today))
    children = lists.worst_first(narrowed)
    listing = Listing(
        title="Children",
        back=back_to(request, reverse("children")),
        filters=form,
        headings=HEADINGS,
        count=children[: MOST_ROWS + 1].count(),
        rows=lambda most: _rows(request, children, most),
    )
    return export(request, listing)


def _rows(request: CaseworkRequest, children: QuerySet[Any, Any], most: int) -> Iterator[Row]:
    """Yield the rows in the order of the list, some at a time."""
    found = list(children[:most])
    for start in range(0, len(found), AT_ONCE):
        for row in lists.rows_of(found[start : start + AT_ONCE], on=request.today):
            yield row.pk, _cells(row)


def _cells(row: lists.ChildRow) -> tuple[Cell, ...]:
    return (
        row.reference,
        row.first_name,
        row.last_name,
        row.goal or row.no_goal,
        "Yes" if row.is_intensive else "",
        row.review_due_on,
        row.review_words if row.review_due_on else "",
        row.two_year_on,
        row.two_year_words if row.two_year_on else "",
        row.case_with,
        row.office,
        row.district,
    )
