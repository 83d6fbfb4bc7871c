"""The ways of proving who one is: the step after the password, a passkey alone, and once more."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from datetime import date
from typing import Any

from allauth.account.models import Login
from allauth.account.stages import LoginStageController
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.adapter import get_adapter
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from directory import clock
from directory.accounts import mfa, mfa_required
from directory.accounts.adapters import SecondFactorStage
from directory.accounts.allauth_internals import (
    begin_authentication,
    begin_registration,
    clear_login,
    generate_totp_secret,
    perform_login,
    record_authentication,
)
from directory.accounts.forms import (
    CodeForm,
    NewAppForm,
    NewPasskeyForm,
    PasskeyForm,
    PasswordAgainForm,
)
from directory.accounts.sso import issuer, subject_of
from directory.forms.layout import ButtonForm
from directory.forms.optimistic_lock import form_status
from directory.models import User
from directory.roles import EDITS_DIRECTORY, READS_CASES
from directory.web.request import CaseworkRequest, form_page, needs_fresh_proof, post_data

ProofForm = Any  # one of the forms below: each says in `factor` what proved it


def _proof_forms(
    request: HttpRequest, person: User, factors: mfa.Factors, *, codes: bool, on: date
) -> list[ProofForm]:
    sent = request.POST if request.method == "POST" else None
    proof_forms: list[ProofForm] = []
    if factors.passkeys:
        answer = sent if sent is not None and "credential" in sent else None
        proof_forms.append(PasskeyForm(answer, person=person))
    if codes and factors.has_any:
        typed = sent if sent is not None and "code" in sent else None
        proof_forms.append(CodeForm(typed, person=person, at=clock.now(), on=on))
    return proof_forms


def _valid_proof(proof_forms: Sequence[ProofForm]) -> Any:
    return next((form for form in proof_forms if form.is_valid()), None)


def _page(
    request: HttpRequest,
    template: str,
    proof_forms: Sequence[ProofForm],
    person: User,
    *,
    provider: str = "",
) -> HttpResponse:
    context: dict[str, Any] = {"next": get_next_redirect_url(request) or "", "provider": provider}
    for form in proof_forms:
        context["passkey" if isinstance(form, PasskeyForm) else "form"] = form
    if "passkey" in context:
        context["asked"] = {"request_options": begin_authentication(person)}
    status = 422 if request.method == "POST" else 200
    return render(request, template, context, status=status)


@login_not_required
@never_cache
@sensitive_post_parameters("code", "credential")
@require_http_methods(["GET", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    stage = LoginStageController.enter(request, SecondFactorStage.key)
    factors = mfa.factors_of(stage.login.user) if stage else mfa.Factors()
    if not factors.has_any:
        clear_login(request)
        return redirect("sign-in")
    person = stage.login.user
    proof_forms = _proof_forms(request, person, factors, codes=True, on=clock.today())
    proof = _valid_proof(proof_forms)
    if proof:
        mfa_required.record_factor_use(request, proof.factor)
        answer: HttpResponse = stage.exit()
        return answer
    return _page(request, "account/second_step.html", proof_forms, person)


@login_not_required
@never_cache
@sensitive_post_parameters("credential")
@require_http_methods(["GET", "POST"])
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    if request.method == "GET":
        return JsonResponse({"request_options": begin_authentication(None)})
    form = PasskeyForm(request.POST)
    if not form.is_valid():
        messages.error(request, mfa.PASSKEY_NOT_ACCEPTED)
        return redirect("sign-in")
    login = Login(user=form.factor.user, redirect_url=get_next_redirect_url(request))
    mfa_required.record_factor_use(request, form.factor, passwordless=True)
    answer: HttpResponse = perform_login(request, login)
    return answer


@sensitive_post_parameters("password", "code", "credential")
@require_http_methods(["GET", "POST"])
def prove_again(request: CaseworkRequest) -> HttpResponse:
    person = request.user
    factors = mfa.factors_of(person)
    strict = bool(factors.passkeys) and mfa.must_use_passkey(person, on=request.today)
    proof_forms = _proof_forms(request, person, factors, codes=not strict, on=request.today)
    there = (
        settings.OIDC_NAME
        if mfa_required.may_prove_by_single_sign_on(person, factors, on=request.today)
        else ""
    )
    if not factors.has_any and (person.has_usable_password() or not there):
        proof_forms = [PasswordAgainForm(post_data(request), request=request)]
    proof = _valid_proof(proof_forms)
    if proof is None:
        return _page(request, "account/reauthenticate.html", proof_forms, person, provider=there)
    if isinstance(proof, PasswordAgainForm):
        record_authentication(request, person, method="password", reauthenticated=True)
    else:
        mfa_required.record_factor_use(request, proof.factor, reauthenticated=True)
    request.session.cycle_key()
    return redirect(get_next_redirect_url(request) or settings.LOGIN_REDIRECT_URL)


NEW_SECRET = "new_app_secret"  # noqa: S105  # the name under which a session keeps it, sealed


def account_breadcrumbs() -> list[tuple[str, str]]:
    return [("Your account", reverse("your-account"))]


def own_act(request: CaseworkRequest) -> dict[str, Any]:
    """Return who changes how they sign in, when, and in which session, which goes on."""
    session = request.session.session_key or ""
    return {"by": request.user, "on": request.today, "session": session}


@require_safe
def your_account(request: CaseworkRequest) -> HttpResponse:
    person = request.user
    factors = mfa.factors_of(person)
    strict = mfa.must_use_passkey(person, on=request.today)
    enough = bool(factors.passkeys) if strict else factors.has_any
    context = {
        "factors": factors,
        "provider": settings.OIDC_NAME if issuer() else "",
        "subject": subject_of(person, issuer()) if issuer() else None,
        "strict": strict,
        "has_calendar": person.holds(READS_CASES | EDITS_DIRECTORY, on=request.today),
        "is_missing": settings.SECOND_FACTOR_REQUIRED and not enough,
        "next": request.session.get(mfa_required.REQUESTED_PAGE, "")
        if enough and mfa_required.session_factor_kinds(request)
        else "",
    }
    return render(request, "account/your_account.html", context)


def _after_enrolment(request: CaseworkRequest, factor: Any, said: str) -> HttpResponse:
    mfa_required.record_factor_use(request, factor, reauthenticated=True)
    request.session.cycle_key()
    messages.success(request, said)
    if not mfa.factors_of(request.user).codes_left:
        return redirect("recovery-codes")
    return redirect(_requested_page(request) or "your-account")


def _requested_page(request: CaseworkRequest) -> str:
    kept: str = request.session.get(mfa_required.REQUESTED_PAGE, "")
    return kept if kept and not mfa_required.missing_factor_page(request) else ""


@require_http_methods(["GET", "POST"])
@needs_fresh_proof()
@sensitive_post_parameters("credential")
def add_passkey(request: CaseworkRequest) -> HttpResponse:
    form = NewPasskeyForm(post_data(request))
    if form.is_valid():
        name = form.cleaned_data["name"]
        added = mfa.add_passkey(name=name, credential=form.passkey, **own_act(request))
        return _after_enrolment(request, added, f"The passkey “{added.data['name']}” is added.")
    context = {
        "form": form,
        "breadcrumbs": account_breadcrumbs(),
        "asked": {"creation_options": begin_registration(request.user, True)},
    }
    return render(request, "account/add_passkey.html", context, status=form_status(form))


@require_http_methods(["GET", "POST"])
@needs_fresh_proof()
@sensitive_post_parameters("code")
def add_app(request: CaseworkRequest) -> HttpResponse:
    kept = request.session.get(NEW_SECRET) if request.method == "POST" else None
    try:
        secret: str = mfa.decrypt(kept or "")
    except InvalidToken:
        secret = generate_totp_secret()
        request.session[NEW_SECRET] = mfa.encrypt(secret)
    form = NewAppForm(post_data(request), secret=secret, at=clock.now())
    if form.is_valid():
        added = mfa.add_app(secret=secret, counter=form.counter, **own_act(request))
        del request.session[NEW_SECRET]
        return _after_enrolment(request, added, "The authenticator app is added.")
    allauth = get_adapter()
    picture = allauth.build_totp_svg(allauth.build_totp_url(request.user, secret))
    context = {
        "form": form,
        "breadcrumbs": account_breadcrumbs(),
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "picture": f"data:image/svg+xml;base64,{b64encode(picture.encode()).decode()}",
    }
    return render(request, "account/add_app.html", context, status=form_status(form))


@require_http_methods(["GET", "POST"])
@needs_fresh_proof()
def recovery_codes(request: CaseworkRequest) -> HttpResponse:
    factors = mfa.factors_of(request.user)
    form = ButtonForm(post_data(request), button="Make recovery codes", look="dark")
    made = mfa.renew_codes(by=request.user, on=request.today) if form.is_valid() else []
    context = {"form": form, "factors": factors, "made": made, "breadcrumbs": account_breadcrumbs()}
    context["next"] = _requested_page(request)
    return render(request, "account/recovery_codes.html", context, status=201 if made else 200)


@require_http_methods(["GET", "POST"])
@needs_fresh_proof()
def remove_factor(request: CaseworkRequest, pk: int) -> HttpResponse:
    factors = mfa.factors_of(request.user)
    found = next(
        (each for each in (*factors.passkeys, factors.app) if each and each.pk == pk), None
    )
    if found is None:
        raise Http404
    name = (
        f"the passkey “{found.data['name']}”" if found != factors.app else "the authenticator app"
    )
    back = reverse("your-account")
    form = ButtonForm(post_data(request), button="Remove", cancel_url=back)
    if form.is_valid():
        mfa.remove_factor(pk, **own_act(request))
        messages.success(request, "It is removed, and your other sessions have ended.")
        return redirect(back)
    lead = "It no longer opens anything. Your other sessions end."
    return form_page(
        request, form, title=f"Remove {name}", breadcrumbs=account_breadcrumbs(), lead=lead
    )
