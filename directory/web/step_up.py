"""When somebody last proved who they are, and the doorway that asks for it again.

Signing in is a proof, and so is typing the password or showing a passkey again. What changes
rights, decides, or carries much away asks for one that is at most FRESH_PROOF_MINUTES old.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import update_wrapper
from typing import Any
from urllib.parse import urlencode

from allauth.account.signals import authentication_step_completed
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from directory import clock
from directory.web.request import CaseworkRequest, P, View
from directory.web.sessions import BEGAN_AT

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
    """Return a decorator that asks for a fresh proof before a view does or shows anything.

    `back` names the page to come back to where the route itself only takes a POST; it has the same
    arguments. Put it below `only`, so that whoever may not act is told so first.
    """

    def decorate(view: View[P]) -> View[P]:
        def guarded(request: CaseworkRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not has_fresh_proof(request):
                page = reverse(back, args=args, kwargs=kwargs) if back else ""
                return step_up_redirect(request, back=page)
            return view(request, *args, **kwargs)

        return update_wrapper(guarded, view)

    return decorate


@receiver(user_logged_in)
def note_session_start(request: HttpRequest, **kwargs: Any) -> None:
    request.session[BEGAN_AT] = request.session[PROVED_AT] = clock.now().isoformat()


@receiver(authentication_step_completed)
def note_proof(request: HttpRequest, **kwargs: Any) -> None:
    if request.user.is_authenticated and kwargs.get("reauthenticated"):
        request.session[PROVED_AT] = clock.now().isoformat()
