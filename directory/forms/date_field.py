"""A date asked for as day, month and year, each in a box of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format

EARLIEST_YEAR = 1900
LATEST_YEAR = 2200
# Whatever is longer is no part of a date, and may be too long a number for a date or for int().
LONGEST_PART = 4


class DateParts(NamedTuple):
    day: str
    month: str
    year: str

    @classmethod
    def of(cls, value: Any) -> DateParts:
        if isinstance(value, DateParts):
            return value
        if isinstance(value, str) and value:
            year, month, day = [*value.split("-"), "", ""][:3]
            return cls(day, month, year)
        if isinstance(value, date):
            return cls(str(value.day), str(value.month), str(value.year))
        return cls("", "", "")

    @property
    def missing(self) -> list[str]:
        return [name for name in self._fields if not getattr(self, name)]

    def numbers(self) -> tuple[int, int, int] | None:
        if all(part.isascii() and part.isdigit() and len(part) <= LONGEST_PART for part in self):
            return int(self.year), int(self.month), int(self.day)
        return None


class DayMonthYear(forms.MultiWidget):
    """Three boxes: day, month, year. Also reads one ISO date, so that a link can carry one."""

    template_name = "nsw/widgets/day_month_year.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        def box(length: int) -> forms.TextInput:
            return forms.TextInput({"maxlength": length, "inputmode": "numeric"})

        super().__init__({"day": box(2), "month": box(2), "year": box(4)}, attrs)

    def id_for_label(self, id_: str | None, index: str | None = None) -> str:
        return f"{id_}_day" if id_ else ""

    def decompress(self, value: Any) -> list[str]:
        return list(DateParts.of(value))

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, list(DateParts.of(value)), attrs)
        if outer := context["widget"]["attrs"].get("id"):
            for part, each in zip(DateParts._fields, context["widget"]["subwidgets"], strict=True):
                each["attrs"]["id"] = f"{outer}_{part}"
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        if isinstance(single := data.get(name), str) and single:
            return DateParts.of(single)
        typed = DateParts(
            *(str(data.get(f"{name}_{part}", "")).strip() for part in DateParts._fields)
        )
        return typed if any(typed) else None

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data and super().value_omitted_from_data(data, files, name)


QUICK = "_quick"


class QuickDayMonthYear(DayMonthYear):
    """One of a few days that are often meant, as radios, or another day in the three boxes.

    Where both are filled the radio counts, unless it is the one for another day.
    """

    template_name = "nsw/widgets/quick_day.html"

    def __init__(self, days: Sequence[date], attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.days = tuple(days)
        # So that what is kept of a form has the radio too.
        self.widgets_names: list[str] = [*(f"_{part}" for part in DateParts._fields), QUICK]

    def id_for_label(self, id_: str | None, index: str | None = None) -> str:
        return f"{id_}{QUICK}_0" if id_ else ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        numbers = DateParts.of(value).numbers()
        quick = next((day for day in self.days if (day.year, day.month, day.day) == numbers), None)
        context = super().get_context(name, None if quick else value, attrs)
        outer = context["widget"]["attrs"].get("id", name)
        radios = [
            {
                "id": f"{outer}{QUICK}_{number}",
                "value": day.isoformat(),
                "label": date_format(day, "j F"),
                "checked": day == quick,
            }
            for number, day in enumerate(self.days)
        ]
        other = {"id": f"{outer}{QUICK}_other", "value": "other", "label": "Another day"}
        is_other = quick is None and any(DateParts.of(value))
        context["widget"]["quick_name"] = f"{name}{QUICK}"
        context["widget"]["quick"] = [*radios, {**other, "checked": is_other}]
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        quick = data.get(f"{name}{QUICK}")
        if isinstance(quick, str) and quick not in {"", "other"}:
            return DateParts.of(quick)
        return super().value_from_datadict(data, files, name)

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return f"{name}{QUICK}" not in data and super().value_omitted_from_data(data, files, name)


class DateField(forms.DateField):
    widget = DayMonthYear
    default_error_messages = {
        "required": "Enter a date.",
        "invalid": "Enter a real date, such as 14 5 2026.",
        "year": f"Enter a year between {EARLIEST_YEAR} and {LATEST_YEAR}, in four digits.",
    }

    def to_python(self, value: Any) -> date | None:
        """Return the date, or None; ValidationError for a gap, an unreal date, or a far year."""
        if isinstance(value, DateParts):
            return self._read(value)
        found = super().to_python(value)
        if found is not None and not EARLIEST_YEAR <= found.year <= LATEST_YEAR:
            raise self._error("year")
        return found

    def _read(self, typed: DateParts) -> date:
        if typed.missing:
            names = " and the ".join(typed.missing)
            raise ValidationError(f"Enter the {names} as well.", code="incomplete")
        numbers = typed.numbers()
        if numbers is None:
            raise self._error("invalid")
        if not EARLIEST_YEAR <= numbers[0] <= LATEST_YEAR:
            raise self._error("year")
        try:
            return date(*numbers)
        except ValueError:
            raise self._error("invalid") from None

    def _error(self, code: str) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code)
