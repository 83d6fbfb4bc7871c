"""What the editing pages share: the posted values, the way back, and the page of one form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from directory.forms.optimistic_lock import status_of
from directory.web.request import CaseworkRequest

PAGE_ROWS = 50
Way = Sequence[tuple[str, str]]


def posted(request: CaseworkRequest) -> QueryDict | None:
    """Return what was sent, or None where the form is only shown."""
    return request.POST if request.method == "POST" else None


def way_below(*steps: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the breadcrumbs of a page below the directory."""
    return [("Directory", reverse("directory")), *steps]


def form_page(
    request: CaseworkRequest, form: Any, *, title: str, way: Way, lead: str = ""
) -> HttpResponse:
    """Return the page of one form; 422 where something in it must be put right."""
    context = {"form": form, "title": title, "way": way, "lead": lead}
    return render(request, "directory/form.html", context, status=status_of(form))
