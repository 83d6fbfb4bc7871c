"""Going on: puts the end of the session off."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from directory.http import CaseworkRequest, session_end


@require_POST
def stay_signed_in(request: CaseworkRequest) -> HttpResponse:
    """Put the end of the session off and say when it is now: to a script, or on a page."""
    request.session.see(at=request.now)
    end = session_end(request, now=request.now)
    if end is not None and not request.accepts("text/html"):
        left = {
            "seconds": end.seconds_left,
            "at": date_format(end.at, "g:i a"),
            "last": end.is_last,
        }
        return JsonResponse(left)
    return render(request, "directory/session.html")
