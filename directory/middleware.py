"""Gives each request its day, keeps case pages out of caches, and answers refused steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from directory import clock
from directory.models import User
from directory.refusals import StepNotAllowedError


class NobodyAtHealthMiddleware:
    """Drops the cookies of a question after health: who asks is looked up in what may be away."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == reverse("health"):
            request.COOKIES = {}
        return self.get_response(request)


def _local_day(person: object) -> date:
    """Return the date where this person works, Sydney's where nobody is signed in.

    The appointments are those of Sydney's day. All but half an hour of the day it is the person's
    day too, and what was read here is what the page itself asks for.
    """
    in_sydney = clock.today()
    if not isinstance(person, User):
        return in_sydney
    return clock.today(person.time_zone(on=in_sydney))


class CaseworkMiddleware:
    """Sets `request.today`, the person's local date; turns StepNotAllowedError into a 409 page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.today = _local_day(getattr(request, "user", None))  # type: ignore[attr-defined]  # named on CaseworkRequest
        response = self.get_response(request)
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the 409 page for a step that has moved on; let everything else pass."""
        if not isinstance(exception, StepNotAllowedError):
            return None
        return render(request, "409.html", {"reasons": exception.reasons}, status=409)
