"""The sign-in form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from directory.crispy import Button, NswForm
from directory.models import User

# One sentence for an unknown address, a wrong password and a disabled person alike.
NO_MATCH = "The e-mail address and the password do not match an account that can sign in."


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
    warn_unsaved = False

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.person: User | None = None

    def clean(self) -> dict[str, Any]:
        """Find the person, or raise the one sentence that says no more than that."""
        typed = self.cleaned_data
        if "login" in typed and "password" in typed:
            found = authenticate(
                self.request, username=typed["login"].strip(), password=typed["password"]
            )
            if not isinstance(found, User):
                raise ValidationError(NO_MATCH, code="no_match")
            self.person = found
        return typed
