"""The forms of signing in, of passwords, and of second factors."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import Login
from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from directory.accounts.allauth_internals import perform_password_login
from directory.accounts.mfa import (
    PASSKEY_NOT_ACCEPTED,
    PasskeyRefusedError,
    TooManyWrongCodesError,
    accept_code,
    code_counter,
    new_passkey_data,
    passkey_from_answer,
)
from directory.forms.layout import Button, NswForm
from directory.models import User
from directory.web.request import CaseworkRequest

# One sentence for an unknown address, a wrong password and a disabled person alike.
NO_MATCH = "The e-mail address and the password do not match an account that can sign in."
WRONG_PASSWORD = "This is not your password, or there were too many wrong tries."  # noqa: S105  # a sentence


def _address_field() -> forms.CharField:
    return forms.CharField(
        label="E-mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
    )


def _password_field(autocomplete: str, label: str | None = None) -> forms.CharField:
    widget = forms.PasswordInput({"autocomplete": autocomplete})
    return forms.CharField(label=label, max_length=1_000, strip=False, widget=widget)


class SignInForm(NswForm, forms.Form):
    """Asks who somebody is; `person` holds the answer once the form is valid."""

    login = _address_field()
    password = _password_field("current-password")
    buttons = (Button("Sign in"),)
    warn_unsaved = may_keep_draft = False

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.person: User | None = None

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data
        if "login" in typed and "password" in typed:
            self.person = get_adapter(self.request).authenticate(
                self.request, email=typed["login"].strip(), password=typed["password"]
            )
            if self.person is None:
                raise ValidationError(NO_MATCH, code="no_match")
        return typed

    def sign_in(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        login = Login(user=self.person, redirect_url=redirect_url)
        answer: HttpResponse = perform_password_login(request, {}, login)
        return answer


class PasswordAgainForm(NswForm, forms.Form):
    password = _password_field("current-password")
    buttons = (Button("Continue"),)
    warn_unsaved = False

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not get_adapter(self.request).reauthenticate(self.request.user, password):
            raise ValidationError(WRONG_PASSWORD, code="wrong")
        return password


CREDENTIAL_HELP = (
    "15 to 128 characters of any kind, blanks too. A few unrelated words are best; "
    "not common ones, nor words of this work, a name or an address."
)


class PasswordForm(NswForm, forms.Form):
    password = _password_field("new-password")
    again = _password_field("new-password", "The same password again")
    buttons = (Button("Set password"),)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["password"].help_text = CREDENTIAL_HELP

    def clean(self) -> dict[str, Any]:
        super().clean()
        password = self.cleaned_data.get("password")
        if password:
            try:
                validate_password(password, self.person)
            except ValidationError as refused:
                self.add_error("password", refused)
            if self.cleaned_data.get("again") not in {None, password}:
                self.add_error("again", "The two passwords are not the same.")
        return self.cleaned_data


class OwnPasswordForm(PasswordForm):
    current = _password_field("current-password", "Your present password")
    field_order = ("current", "password", "again")
    buttons = (Button("Change my password"),)

    def __init__(self, *args: Any, request: CaseworkRequest, **kwargs: Any) -> None:
        super().__init__(*args, person=request.user, **kwargs)
        self.request = request

    def clean_current(self) -> str:
        typed: str = self.cleaned_data["current"]
        if authenticate(self.request, username=self.request.user.email, password=typed) is None:
            raise ValidationError(
                "This is not your present password, or there were too many wrong tries.",
                code="wrong",
            )
        return typed


class ChoosePasswordForm(PasswordForm):
    buttons = (Button("Save this password"),)


class ForgottenForm(NswForm, forms.Form):
    login = _address_field()
    buttons = (Button("Send me a link"),)
    warn_unsaved = False


WRONG_CODE = "This code is not right, or was used before. A new one comes every 30 seconds."
TOO_MANY_CODES = "Too many wrong codes. Wait 15 minutes, or use a passkey."
LONGEST_ANSWER = 20_000


class PasskeyAnswerField(forms.CharField):
    def __init__(self, *, required: bool = True) -> None:
        super().__init__(
            required=required,
            max_length=LONGEST_ANSWER,
            widget=forms.HiddenInput(attrs={"autocomplete": "one-time-code"}),
            error_messages={"required": PASSKEY_NOT_ACCEPTED, "max_length": PASSKEY_NOT_ACCEPTED},
        )

    def clean(self, value: Any) -> Any:
        try:
            written = super().clean(value)
            return json.loads(written) if written else None
        except (ValueError, RecursionError) as unreadable:
            raise ValidationError(PASSKEY_NOT_ACCEPTED, code="unreadable") from unreadable


class PasskeyForm(forms.Form):
    """The answer of a passkey: this person's, or anybody's who can sign in with it."""

    credential = PasskeyAnswerField()

    def __init__(self, *args: Any, person: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.factor: Any = None

    def clean_credential(self) -> Any:
        try:
            self.factor = passkey_from_answer(self.cleaned_data["credential"], self.person)
        except PasskeyRefusedError as refused:
            raise ValidationError(PASSKEY_NOT_ACCEPTED, code="refused") from refused
        return self.cleaned_data["credential"]


class CodeForm(NswForm, forms.Form):
    code = forms.CharField(
        max_length=40,
        help_text="Six digits from your authenticator app, or one of your recovery codes.",
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "spellcheck": "false", "class": "app-code"}
        ),
    )
    buttons = (Button("Continue"),)
    warn_unsaved = False

    def __init__(self, *args: Any, person: User, at: datetime, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person, self.at, self.on = person, at, on
        self.factor: Any = None

    def clean_code(self) -> str:
        typed: str = self.cleaned_data["code"]
        try:
            self.factor = accept_code(self.person, typed, at=self.at, on=self.on)
        except TooManyWrongCodesError as refused:
            raise ValidationError(TOO_MANY_CODES, code="wait") from refused
        if self.factor is None:
            raise ValidationError(WRONG_CODE, code="wrong")
        return typed


class NewPasskeyForm(NswForm, forms.Form):
    """A name for a new passkey, and what the browser made; `passkey` is what to keep of it."""

    name = forms.CharField(
        max_length=60,
        required=False,
        label="What do you call this passkey?",
        help_text="For example “Work laptop” or “Blue security key”.",
    )
    credential = PasskeyAnswerField(required=False)
    warn_unsaved = False
    buttons: tuple[Button, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.passkey: dict[str, Any] = {}

    def clean_name(self) -> str:
        return self.cleaned_data["name"] or "Passkey"

    def clean(self) -> dict[str, Any]:
        super().clean()
        try:
            self.passkey = new_passkey_data(self.cleaned_data.get("credential"))
        except PasskeyRefusedError as refused:
            self.errors.pop("credential", None)
            raise ValidationError(PASSKEY_NOT_ACCEPTED, code="refused") from refused
        return self.cleaned_data


class NewAppForm(NswForm, forms.Form):
    code = forms.CharField(
        max_length=10,
        label="The six digits that the app shows now",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    buttons = (Button("Add the app"),)
    warn_unsaved = False

    def __init__(self, *args: Any, secret: str, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.secret, self.at = secret, at
        self.counter = 0

    def clean_code(self) -> str:
        typed: str = self.cleaned_data["code"]
        counter = code_counter(self.secret, "".join(typed.split()), at=self.at)
        if counter is None:
            raise ValidationError(WRONG_CODE, code="wrong")
        self.counter = counter
        return typed
