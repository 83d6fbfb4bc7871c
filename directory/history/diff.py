"""What changed between two versions of a row, in words, from its history entries alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import SequenceMatcher
from typing import Any

from django.db.models import Model

from directory.models import HistoryEntry, Redaction

WORDS = re.compile(r"\s+|\w+|[^\w\s]")
LINES = re.compile(r"[^\n]*\n|[^\n]+")
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
# Beyond this, comparing word by word takes seconds: texts are then compared line by line.
MOST_WORDS = 3_000


@dataclass(frozen=True)
class Piece:
    """A piece of a text: `same`, `del` where it was taken out, `ins` where it was put in."""

    sort: str
    text: str


@dataclass(frozen=True)
class FieldChange:
    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Version:
    number: int
    entry: HistoryEntry

    @property
    def by(self) -> str:
        entry = self.entry
        name = entry.by.name if entry.by else "The system"
        return f"{name} ({entry.appointment.get_role_display()})" if entry.appointment else name

    @property
    def at(self) -> datetime:
        return self.entry.at

    @property
    def redaction(self) -> Redaction | None:
        return getattr(self.entry, "redaction", None)


@dataclass(frozen=True)
class VersionComparison:
    old: Version
    new: Version
    changes: tuple[FieldChange, ...]
    redacted: tuple[Version, ...]


def versions(subject: str, verbs: Iterable[str], *, child_number: int) -> list[Version]:
    """Return the versions of a subject, the first one first; `verbs` are the acts that write it."""
    entries = HistoryEntry.objects.filter(
        child_number=child_number, subject=subject, verb__in=list(verbs)
    ).select_related("by", "appointment", "redaction__decided_by", "redaction__done_by")
    return [Version(number, each) for number, each in enumerate(entries.order_by("pk"), start=1)]


def version_pair(known: Sequence[Version], old: str, new: str) -> tuple[Version, Version] | None:
    """Return the two versions of these numbers, or else the last two; None where there is one."""
    if len(known) < 2:
        return None
    by_number = {str(each.number): each for each in known}
    pair = sorted(
        {by_number[each] for each in (old, new) if each in by_number}, key=lambda each: each.number
    )
    return (pair[0], pair[1]) if len(pair) == 2 else (known[-2], known[-1])


def compare_versions(
    known: Sequence[Version], old: Version, new: Version, model: type[Model]
) -> VersionComparison:
    """Return what the versions after the old one up to the new one changed; `model` gives words."""
    was: dict[str, Any] = {}
    now: dict[str, Any] = {}
    between = [each for each in known if old.number < each.number <= new.number]
    for each in between:
        for name, value in each.entry.after.items():
            was.setdefault(name, each.entry.before.get(name))
            now[name] = value
    changes = (_field_change(model, name, was[name], value) for name, value in now.items())
    return VersionComparison(
        old=old,
        new=new,
        changes=tuple(each for each in changes if each is not None),
        redacted=tuple(each for each in between if each.redaction is not None),
    )


def comparison_context(
    known: Sequence[Version], asked: Mapping[str, str], model: type[Model]
) -> dict[str, object]:
    """Return the context of a page of versions; `asked` may name two by number: `old`, `new`."""
    pair = version_pair(known, asked.get("old", ""), asked.get("new", ""))
    return {
        "known": list(reversed(known)),
        "found": compare_versions(known, *pair, model) if pair else None,
    }


def _field_change(model: type[Model], name: str, was: Any, now: Any) -> FieldChange | None:
    label, choices = name.replace("_", " "), {}
    if name in {each.name for each in model._meta.get_fields()}:
        field = model._meta.get_field(name)
        label = str(getattr(field, "verbose_name", name))
        choices = dict(getattr(field, "flatchoices", ()))
    old, new = _in_words(was, choices), _in_words(now, choices)
    if old == new:
        return None
    pieces = (
        replacement_pieces(old, new)
        if choices or ISO_DAY.match(str(now or was))
        else word_pieces(old, new)
    )
    return FieldChange(label[:1].upper() + label[1:], pieces)


def _in_words(value: Any, choices: dict[Any, Any]) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "\n".join(_in_words(each, choices) for each in value)
    text = str(choices.get(value, value))
    if ISO_DAY.match(text):
        day = date.fromisoformat(text)
        return f"{day.day} {day:%B %Y}"
    return text


def replacement_pieces(old: str, new: str) -> tuple[Piece, ...]:
    return tuple(each for each in (Piece("del", old), Piece("ins", new)) if each.text)


def word_pieces(old: str, new: str) -> tuple[Piece, ...]:
    """Return one text in which every word that went and every word that came is marked."""
    before, after = WORDS.findall(old), WORDS.findall(new)
    if max(len(before), len(after)) > MOST_WORDS:
        before, after = LINES.findall(old), LINES.findall(new)
    pieces: list[Piece] = []
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(before[start:end])))
        else:
            pieces += replacement_pieces(
                "".join(before[start:end]), "".join(after[new_start:new_end])
            )
    return _join_pieces(pieces)


def _join_pieces(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    joined: list[Piece] = []
    run: dict[str, str] = {"del": "", "ins": ""}
    for number, each in enumerate(pieces):
        is_gap = each.sort == "same" and each.text.isspace() and 0 < number < len(pieces) - 1
        if each.sort == "same" and not (is_gap and any(run.values())):
            joined += replacement_pieces(run["del"], run["ins"])
            run = {"del": "", "ins": ""}
            joined.append(each)
        elif is_gap:
            run = {sort: text + each.text for sort, text in run.items()}
        else:
            run[each.sort] += each.text
    return (*joined, *replacement_pieces(run["del"], run["ins"]))
