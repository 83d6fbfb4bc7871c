"""The history of a child in words: what was done, and what stood before and after."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from consultations.models import Consultation, Evidence
from consultations.workflow import Status
from directory.clock import SYDNEY
from directory.models import HistoryEntry, Redaction
from directory.roles import CaseManagement
from permanency.imports.services import NOTE, OPENED_NOTE
from permanency.models import CasePlanGoal, Child, CourtOrder
from permanency.policy.goals import AboriginalStatus, EndReason, Goal
from permanency.policy.months import day_in_words
from reviews.models import GoalReview

ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")

# What is read with the entries that are to be told in words.
ENTRY_RELATIONS = ("by", "appointment", "redaction__decided_by", "redaction__done_by")

# Where it differs from the field's own name.
LABELS = {
    "aboriginal_status": "Aboriginal or Torres Strait Islander",
    "born_on": "Date of birth",
    "cald": "Culturally and linguistically diverse",
    "childstory_id": "ChildStory ID",
    "copy_given_on": "Copy given to the provider",
    "decided_by_name": "Decided by",
    "effective_on": "Takes effect",
    "end_reason": "Why it ended",
    "entered_on": "Entered care",
    "first_two_year_goal_on": "First two-year goal",
    "from_on": "Intensive from",
    "goal_before": "Goal to be replaced",
    "held_on": "Date held",
    "left_state_on": "Left New South Wales",
    "planned_on": "Planned for",
    "progress_reasons": "Why",
    "review_due_on": "Next review",
    "section_90_on": "Section 90 application",
    "two_year_on": "Two-year date",
    "until_on": "Until",
}

CHOICES: dict[str, dict[str, str]] = {
    "aboriginal_status": dict(AboriginalStatus.choices),
    "cald": dict(Child.Cald.choices),
    "case_managed_by": dict(CaseManagement.choices),
    "end_reason": dict(EndReason.choices),
    "endorsed_case_managed_by": dict(CaseManagement.choices),
    "evidence": dict(Evidence.Kind.choices),
    "goal": dict(Goal.choices),
    "kind": {**dict(CourtOrder.Kind.choices), **dict(Consultation.Kind.choices)},
    "outcome": dict(GoalReview.Outcome.choices),
    "progress": dict(GoalReview.Progress.choices),
    "purpose": dict(Consultation.Purpose.choices),
    "recommended_goal": dict(Goal.choices),
    "source": dict(CasePlanGoal.Source.choices),
    "status": dict(Status.choices),
}


@dataclass(frozen=True)
class EntryDescription:
    """One entry of the history as a page shows it."""

    number: int
    at: datetime
    by: str
    sentence: str
    details: tuple[str, ...]
    # The day that it was done for, where that is not the day on which it was recorded.
    acted_on: date | None = None
    # Where it stands in which chain: what the commands about the history ask for.
    place: str = ""

    @property
    def day(self) -> date:
        """Return the local day on which it was recorded."""
        return self.at.astimezone(ZoneInfo(SYDNEY)).date()


def brief_description(entry: HistoryEntry) -> EntryDescription:
    """Return an entry in words: the act, its note, who did it; not what changed, nor its place."""
    details = (*_redaction(entry), *_note(entry))
    return replace(entry_description(entry), details=details, place="")


def entry_description(entry: HistoryEntry) -> EntryDescription:
    """Return an entry in words: the act, who did it under which appointment, what changed."""
    recorded_on = entry.at.astimezone(ZoneInfo(SYDNEY)).date() if entry.at else entry.on
    return EntryDescription(
        number=entry.pk,
        at=entry.at,
        by=_author(entry),
        sentence=entry.verb[:1].upper() + entry.verb[1:],
        details=(*_redaction(entry), *change_sentences(entry.before, entry.after), *_note(entry)),
        acted_on=None if entry.on == recorded_on else entry.on,
        place=entry.place,
    )


def _author(entry: HistoryEntry) -> str:
    if entry.by is not None:
        role = entry.appointment.get_role_display() if entry.appointment else "no appointment"
        return f"{entry.by.name} ({role})"
    if entry.note in {NOTE, OPENED_NOTE}:
        return "An import of ChildStory data, under no appointment"
    return "The system, by date or rule, under no appointment"


def _redaction(entry: HistoryEntry) -> tuple[str, ...]:
    redaction: Redaction | None = getattr(entry, "redaction", None)
    if redaction is None:
        return ()
    return (
        f"Redacted on {day_in_words(redaction.on)} under {redaction.authority}. "
        f"Reason: {redaction.reason} Decided by {redaction.decided_by.name}, "
        f"done by {redaction.done_by.name}.",
    )


def _note(entry: HistoryEntry) -> tuple[str, ...]:
    return (f"“{entry.note}”",) if entry.note else ()


def change_sentences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Return one sentence for each thing that differs between before and after."""
    names = [*after, *(name for name in before if name not in after)]
    told = (_sentence(name, before.get(name), after.get(name)) for name in names)
    return tuple(sentence for sentence in told if sentence)


def _sentence(name: str, before: Any, after: Any) -> str:
    label, was, now = _label(name), _value(name, before), _value(name, after)
    if was == now:
        return ""
    if not was:
        return f"{label}: {now}"
    if now.endswith((".", "?", "!")):
        return f"{label}: {now} Before that: {was}"
    return f"{label}: {now}, before that {was}" if now else f"{label}: removed, before that {was}"


def _label(name: str) -> str:
    words = LABELS.get(name) or name.removesuffix("_on").replace("_", " ")
    return words[:1].upper() + words[1:]


def _value(name: str, value: Any) -> str:
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(_value(name, each) for each in value)
    if isinstance(value, dict):
        return "; ".join(
            f"{_label(key).lower()} {_value(key, each)}" for key, each in value.items()
        )
    text = str(value)
    if ISO_DAY.match(text):
        return day_in_words(date.fromisoformat(text))
    return CHOICES.get(name, {}).get(text, text)
