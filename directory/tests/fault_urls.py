"""Addresses at which something goes wrong, for looking at the answers."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from directory.errors import StepNotAllowedError
from directory.web.middleware import bad_request, server_error

SECRET = "Quillon Zebedee, born 2 March 2015"
FAULTS = {
    500: ZeroDivisionError(SECRET),
    503: OperationalError(SECRET),
    403: PermissionDenied(SECRET),
    409: StepNotAllowedError("The change has been withdrawn."),
}


@login_not_required
def fail(request: HttpRequest, status: int) -> HttpResponse:
    """Fail in the way that is answered with this status."""
    if status == 413:
        return HttpResponse(request.POST.get("note", ""))
    if status == 429:
        return render(request, "429.html", status=429)
    raise FAULTS[status]


@login_not_required
def closed(request: HttpRequest) -> HttpResponse:
    """Fail as a connection does that the database server has closed."""
    raise InterfaceError(SECRET)


urlpatterns = [
    path("fault/<int:status>/", fail),
    path("closed/", closed),
    path("", include("permanency.urls")),
]
handler400 = bad_request
handler500 = server_error
