"""What a person has typed into forms and not saved, with the words, also where no page shows it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import QueryDict

from consultations.models import Consultation, GoalChange
from directory.forms.date_field import DateParts
from directory.forms.drafts import new_token, open_drafts
from directory.models import Draft, User
from permanency.models import CareEpisode, CasePlanGoal, Child, CourtOrder
from reviews.children.drafts import form_name, form_title
from reviews.models import GoalReview

# Of what the number in an address, or in its query, is the key.
MODELS: dict[str, Any] = {
    "children": Child,
    "child": Child,
    "consultations": Consultation,
    "consultation": Consultation,
    "goal-changes": GoalChange,
    "reviews": GoalReview,
    "goals": CasePlanGoal,
    "care-episodes": CareEpisode,
    "court-orders": CourtOrder,
}
# Forms that are filled with what the record says: not all that stands in them was typed.
FILLED_FROM_THE_RECORD = ("edit-", "correct-", "new-goal-change")
NOT_WORDS = re.compile(r"version|about|save|check|change|step|back|.*_FORMS|.*-number")
# Fields of a new consultation that begin with who the record names.
NOT_OWN_WORDS = re.compile(rf"{NOT_WORDS.pattern}|asked_by_\w+|took_part")
DATE_PART = re.compile(rf"(.+)_({'|'.join(DateParts._fields)})")


@dataclass(frozen=True)
class DraftRow:
    """One form with words in it; `child` is None where it is about none that the person sees."""

    title: str
    address: str
    saved_at: datetime
    token: str
    is_about_a_child: bool
    child: Child | None
    words: list[tuple[str, str]]


def draft_rows(user: User, *, on: date) -> list[DraftRow]:
    """Return what the person has typed and not saved, the latest first.

    Of a child whom they do not see any more there are their own words alone, and no reference.
    """
    found = list(open_drafts(user).order_by("-saved_at", "-pk"))
    keys = {draft.pk: _key_behind(draft.form) for draft in found}
    children = _visible_children([each for each in keys.values() if each], user, on=on)
    rows = []
    for draft in found:
        key = keys[draft.pk]
        child, name = children.get(key) if key else None, form_name(draft.form)
        is_own = key is None or child is not None or not name.startswith(FILLED_FROM_THE_RECORD)
        rows.append(
            DraftRow(
                title=form_title(draft.form),
                address=draft.form,
                saved_at=draft.saved_at,
                token=new_token(user.pk, draft.form),
                is_about_a_child=key is not None,
                child=child,
                words=list(_words(draft, is_in_sight=not key or bool(child))) if is_own else [],
            )
        )
    return rows


def _key_behind(form: str) -> tuple[str, int] | None:
    path, _, query = form.partition("?")
    first, second, *_ = [*path.strip("/").split("/"), "", ""]
    pairs = [(first, second), *((name, str(key)) for name, key in QueryDict(query).items())]
    keys = [(name, int(key)) for name, key in pairs if name in MODELS and key.isdecimal()]
    return keys[0] if keys else None


def _visible_children(
    keys: list[tuple[str, int]], user: User, *, on: date
) -> Mapping[tuple[str, int], Child]:
    by_name: dict[str, set[int]] = defaultdict(set)
    for name, key in keys:
        by_name[name].add(key)
    children = {}
    for name, numbers in by_name.items():
        rows = MODELS[name].objects.visible_to(user, on=on).filter(pk__in=numbers)
        for row in rows if MODELS[name] is Child else rows.select_related("child"):
            children[name, row.pk] = row if isinstance(row, Child) else row.child
    return children


def _words(draft: Draft, *, is_in_sight: bool) -> Iterator[tuple[str, str]]:
    left_out = NOT_WORDS if is_in_sight else NOT_OWN_WORDS
    # PostgreSQL keeps what was typed in an order of its own: a date's parts do not come together.
    found: dict[str, str | dict[str, str]] = {}
    for name, texts in draft.content.items():
        if part := DATE_PART.fullmatch(name):
            parts = found.setdefault(part[1], {})
            if isinstance(parts, dict):
                parts[part[2]] = texts[-1]
        # A number alone is the key of a choice.
        elif not left_out.fullmatch(name) and not "".join(texts).isdecimal():
            found[name] = "\n".join(texts)
    for name, typed in found.items():
        if isinstance(typed, dict):
            typed = " ".join(typed.get(each, "") for each in DateParts._fields)
        if typed.strip():
            yield re.sub(r"[-_]+", " ", name).capitalize(), typed.strip()
