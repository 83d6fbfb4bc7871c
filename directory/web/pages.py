"""What the editing pages share: the posted values, the breadcrumbs, and the page of one form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from directory.forms.optimistic_lock import form_status
from directory.web.request import CaseworkRequest

PAGE_ROWS = 50
Breadcrumbs = Sequence[tuple[str, str]]


def post_data(request: CaseworkRequest) -> QueryDict | None:
    """Return what was sent, or None where the form is only shown."""
    return request.POST if request.method == "POST" else None


def directory_breadcrumbs(*steps: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the breadcrumbs of a page below the directory."""
    return [("Directory", reverse("directory")), *steps]


def form_page(
    request: CaseworkRequest, form: Any, *, title: str, breadcrumbs: Breadcrumbs, lead: str = ""
) -> HttpResponse:
    """Return the page of one form; 422 where something in it must be put right."""
    context = {"form": form, "title": title, "breadcrumbs": breadcrumbs, "lead": lead}
    return render(request, "directory/form.html", context, status=form_status(form))
