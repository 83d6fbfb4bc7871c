"""Forms that keep what was typed: a draft comes back word for word, finished or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict

from directory.editing import VERSION

if TYPE_CHECKING:
    FormBase = forms.BaseForm
else:
    FormBase = object

NOT_TYPED = frozenset({VERSION})
Typed = dict[str, list[str]]


class Quiet(FormBase):
    """A form that can show what was typed without yet saying what is wrong with it."""

    def __init__(self, *args: Any, is_quiet: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_quiet = is_quiet

    def full_clean(self) -> None:
        """Read what was typed; a quiet form says nothing about it."""
        super().full_clean()
        if self.is_quiet:
            self.errors.clear()


def typed_words(sent: QueryDict, *shown: forms.BaseForm | forms.BaseFormSet[Any]) -> Typed:
    """Return what was typed into the fields of the forms shown, as a draft keeps it.

    Whatever else was posted is left out, and so is NUL, which PostgreSQL does not store.
    """
    own = set(_names_of(*shown))
    return {
        name: [text.replace("\x00", "") for text in texts]
        for name, texts in sent.lists()
        if name in own
    }


def _names_of(*shown: forms.BaseForm | forms.BaseFormSet[Any]) -> Iterator[str]:
    """Yield every name under which a browser posts the fields of these forms and their rows."""
    for each in shown:
        if isinstance(each, forms.BaseFormSet):
            yield from _names_of(each.management_form, *each.forms)
            continue
        for field in each:
            if field.name not in NOT_TYPED:
                parts = getattr(field.field.widget, "widgets_names", ())
                yield from (field.html_name, *(f"{field.html_name}{part}" for part in parts))


def as_sent(typed: Mapping[str, Any], **values: object) -> QueryDict:
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
