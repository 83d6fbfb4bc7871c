"""Every part that pages are made of, in all its states, on one page of the demonstration."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from directory.forms.layout import Answer, ListFilterForm, NswForm, TextArea
from directory.forms.lists import FilterTag, Sorting
from directory.web.request import CaseworkRequest
from reviews.figures import pictures
from reviews.figures.pictures import Column, DotRow, Part
from reviews.figures.scope import Tile

YES_NO = (("yes", "Yes"), ("no", "No"), ("unsure", "Not clear"))
STEPS = (5, 10, 15)
LATE = ("1 to 30 days late", "31 to 90 days", "More than 90 days")


class PartsForm(NswForm, forms.Form):
    """One field of each kind."""

    method = "get"
    name = forms.CharField(help_text="As it stands in ChildStory", max_length=80)
    held_on = forms.DateField(label="Date held", required=False)
    answer = forms.ChoiceField(label="Practicable?", choices=YES_NO, widget=forms.RadioSelect)
    goal = forms.ChoiceField(label="Goal", choices=(("restoration", "Restoration"),))
    note = forms.CharField(widget=TextArea, max_length=300, required=False)
    agreed = forms.BooleanField(label="It was agreed", required=False)


class PlacesForm(ListFilterForm):
    office = forms.ChoiceField(
        required=False, choices=(("", "Any"), ("1", "Maitland"), ("2", "Cessnock"))
    )


@require_safe
def design(request: CaseworkRequest) -> HttpResponse:
    if not settings.DEMO:
        raise Http404
    return render(request, "reviews/design.html", {**_forms(), **_lists(), **_pictures()})


def _forms() -> dict[str, Any]:
    filled = PartsForm(
        {"name": "", "answer": "yes", "goal": "restoration", "held_on": "2026-02-31"}
    )
    filled.is_valid()
    return {
        "form": PartsForm(initial={"answer": "no", "note": "Words that were typed."}),
        "refused": filled,
        "answers": [
            Answer(filled["held_on"], "30 November 2026"),
            Answer(filled["answer"], "Yes"),
        ],
        "choice_rows": [
            {"label": label, "form": PartsForm(data, prefix=f"row-{number}")}
            for number, (label, data) in enumerate(
                (("Restoration", None), ("Guardianship", {"row-1-answer": "no"}))
            )
        ],
        "facts": [("Caseworker", "Alan Sesay"), ("Organisation", "")],
        "parts": [("choices", "Choices"), ("lists", "Lists"), ("pictures", "Pictures")],
    }


def _lists() -> dict[str, Any]:
    asked = QueryDict("office=1&sort=name")
    filters = PlacesForm(asked)
    filters.is_valid()
    return {
        "filters": filters,
        "tags": [FilterTag("Office: Maitland", "?sort=name"), FilterTag("Goal: Restoration", "?")],
        "sorting": Sorting({"name": "Name", "review": "Next review"}, asked),
        "tones": ("neutral", "info", "success", "warning", "error"),
    }


def _pictures() -> dict[str, Any]:
    looks = ("light", "hatched", "alert")
    late = [Part(label, n, look) for label, n, look in zip(LATE, (4, 2, 3), looks, strict=True)]
    months = ("Dec", "", "", "", "", "Jan", "", "", "", "Feb", "", "")
    numbers = (1, 4, 1, 0, 2, 1, 0, 3, 2, 4, 1, 2)
    weeks = [
        Column(f"week {number}", reviews, tick, reviews == max(numbers))
        for number, (reviews, tick) in enumerate(zip(numbers, months, strict=True), 1)
    ]
    waits = [
        DotRow("To endorse", (2, 5, 5, 12), "outline", 10),
        DotRow("To approve", (8,), "solid", 10),
    ]
    return {
        "late": late,
        "late_bar": pictures.stacked_bar(late, whole=12),
        "no_bar": pictures.stacked_bar([Part(label, 0, "light") for label in LATE]),
        "weeks": pictures.columns(weeks, tallest=80, usual=2, in_groups=True),
        "weeks_table": [Tile(week.number, week.label) for week in weeks],
        "line": pictures.small_line([3, 4, 4, None, 6, 5, 7, 8, 6, 5, 5, 4], high=8),
        "one_point": pictures.small_line([*[None] * 11, 4], high=8),
        "waits": pictures.dots(waits, unit="days"),
        "levels": list(pictures.key_of_levels(STEPS)),
        "districts": [
            {
                "district": {"slug": slug, "name": slug.replace("-", " ").capitalize()},
                "short_name": pictures.short_name(slug.replace("-", " ")).upper(),
                "share": f"{share}%",
                "level": pictures.level(share, STEPS),
                "place": place,
            }
            for share, (slug, place) in enumerate(pictures.TILE_PLACES.items(), 3)
        ],
    }
