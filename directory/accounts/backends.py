"""Signing in by e-mail address and password, throttled, and the log of who signed in."""

from __future__ import annotations

from typing import Any

from axes.backends import AxesBackend
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessFailureLog, AccessLog
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from directory import clock
from directory.accounts import login_throttle
from directory.models import Appointment, User
from directory.web.client_ip import client_address


class ThrottledLoginBackend(AxesBackend):  # type: ignore[misc]  # django-axes publishes no types
    """Checks an address and a password, at most five wrong ones in a quarter of an hour."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> User | None:
        typed = username or credentials.get("email")
        if not typed or password is None:
            return None
        address = None if request is None else client_address(request)
        guess = login_throttle.reserve_guess(
            login_throttle.account_key(typed), address=address, at=clock.now()
        )
        if guess is None:
            User().set_password(password)  # as long as a wrong password takes
            raise PermissionDenied
        found = ModelBackend.authenticate(self, request, username=typed.strip(), password=password)
        if not isinstance(found, User):
            return None
        login_throttle.release_guess(guess)
        return found

    def get_user(self, user_id: int) -> User | None:
        rows = Appointment.objects.filter(person=user_id).select_related("person", "district")
        appointments = list(rows)
        if not appointments:
            return ModelBackend.get_user(self, user_id)
        person = appointments[0].person
        person.set_appointments(appointments)
        return person if self.user_can_authenticate(person) else None


class SignInLog(AxesDatabaseHandler):  # type: ignore[misc]  # the same
    """Writes down who signed in and who tried to, and never what was typed as a password."""

    def user_login_failed(
        self,
        sender: object,
        credentials: dict[str, Any],
        request: HttpRequest | None = None,
        **kwargs: Any,
    ) -> None:
        if request is None:
            return
        typed = credentials.get("username") or credentials.get("email") or ""
        account = login_throttle.account_key(typed)
        AccessFailureLog.objects.create(username=account, **_request_details(request))

    def user_logged_in(
        self, sender: object, request: HttpRequest, user: User, **kwargs: Any
    ) -> None:
        AccessLog.objects.create(
            username=login_throttle.account_key(user.email), **_request_details(request)
        )

    def user_logged_out(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: the end of a session is the end of its row."""


def _request_details(request: HttpRequest) -> dict[str, Any]:
    return {
        "ip_address": client_address(request),
        "user_agent": request.META.get("HTTP_USER_AGENT", "")[:255].replace("\0", ""),
        "path_info": request.path[:255].replace("\0", ""),
    }
