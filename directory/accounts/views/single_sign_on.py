"""Signing in by the agency's own sign-in, and connecting a person with it."""

from __future__ import annotations

import logging
from typing import Any

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

from directory.accounts.allauth_internals import perform_login, record_authentication
from directory.accounts.mfa.services import factors_of
from directory.accounts.mfa_required import (
    SINGLE_SIGN_ON,
    may_prove_by_single_sign_on,
    missing_factor_page,
)
from directory.accounts.sso import identities
from directory.accounts.sso.client import (
    STATE,
    AnswerRefusedError,
    ProviderUnavailableError,
    SignOnPurpose,
    issuer,
    provider_sign_in_address,
    read_answer,
)
from directory.accounts.views.second_factors import account_breadcrumbs
from directory.forms.layout import ButtonForm
from directory.models import User
from directory.web.request import CaseworkRequest, form_page, post_data
from directory.web.step_up import PROOF_PAGE, has_fresh_proof, needs_fresh_proof

logger = logging.getLogger(__name__)


def _failure_page(request: HttpRequest, why: str, status: int) -> HttpResponse:
    context = {"why": why, "provider": settings.OIDC_NAME}
    return render(request, "account/single_sign_on_failed.html", context, status=status)


def _redirect_to_provider(request: HttpRequest, purpose: SignOnPurpose) -> HttpResponse:
    back = get_next_redirect_url(request) or ""
    try:
        return redirect(provider_sign_in_address(request, purpose, at=request.now, back=back))  # type: ignore[attr-defined]  # SessionActivityMiddleware sets it
    except ProviderUnavailableError as away:
        logger.warning("The provider of single sign-on is away: %s.", away)
        return _failure_page(request, "away", 503)


@login_not_required
@never_cache
@require_POST
def single_sign_on(request: HttpRequest) -> HttpResponse:
    if not issuer():
        raise Http404
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    return _redirect_to_provider(request, SignOnPurpose.SIGN_IN)


@login_not_required
@never_cache
@require_safe
def single_sign_on_answer(request: HttpRequest) -> HttpResponse:
    if not issuer():
        raise Http404
    if STATE not in request.session:
        return redirect("sign-in")
    try:
        subject, remembered = read_answer(request)
    except ProviderUnavailableError as away:
        logger.warning("The provider of single sign-on is away: %s.", away)
        return _failure_page(request, "away", 503)
    except AnswerRefusedError as refused:
        logger.warning("An answer of single sign-on was refused: %s.", refused)
        return _failure_page(request, "refused", 400)
    if remembered["purpose"] != SignOnPurpose.SIGN_IN:
        return _finish_purpose(request, subject, remembered)
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    person = identities.person_of_subject(issuer(), subject)
    if person is None:
        logger.warning("Nobody here is the subject that single sign-on named.")
        return _failure_page(request, "unknown", 403)
    record_authentication(request, person, SINGLE_SIGN_ON)
    login = Login(user=person, redirect_url=remembered["back"] or None)
    answer: HttpResponse = perform_login(request, login)
    return answer


def _finish_purpose(request: HttpRequest, subject: str, remembered: dict[str, Any]) -> HttpResponse:
    person = request.user
    if not isinstance(person, User) or person.pk != remembered["person"]:
        return _failure_page(request, "refused", 400)
    if remembered["purpose"] == SignOnPurpose.PROVE:
        return _finish_proof(request, person, subject, remembered["back"])
    is_enough = not (settings.SECOND_FACTOR_REQUIRED and missing_factor_page(request))
    if not (is_enough and has_fresh_proof(request)):
        return _failure_page(request, "refused", 400)
    session = request.session.session_key or ""
    identities.connect(issuer(), subject, by=person, on=request.today, session=session)  # type: ignore[attr-defined]  # a known person on a known day
    request.session.cycle_key()
    said = f"You can now sign in with {settings.OIDC_NAME}. Your other sessions have ended."
    messages.success(request, said)
    return redirect("your-account")


def _finish_proof(request: HttpRequest, person: User, subject: str, back: str) -> HttpResponse:
    if not identities.is_connected(person, issuer(), subject):
        logger.warning("Person %s proved to be somebody else by single sign-on.", person.pk)
        return _failure_page(request, "another", 403)
    record_authentication(request, person, SINGLE_SIGN_ON, reauthenticated=True)
    request.session.cycle_key()
    return redirect(back or settings.LOGIN_REDIRECT_URL)


@require_POST
@needs_fresh_proof(back="your-account")
def connect_single_sign_on(request: CaseworkRequest) -> HttpResponse:
    if not issuer():
        raise Http404
    return _redirect_to_provider(request, SignOnPurpose.CONNECT)


@require_POST
def prove_by_single_sign_on(request: CaseworkRequest) -> HttpResponse:
    if not issuer():
        raise Http404
    if not may_prove_by_single_sign_on(request.user, factors_of(request.user), on=request.today):
        return redirect(PROOF_PAGE)
    return _redirect_to_provider(request, SignOnPurpose.PROVE)


@require_http_methods(["GET", "POST"])
@needs_fresh_proof()
def disconnect_single_sign_on(request: CaseworkRequest) -> HttpResponse:
    if not issuer() or identities.subject_of(request.user, issuer()) is None:
        raise Http404
    back = reverse("your-account")
    form = ButtonForm(post_data(request), button="Disconnect", cancel_url=back)
    if form.is_valid():
        session = request.session.session_key or ""
        identities.disconnect(issuer(), by=request.user, on=request.today, session=session)
        messages.success(request, "It is disconnected, and your other sessions have ended.")
        return redirect(back)
    title = f"Disconnect {settings.OIDC_NAME}"
    lead = "You can then sign in with your password or a passkey alone."
    return form_page(request, form, title=title, breadcrumbs=account_breadcrumbs(), lead=lead)
