"""Changing one's own password."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from directory.forms.people import OwnPasswordForm
from directory.http import CaseworkRequest
from directory.services import people as services
from directory.views.pages import form_page, posted


@sensitive_post_parameters("current", "password", "again")
@require_http_methods(["GET", "POST"])
def own_password(request: CaseworkRequest) -> HttpResponse:
    """Change the password of whoever is signed in; all their other sessions end."""
    form = OwnPasswordForm(posted(request), request=request)
    if form.is_valid():
        person = services.change_own_password(
            request.user, form.cleaned_data["password"], on=request.today
        )
        update_session_auth_hash(request, person)
        messages.success(request, "Your password is changed. You are signed out everywhere else.")
        return redirect("your-account")
    way = [("Your account", reverse("your-account"))]
    return form_page(request, form, title="Change your password", way=way)
