"""What a person has typed into the forms about a child and not saved."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.urls import Resolver404, resolve, reverse

from directory.forms.drafts import open_drafts
from directory.models import Draft, User


def drafts_about(child: int, user: User) -> QuerySet[Draft]:
    """Return what the person has typed into forms that name this child in their address."""
    below, asked = reverse("child", args=[child]), f"?child={child}"
    about = Q(form__startswith=below) | Q(form__endswith=asked) | Q(form__contains=f"{asked}&")
    return open_drafts(user).filter(about)


def form_title(form: str) -> str:
    """Return the name of a form by its address: "New consultation", "Edit child"."""
    return form_name(form).replace("-", " ").capitalize()


def form_name(form: str) -> str:
    try:
        match = resolve(form.partition("?")[0])
    except Resolver404:
        return "form"
    return f"{match.kwargs['step']}-goal-change" if "step" in match.kwargs else match.url_name or ""
