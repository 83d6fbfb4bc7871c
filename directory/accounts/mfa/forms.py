"""Forms about second factors: a code, a passkey's answer, a new passkey, a new app."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from directory.accounts.mfa.passkeys import (
    PASSKEY_NOT_ACCEPTED,
    PasskeyRefusedError,
    new_passkey_data,
    passkey_from_answer,
)
from directory.accounts.mfa.services import TooManyWrongCodesError, accept_code, code_counter
from directory.forms.layout import Button, NswForm
from directory.models import User

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
