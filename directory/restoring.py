"""Puts what a person typed and did not save back into the form, when the page is opened again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict

from directory.models import User
from directory.services import typed
from directory.services.typed import Words


def address_of(form: Any, request: HttpRequest) -> str:
    """Return the address that the form is sent to: its own, or that of the page."""
    return str(getattr(form, "action_url", "") or request.get_full_path())


def restore(form: Any, request: HttpRequest) -> None:
    """Fill a form that is shown first with what its reader typed; `form.kept` says since when.

    A form that was just sent has its words already. Fields that were not there are left alone.
    """
    if request.method not in {"GET", "HEAD"} or not isinstance(request.user, User):
        return
    found = _waiting(request).get(address_of(form, request))
    if found is None:
        return
    sent = _as_sent(found.content)
    every = [_fill(each, sent) for each in (form, *form.formsets)]
    if any(every):
        form.kept = found.saved_at


def what_waits(request: HttpRequest, texts: Iterable[Words]) -> None:
    """Give the forms of this page what waits, where the view has asked for it with its own rows."""
    request.words_waiting = {each.form: each for each in texts}  # type: ignore[attr-defined]  # read below


def _waiting(request: HttpRequest) -> Mapping[str, Words]:
    """Return the words that wait, by form; asked once for all forms of a page.

    A form of a page is sent to its own address, whatever the query, or to one below it.
    """
    if not hasattr(request, "words_waiting"):
        what_waits(request, typed.words_below(request.user, request.path))  # type: ignore[arg-type]  # a person
    found: Mapping[str, Words] = request.words_waiting  # type: ignore[attr-defined]
    return found


def _as_sent(content: Mapping[str, list[str]]) -> QueryDict:
    sent = QueryDict(mutable=True)
    for name, texts in content.items():
        sent.setlist(name, texts)
    return sent


def _fill(shown: Any, sent: QueryDict) -> bool:
    """Fill a form or the rows of a formset; say whether anything differs from what stood there."""
    if shown.is_bound:
        return _send_again(shown, sent)
    if isinstance(shown, forms.BaseFormSet):
        return _fill_rows(shown, sent)
    differs = False
    for name, field in shown.fields.items():
        sent_as = shown.add_prefix(name)
        if field.disabled or field.widget.value_omitted_from_data(sent, {}, sent_as):
            continue
        value = field.widget.value_from_datadict(sent, {}, sent_as)
        stood = shown.get_initial_for_field(field, name)
        differs |= not field.widget.is_hidden and field.has_changed(stood, value)
        shown.initial = {**shown.initial, name: value}
    # Whoever looked at a field before now has seen, and cached, what stood there.
    shown._bound_fields_cache.clear()
    return differs


def _fill_rows(rows: Any, sent: QueryDict) -> bool:
    total = sent.get(f"{rows.prefix}-TOTAL_FORMS", "")
    if not (total.isascii() and total.isdigit()) or len(total) > 4:
        return False
    rows.extra = max(0, min(int(total), rows.max_num) - rows.initial_form_count())
    for cached in ("forms", "management_form"):
        rows.__dict__.pop(cached, None)
    differing = [_fill(row, sent) for row in rows.forms]
    return any(differing)


def _send_again(shown: Any, sent: QueryDict) -> bool:
    """Put the words into a form that shows a draft of its own; say whether they differ from it."""
    differs = any(sent.getlist(name) != texts for name, texts in shown.data.lists() if name in sent)
    shown.data = sent
    for cached in ("forms", "management_form"):
        shown.__dict__.pop(cached, None)
    shown.full_clean()
    return differs
