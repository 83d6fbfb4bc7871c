"""The open work of somebody who leaves or moves: administrators give it a new home."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from directory.forms.optimistic_lock import status_of
from directory.history import access_log
from directory.models import User
from directory.roles import EDITS_DIRECTORY
from directory.web import step_up
from directory.web.request import CaseworkRequest, only
from permanency.http import sent
from reviews.handover import open_work as handover_open_work
from reviews.handover import reassign
from reviews.handover.forms import RehomeForm


@require_http_methods(["GET", "POST"])
@only(EDITS_DIRECTORY)
def open_work(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Show what hangs on a person, without any case, and give it to others."""
    person = get_object_or_404(User, pk=pk)
    if request.method == "POST" and not step_up.is_fresh(request):
        return step_up.detour(request)
    work = handover_open_work.open_work(person, on=request.today)
    access_log.note_list(request, work.children)
    back = reverse("person", args=[pk])
    form = RehomeForm(sent(request), work=work, cancel_url=back)
    if form.is_valid():
        number = reassign.rehome(person, form.handover, by=request.user, on=request.today)
        pieces = f"{number} {'piece' if number == 1 else 'pieces'} of work"
        messages.success(
            request, f"{pieces} of {person.name} {'has' if number == 1 else 'have'} a new home."
        )
        return redirect("open-work", pk)
    way = [("Directory", reverse("directory")), ("People", reverse("people")), (person.name, back)]
    context = {"person": person, "work": work, "form": form, "way": way}
    return render(request, "reviews/open_work.html", context, status=status_of(form))
