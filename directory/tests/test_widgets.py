"""The three boxes of a date: what is read, what is refused, and what stays in the boxes."""

from datetime import date
from html.parser import HTMLParser

import pytest
from django import forms
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from directory.forms.date_field import DateField


class MeetingForm(forms.Form):
    held_on = DateField()
    planned_on = DateField(required=False)


def typed(day: str, month: str, year: str) -> dict[str, str]:
    return {"held_on_day": day, "held_on_month": month, "held_on_year": year}


class Boxes(HTMLParser):
    """Collects the attributes of the inputs on a page, by name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str | None]] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "input":
            found = dict(attrs)
            self.found[str(found["name"])] = found


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31)))
def test_every_day_shown_in_the_boxes_is_read_back_as_the_same_day(day: date) -> None:
    shown = Boxes(str(MeetingForm(initial={"held_on": day})["held_on"])).found
    form = MeetingForm({name: str(box["value"]) for name, box in shown.items()})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["held_on"] == day


@given(st.text(max_size=6), st.text(max_size=6), st.text(max_size=6))
def test_whatever_is_typed_is_a_date_or_a_field_error(day: str, month: str, year: str) -> None:
    form = MeetingForm(typed(day, month, year))
    form.is_valid()
    assert ("held_on" in form.errors) != isinstance(form.cleaned_data.get("held_on"), date)


@pytest.mark.parametrize(
    ("boxes", "error"),
    [
        (("", "", ""), "Enter a date."),
        (("14", "", "2026"), "Enter the month as well."),
        (("14", "", ""), "Enter the month and the year as well."),
        (("31", "2", "2026"), "Enter a real date, such as 14 5 2026."),
        (("0", "5", "2026"), "Enter a real date, such as 14 5 2026."),
        (("14", "May", "2026"), "Enter a real date, such as 14 5 2026."),
        (("1٤", "5", "2026"), "Enter a real date, such as 14 5 2026."),
        (("-4", "5", "2026"), "Enter a real date, such as 14 5 2026."),
        (("99999999999", "5", "2026"), "Enter a real date, such as 14 5 2026."),
        (("14", "5", "9" * 5_000), "Enter a real date, such as 14 5 2026."),
        (("14", "5", "26"), "Enter a year between 1900 and 2200, in four digits."),
        (("31", "12", "1899"), "Enter a year between 1900 and 2200, in four digits."),
        (("1", "1", "2201"), "Enter a year between 1900 and 2200, in four digits."),
    ],
)
def test_what_is_no_date_gets_one_plain_error(boxes: tuple[str, str, str], error: str) -> None:
    assert MeetingForm(typed(*boxes)).errors["held_on"] == [error]


@pytest.mark.parametrize("boxes", [("1", "1", "1900"), ("31", "12", "2200"), ("29", "2", "2024")])
def test_the_first_and_last_day_and_a_leap_day_are_dates(boxes: tuple[str, str, str]) -> None:
    assert MeetingForm(typed(*boxes)).is_valid()


def test_spaces_and_leading_zeros_do_not_matter() -> None:
    form = MeetingForm(typed(" 04", "05 ", "2026"))
    assert form.is_valid()
    assert form.cleaned_data["held_on"] == date(2026, 5, 4)


def test_a_date_that_is_not_asked_for_may_stay_empty() -> None:
    form = MeetingForm(typed("4", "5", "2026"))
    assert form.is_valid()
    assert form.cleaned_data["planned_on"] is None


def test_a_wrong_date_stays_in_the_boxes_as_it_was_typed() -> None:
    form = MeetingForm(typed("31", "Feb-ish", "2026"))
    shown = Boxes(str(form["held_on"])).found
    assert [box["value"] for box in shown.values()] == ["31", "Feb-ish", "2026"]
    assert all(box["aria-invalid"] == "true" for box in shown.values())


def test_what_is_typed_cannot_break_out_of_its_box() -> None:
    form = MeetingForm(typed('"><script>', "1", "2026"))
    assert "<script>" not in str(form["held_on"])


def test_a_link_may_carry_the_day_in_one_value() -> None:
    form = MeetingForm(QueryDict("held_on=2026-05-14"))
    assert form.is_valid()
    assert form.cleaned_data["held_on"] == date(2026, 5, 14)


@pytest.mark.parametrize("value", ["yesterday", "2026-05", "2026-02-31", "1-2-3-4", "-"])
def test_a_link_with_no_real_day_is_a_field_error(value: str) -> None:
    assert "held_on" in MeetingForm({"held_on": value}).errors


def test_an_unchanged_date_is_no_change_and_another_one_is() -> None:
    start = {"held_on": date(2026, 5, 14)}
    assert not MeetingForm(typed("14", "05", "2026"), initial=start).has_changed()
    assert MeetingForm(typed("15", "5", "2026"), initial=start).has_changed()


def test_a_label_and_a_link_from_the_error_summary_land_in_the_day() -> None:
    field = MeetingForm()["held_on"]
    assert field.id_for_label == "id_held_on_day"
    assert 'id="id_held_on_day"' in str(field)
    assert 'for="id_held_on_month"' in str(field)
