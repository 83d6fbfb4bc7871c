"""Keeping what is being typed, and discarding it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from directory import clock, seals
from directory.http import CaseworkRequest
from directory.seals import Seal
from directory.services import typed


def _own_seal(request: CaseworkRequest) -> Seal | None:
    """Return the seal of a form that was made for whoever sends it."""
    seal = seals.read(request.POST.get(seals.FIELD, ""))
    return seal if seal is not None and seal.person == request.user.pk else None


@require_POST
def keep_typed(request: CaseworkRequest) -> HttpResponse:
    """Keep what somebody is typing into a form: 204; 422 where it is no form of theirs.

    409 for a sheet that was sent already, 413 for more than is kept.
    """
    seal = _own_seal(request)
    if seal is None:
        return HttpResponse(status=422)
    if typed.sent_before(seal):
        return HttpResponse(status=409)
    is_kept = typed.keep(seal, typed.content_of(request.POST), at=clock.now())
    return HttpResponse(status=204 if is_kept else 413)


@require_POST
def discard_typed(request: CaseworkRequest) -> HttpResponse:
    """Forget what was kept of a form, and go back to it."""
    seal = _own_seal(request)
    if seal is None:
        return render(request, "400.html", status=422)
    typed.discard(seal.person, seal.form)
    return redirect(seal.form)
