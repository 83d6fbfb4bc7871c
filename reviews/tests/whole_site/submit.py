"""Does at an address what its form is for, as a person with a browser, and undoes it again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.urls import resolve

from reviews.tests.whole_site.form_parser import Fields, PageForm, main_form
from reviews.tests.whole_site.form_values import FIRST_CHOICE, INCIDENTAL_TABLES, FormCase
from reviews.tests.whole_site.routes import RouteRow
from reviews.tests.whole_site.visitor import APP_LABELS

SAVE = re.compile(rb'(name|value)="save"')
Tables = dict[str, dict[Any, dict[str, Any]]]


def tables() -> Tables:
    """Return the rows of each of our tables by their keys."""
    return {
        model.__name__: {row.pk: _values(row) for row in model._base_manager.all()}
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in APP_LABELS and model.__name__ not in INCIDENTAL_TABLES
    }


def _values(row: Model) -> dict[str, Any]:
    return {each.attname: getattr(row, each.attname) for each in row._meta.concrete_fields}


def written_values(before: Tables, after: Tables) -> set[tuple[str, str, str]]:
    """Return model, field and value of every row that was added or edited."""
    return {
        (name, field, str(value))
        for name, rows in after.items()
        for key, row in rows.items()
        if before[name].get(key) != row
        for field, value in row.items()
    }


def changed_tables(before: Tables, after: Tables) -> set[str]:
    """Return the models of which rows are added (+), gone (-) or edited."""
    found = set()
    for name, rows in after.items():
        old = before[name]
        found |= {f"+{name}"} if rows.keys() - old.keys() else set()
        found |= {f"-{name}"} if old.keys() - rows.keys() else set()
        if any(old[key] != rows[key] for key in old.keys() & rows.keys()):
            found.add(name)
    return found


@contextmanager
def rollback() -> Iterator[None]:
    """Undo what is done meanwhile."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@dataclass(frozen=True)
class SubmitResult:
    """How an act was answered, where it led, and what it changed."""

    status: int
    leads_to: str
    changed: set[str]
    written: set[tuple[str, str, str]]
    errors: str = ""


def body_for(
    client: Client, row: RouteRow, address: str, act: FormCase, *, has_page: bool
) -> Fields:
    """Return what a browser sends for an act: the form of the page, filled in."""
    typed = {name: str(value) for name, value in act.typed.items()}
    if not has_page:
        return {name: [value] for name, value in typed.items()}
    form = main_form(client.get(address).content.decode(), address)
    for name in FIRST_CHOICE.get(row.route, ()):
        typed[name] = min(form.choices[name] - {""})
    return form.sent(typed, press=act.press)


def submit_form(client: Client, address: str, body: Fields) -> SubmitResult:
    """Return what came of sending a form, the page that shows the effect sent on."""
    before = tables()
    answer = client.post(address, body)
    if answer.status_code == 200 and SAVE.search(answer.content):
        form: PageForm = main_form(answer.content.decode(), address)
        answer = client.post(address, form.sent({}, press="save"))
    leads_to = ""
    if answer.status_code == 302:
        leads_to = str(resolve(answer.headers["Location"].partition("?")[0]).url_name)
    after = tables()
    changed, rows = changed_tables(before, after), written_values(before, after)
    return SubmitResult(answer.status_code, leads_to, changed, rows, form_errors(answer))


def form_errors(answer: Any) -> str:
    """Return what the form of an answer has against what was typed."""
    form = (answer.context or {}).get("form") if answer.status_code != 302 else None
    return str(dict(form.errors)) if form is not None else ""
