"""Fills a form with its reader's draft, and reads what was typed into one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpRequest, QueryDict

from directory.forms import drafts
from directory.forms.drafts import FormDraft
from directory.forms.optimistic_lock import VERSION
from directory.models import User
from directory.request_notes import notes_of

if TYPE_CHECKING:
    FormBase = forms.BaseForm
else:
    FormBase = object

FieldTexts = dict[str, list[str]]


def form_address(form: Any, request: HttpRequest) -> str:
    return str(getattr(form, "action_url", "") or request.get_full_path())


def restore_draft(form: Any, request: HttpRequest) -> None:
    """Fill a form that is shown first with its reader's draft, saved at `form.draft_saved_at`.

    A form that was just sent is left as it is, and so are fields that the draft does not have.
    """
    if request.method not in {"GET", "HEAD"} or not isinstance(request.user, User):
        return
    notes = notes_of(request)
    if notes.drafts is None:
        # A form of a page is sent to its own address, whatever the query, or to one below it.
        set_page_drafts(request, drafts.drafts_below(request.user, request.path))
    draft = (notes.drafts or {}).get(form_address(form, request))
    if draft is None:
        return
    sent = as_post_data(draft.content)
    differing = [_fill(each, sent) for each in (form, *form.formsets)]
    if any(differing):
        form.draft_saved_at = draft.saved_at


def set_page_drafts(request: HttpRequest, page_drafts: Iterable[FormDraft]) -> None:
    notes_of(request).drafts = {each.form: each for each in page_drafts}


def _fill(form: Any, sent: QueryDict) -> bool:
    if form.is_bound:
        return _replace_data(form, sent)
    if isinstance(form, forms.BaseFormSet):
        return _fill_rows(form, sent)
    differs = False
    for name, field in form.fields.items():
        sent_as = form.add_prefix(name)
        if field.disabled or field.widget.value_omitted_from_data(sent, {}, sent_as):
            continue
        value = field.widget.value_from_datadict(sent, {}, sent_as)
        initial = form.get_initial_for_field(field, name)
        differs |= not field.widget.is_hidden and field.has_changed(initial, value)
        form.initial = {**form.initial, name: value}
    # A bound field that was used before now has cached its initial value.
    form._bound_fields_cache.clear()
    return differs


def _fill_rows(rows: Any, sent: QueryDict) -> bool:
    total = sent.get(f"{rows.prefix}-TOTAL_FORMS", "")
    if not (total.isascii() and total.isdigit()) or len(total) > 4:
        return False
    rows.extra = max(0, min(int(total), rows.max_num) - rows.initial_form_count())
    _drop_cached_forms(rows)
    differing = [_fill(row, sent) for row in rows.forms]
    return any(differing)


def _replace_data(form: Any, sent: QueryDict) -> bool:
    differs = any(sent.getlist(name) != texts for name, texts in form.data.lists() if name in sent)
    form.data = sent
    _drop_cached_forms(form)
    form.full_clean()
    return differs


def _drop_cached_forms(form: Any) -> None:
    for cached in ("forms", "management_form"):
        vars(form).pop(cached, None)


class HideErrorsMixin(FormBase):
    """A form that can show what was typed without yet saying what is wrong with it."""

    def __init__(self, *args: Any, hides_errors: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hides_errors = hides_errors

    def full_clean(self) -> None:
        super().full_clean()
        if self.hides_errors:
            self.errors.clear()


def texts_from_post(sent: QueryDict, *shown: forms.BaseForm | forms.BaseFormSet[Any]) -> FieldTexts:
    """Return what was typed into the fields of these forms, without anything else that was sent.

    NUL is left out, which PostgreSQL does not store.
    """
    own = set(_field_names(*shown))
    return {
        name: [text.replace("\x00", "") for text in texts]
        for name, texts in sent.lists()
        if name in own
    }


def _field_names(*shown: forms.BaseForm | forms.BaseFormSet[Any]) -> Iterator[str]:
    for each in shown:
        if isinstance(each, forms.BaseFormSet):
            yield from _field_names(each.management_form, *each.forms)
            continue
        for field in each:
            if field.name != VERSION:
                parts = getattr(field.field.widget, "widgets_names", ())
                yield from (field.html_name, *(f"{field.html_name}{part}" for part in parts))


def as_post_data(texts: Mapping[str, Any], **values: object) -> QueryDict:
    sent = QueryDict(mutable=True)
    for name, each in texts.items():
        sent.setlist(name, list(each))
    for name, value in values.items():
        sent[name] = str(value)
    return sent


def with_another_row(sent: QueryDict, *, prefix: str, most: int) -> QueryDict:
    """Return what was sent with one empty row more, `most` in all, for a browser without scripts.

    Show it with `hides_errors`: nobody who adds a row has finished.
    """
    more = sent.copy()
    total = sent.get(f"{prefix}-TOTAL_FORMS", "")
    count = int(total) if total.isascii() and total.isdigit() else 1
    more[f"{prefix}-TOTAL_FORMS"] = str(min(count + 1, most))
    return more
