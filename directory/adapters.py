"""How allauth is held to our rules: it lets nobody in whom an administrator did not add."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from directory.models import User


class ClosedAccount(DefaultAccountAdapter):  # type: ignore[misc]  # allauth publishes no types
    """Local accounts: no sign-up, no mail and no messages but our own, one answer to a stranger."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody opens an account; an administrator adds people."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Return who this is, or None for unknown, wrong and disabled alike."""
        found = authenticate(request, **credentials)
        return found if isinstance(found, User) else None

    def reauthenticate(self, user: User, password: str) -> bool:
        """Say whether this is the password of the person who is signed in."""
        return bool(self.authenticate(self.request, email=user.email, password=password) == user)

    def is_safe_url(self, url: str) -> bool:
        """Say whether an address leads to a page of ours, with https where we have it."""
        request = self.request
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )

    def is_ajax(self, request: HttpRequest) -> bool:
        """Answer everybody with a page, whatever they say they accept."""
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: our own pages say what was done."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Send nothing: the outbox is the only way out for mail."""
