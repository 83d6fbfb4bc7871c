"""What a person has typed about a child and not saved, and the last consultation on the record."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import JSONField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.urls import Resolver404, resolve, reverse

from consultations.models import Consultation
from directory.database.json_list import JsonList
from directory.forms.drafts import open_drafts
from directory.models import Draft, User


def drafts_about(child: int, user: User) -> QuerySet[Draft]:
    """Return what the person has typed into forms that name this child in their address."""
    below, asked = reverse("child", args=[child]), f"?child={child}"
    about = Q(form__startswith=below) | Q(form__endswith=asked) | Q(form__contains=f"{asked}&")
    return open_drafts(user).filter(about)


def form_title(form: str) -> str:
    """Return the name of a form by its address: "New consultation", "Edit child"."""
    return form_name(form).replace("-", " ").capitalize()


def form_name(form: str) -> str:
    try:
        match = resolve(form.partition("?")[0])
    except Resolver404:
        return "form"
    return f"{match.kwargs['step']}-goal-change" if "step" in match.kwargs else match.url_name or ""


CONSULTATION_FIELDS = (
    *("pk", "kind", "held_on", "recorded_on"),
    *("recommended_goal", "recommendation", "child_views"),
)


def consultations_subquery(user: User, *, on: date) -> Subquery:
    """Return, for a question about children, the last consultation and the person's own drafts."""
    visible = Consultation.objects.visible_to(user, on=on).filter(struck_on=None)
    recorded = visible.exclude(recorded_on=None).filter(child=OuterRef("child"))
    shown = visible.filter(Q(pk__in=recorded.values("pk")[:1]) | Q(recorded_on=None))
    rows = shown.filter(child=OuterRef("pk")).order_by().values("child")
    values = JSONObject(**{name: name for name in CONSULTATION_FIELDS})
    return Subquery(rows.annotate(all=JsonList(values)).values("all"), output_field=JSONField())


def consultations_from_row(result: list[dict[str, Any]] | None) -> list[Consultation]:
    def day(text: str | None) -> date | None:
        return date.fromisoformat(text) if text else None

    return [
        Consultation(
            **{**each, "held_on": day(each["held_on"]), "recorded_on": day(each["recorded_on"])}
        )
        for each in result or ()
    ]
