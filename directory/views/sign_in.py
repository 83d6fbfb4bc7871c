"""Signing in and out."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from directory.demo_people import DEMO_PEOPLE
from directory.forms.sign_in import SignInForm
from directory.models import User


def _destination(request: HttpRequest) -> str:
    """Return where to go after signing in: the page asked for where it is ours, else my work."""
    wanted = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else resolve_url(settings.LOGIN_REDIRECT_URL)


def _demo_people() -> list[tuple[str, str]]:
    if not settings.DEMO:
        return []
    known = set(User.objects.filter(is_active=True).values_list("email", flat=True))
    return [(each.email, each.tells) for each in DEMO_PEOPLE if each.email in known]


@login_not_required
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign somebody in and take them to where they wanted to go."""
    if request.user.is_authenticated:
        return redirect(_destination(request))
    form = SignInForm(request, request.POST if request.method == "POST" else None)
    if form.is_valid() and form.person is not None:
        login(request, form.person)
        return redirect(_destination(request))
    context = {"form": form, "demo_people": _demo_people()}
    return render(request, "directory/sign_in.html", context, status=422 if form.is_bound else 200)


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session and go back to the sign-in page."""
    logout(request)
    messages.success(request, "You are signed out.")
    return redirect(settings.LOGOUT_REDIRECT_URL)
