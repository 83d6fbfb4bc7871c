"""Forms about a person: who they are, their password, and finding them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from directory.crispy import Button, NswForm
from directory.http import CaseworkRequest
from directory.models import District, User
from directory.roles import Role
from directory.services.people import TAKEN, is_taken

WHAT_IS_ASKED = (
    "15 to 128 characters of any kind, blanks too. A few unrelated words are best; "
    "not common ones, nor words of this work, a name or an address."
)


class PersonForm(NswForm, forms.Form):
    """A person's name and e-mail address."""

    name = forms.CharField(max_length=120)
    email = forms.EmailField(
        label="Work e-mail address", max_length=254, help_text="They sign in with it."
    )

    def __init__(self, *args: Any, person: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_email(self) -> str:
        """Return the address; a field error where somebody else has it."""
        email: str = self.cleaned_data["email"]
        if is_taken(email, by_other_than=self.person):
            raise ValidationError(TAKEN, code="taken")
        return email


class PasswordForm(NswForm, forms.Form):
    """A new password, typed twice."""

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
        self.fields["password"].help_text = WHAT_IS_ASKED

    def clean(self) -> dict[str, Any]:
        """Check the password by the rules of the settings, and that both are the same."""
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
    """A person's own new password, and the present one as proof."""

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
        """Return the present password; a field error where it is not, or not looked at any more."""
        typed: str = self.cleaned_data["current"]
        if authenticate(self.request, username=self.request.user.email, password=typed) is None:
            raise ValidationError(
                "This is not your present password, or there were too many wrong tries.",
                code="wrong",
            )
        return typed


class NewPersonForm(PersonForm):
    """A new person. They choose their password themselves, by an invitation."""

    buttons = (Button("Add person"),)


class ChoosePasswordForm(PasswordForm):
    """The password that somebody chooses who came by a link."""

    buttons = (Button("Save this password"),)


class ForgottenForm(NswForm, forms.Form):
    """Asks under which address somebody signs in."""

    login = forms.CharField(
        label="E-mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
    )
    buttons = (Button("Send me a link"),)
    warn_unsaved = False


class PeopleFilterForm(NswForm, forms.Form):
    """Finds people by name, role and district."""

    name = forms.CharField(label="Name or e-mail address", max_length=120, required=False)
    role = forms.ChoiceField(choices=[("", "Any role"), *Role.choices], required=False)
    district = forms.ModelChoiceField(
        District.objects.all(), required=False, empty_label="Any district"
    )
    method = "get"
    mark_optional = False


class NothingToFillIn(NswForm, forms.Form):
    """A form of one button, for an act that asks for nothing but a second thought."""

    warn_unsaved = False

    def __init__(self, *args: Any, button: str, look: str = "danger", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.buttons = (Button(button, look=look),)
