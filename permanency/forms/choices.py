"""Filling the choices of a field when the form is made, and offices under their districts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.forms.models import ModelChoiceIterator

from directory.models import Office


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


class OfficeField(forms.ModelChoiceField[Office]):
    """One office, chosen from a list in groups, one for each district."""

    iterator = _OfficesByDistrict
