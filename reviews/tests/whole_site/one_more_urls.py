"""The site with addresses that nobody has put into the table."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from permanency.urls import urlpatterns as ours


def page(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """Return a page."""
    return HttpResponse(str(pk))


urlpatterns = [
    *ours,
    path("forgotten/", page, name="forgotten"),
    path("unnamed/", page),
    path("forgotten/<int:pk>/", page, name="with-a-number"),
]
