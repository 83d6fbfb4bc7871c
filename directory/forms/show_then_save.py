"""Show what a form would do before it is saved; only what was shown, as it was shown, is saved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import Any

from django import forms
from django.db.models import Model
from django.http import HttpRequest, QueryDict

SEEN = "seen"


class SeenField(forms.CharField):
    """The hidden field with what was shown, in words."""

    def __init__(self) -> None:
        super().__init__(widget=forms.HiddenInput, required=False)


def set_hidden(form: Any, name: str, value: object) -> None:
    """Let a form that was sent come back with another value in a hidden field."""
    form.data = form.data.copy()
    form.data[name] = str(value)


class Stage(Enum):
    ASK = "ask"
    PUT_RIGHT = "put right"
    SHOW = "show"
    SHOW_AGAIN = "show again"
    SAVE = "save"

    @property
    def status(self) -> int:
        return 422 if self is Stage.PUT_RIGHT else 200


def form_stage(request: HttpRequest, form: Any, effect: Callable[[], str | None]) -> Stage:
    """Return the next stage; another `effect` than the one seen is shown again.

    Where nothing moves the effect is None: that is saved at once, if nothing else was shown before.
    """
    if request.method != "POST":
        return Stage.ASK
    if not form.is_valid():
        return Stage.PUT_RIGHT
    if "change" in request.POST:
        return Stage.ASK
    now, seen = effect(), request.POST.get(SEEN)
    if now is None and not seen:
        return Stage.SAVE
    if "save" not in request.POST:
        return Stage.SHOW
    return Stage.SAVE if now == seen else Stage.SHOW_AGAIN


# What the page that shows the effect has of its own, and what says for whom it was made.
NOT_CARRIED = frozenset(
    {"csrfmiddlewaretoken", "submission_token", "check", "change", "save", SEEN}
)


def sent_answers(sent: QueryDict, effect: str) -> list[tuple[str, str]]:
    """Return all that was typed, rows and words of other answers too, and the effect shown."""
    typed = ((name, text) for name, texts in sent.lists() for text in texts)
    return [*((name, text) for name, text in typed if name not in NOT_CARRIED), (SEEN, effect)]


def hidden_answers(form: forms.BaseForm, effect: str) -> list[tuple[str, str]]:
    answers = [(form.add_prefix(name), _text(value)) for name, value in form.cleaned_data.items()]
    return [*answers, (SEEN, effect)]


def _text(value: Any) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "on"
    if isinstance(value, date):
        return value.isoformat()
    return str(value.pk) if isinstance(value, Model) else str(value)
