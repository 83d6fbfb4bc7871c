"""Signing in and out, by a password, a link, or the agency's own sign-in."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import LoginView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from directory import clock
from directory.accounts import mfa_required, sso
from directory.accounts import services as accounts
from directory.accounts.allauth_internals import logout, perform_login, record_authentication
from directory.accounts.demo_people import DEMO_PEOPLE
from directory.accounts.forms import ChoosePasswordForm, ForgottenForm, OwnPasswordForm, SignInForm
from directory.accounts.mfa import factors_of
from directory.accounts.views.second_factors import account_breadcrumbs, own_act
from directory.forms.layout import ButtonForm
from directory.forms.optimistic_lock import form_status
from directory.models import User
from directory.web.request import (
    PROOF_PAGE,
    CaseworkRequest,
    client_address,
    form_page,
    has_fresh_proof,
    needs_fresh_proof,
    post_data,
)

logger = logging.getLogger(__name__)


class SignIn(LoginView):  # type: ignore[misc]  # allauth publishes no types
    def get_form_class(self) -> type[SignInForm]:
        return SignInForm

    def form_valid(self, form: SignInForm) -> HttpResponse:
        return form.sign_in(self.request, self.get_success_url())

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        context = self.get_context_data(form=form)
        return render(self.request, "account/login.html", context, status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        provider = settings.OIDC_NAME if settings.OIDC_SERVER_URL else ""
        active = User.objects.filter(is_active=True)
        known = set(active.values_list("email", flat=True)) if settings.DEMO else set()
        shown = [(each.email, each.description) for each in DEMO_PEOPLE if each.email in known]
        ours = {"demo_people": shown, "provider": provider}
        return {**super().get_context_data(**kwargs), **ours}


sign_in = require_http_methods(["GET", "POST"])(SignIn.as_view())


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request, show_message=False)
    messages.success(request, "You are signed out.")
    return redirect(settings.LOGOUT_REDIRECT_URL)


@sensitive_post_parameters("current", "password", "again")
@require_http_methods(["GET", "POST"])
def own_password(request: CaseworkRequest) -> HttpResponse:
    form = OwnPasswordForm(post_data(request), request=request)
    if form.is_valid():
        person = accounts.change_own_password(
            request.user, form.cleaned_data["password"], on=request.today
        )
        update_session_auth_hash(request, person)
        messages.success(request, "Your password is changed. You are signed out everywhere else.")
        return redirect("your-account")
    breadcrumbs = account_breadcrumbs()
    return form_page(request, form, title="Change your password", breadcrumbs=breadcrumbs)


# Where a session keeps which link was opened in it, and a proof that it was.
LINK_IN_SESSION = "opened_link"
RESET_MESSAGE = (
    "If somebody signs in here with this address, a mail with a link is on its way to it. "
    "The link is good for an hour."
)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def forgot_password(request: CaseworkRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("own-password")
    form = ForgottenForm(post_data(request), cancel_url=reverse("sign-in"))
    if form.is_valid():
        typed = form.cleaned_data["login"]
        accounts.request_reset(typed, network_address=client_address(request), at=clock.now())
        messages.success(request, RESET_MESSAGE)
        return redirect("sign-in")
    context = {"form": form, "is_live": settings.MAIL_LIVE}
    return render(request, "account/forgot_password.html", context, status=form_status(form))


@login_not_required
@never_cache
@sensitive_variables("token")
@require_safe
def open_link(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    link = accounts.link_by_token(pk, token, at=clock.now())
    if link is not None:
        request.session.flush()
        request.session[LINK_IN_SESSION] = [link.pk, accounts.link_proof(link)]
    answer = redirect("choose-password")
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@login_not_required
@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def choose_password(request: CaseworkRequest) -> HttpResponse:
    kept = request.session.get(LINK_IN_SESSION)
    link = accounts.link_by_proof(*kept, at=clock.now()) if kept else None
    if link is None:
        messages.error(request, accounts.LINK_NO_LONGER_VALID)
        return redirect("forgot-password")
    form = ChoosePasswordForm(post_data(request), person=link.person)
    if form.is_valid():
        chosen = form.cleaned_data["password"]
        accounts.choose_password(link, chosen, on=request.today, at=clock.now())
        request.session.flush()
        messages.success(request, "Your password is saved. Sign in with it.")
        return redirect("sign-in")
    context = {"form": form}
    return render(request, "account/choose_password.html", context, status=form_status(form))


def _failure_page(request: HttpRequest, why: str, status: int) -> HttpResponse:
    context = {"why": why, "provider": settings.OIDC_NAME}
    return render(request, "account/single_sign_on_failed.html", context, status=status)


def _redirect_to_provider(request: HttpRequest, purpose: sso.SignOnPurpose) -> HttpResponse:
    back = get_next_redirect_url(request) or ""
    try:
        return redirect(sso.provider_sign_in_address(request, purpose, at=request.now, back=back))  # type: ignore[attr-defined]  # SessionActivityMiddleware sets it
    except sso.ProviderUnavailableError as away:
        logger.warning("The provider of single sign-on is away: %s.", away)
        return _failure_page(request, "away", 503)


@login_not_required
@never_cache
@require_POST
def single_sign_on(request: HttpRequest) -> HttpResponse:
    if not sso.issuer():
        raise Http404
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    return _redirect_to_provider(request, sso.SignOnPurpose.SIGN_IN)


@login_not_required
@never_cache
@require_safe
def single_sign_on_answer(request: HttpRequest) -> HttpResponse:
    if not sso.issuer():
        raise Http404
    if sso.STATE not in request.session:
        return redirect("sign-in")
    try:
        subject, remembered = sso.read_answer(request)
    except sso.ProviderUnavailableError as away:
        logger.warning("The provider of single sign-on is away: %s.", away)
        return _failure_page(request, "away", 503)
    except sso.AnswerRefusedError as refused:
        logger.warning("An answer of single sign-on was refused: %s.", refused)
        return _failure_page(request, "refused", 400)
    if remembered["purpose"] != sso.SignOnPurpose.SIGN_IN:
        return _finish_purpose(request, subject, remembered)
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    person = sso.person_of_subject(sso.issuer(), subject)
    if person is None:
        logger.warning("Nobody here is the subject that single sign-on named.")
        return _failure_page(request, "unknown", 403)
    record_authentication(request, person, mfa_required.SINGLE_SIGN_ON)
    login = Login(user=person, redirect_url=remembered["back"] or None)
    answer: HttpResponse = perform_login(request, login)
    return answer


def _finish_purpose(request: HttpRequest, subject: str, remembered: dict[str, Any]) -> HttpResponse:
    person = request.user
    if not isinstance(person, User) or person.pk != remembered["person"]:
        return _failure_page(request, "refused", 400)
    if remembered["purpose"] == sso.SignOnPurpose.PROVE:
        if not sso.is_connected(person, sso.issuer(), subject):
            logger.warning("Person %s proved to be somebody else by single sign-on.", person.pk)
            return _failure_page(request, "another", 403)
        record_authentication(request, person, mfa_required.SINGLE_SIGN_ON, reauthenticated=True)
        request.session.cycle_key()
        return redirect(remembered["back"] or settings.LOGIN_REDIRECT_URL)
    is_enough = not (settings.SECOND_FACTOR_REQUIRED and mfa_required.missing_factor_page(request))
    if not (is_enough and has_fresh_proof(request)):
        return _failure_page(request, "refused", 400)
    sso.connect(sso.issuer(), subject, **own_act(request))  # type: ignore[arg-type]  # a known person on a known day
    request.session.cycle_key()
    said = f"You can now sign in with {settings.OIDC_NAME}. Your other sessions have ended."
    messages.success(request, said)
    return redirect("your-account")


@require_POST
@needs_fresh_proof(back="your-account")
def connect_single_sign_on(request: CaseworkRequest) -> HttpResponse:
    if not sso.issuer():
        raise Http404
    return _redirect_to_provider(request, sso.SignOnPurpose.CONNECT)


@require_POST
def prove_by_single_sign_on(request: CaseworkRequest) -> HttpResponse:
    if not sso.issuer():
        raise Http404
    if not mfa_required.may_prove_by_single_sign_on(
        request.user, factors_of(request.user), on=request.today
    ):
        return redirect(PROOF_PAGE)
    return _redirect_to_provider(request, sso.SignOnPurpose.PROVE)


@require_http_methods(["GET", "POST"])
@needs_fresh_proof()
def disconnect_single_sign_on(request: CaseworkRequest) -> HttpResponse:
    if not sso.issuer() or sso.subject_of(request.user, sso.issuer()) is None:
        raise Http404
    back = reverse("your-account")
    form = ButtonForm(post_data(request), button="Disconnect", cancel_url=back)
    if form.is_valid():
        sso.disconnect(sso.issuer(), **own_act(request))
        messages.success(request, "It is disconnected, and your other sessions have ended.")
        return redirect(back)
    title = f"Disconnect {settings.OIDC_NAME}"
    lead = "You can then sign in with your password or a passkey alone."
    return form_page(request, form, title=title, breadcrumbs=account_breadcrumbs(), lead=lead)
