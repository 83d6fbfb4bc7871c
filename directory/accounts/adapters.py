"""Adapters of allauth: no sign-up, our own pages and mail, passkeys under our name."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.stages import AuthenticateStage
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from directory.accounts import mfa_required
from directory.accounts.allauth_internals import clear_login
from directory.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth publishes no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        found = authenticate(request, **credentials)
        return found if isinstance(found, User) else None

    def get_login_stages(self) -> list[str]:
        return ["directory.accounts.adapters.SecondFactorStage"]

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        return None if user.is_active else self.respond_user_inactive(request, user)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        clear_login(request)
        return redirect("sign-in")

    def login(self, request: HttpRequest, user: User) -> None:
        if not User.objects.filter(pk=user.pk, is_active=True).exists():
            raise ImmediateHttpResponse(self.respond_user_inactive(request, user))
        super().login(request, user)

    def reauthenticate(self, user: User, password: str) -> bool:
        return bool(self.authenticate(self.request, email=user.email, password=password) == user)

    def is_safe_url(self, url: str) -> bool:
        request = self.request
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )

    def is_ajax(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: our own pages say what was done."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Send nothing: the outbox is the only way out for mail."""


class SecondFactorStage(AuthenticateStage):  # type: ignore[misc]  # the same
    def _should_handle(self, request: HttpRequest) -> bool:
        is_carried = mfa_required.has_single_sign_on_factor(request, self.login.user)
        return bool(super()._should_handle(request) and not is_carried)


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # the same
    """Passkeys carry our name, and nothing about a person but how they sign in."""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        host: str = context.request.get_host()
        return {"id": host.partition(":")[0], "name": "Permanency tracker"}

    def get_totp_issuer(self) -> str:
        return "Permanency tracker"
