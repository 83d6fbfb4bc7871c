"""Signing in and out."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from directory import clock
from directory.accounts import services as accounts
from directory.accounts.allauth_internals import logout
from directory.accounts.demo_people import DEMO_PEOPLE
from directory.accounts.forms import ChoosePasswordForm, ForgottenForm, OwnPasswordForm, SignInForm
from directory.models import User
from directory.web.client_ip import client_address
from directory.web.request import CaseworkRequest, form_page, post_data


def _demo_people() -> list[tuple[str, str]]:
    if not settings.DEMO:
        return []
    known = set(User.objects.filter(is_active=True).values_list("email", flat=True))
    return [(each.email, each.description) for each in DEMO_PEOPLE if each.email in known]


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
        ours = {"demo_people": _demo_people(), "provider": provider}
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
    breadcrumbs = [("Your account", reverse("your-account"))]
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
    status = 422 if form.is_bound else 200
    return render(request, "account/forgot_password.html", context, status=status)


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
    status = 422 if form.is_bound else 200
    return render(request, "account/choose_password.html", {"form": form}, status=status)
