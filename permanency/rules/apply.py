"""Moves open dates on the day rules take effect; the next tick continues an interrupted run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from directory import history
from directory.mail import notices
from directory.models import HistoryEntry
from permanency.goals import clocks
from permanency.goals.store import moved_matters
from permanency.models import CasePlanGoal, Child, RulesTakenEffect, RuleVersion
from permanency.models.goals import CasePlanGoalQuerySet
from permanency.policy.months import day_in_words
from permanency.policy.rule_changes import RuleBook
from permanency.policy.rules import Rules
from permanency.rules.open_dates import (
    DatesByRules,
    children_that_move,
    open_goals,
    recorded_extensions,
)

BATCH = 200
OnFailure = Callable[[int, Exception], object]


def apply_due_rules(*, on: date, failed: OnFailure | None = None) -> Counter[str]:
    """Return how many dates moved, by kind; `failed` is told of a child that raised, if given."""
    moved: Counter[str] = Counter()
    due = RuleVersion.objects.published().filter(effective_on__lte=on, taken_effect=None)
    for row in due.exclude(version=1).order_by("effective_on"):
        moved += _apply_version(row, on=on, failed=failed)
    return moved


def _apply_version(row: RuleVersion, *, on: date, failed: OnFailure | None) -> Counter[str]:
    rules, book = row.rules, RuleVersion.objects.book()
    keys = children_that_move(CasePlanGoal.objects.all(), rules, before=book.before(rules))
    moved: Counter[str] = Counter()
    failures: list[int] = []

    def note(child: int, fault: Exception) -> None:
        if failed is None:
            raise fault
        failures.append(child)
        failed(child, fault)

    for start in range(0, len(keys), BATCH):
        moved += _move_dates(keys[start : start + BATCH], rules, book, on=on, failed=note)
    if not failures:
        _record_in_effect(row, on=on)
    return moved


@transaction.atomic
def _move_dates(
    children: Sequence[int], rules: Rules, book: RuleBook, *, on: date, failed: OnFailure
) -> Counter[str]:
    list(Child.objects.select_for_update().filter(pk__in=children).order_by("pk").values("pk"))
    goals = _with_inputs(CasePlanGoal.objects.in_force().filter(child__in=children))
    changed, gone, told = [], list[str](), list[HistoryEntry]()
    verb, day = history_verb(rules.version), day_in_words(rules.effective_on)
    note = f"The rules took effect on {day}. Source: {rules.source}"
    for goal in goals.order_by("child"):
        was = history.values(goal)
        try:
            dates = clocks.dates_after_rules(goal, rules=rules, before=book.before(rules))
        except Exception as fault:
            failed(goal.child_id, fault)
            continue
        if dates == clocks.dates_on_goal(goal):
            continue
        gone += moved_matters(goal, dates)
        dates.copy_to(goal)
        changed.append(goal)
        if history.values(goal) != was:
            told.append(history.change_entry(verb, goal, was, by=None, on=on, note=note))
    notices.settle(*gone)
    CasePlanGoal.objects.bulk_update(changed, clocks.DATE_FIELDS)
    history.record_many(told)
    return Counter(name for entry in told for name in DATE_NAMES if name in entry.after)


def _with_inputs(goals: CasePlanGoalQuerySet) -> CasePlanGoalQuerySet:
    return goals.select_related("child__district").prefetch_related(
        "extensions", "child__goals__extensions", "child__care_episodes"
    )


DATE_NAMES = ("review_due_on", "two_year_on")


def history_verb(version: int) -> str:
    return f"followed version {version} of the rules"


@transaction.atomic
def _record_in_effect(row: RuleVersion, *, on: date) -> None:
    RuleVersion.objects.select_for_update().get(pk=row.pk)
    if RulesTakenEffect.objects.filter(rules=row).exists():
        return
    # The history knows them all, also those that a run which was broken off has moved.
    told = HistoryEntry.objects.filter(verb=history_verb(row.version))
    reviews, two_years = (told.filter(after__has_key=name).count() for name in DATE_NAMES)
    RulesTakenEffect.objects.create(
        rules=row, on=on, reviews_moved=reviews, two_year_dates_moved=two_years
    )
    after = {"reviews_moved": reviews, "two_year_dates_moved": two_years}
    history.record_change("put rules into effect", row, after=after, by=None, on=on)


@dataclass(frozen=True)
class DateDifference:
    """A goal whose stored dates are not those that its records come to."""

    goal: int
    review_stored: date | None
    two_year_stored: date | None
    review_worked_out: date | None
    two_year_worked_out: date | None


def date_differences(*, on: date) -> Iterator[DateDifference]:
    """Yield the goals in force of which a stored date is not the one worked out: ideally none.

    However many there are, a few at a time are held in memory.
    """
    doubtful, goals = _doubtful_goals(), CasePlanGoal.objects.in_force()
    for start in range(0, len(doubtful), BATCH):
        for goal in _with_inputs(goals.filter(pk__in=doubtful[start : start + BATCH])):
            dates = clocks.goal_dates(goal, on=on)
            stored, worked_out = (
                (goal.review_due_on, goal.two_year_on),
                (dates.review.on, dates.two_year.on),
            )
            if stored != worked_out:
                yield DateDifference(goal.pk, *stored, *worked_out)


@transaction.atomic
def _doubtful_goals() -> list[int]:
    versions, extensions = RuleVersion.objects.book().versions, recorded_extensions()
    by_version = {each.version: DatesByRules(each, extensions) for each in versions}
    return [
        goal.pk
        for goal in open_goals(CasePlanGoal.objects.all(), versions, with_not_before=True)
        if by_version[goal.review_rule_version].review_differs(goal)
        or by_version[goal.two_year_rule_version].two_year_differs(goal)
    ]
