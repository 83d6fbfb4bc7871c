"""What a person read, for administrators: when and which page, and a case reference at most."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from directory import read_log, who_read
from directory.forms.reading import ReadingFilterForm
from directory.http import CaseworkRequest, only
from directory.models import User
from directory.read_log import Kind, Read
from directory.roles import EDITS_DIRECTORY
from directory.views.pages import PAGE_ROWS
from directory.views.people import way_to

LOOK_BACK = timedelta(days=30)


@require_safe
@only(EDITS_DIRECTORY)
def person_reading(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Show what a person read, the latest first, and the days on which it was unusually much."""
    person = get_object_or_404(User, pk=pk)
    form = ReadingFilterForm(request.GET)
    entries = form.narrow(who_read.read_by(person))
    page = Paginator(entries, PAGE_ROWS).get_page(request.GET.get("page"))
    rows = [who_read.row_in_words(entry) for entry in page]
    # It shows no case: whose reading was looked at is written down, and no child.
    read_log.note(request, Read(Kind.LIST, detail={"rows": len(rows), "person": person.pk}))
    most = settings.UNUSUAL_READING_CHILDREN
    context = {
        "person": person,
        "form": form,
        "page": page,
        "rows": rows,
        "most": most,
        "busy": who_read.busy_days(most=most, since=request.today - LOOK_BACK, by=person),
        "way": way_to(person),
    }
    return render(request, "directory/person_reading.html", context)
