"""Marking an action done."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from directory.http import CaseworkRequest
from permanency.http import to_child
from permanency.models import Action
from permanency.services import actions


@require_POST
def action_done(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Mark an action done, or open it again (`again`), and go back to where the button stood."""
    visible = Action.objects.visible_to(request.user, on=request.today)
    action = get_object_or_404(visible.select_related("child"), pk=pk)
    if "again" in request.POST:
        actions.open_again(action, by=request.user, on=request.today)
        messages.success(request, "The action is open again.")
    else:
        actions.finish(action, by=request.user, on=request.today)
        messages.success(request, "The action is done.")
    back = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    return redirect(back if own else to_child(action.child))
