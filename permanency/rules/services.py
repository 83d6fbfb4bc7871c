"""Drafting a version of the rules, publishing it by a second person, and withdrawing a draft."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from directory import history
from directory.errors import refuse
from directory.models import Appointment, User
from directory.roles import SHAPES_THE_RULES
from permanency.models import RuleVersion
from permanency.policy.months import day_in_words, days_in_words, months_in_words
from permanency.policy.rules import SOFT_TARGETS, Rules

TOO_EARLY = "New rules take effect on a day after today."


@dataclass(frozen=True)
class NewRules:
    content: dict[str, Any]
    effective_on: date
    source: str
    transition: str


def drafting_errors(new: NewRules, *, on: date) -> dict[str, str]:
    """Return what is wrong with a draft, by field, or "" for what belongs to no field."""
    if new.effective_on <= on:
        return {"effective_on": TOO_EARLY}
    try:
        Rules.from_data(2, new.effective_on, new.source, new.content, new.transition)
    except ValueError as error:
        return {"": str(error)}
    return {}


@transaction.atomic
def draft(new: NewRules, *, by: User, on: date) -> RuleVersion:
    """Return the new version, a draft: nothing counts by it until somebody else publishes it."""
    appointment = _appointment(by, on=on)
    refuse(*drafting_errors(new, on=on).values())
    # The first version is always there, so whoever holds it is alone in giving the next number.
    RuleVersion.objects.select_for_update().get(version=1)
    last = RuleVersion.objects.aggregate(last=Max("version"))["last"]
    row = RuleVersion.objects.create(version=last + 1, **vars(new), drafted_by=by, drafted_at=Now())
    return _record_content("drafted rules", row, by=by, on=on, appointment=appointment)


def reasons_against_publishing(row: RuleVersion, *, by: User, on: date) -> tuple[str, ...]:
    """Return why a person cannot publish a version today, as sentences; empty if they can."""
    day = day_in_words(row.effective_on)
    others = RuleVersion.objects.published().filter(effective_on=row.effective_on)
    taken = others.exclude(pk=row.pk).first()
    found = (
        "" if row.is_draft else "This version is no draft any more.",
        "You drafted this version, so somebody else publishes it." if row.drafted_by == by else "",
        f"It was to take effect on {day}, which is not after today. Draft it anew."
        if row.effective_on <= on
        else "",
        f"Version {taken.version} takes effect on {day} already." if taken else "",
    )
    return tuple(each for each in found if each)


@transaction.atomic
def publish(row: RuleVersion, *, by: User, on: date) -> RuleVersion:
    """Return the version, published: it holds from its day on, and nobody edits it any more."""
    appointment = _appointment(by, on=on)
    row = _lock_version(row)
    refuse(*reasons_against_publishing(row, by=by, on=on))
    RuleVersion.objects.filter(pk=row.pk).update(published_by=by, published_at=Now())
    return _record_content("published rules", row, by=by, on=on, appointment=appointment)


@transaction.atomic
def withdraw(row: RuleVersion, *, by: User, on: date) -> RuleVersion:
    """Return the draft, withdrawn: it stays on record and can no longer be published."""
    appointment = _appointment(by, on=on)
    row = _lock_version(row)
    refuse("" if row.is_draft else "This version is no draft any more.")
    RuleVersion.objects.filter(pk=row.pk).update(withdrawn_at=Now())
    row.refresh_from_db()
    history.record_change("withdrew a draft of rules", row, by=by, on=on, appointment=appointment)
    return row


def _record_content(verb: str, row: RuleVersion, **who: Any) -> RuleVersion:
    row.refresh_from_db()
    history.record_change(verb, row, after={**history.values(row), **row.content}, **who)
    return row


def _appointment(by: User, *, on: date) -> Appointment:
    for held in by.appointments_in_force(on=on):
        if held.role in SHAPES_THE_RULES:
            return held
    raise PermissionDenied


def _lock_version(row: RuleVersion) -> RuleVersion:
    # All versions, so that of two published for one day at once the second sees the first.
    rows = list(RuleVersion.objects.select_for_update().order_by("pk"))
    return next(each for each in rows if each.pk == row.pk)


@dataclass(frozen=True)
class RuleLine:
    """One thing that the rules say, in this version and in the one beside it."""

    label: str
    here: str
    there: str

    @property
    def differs(self) -> bool:
        return self.here != self.there


def rule_lines(rules: Rules, beside: Rules) -> list[RuleLine]:
    """Return everything that the rules say, in the order of the policy, beside another version."""
    pairs = zip(_labels_and_values(rules), _labels_and_values(beside), strict=True)
    return [RuleLine(label, here, there) for (label, here), (_, there) in pairs]


def _labels_and_values(rules: Rules) -> Iterator[tuple[str, str]]:
    for goal, months in rules.review_months.items():
        yield f"{goal.label}, a review at least every", months_in_words(months)
    yield "Intensive, a review at least every", months_in_words(rules.intensive_months)
    yield "Time to permanency", months_in_words(rules.clock_months)
    yield "The time counts from", rules.clock_start.label
    for name in SOFT_TARGETS:
        days = rules.targets_working_days[name]
        yield f"Soft target for {name}", f"{days_in_words(days).replace(' ', ' working ')}"
