"""Choices of a field: rows where a form is filled in, labels where a list is narrowed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, cast

from django import forms
from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Cast
from django.forms.models import ModelChoiceIterator

from directory.forms.layout import ListFilterForm
from directory.models import District, Office, Provider, User
from directory.web.result_cache import ResultCache


def set_choice_rows(form: forms.BaseForm, name: str, rows: QuerySet[Any]) -> None:
    cast("forms.ModelChoiceField[Any]", form.fields[name]).queryset = rows


def set_choices(form: forms.BaseForm, name: str, choices: Iterable[tuple[str, str]]) -> None:
    cast(forms.ChoiceField, form.fields[name]).choices = list(choices)


# The value in an address, the label, and the label of the group it stands in, if any.
ChoiceRow = tuple[str, str, str]


def choice_rows(rows: QuerySet[Any], *, value: str = "pk", group: str = "") -> QuerySet[Any]:
    """Return rows that have a name with value, label and group, for `choices_by_field`."""
    told: dict[str, Any] = {"value": Cast(value, CharField()), "label": F("name")}
    told["group"] = F(group) if group else Value("")
    return cast("QuerySet[Any]", rows.order_by().annotate(**told))


def choices_by_field(rows: Mapping[str, QuerySet[Any]]) -> dict[str, list[ChoiceRow]]:
    """Return what each of these fields offers, by group and label, from one query."""
    first, *others = (
        each.annotate(field=Value(name)).values_list("field", "value", "label", "group")
        for name, each in rows.items()
    )
    found: dict[str, list[ChoiceRow]] = {name: [] for name in rows}
    for name, *choice in first.union(*others, all=True).order_by("field", "group", "label"):
        found[name].append(cast(ChoiceRow, tuple(choice)))
    return found


class FilterForm(ListFilterForm):
    """Narrows a long list. Values are numbers and slugs, no names: they stand in addresses."""

    is_folded = True

    def __init__(self, *args: Any, by: User, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.on = by, on
        self._kept = ResultCache(by, on=on)
        self._set_choices(self._kept.get(f"{type(self).__name__} offers", self._choice_rows))

    def _choice_rows(self) -> dict[str, list[ChoiceRow]]:
        raise NotImplementedError

    def _set_choices(self, found: Mapping[str, list[ChoiceRow]]) -> None:
        raise NotImplementedError

    @property
    def fields_cache_key(self) -> str:
        asked = [
            (name, field.widget.value_from_datadict(self.data, self.files, name))
            for name, field in self.fields.items()
        ]
        return self._kept.key(f"{type(self).__name__} looks", asked)

    def row_count(self, count: Callable[[], int]) -> int:
        filters = sorted(getattr(self, "cleaned_data", {}).items())
        return self._kept.get(f"{type(self).__name__} leaves", count, filters)

    def row_keys(self, keys: Callable[[], list[int]], *, order: str = "") -> list[int]:
        filters = sorted(getattr(self, "cleaned_data", {}).items())
        return self._kept.get(f"{type(self).__name__} orders", keys, filters, order)


def in_pairs(choices: Iterable[ChoiceRow]) -> list[tuple[str, str]]:
    return [(value, label) for value, label, _ in choices]


def in_groups(choices: Iterable[ChoiceRow]) -> list[tuple[str, Any]]:
    return [(label, in_pairs(group)) for label, group in groupby(choices, key=itemgetter(2))]


class _OfficesByDistrict(ModelChoiceIterator[Office]):
    def __iter__(self) -> Iterator[Any]:
        yield ("", self.field.empty_label)
        for name, offices in groupby(self.queryset, key=lambda office: office.district.name):
            yield (name, [self.choice(office) for office in offices])


class _ProvidersByDistrict(ModelChoiceIterator[Provider]):
    def __iter__(self) -> Iterator[Any]:
        yield ("", self.field.empty_label)
        district = cast(ProviderField, self.field).district
        if district is None:
            yield from (self.choice(provider) for provider in self.queryset)
            return
        works_here = Exists(district.providers.filter(pk=OuterRef("pk")))
        rows = self.queryset.annotate(works_here=works_here).order_by("-works_here", "name")
        for is_here, providers in groupby(rows, key=lambda provider: provider.works_here):
            label = f"Working in {district}" if is_here else "Other providers"
            yield (label, [self.choice(provider) for provider in providers])


class ProviderField(forms.ModelChoiceField[Provider]):
    """One provider; those that work in `district`, where it is set, come first."""

    iterator = _ProvidersByDistrict
    district: District | None = None


class OfficeField(forms.ModelChoiceField[Office]):
    iterator = _OfficesByDistrict
