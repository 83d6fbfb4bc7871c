"""The forms of signing in, and of proving again who one is."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import Login
from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from directory.accounts.allauth_internals import perform_password_login
from directory.forms.layout import Button, NswForm
from directory.models import User
from directory.web.request import CaseworkRequest

# One sentence for an unknown address, a wrong password and a disabled person alike.
NO_MATCH = "The e-mail address and the password do not match an account that can sign in."
WRONG_PASSWORD = "This is not your password, or there were too many wrong tries."  # noqa: S105  # a sentence


class SignInForm(NswForm, forms.Form):
    """Asks who somebody is; `person` holds the answer once the form is valid."""

    login = forms.CharField(
        label="E-mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
    )
    password = forms.CharField(
        max_length=1_000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
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
    password = forms.CharField(
        max_length=1_000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
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
    password = forms.CharField(
        strip=False, max_length=1_000, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )
    again = forms.CharField(
        label="The same password again",
        strip=False,
        max_length=1_000,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
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
    current = forms.CharField(
        label="Your present password",
        strip=False,
        max_length=1_000,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )
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
    """The password that somebody chooses who came by a link."""

    buttons = (Button("Save this password"),)


class ForgottenForm(NswForm, forms.Form):
    login = forms.CharField(
        label="E-mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
    )
    buttons = (Button("Send me a link"),)
    warn_unsaved = False
