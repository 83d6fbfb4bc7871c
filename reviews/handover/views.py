"""The open work of somebody who leaves or moves: administrators give it a new home."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from directory.forms.optimistic_lock import form_status
from directory.history import access_log
from directory.models import User
from directory.roles import EDITS_DIRECTORY
from directory.web.request import (
    CaseworkRequest,
    has_fresh_proof,
    only,
    post_data,
    step_up_redirect,
)
from reviews.handover import open_work as handover_open_work
from reviews.handover import reassign
from reviews.handover.forms import HandoverForm


@require_http_methods(["GET", "POST"])
@only(EDITS_DIRECTORY)
def open_work(request: CaseworkRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    if request.method == "POST" and not has_fresh_proof(request):
        return step_up_redirect(request)
    work = handover_open_work.open_work(person, on=request.today)
    access_log.add_list_read(request, work.children)
    back = reverse("person", args=[pk])
    form = HandoverForm(post_data(request), work=work, cancel_url=back)
    if form.is_valid():
        number = reassign.reassign_work(person, form.handover, by=request.user, on=request.today)
        pieces = f"{number} {'piece' if number == 1 else 'pieces'} of work"
        messages.success(
            request, f"{pieces} of {person.name} {'has' if number == 1 else 'have'} a new home."
        )
        return redirect("open-work", pk)
    breadcrumbs = [
        ("Directory", reverse("directory")),
        ("People", reverse("people")),
        (person.name, back),
    ]
    context = {"person": person, "work": work, "form": form, "breadcrumbs": breadcrumbs}
    return render(request, "reviews/open_work.html", context, status=form_status(form))
