"""Choosing a password by a link, and asking for such a link."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from directory import clock
from directory.addresses import client_address
from directory.forms.people import ChoosePasswordForm, ForgottenForm
from directory.http import CaseworkRequest
from directory.models import SignInLink
from directory.services import links, people
from directory.views.pages import posted

# Where a session keeps which link was opened in it, and a proof that it was.
OPENED = "opened_link"
ON_ITS_WAY = (
    "If somebody signs in here with this address, a mail with a link is on its way to it. "
    "The link is good for an hour."
)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def forgot_password(request: CaseworkRequest) -> HttpResponse:
    """Take the question for a new password; the answer is the same for every address."""
    if request.user.is_authenticated:
        return redirect("own-password")
    form = ForgottenForm(posted(request), cancel_url=reverse("sign-in"))
    if form.is_valid():
        typed = form.cleaned_data["login"]
        links.ask_for_reset(typed, network_address=client_address(request), at=clock.now())
        messages.success(request, ON_ITS_WAY)
        return redirect("sign-in")
    context = {"form": form, "is_live": settings.MAIL_LIVE}
    status = 422 if form.is_bound else 200
    return render(request, "account/forgot_password.html", context, status=status)


@login_not_required
@never_cache
@sensitive_variables("token")
@require_safe
def open_link(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """Take the secret out of the address: keep a proof of it in a new session, and go on."""
    link = links.found(pk, token, at=clock.now())
    if link is not None:
        request.session.flush()
        request.session[OPENED] = [link.pk, links.seal_of(link)]
    answer = redirect("choose-password")
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _opened(request: HttpRequest) -> SignInLink | None:
    kept = request.session.get(OPENED)
    return links.resumed(*kept, at=clock.now()) if kept else None


@login_not_required
@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def choose_password(request: CaseworkRequest) -> HttpResponse:
    """Let the person of an opened link choose a password, once; then they sign in with it."""
    link = _opened(request)
    if link is None:
        messages.error(request, links.DEAD)
        return redirect("forgot-password")
    form = ChoosePasswordForm(posted(request), person=link.person)
    if form.is_valid():
        chosen = form.cleaned_data["password"]
        people.choose_password(link, chosen, on=request.today, at=clock.now())
        request.session.flush()
        messages.success(request, "Your password is saved. Sign in with it.")
        return redirect("sign-in")
    status = 422 if form.is_bound else 200
    return render(request, "account/choose_password.html", {"form": form}, status=status)
