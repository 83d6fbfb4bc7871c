"""Your account: the ways in which a person proves who they are, and changing them."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from directory import clock
from directory.forms.factors import NewAppForm, NewPasskeyForm
from directory.forms.people import NothingToFillIn
from directory.http import CaseworkRequest
from directory.passkeys import to_add
from directory.proof import needs_fresh_proof
from directory.roles import EDITS_DIRECTORY, READS_CASES
from directory.second_factor import FIRST_ASKED_FOR, kinds_used, missing_step, note_use
from directory.services import factors as services
from directory.services.factors import factors_of, must_use_passkey
from directory.services.sealing import seal, unseal
from directory.services.subjects import subject_of
from directory.single_sign_on import issuer
from directory.views.pages import form_page, posted

NEW_SECRET = "new_app_secret"  # noqa: S105  # the name under which a session keeps it, sealed


def way_to_account() -> list[tuple[str, str]]:
    """Return the breadcrumbs of a page below a person's own account."""
    return [("Your account", reverse("your-account"))]


@require_safe
def your_account(request: CaseworkRequest) -> HttpResponse:
    """Show how the person proves who they are, and what is missing before they can go on."""
    person = request.user
    held = factors_of(person)
    strict = must_use_passkey(person, on=request.today)
    enough = bool(held.passkeys) if strict else held.has_any
    context = {
        "held": held,
        "provider": settings.OIDC_NAME if issuer() else "",
        "subject": subject_of(person, issuer()) if issuer() else None,
        "strict": strict,
        "has_calendar": person.holds(READS_CASES | EDITS_DIRECTORY, on=request.today),
        "is_missing": settings.SECOND_FACTOR_REQUIRED and not enough,
        "next": request.session.get(FIRST_ASKED_FOR, "") if enough and kinds_used(request) else "",
    }
    return render(request, "account/your_account.html", context)


def _enrolled(request: CaseworkRequest, factor: Any, said: str) -> HttpResponse:
    """Go on after a factor was added: it has just been used, and may need recovery codes."""
    note_use(request, factor, reauthenticated=True)
    request.session.cycle_key()
    messages.success(request, said)
    if not factors_of(request.user).codes_left:
        return redirect("recovery-codes")
    return redirect(_first_asked_for(request) or "your-account")


def _first_asked_for(request: CaseworkRequest) -> str:
    """Return the page that was asked for before a factor had to be added; empty if one still has.

    Our own middleware put it there, so it leads nowhere else.
    """
    kept: str = request.session.get(FIRST_ASKED_FOR, "")
    return kept if kept and not missing_step(request) else ""


@require_http_methods(["GET", "POST"])
@needs_fresh_proof()
@sensitive_post_parameters("credential")
def add_passkey(request: CaseworkRequest) -> HttpResponse:
    """Make a passkey with the browser and keep it."""
    form = NewPasskeyForm(posted(request))
    if form.is_valid():
        added = services.add_passkey(
            name=form.cleaned_data["name"],
            credential=form.passkey,
            by=request.user,
            on=request.today,
            session=request.session.session_key or "",
        )
        return _enrolled(request, added, f"The passkey “{added.data['name']}” is added.")
    context = {
        "form": form,
        "way": way_to_account(),
        "asked": {"creation_options": to_add(request.user)},
    }
    status = 422 if form.is_bound else 200
    return render(request, "account/add_passkey.html", context, status=status)


def _new_secret(request: CaseworkRequest) -> str:
    """Return the secret that a new app shares with us: another one whenever the page is opened."""
    kept = request.session.get(NEW_SECRET) if request.method == "POST" else None
    try:
        return unseal(kept or "")
    except InvalidToken:
        secret: str = generate_totp_secret()
        request.session[NEW_SECRET] = seal(secret)
        return secret


@require_http_methods(["GET", "POST"])
@needs_fresh_proof()
@sensitive_post_parameters("code")
def add_app(request: CaseworkRequest) -> HttpResponse:
    """Show the secret for an authenticator app, and keep it once the app shows a right code."""
    secret = _new_secret(request)
    form = NewAppForm(posted(request), secret=secret, at=clock.now())
    if form.is_valid():
        added = services.add_app(
            secret=secret,
            counter=form.counter,
            by=request.user,
            on=request.today,
            session=request.session.session_key or "",
        )
        del request.session[NEW_SECRET]
        return _enrolled(request, added, "The authenticator app is added.")
    allauth = get_adapter()
    picture = allauth.build_totp_svg(allauth.build_totp_url(request.user, secret))
    context = {
        "form": form,
        "way": way_to_account(),
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "picture": f"data:image/svg+xml;base64,{b64encode(picture.encode()).decode()}",
    }
    status = 422 if form.is_bound else 200
    return render(request, "account/add_app.html", context, status=status)


@require_http_methods(["GET", "POST"])
@needs_fresh_proof()
def recovery_codes(request: CaseworkRequest) -> HttpResponse:
    """Make ten recovery codes and show them, this once."""
    held = factors_of(request.user)
    form = NothingToFillIn(posted(request), button="Make recovery codes", look="dark")
    made = services.renew_codes(by=request.user, on=request.today) if form.is_valid() else []
    context = {"form": form, "held": held, "made": made, "way": way_to_account()}
    context["next"] = _first_asked_for(request)
    return render(request, "account/recovery_codes.html", context, status=201 if made else 200)


@require_http_methods(["GET", "POST"])
@needs_fresh_proof()
def remove_factor(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Remove one of the person's own factors, after a second thought."""
    held = factors_of(request.user)
    found = next((each for each in (*held.passkeys, held.app) if each and each.pk == pk), None)
    if found is None:
        raise Http404
    name = f"the passkey “{found.data['name']}”" if found != held.app else "the authenticator app"
    back = reverse("your-account")
    form = NothingToFillIn(posted(request), button="Remove", cancel_url=back)
    if form.is_valid():
        session = request.session.session_key or ""
        services.remove_factor(pk, by=request.user, on=request.today, session=session)
        messages.success(request, "It is removed, and your other sessions have ended.")
        return redirect(back)
    lead = "It no longer opens anything. Your other sessions end."
    return form_page(request, form, title=f"Remove {name}", way=way_to_account(), lead=lead)
