"""Puts what a person typed and did not save back into the form, when the page is opened again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpRequest, QueryDict

from directory.forms import drafts
from directory.forms.drafts import FormDraft
from directory.forms.optimistic_lock import VERSION
from directory.models import User


def form_address(form: Any, request: HttpRequest) -> str:
    """Return the address that the form is sent to: its own, or that of the page."""
    return str(getattr(form, "action_url", "") or request.get_full_path())


def restore_draft(form: Any, request: HttpRequest) -> None:
    """Fill a form that is shown first with what its reader typed, since `form.draft_saved_at`.

    A form that was just sent has its words already. Fields that were not there are left alone.
    """
    if request.method not in {"GET", "HEAD"} or not isinstance(request.user, User):
        return
    found = _page_drafts(request).get(form_address(form, request))
    if found is None:
        return
    sent = _draft_as_post(found.content)
    every = [_fill(each, sent) for each in (form, *form.formsets)]
    if any(every):
        form.draft_saved_at = found.saved_at


def set_page_drafts(request: HttpRequest, texts: Iterable[FormDraft]) -> None:
    """Give the forms of this page what waits, where the view has asked for it with its own rows."""
    request.page_drafts = {each.form: each for each in texts}  # type: ignore[attr-defined]  # read below


def _page_drafts(request: HttpRequest) -> Mapping[str, FormDraft]:
    """Return the words that wait, by form; asked once for all forms of a page.

    A form of a page is sent to its own address, whatever the query, or to one below it.
    """
    if not hasattr(request, "page_drafts"):
        set_page_drafts(request, drafts.drafts_below(request.user, request.path))  # type: ignore[arg-type]  # a person
    found: Mapping[str, FormDraft] = request.page_drafts  # type: ignore[attr-defined]
    return found


def _draft_as_post(content: Mapping[str, list[str]]) -> QueryDict:
    sent = QueryDict(mutable=True)
    for name, texts in content.items():
        sent.setlist(name, texts)
    return sent


def _fill(shown: Any, sent: QueryDict) -> bool:
    """Fill a form or the rows of a formset; say whether anything differs from what stood there."""
    if shown.is_bound:
        return _replace_data(shown, sent)
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


def _replace_data(shown: Any, sent: QueryDict) -> bool:
    """Put the words into a form that shows a draft of its own; say whether they differ from it."""
    differs = any(sent.getlist(name) != texts for name, texts in shown.data.lists() if name in sent)
    shown.data = sent
    for cached in ("forms", "management_form"):
        shown.__dict__.pop(cached, None)
    shown.full_clean()
    return differs


if TYPE_CHECKING:
    FormBase = forms.BaseForm
else:
    FormBase = object

FIELDS_NOT_TYPED = frozenset({VERSION})
FieldTexts = dict[str, list[str]]


class HideErrorsMixin(FormBase):
    """A form that can show what was typed without yet saying what is wrong with it."""

    def __init__(self, *args: Any, hides_errors: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hides_errors = hides_errors

    def full_clean(self) -> None:
        """Read what was typed; a quiet form says nothing about it."""
        super().full_clean()
        if self.hides_errors:
            self.errors.clear()


def texts_from_post(sent: QueryDict, *shown: forms.BaseForm | forms.BaseFormSet[Any]) -> FieldTexts:
    """Return what was typed into the fields of the forms shown, as a draft keeps it.

    Whatever else was posted is left out, and so is NUL, which PostgreSQL does not store.
    """
    own = set(_field_names(*shown))
    return {
        name: [text.replace("\x00", "") for text in texts]
        for name, texts in sent.lists()
        if name in own
    }


def _field_names(*shown: forms.BaseForm | forms.BaseFormSet[Any]) -> Iterator[str]:
    """Yield every name under which a browser posts the fields of these forms and their rows."""
    for each in shown:
        if isinstance(each, forms.BaseFormSet):
            yield from _field_names(each.management_form, *each.forms)
            continue
        for field in each:
            if field.name not in FIELDS_NOT_TYPED:
                parts = getattr(field.field.widget, "widgets_names", ())
                yield from (field.html_name, *(f"{field.html_name}{part}" for part in parts))


def as_post_data(typed: Mapping[str, Any], **values: object) -> QueryDict:
    """Return typed words as a form reads them, with values for the fields that nobody types."""
    sent = QueryDict(mutable=True)
    for name, texts in typed.items():
        sent.setlist(name, list(texts))
    for name, value in values.items():
        sent[name] = str(value)
    return sent


def with_another_row(sent: QueryDict, *, prefix: str, most: int) -> QueryDict:
    """Return what was sent with one empty row more, `most` in all, for a browser without scripts.

    A quiet form and quiet rows show it again as it was typed: adding a row finds no faults.
    """
    more = sent.copy()
    total = sent.get(f"{prefix}-TOTAL_FORMS", "")
    count = int(total) if total.isascii() and total.isdigit() else 1
    more[f"{prefix}-TOTAL_FORMS"] = str(min(count + 1, most))
    return more
