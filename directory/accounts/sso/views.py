"""Signing in by the agency's own sign-in, and connecting a person with it."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from directory.accounts.mfa.required import SINGLE_SIGN_ON, missing_step, proves_there
from directory.accounts.mfa.services import factors_of
from directory.accounts.mfa.views import way_to_account
from directory.accounts.sso import identities
from directory.accounts.sso.client import (
    STATE,
    AnswerRefusedError,
    ProviderAwayError,
    Purpose,
    answer,
    issuer,
    way_there,
)
from directory.forms.layout import ButtonForm
from directory.models import User
from directory.web.pages import form_page, posted
from directory.web.request import CaseworkRequest
from directory.web.step_up import PROOF_PAGE, is_fresh, needs_fresh_proof

logger = logging.getLogger(__name__)


def _failed(request: HttpRequest, why: str, status: int) -> HttpResponse:
    context = {"why": why, "provider": settings.OIDC_NAME}
    return render(request, "account/single_sign_on_failed.html", context, status=status)


def _led_there(request: HttpRequest, purpose: Purpose) -> HttpResponse:
    """Lead to the provider, and from there to the page that was asked for; say if it is away."""
    back = get_next_redirect_url(request) or ""
    try:
        return redirect(way_there(request, purpose, at=request.now, back=back))  # type: ignore[attr-defined]  # SeenMiddleware sets it
    except ProviderAwayError as away:
        logger.warning("The provider of single sign-on is away: %s.", away)
        return _failed(request, "away", 503)


@login_not_required
@never_cache
@require_POST
def single_sign_on(request: HttpRequest) -> HttpResponse:
    """Lead to the provider's sign-in page."""
    if not issuer():
        raise Http404
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    return _led_there(request, Purpose.SIGN_IN)


@login_not_required
@never_cache
@require_safe
def single_sign_on_answer(request: HttpRequest) -> HttpResponse:
    """Do what the person set out for, if the provider says who they are; else nothing."""
    if not issuer():
        raise Http404
    if STATE not in request.session:
        return redirect("sign-in")
    try:
        subject, remembered = answer(request)
    except ProviderAwayError as away:
        logger.warning("The provider of single sign-on is away: %s.", away)
        return _failed(request, "away", 503)
    except AnswerRefusedError as refused:
        logger.warning("An answer of single sign-on was refused: %s.", refused)
        return _failed(request, "refused", 400)
    if remembered["purpose"] != Purpose.SIGN_IN:
        return _gone_on(request, subject, remembered)
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    person = identities.whose(issuer(), subject)
    if person is None:
        logger.warning("Nobody here is the subject that single sign-on named.")
        return _failed(request, "unknown", 403)
    return _signed_in(request, person, remembered)


def _signed_in(request: HttpRequest, person: User, remembered: dict[str, Any]) -> HttpResponse:
    login = Login(user=person, redirect_url=remembered["back"] or None)
    record_authentication(request, person, SINGLE_SIGN_ON)
    led: HttpResponse = perform_login(request, login)
    return led


def _gone_on(request: HttpRequest, subject: str, remembered: dict[str, Any]) -> HttpResponse:
    """Connect whoever set out to, or take their proof, if it is still they in this session."""
    person = request.user
    if not isinstance(person, User) or person.pk != remembered["person"]:
        return _failed(request, "refused", 400)
    if remembered["purpose"] == Purpose.PROVE:
        return _proven_again(request, person, subject, remembered["back"])
    return _connected(request, person, subject)


def _connected(request: HttpRequest, person: User, subject: str) -> HttpResponse:
    """Connect a person who is fully proven."""
    if not _is_proven(request):
        return _failed(request, "refused", 400)
    session = request.session.session_key or ""
    identities.connect(issuer(), subject, by=person, on=request.today, session=session)  # type: ignore[attr-defined]  # a known person on a known day
    request.session.cycle_key()
    said = f"You can now sign in with {settings.OIDC_NAME}. Your other sessions have ended."
    messages.success(request, said)
    return redirect("your-account")


def _proven_again(request: HttpRequest, person: User, subject: str, back: str) -> HttpResponse:
    """Take the proof of somebody who signed in at the provider anew, as themselves."""
    if not identities.is_connected(person, issuer(), subject):
        logger.warning("Person %s proved to be somebody else by single sign-on.", person.pk)
        return _failed(request, "another", 403)
    record_authentication(request, person, SINGLE_SIGN_ON, reauthenticated=True)
    request.session.cycle_key()
    return redirect(back or settings.LOGIN_REDIRECT_URL)


def _is_proven(request: HttpRequest) -> bool:
    """Say whether the proof is fresh, and by a second factor where one is required."""
    is_enough = not (settings.SECOND_FACTOR_REQUIRED and missing_step(request))
    return is_enough and is_fresh(request)


@require_POST
@needs_fresh_proof(back="your-account")
def connect_single_sign_on(request: CaseworkRequest) -> HttpResponse:
    """Lead to the provider, to come back connected with whoever signs in there."""
    if not issuer():
        raise Http404
    return _led_there(request, Purpose.CONNECT)


@require_POST
def prove_by_single_sign_on(request: CaseworkRequest) -> HttpResponse:
    """Lead to the provider, to come back with a fresh proof; where that is none, to the others."""
    if not issuer():
        raise Http404
    if not proves_there(request.user, factors_of(request.user), on=request.today):
        return redirect(PROOF_PAGE)
    return _led_there(request, Purpose.PROVE)


@require_http_methods(["GET", "POST"])
@needs_fresh_proof()
def disconnect_single_sign_on(request: CaseworkRequest) -> HttpResponse:
    """Take the connection away, after a second thought."""
    if not issuer() or identities.subject_of(request.user, issuer()) is None:
        raise Http404
    back = reverse("your-account")
    form = ButtonForm(posted(request), button="Disconnect", cancel_url=back)
    if form.is_valid():
        session = request.session.session_key or ""
        identities.disconnect(issuer(), by=request.user, on=request.today, session=session)
        messages.success(request, "It is disconnected, and your other sessions have ended.")
        return redirect(back)
    title = f"Disconnect {settings.OIDC_NAME}"
    lead = "You can then sign in with your password or a passkey alone."
    return form_page(request, form, title=title, way=way_to_account(), lead=lead)
