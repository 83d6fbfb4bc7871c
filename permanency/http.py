"""What the pages about children share: fetching one child, going in two steps, capped pages."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Any

from django import forms
from django.db.models import Model
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from directory.history import access_log
from directory.web.request import CaseworkRequest
from permanency.models import Child
from permanency.permissions import check_may_write, may_write


def child_to_read(request: CaseworkRequest, pk: int) -> Child:
    """Return the child, or answer 404 where the person may not see the case."""
    children = Child.objects.visible_to(request.user, on=request.today)
    rows = children.select_related("district", "office", "provider")
    return log_child_read(request, get_object_or_404(rows, pk=pk))


def log_child_read(request: CaseworkRequest, child: Child) -> Child:
    """Note for the read log that the answer shows this child's record, and return the child."""
    read = access_log.ReadEvent(
        access_log.Kind.RECORD,
        child_number=child.pk,
        reference=child.reference,
        district_id=child.district_id,
    )
    access_log.add_read(request, read)
    return child


def child_to_write(request: CaseworkRequest, pk: int) -> Child:
    """Return the child, or answer 404 where they may not see the case and 403 where only that."""
    child = child_to_read(request, pk)
    check_may_write_about(request, child)
    return child


def may_write_about(request: CaseworkRequest, child: Child) -> bool:
    """Say whether the person writes about the children of this child's district."""
    return may_write(request.user, child.district, on=request.today)


def check_may_write_about(request: CaseworkRequest, child: Child) -> None:
    """Answer 403 where the person may read about the child and not write."""
    check_may_write(request.user, child.district, on=request.today)


def number_in(request: HttpRequest, name: str) -> int:
    """Return the number that the address asks for, or answer 404."""
    text = request.GET.get(name, "")
    # A number too long for a key would be an error of the database, not an unknown row.
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise Http404
    return int(text)


def child_address(child: Child) -> str:
    """Return the address of a child's page."""
    return reverse("child", args=[child.pk])


def address_with_filters(request: HttpRequest, address: str) -> str:
    """Return the address of a list with the filters of this page."""
    query = request.META.get("QUERY_STRING", "")
    return f"{address}?{query}" if query else address


def child_breadcrumbs(child: Child) -> list[tuple[str, str]]:
    """Return the breadcrumbs of a page below a child's page."""
    return [("Children", reverse("children")), (child.name, child_address(child))]


class Stage(Enum):
    """Where somebody is in a form whose effect is shown before it is saved."""

    ASK = "ask"
    PUT_RIGHT = "put right"
    CHECK = "check"
    SAVE = "save"

    @property
    def status(self) -> int:
        """Return the HTTP status of the page that shows the form."""
        return 422 if self is Stage.PUT_RIGHT else 200


def form_stage(request: CaseworkRequest, form: forms.BaseForm) -> Stage:
    """Return what comes next: ask, ask again, show the effect, or save.

    The form's own button asks for the effect; the page that shows it sends `save` or `change`.
    """
    if request.method != "POST":
        return Stage.ASK
    if not form.is_valid():
        return Stage.PUT_RIGHT
    if "change" in request.POST:
        return Stage.ASK
    return Stage.SAVE if "save" in request.POST else Stage.CHECK


def hidden_answers(form: forms.BaseForm) -> list[tuple[str, str]]:
    """Return the cleaned answers as names and texts for hidden fields, to be sent once more."""
    return [(form.add_prefix(name), _text(value)) for name, value in form.cleaned_data.items()]


def _text(value: Any) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "on"
    if isinstance(value, date):
        return value.isoformat()
    return str(value.pk) if isinstance(value, Model) else str(value)
