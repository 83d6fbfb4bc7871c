"""Signing in and out."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.logout import logout
from allauth.account.views import LoginView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from directory.demo_people import DEMO_PEOPLE
from directory.forms.sign_in import SignInForm
from directory.models import User


def _demo_people() -> list[tuple[str, str]]:
    if not settings.DEMO:
        return []
    known = set(User.objects.filter(is_active=True).values_list("email", flat=True))
    return [(each.email, each.tells) for each in DEMO_PEOPLE if each.email in known]


class SignIn(LoginView):  # type: ignore[misc]  # allauth publishes no types
    """Sign somebody in and take them to where they wanted to go."""

    def get_form_class(self) -> type[SignInForm]:
        """Return our form, with the look and the one sentence of the house."""
        return SignInForm

    def form_valid(self, form: SignInForm) -> HttpResponse:
        """Go on to the second step, or to the page asked for."""
        return form.enter(self.request, self.get_success_url())

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        """Show the form again with what is wrong."""
        context = self.get_context_data(form=form)
        return render(self.request, "account/login.html", context, status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the form, the agency's sign-in and, in the demonstration, its people."""
        provider = settings.OIDC_NAME if settings.OIDC_SERVER_URL else ""
        ours = {"demo_people": _demo_people(), "provider": provider}
        return {**super().get_context_data(**kwargs), **ours}


sign_in = require_http_methods(["GET", "POST"])(SignIn.as_view())


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, or a sign-in half done, and go back to the sign-in page."""
    logout(request, show_message=False)
    messages.success(request, "You are signed out.")
    return redirect(settings.LOGOUT_REDIRECT_URL)
