"""Requires a second factor in each session: a passkey of who decides on goals or gives rights.

Outside the demonstration everybody enrols one before any other page.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin

from directory.accounts.allauth_internals import record_authentication
from directory.accounts.mfa import Factors, factors_of, must_use_passkey
from directory.accounts.sso import issuer, subject_of
from directory.models import User
from directory.roles import PROVES_BY_PASSKEY
from directory.web.request import PROOF_PAGE, StepUpRedirect

PASSKEY = Authenticator.Type.WEBAUTHN
SINGLE_SIGN_ON = "single_sign_on"
ENROLMENT_PAGE = "your-account"
# Where a session keeps the page that its person asked for before they had to enrol.
REQUESTED_PAGE = "first_asked_for"
# Where one proves oneself, sees what is missing, or leaves.
OPEN_PAGES = frozenset(
    {ENROLMENT_PAGE, PROOF_PAGE, "prove-by-single-sign-on", "stay-signed-in", "sign-out"}
)
# Where one enrols: only whoever has nothing that they should have used before. A code that was
# talked out of somebody with a passkey would otherwise serve to add a passkey of another.
FACTOR_PAGES = frozenset({"add-passkey", "add-app", "recovery-codes", "remove-factor"})


def record_factor_use(request: HttpRequest, factor: Any, **how: bool) -> None:
    factor.record_usage()
    record_authentication(request, factor.user, "mfa", id=factor.pk, type=factor.type, **how)


def session_factor_kinds(request: HttpRequest) -> set[str]:
    records = get_authentication_records(request, request.user)
    kinds = {record["type"] for record in records if record["method"] == "mfa"}
    return kinds | ({SINGLE_SIGN_ON} if has_single_sign_on_factor(request, request.user) else set())


def has_single_sign_on_factor(request: HttpRequest, person: Any) -> bool:
    """Say whether the agency's sign-in has asked for the second factor, and is trusted to."""
    if not settings.OIDC_CARRIES_SECOND_FACTOR:
        return False
    records = get_authentication_records(request, person)
    return any(record["method"] == SINGLE_SIGN_ON for record in records)


def may_prove_by_single_sign_on(person: User, factors: Factors, *, on: date) -> bool:
    """Say whether signing in at the agency anew is proof enough of who this person is."""
    is_factor = settings.OIDC_CARRIES_SECOND_FACTOR and not must_use_passkey(person, on=on)
    is_enough = is_factor or not factors.has_any
    return bool(issuer() and is_enough and subject_of(person, issuer()))


def missing_factor_page(request: HttpRequest) -> str:
    """Return the name of the page to go to before any other; empty where nothing is missing."""
    person, used = request.user, session_factor_kinds(request)
    strict = person.holds(PROVES_BY_PASSKEY, on=request.today)  # type: ignore[union-attr, attr-defined]  # a known person on a known day
    if PASSKEY in used or (used and not strict):
        return ""
    factors = factors_of(person)  # type: ignore[arg-type]  # the same
    return PROOF_PAGE if factors.passkeys or (factors.app and not strict) else ENROLMENT_PAGE


class SecondFactorMiddleware(MiddlewareMixin):
    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], *args: Any
    ) -> HttpResponse | None:
        if not settings.SECOND_FACTOR_REQUIRED or not request.user.is_authenticated:
            return None
        name = request.resolver_match.url_name if request.resolver_match else ""
        if name in OPEN_PAGES or not getattr(view, "login_required", True):
            return None
        page = missing_factor_page(request)
        if name in FACTOR_PAGES and page in {"", ENROLMENT_PAGE}:
            return None
        if not page:
            request.session.pop(REQUESTED_PAGE, None)
            return None
        if page == ENROLMENT_PAGE and request.method == "GET":
            request.session[REQUESTED_PAGE] = request.get_full_path()
        way_back = urlencode({"next": request.get_full_path()})
        return StepUpRedirect(f"{reverse(page)}?{way_back}")
