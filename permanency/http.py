"""What the pages about children share: fetching one child, and showing effects before saving."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, TypeVar

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import Resolver404, resolve, reverse

from directory.forms.layout import NswForm
from directory.forms.optimistic_lock import form_status, save_unless_stale
from directory.forms.show_then_save import Stage, form_stage, hidden_answers
from directory.history import access_log
from directory.web.request import CaseworkRequest
from permanency.models import Child, check_may_write, may_write

Rows = TypeVar("Rows", bound=QuerySet[Any])


def lock_if_sent(request: HttpRequest, rows: Rows, child: str) -> Rows:
    """Let a form that is sent hold its child: what its page compares is then what is saved."""
    is_act = request.method == "POST" and transaction.get_connection().in_atomic_block
    return rows.select_for_update(of=(child,)) if is_act else rows


def child_to_read(request: CaseworkRequest, pk: int, **asked: Subquery) -> Child:
    """Return a child, with what else is `asked` in the same question."""
    children = Child.objects.visible_to(request.user, on=request.today).annotate(**asked)
    rows = children.select_related("district", "office", "provider")
    return log_child_read(request, get_object_or_404(lock_if_sent(request, rows, "self"), pk=pk))


def log_child_read(request: CaseworkRequest, child: Child) -> Child:
    read = access_log.ReadEvent(
        access_log.Kind.RECORD,
        child_number=child.pk,
        reference=child.reference,
        district_id=child.district_id,
    )
    access_log.add_read(request, read)
    return child


def child_to_write(request: CaseworkRequest, pk: int) -> Child:
    child = child_to_read(request, pk)
    check_may_write_about(request, child)
    return child


def may_write_about(request: CaseworkRequest, child: Child) -> bool:
    return may_write(request.user, child.district, on=request.today)


def check_may_write_about(request: CaseworkRequest, child: Child) -> None:
    check_may_write(request.user, child.district, on=request.today)


def number_in(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    # A number too long for a key would be an error of the database, not an unknown row.
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise Http404
    return int(text)


def child_address(child: Child) -> str:
    return reverse("child", args=[child.pk])


def address_with_filters(request: HttpRequest, address: str) -> str:
    query = request.META.get("QUERY_STRING", "")
    return f"{address}?{query}" if query else address


# Lists from which somebody acts on a row, and to which the way then leads back.
LISTS = {
    "my-work": "My work",
    "children": "Children",
    "find-child": "Children found",
    "reviews": "Reviews",
    "no-clock": "Children without a date",
    "dashboard": "Dashboard",
}


def list_behind(request: HttpRequest) -> tuple[str, str] | None:
    """Return the name and the address, filters and all, of the list that `back` names, if any."""
    back = request.POST.get("back") or request.GET.get("back", "")
    path, _, query = back.partition("?")
    try:
        label = LISTS.get(resolve(path).url_name or "")
    except Resolver404:
        return None
    return (label, f"{path}?{query}" if query else path) if label else None


def child_breadcrumbs(child: Child) -> list[tuple[str, str]]:
    return [("Children", reverse("children")), (child.name, child_address(child))]


def child_form_page(
    request: HttpRequest,
    child: Child,
    form: NswForm,
    title: str,
    lead: str,
    *parents: tuple[str, str],
) -> HttpResponse:
    context = {
        "child": child,
        "breadcrumbs": [*child_breadcrumbs(child), *parents],
        "form": form,
        "title": title,
        "lead": lead,
    }
    return render(request, "permanency/child_form.html", context, status=form_status(form))


class DateEffect(Protocol):
    @property
    def in_words(self) -> str: ...


def effects_in_words(effects: Sequence[DateEffect], *more: str | None) -> str:
    return "; ".join([*(each.in_words for each in effects), *filter(None, more)])


@dataclass(frozen=True)
class StepTexts:
    """What the two pages of a step say: the one that asks and the one that shows the effect."""

    title: str
    button: str
    lead: str = ""
    warnings: tuple[str, ...] = ()


def show_then_save(
    request: CaseworkRequest,
    child: Child,
    step: StepTexts,
    form: Any,
    *,
    effect: Callable[[], Sequence[DateEffect] | None],
    save: Callable[[], str],
    leads_to: str = "",
) -> HttpResponse:
    """Ask, show the effect on the dates, save; an effect that is None is saved unshown."""
    effect = cache(effect)

    def in_words() -> str | None:
        effects = effect()
        return None if effects is None else effects_in_words(effects)

    stage = form_stage(request, form, in_words)
    context = {"step": step, "child": child, "breadcrumbs": child_breadcrumbs(child), "form": form}
    if stage in {Stage.ASK, Stage.PUT_RIGHT}:
        return render(request, "permanency/goal_step.html", context, status=stage.status)
    if stage is Stage.SAVE:
        said: list[str] = []
        if not save_unless_stale(form, lambda: said.append(save())):
            return render(request, "permanency/goal_step.html", context, status=409)
        messages.success(request, said[0])
        return redirect(leads_to or child_address(child))
    context |= {"answers": form.answers(), "effects": effect()}
    context["has_moved"] = stage is Stage.SHOW_AGAIN
    context["carried"] = hidden_answers(form, in_words() or "")
    return render(request, "permanency/goal_check.html", context)
