"""The ways of proving who one is: the step after the password, a passkey alone, and once more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from allauth.account.internal.flows.login import (
    perform_login,
    record_authentication,
)
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import Login
from allauth.account.stages import LoginStageController
from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from directory import clock
from directory.adapters import SecondStep
from directory.forms.factors import CodeForm, PasskeyForm
from directory.forms.sign_in import PasswordAgainForm
from directory.http import CaseworkRequest
from directory.models import User
from directory.passkeys import NOT_RIGHT, to_use
from directory.second_factor import note_use, proves_there
from directory.services.factors import Factors, factors_of, must_use_passkey
from directory.views.pages import posted

Way = Any  # one of the forms below: each says in `factor` what proved it


def _ways(request: HttpRequest, person: User, held: Factors, *, codes: bool, on: date) -> list[Way]:
    """Return the forms with which this person can prove themselves; one of them was sent."""
    sent = request.POST if request.method == "POST" else None
    ways: list[Way] = []
    if held.passkeys:
        answer = sent if sent is not None and "credential" in sent else None
        ways.append(PasskeyForm(answer, person=person))
    if codes and held.has_any:
        typed = sent if sent is not None and "code" in sent else None
        ways.append(CodeForm(typed, person=person, at=clock.now(), on=on))
    return ways


def _proven(ways: Sequence[Way]) -> Any:
    """Return the form that holds a proof, or None."""
    return next((way for way in ways if way.is_valid()), None)


def _page(
    request: HttpRequest, template: str, ways: Sequence[Way], person: User, *, provider: str = ""
) -> HttpResponse:
    """Return the page with the ways; 422 where what was sent proved nothing."""
    context: dict[str, Any] = {"next": get_next_redirect_url(request) or "", "provider": provider}
    for way in ways:
        context["passkey" if isinstance(way, PasskeyForm) else "form"] = way
    if "passkey" in context:
        context["asked"] = {"request_options": to_use(person)}
    status = 422 if request.method == "POST" else 200
    return render(request, template, context, status=status)


@login_not_required
@never_cache
@sensitive_post_parameters("code", "credential")
@require_http_methods(["GET", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask whoever typed a right password for their second factor, and begin the session."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    stage = LoginStageController.enter(request, SecondStep.key)
    held = factors_of(stage.login.user) if stage else Factors()
    if not held.has_any:
        clear_login(request)
        return redirect("sign-in")
    person = stage.login.user
    ways = _ways(request, person, held, codes=True, on=clock.today())
    proof = _proven(ways)
    if proof:
        note_use(request, proof.factor)
        answer: HttpResponse = stage.exit()
        return answer
    return _page(request, "account/second_step.html", ways, person)


@login_not_required
@never_cache
@sensitive_post_parameters("credential")
@require_http_methods(["GET", "POST"])
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    """Tell the browser what to ask its passkeys (GET), and sign in whoever one belongs to."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    if request.method == "GET":
        return JsonResponse({"request_options": to_use()})
    form = PasskeyForm(request.POST)
    if not form.is_valid():
        messages.error(request, NOT_RIGHT)
        return redirect("sign-in")
    login = Login(user=form.factor.user, redirect_url=get_next_redirect_url(request))
    note_use(request, form.factor, passwordless=True)
    answer: HttpResponse = perform_login(request, login)
    return answer


@sensitive_post_parameters("password", "code", "credential")
@require_http_methods(["GET", "POST"])
def prove_again(request: CaseworkRequest) -> HttpResponse:
    """Ask a signed-in person to prove who they are, then go back to what they were doing.

    Whoever has a second factor uses it; a password alone serves those who have none.
    """
    person = request.user
    held = factors_of(person)
    strict = bool(held.passkeys) and must_use_passkey(person, on=request.today)
    ways = _ways(request, person, held, codes=not strict, on=request.today)
    there = settings.OIDC_NAME if proves_there(person, held, on=request.today) else ""
    if not held.has_any and (person.has_usable_password() or not there):
        ways = [PasswordAgainForm(posted(request), request=request)]
    proof = _proven(ways)
    if proof is None:
        return _page(request, "account/reauthenticate.html", ways, person, provider=there)
    if isinstance(proof, PasswordAgainForm):
        record_authentication(request, person, method="password", reauthenticated=True)
    else:
        note_use(request, proof.factor, reauthenticated=True)
    request.session.cycle_key()
    return redirect(get_next_redirect_url(request) or settings.LOGIN_REDIRECT_URL)
