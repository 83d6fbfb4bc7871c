"""The list of children, and finding one."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from directory import read_log
from directory.http import CaseworkRequest, only
from directory.keyset import PAGE_ROWS, KeysetPage
from directory.roles import LEADS_THE_COORDINATORS, READS_CASES, WRITES_CASES
from permanency.forms.lists import ChildFilterForm, FindChildForm
from permanency.models import Child
from permanency.models.children import ChildQuerySet
from permanency.services import lists, register


@require_safe
@only(READS_CASES)
def children(request: CaseworkRequest) -> HttpResponse:
    """Show the children whose cases the person may see, the most pressing first."""
    form = ChildFilterForm(request.GET, by=request.user, on=request.today)
    visible = Child.objects.visible_to(request.user, on=request.today, in_order=True)
    narrowed = form.narrow(visible)
    page = KeysetPage(lists.parts(narrowed), request.GET, counted=narrowed, kept=form.counted)
    read_log.note_list(request, (child.pk for child in page), filters=form)
    context = {
        "form": form,
        "find": FindChildForm(),
        "page": page,
        "rows": lists.rows_of(page, on=request.today),
        "is_narrowed": any(form.cleaned_data.values()),
        "may_register": request.user.holds(WRITES_CASES, on=request.today),
        "leads": request.user.holds(LEADS_THE_COORDINATORS, on=request.today),
    }
    return render(request, "permanency/children.html", context)


@require_POST
@only(READS_CASES)
def find_child(request: CaseworkRequest) -> HttpResponse:
    """Go to the child with this ID or reference, or show the children of this name."""
    form = FindChildForm(request.POST)
    if not form.is_valid():
        return render(request, "permanency/find_child.html", {"form": form}, status=422)
    visible = Child.objects.visible_to(request.user, on=request.today)
    who = form.cleaned_data["who"]
    said = register.in_capitals(who)
    exact = visible.filter(Q(childstory_id=said) | Q(reference=said)).first()
    if exact is not None:
        read_log.note_list(request, [exact.pk], kind=read_log.Kind.SEARCH)
        return redirect("child", exact.pk)
    found = list(lists.worst_first(_named(visible, who))[: PAGE_ROWS + 1])
    numbers = [child.pk for child in found[:PAGE_ROWS]]
    read_log.note_list(request, numbers, kind=read_log.Kind.SEARCH)
    context = {
        "form": form,
        "rows": lists.rows_of(found[:PAGE_ROWS], on=request.today),
        "has_more": len(found) > PAGE_ROWS,
        "may_register": request.user.holds(WRITES_CASES, on=request.today),
    }
    return render(request, "permanency/find_child.html", context)


def _named(children: ChildQuerySet, name: str) -> ChildQuerySet:
    """Return the children each word of the name is part of the first or the last name of."""
    for word in name.split():
        children = children.filter(Q(first_name__icontains=word) | Q(last_name__icontains=word))
    return children
