"""What every page and request shares: a known person, today, the way around, and fresh proof.

Signing in is a proof of who one is, and so is typing the password or showing a passkey again. What
changes rights, decides, or carries much away asks for one at most FRESH_PROOF_MINUTES old.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import update_wrapper
from ipaddress import ip_address, ip_network
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from allauth.account.signals import authentication_step_completed
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from directory import clock
from directory.clock import zone
from directory.forms.optimistic_lock import form_status
from directory.models import User
from directory.request_notes import notes_of
from directory.roles import (
    EDITS_DIRECTORY,
    READS_CASES,
    READS_DASHBOARD,
    READS_OUTBOX,
    READS_QUEUE,
    SERVES_THE_STATE,
    WRITES_CASES,
    Role,
)
from directory.web.sessions import BEGAN_AT, SessionStore

P = ParamSpec("P")

EVERYBODY = frozenset(Role)

# Main navigation: label, URL name, the roles that find it useful.
NAVIGATION = (
    ("My work", "my-work", EVERYBODY),
    ("Children", "children", READS_CASES),
    ("Reviews", "reviews", READS_CASES),
    ("Approvals", "approvals", READS_QUEUE),
    ("Dashboard", "dashboards", READS_DASHBOARD),
    ("Contacts", "contacts", EVERYBODY),
    ("Rules", "rules", SERVES_THE_STATE),
    ("Outbox", "outbox", READS_OUTBOX - {Role.COORDINATOR}),
    ("Directory", "directory", EDITS_DIRECTORY),
)
# At the foot of every page: what one seldom looks for.
FURTHER = (("Rules", "rules", EVERYBODY), ("Outbox", "outbox", READS_OUTBOX))
# What stands below a place of the navigation without beginning with its address.
BELOW = {
    "my-work": ("/drafts/",),
    "children": (
        *("/consultations/", "/goal-changes/", "/goals/"),
        *("/care-episodes/", "/court-orders/"),
    ),
    "dashboards": ("/forecast/", "/calendar/"),
}


class CaseworkRequest(HttpRequest):
    user: User  # SignInRequiredMiddleware has turned everybody else away
    session: SessionStore
    today: date
    now: datetime


View = Callable[Concatenate[CaseworkRequest, P], HttpResponse]


def only(roles: Iterable[Role]) -> Callable[[View[P]], View[P]]:
    wanted = frozenset(roles)

    def decorate(view: View[P]) -> View[P]:
        def guarded(request: CaseworkRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.holds(wanted, on=request.today):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return update_wrapper(guarded, view)

    return decorate


@dataclass(frozen=True)
class NavigationItem:
    label: str
    url: str
    is_current: bool


def _links(
    request: CaseworkRequest, places: Iterable[tuple[str, str, frozenset[Role]]]
) -> tuple[NavigationItem, ...]:
    """Return the places that this person finds useful; the one where they are is current."""
    links = []
    for label, name, roles in places:
        if request.user.holds(roles, on=request.today):
            url, below = reverse(name), BELOW.get(name, ())
            is_here = request.path == url or (url != "/" and request.path.startswith(url))
            links.append(NavigationItem(label, url, is_here or request.path.startswith(below)))
    return tuple(links)


@dataclass(frozen=True)
class SessionEnd:
    at: datetime
    seconds_left: int
    warn_seconds: int
    is_last: bool


def session_end(request: CaseworkRequest, *, now: datetime) -> SessionEnd | None:
    ends_at = getattr(request.session, "ends_at", None)
    if ends_at is None:
        return None
    return SessionEnd(
        at=ends_at.astimezone(zone(request.user.time_zone(on=request.today))),
        seconds_left=max(0, int((ends_at - now).total_seconds())),
        warn_seconds=int(settings.SESSION_WARNING.total_seconds()),
        is_last=ends_at == request.session.last_end,
    )


def page_context(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    context: dict[str, Any] = {
        "demo": settings.DEMO,
        "today": getattr(request, "today", None),
        "reference": notes_of(request).reference,
    }
    if not isinstance(user, User) or not hasattr(request, "today"):
        return {**context, "navigation": (), "further": (), "appointments_line": ""}
    known = cast(CaseworkRequest, request)  # a known person on a known day
    held = user.appointments_in_force(on=known.today)
    return {
        **context,
        "session_end": session_end(known, now=known.now),
        "navigation": _links(known, NAVIGATION),
        "further": _links(known, FURTHER),
        "may_find": user.holds(READS_CASES, on=known.today),
        # Where consultations may be logged: nowhere is false.
        "logs_within": user.reach(WRITES_CASES, on=known.today),
        "appointments_line": "; ".join(str(each) for each in held) or "No current appointment",
    }


def site_address(path: str) -> str:
    return f"{settings.BASE_URL}{path}"


def post_data(request: CaseworkRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


Breadcrumbs = Sequence[tuple[str, str]]


def directory_breadcrumbs(*steps: tuple[str, str]) -> list[tuple[str, str]]:
    return [("Directory", reverse("directory")), *steps]


def form_page(
    request: CaseworkRequest, form: Any, *, title: str, breadcrumbs: Breadcrumbs, lead: str = ""
) -> HttpResponse:
    context = {"form": form, "title": title, "breadcrumbs": breadcrumbs, "lead": lead}
    return render(request, "directory/form.html", context, status=form_status(form))


def client_address(request: HttpRequest) -> str | None:
    """Return the network address of the browser, or None where it is not known.

    It is the nearest address that is not one of TRUSTED_PROXIES: what stands further left in the
    header was written by the browser itself and may be anything.
    """
    steps = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    nearest = _valid(request.META.get("REMOTE_ADDR", ""))
    ours = [ip_network(each) for each in settings.TRUSTED_PROXIES]
    while nearest is not None and any(ip_address(nearest) in each for each in ours) and steps:
        further = _valid(steps.pop())
        if further is None:
            break
        nearest = further
    return nearest


def _valid(address: str) -> str | None:
    try:
        return str(ip_address(address.strip()))
    except ValueError:
        return None


PROVED_AT = "proved_at"
PROOF_PAGE = "account_reauthenticate"


class StepUpRedirect(HttpResponseRedirect):
    """The way to the page that asks for proof: nothing was done yet, what was typed is kept."""


def has_fresh_proof(request: HttpRequest) -> bool:
    proved_at = request.session.get(PROVED_AT)
    if not proved_at:
        return False
    age = clock.now() - datetime.fromisoformat(proved_at)
    return age < timedelta(minutes=settings.FRESH_PROOF_MINUTES)


def step_up_redirect(request: HttpRequest, *, back: str = "") -> StepUpRedirect:
    return StepUpRedirect(
        f"{reverse(PROOF_PAGE)}?{urlencode({'next': back or request.get_full_path()})}"
    )


def needs_fresh_proof(*, back: str = "") -> Callable[[View[P]], View[P]]:
    """Return a decorator, below `only`, that asks for fresh proof; `back` is the page of a POST."""

    def decorate(view: View[P]) -> View[P]:
        def guarded(request: CaseworkRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not has_fresh_proof(request):
                page = reverse(back, args=args, kwargs=kwargs) if back else ""
                return step_up_redirect(request, back=page)
            return view(request, *args, **kwargs)

        return update_wrapper(guarded, view)

    return decorate


def changes_rights(view: View[P]) -> View[P]:
    """Open a page with a form to who edits the directory, after fresh proof."""
    return require_http_methods(["GET", "POST"])(only(EDITS_DIRECTORY)(needs_fresh_proof()(view)))


@receiver(user_logged_in)
def note_session_start(request: HttpRequest, **kwargs: Any) -> None:
    request.session[BEGAN_AT] = request.session[PROVED_AT] = clock.now().isoformat()


@receiver(authentication_step_completed)
def note_proof(request: HttpRequest, **kwargs: Any) -> None:
    if request.user.is_authenticated and kwargs.get("reauthenticated"):
        request.session[PROVED_AT] = clock.now().isoformat()
