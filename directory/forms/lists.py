"""What stands above a list: the filters in use, and by which column it is in order.

Both stand in the address of the list: `?office=7&sort=name`, or `sort=-name` the other way round.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.utils.formats import date_format

SORT = "sort"
# Where in a list a page begins: another order begins anew.
POSITION_NAMES = ("after", "before", "page")


def query_with(asked: QueryDict, **changes: str | None) -> str:
    """Return the query of a list with changes, from its first page; None takes a name away."""
    query = asked.copy()
    for name in POSITION_NAMES:
        query.pop(name, None)
    for name, value in changes.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return f"?{query.urlencode()}"


@dataclass(frozen=True)
class Sorting:
    """The orders of a list by name, and the one chosen; for an unknown name it is `usual`."""

    labels: Mapping[str, str]
    asked: QueryDict
    usual: str = ""

    @property
    def chosen(self) -> str:
        name = self.asked.get(SORT, "").removeprefix("-")
        return name if name in self.labels else self.usual

    @property
    def descending(self) -> bool:
        return self.asked.get(SORT, "") == f"-{self.chosen}"

    @property
    def value(self) -> str:
        """Return what the address says, or nothing where the list is as it usually is."""
        value = f"-{self.chosen}" if self.descending else self.chosen
        return "" if value == self.usual else value

    def state(self, name: str) -> str:
        """Return the value of aria-sort for a column, empty where the list is not by it."""
        if name != self.chosen:
            return ""
        return "descending" if self.descending else "ascending"

    def link(self, name: str) -> str:
        """Return the address of the list by a column: the other way round if it is so already."""
        turned = f"-{name}" if self.state(name) == "ascending" else name
        return query_with(self.asked, **{SORT: "" if turned == self.usual else turned})

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """Return value, label and whether it is chosen, for a list that shows no headings."""
        return [(name, label, name == self.chosen) for name, label in self.labels.items()]

    @property
    def kept(self) -> list[tuple[str, Any]]:
        """Return what else the address says: another order leaves the filters as they are."""
        left_out = {SORT, *POSITION_NAMES}
        lists = ((name, values) for name, values in self.asked.lists() if name not in left_out)
        return [(name, value) for name, values in lists for value in values]


class FilterTag(NamedTuple):
    """A filter in use, in words, and the query of the list without it."""

    label: str
    query: str


def filter_tags(form: forms.BaseForm) -> list[FilterTag]:
    """Return a tag for each filter of a list that is in use; none of one that makes no sense."""
    asked = form.data
    if not isinstance(asked, QueryDict):
        return []
    return [
        FilterTag(_filter_label(form[name], value), query_with(asked, **_without(form, name)))
        for name, value in getattr(form, "cleaned_data", {}).items()
        if value
    ]


def _without(form: forms.BaseForm, name: str) -> dict[str, None]:
    widget = form.fields[name].widget
    boxes: Iterable[str] = getattr(widget, "widgets_names", ())  # of a date in three boxes
    return dict.fromkeys([name, *(f"{name}{box}" for box in boxes)])


def _filter_label(field: BoundField, value: Any) -> str:
    if isinstance(field.field, forms.BooleanField):
        return str(field.label)
    words = date_format(value, "j F Y") if isinstance(value, date) else str(value)
    if not hasattr(value, "pk"):
        choices = _flat(getattr(field.field, "choices", ()))
        words = next((label for key, label in choices if key == words), words)
    return f"{field.label}: {words}"


def _flat(choices: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for key, label in choices:
        if isinstance(label, str):
            yield str(key), label
        else:
            yield from _flat(label)
