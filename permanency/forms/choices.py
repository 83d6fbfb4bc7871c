"""Filling the choices of a field when the form is made, offices and providers by district."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, cast

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.forms.models import ModelChoiceIterator

from directory.models import District, Office, Provider


def offer_rows(form: forms.BaseForm, name: str, rows: QuerySet[Any]) -> None:
    """Let a field choose among these rows."""
    cast("forms.ModelChoiceField[Any]", form.fields[name]).queryset = rows


def offer(form: forms.BaseForm, name: str, choices: Iterable[tuple[str, str]]) -> None:
    """Let a field choose among these values with their labels."""
    cast(forms.ChoiceField, form.fields[name]).choices = list(choices)


class _OfficesByDistrict(ModelChoiceIterator[Office]):
    """The offices under the name of their district, in one query."""

    def __iter__(self) -> Iterator[Any]:
        yield ("", self.field.empty_label)
        for name, offices in groupby(self.queryset, key=lambda office: office.district.name):
            yield (name, [self.choice(office) for office in offices])


class _ProvidersByDistrict(ModelChoiceIterator[Provider]):
    """The providers that work in the district before the others, where there is one district."""

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
    """One office, chosen from a list in groups, one for each district."""

    iterator = _OfficesByDistrict
