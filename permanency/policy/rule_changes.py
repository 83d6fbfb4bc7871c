"""What new rules do to dates that are open on the day on which they take effect.

Source: the product's rule 10 (rules are versions with an effective date). A version says itself
whether open dates stay, are counted again, or are counted again but never move later. What was
decided keeps the version it was made under.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from permanency.policy.derivation import Derivation
from permanency.policy.goals import Goal
from permanency.policy.months import day_in_words
from permanency.policy.review_dates import Anchor, recount_review, steps_note
from permanency.policy.rules import Rules, Transition, period_months


@dataclass(frozen=True)
class RuleBook:
    """The published versions of the rules in the order in which they take effect."""

    versions: tuple[Rules, ...]

    @classmethod
    def of(cls, versions: Iterable[Rules]) -> RuleBook:
        return cls(tuple(sorted(versions, key=lambda each: each.effective_on)))

    def in_force(self, *, on: date) -> Rules:
        begun = [each for each in self.versions if each.effective_on <= on]
        return begun[-1] if begun else self.versions[0]

    def version(self, number: int) -> Rules:
        for each in self.versions:
            if each.version == number:
                return each
        raise KeyError(number)

    def in_effect_since(self, number: int, *, on: date) -> tuple[Rules, ...]:
        since = self.version(number).effective_on
        return tuple(each for each in self.versions if since < each.effective_on <= on)

    def before(self, rules: Rules) -> tuple[int, ...]:
        day = rules.effective_on
        return tuple(each.version for each in self.versions if each.effective_on < day)

    def governing(self, number: int, *, on: date) -> Rules:
        since = self.in_effect_since(number, on=on)
        taken_over = [each for each in since if each.transition is not Transition.KEEP]
        return taken_over[-1] if taken_over else self.version(number)


def review_after(
    open_date: Derivation, *, goal: Goal, intensive: bool, born_on: date | None, rules: Rules
) -> Derivation:
    """Return an open review date once rules have taken effect (rule 10).

    Counted again, it is the first anchor + n new periods on or after that day. One already overdue
    stays, and so does an earlier one where none moves later.
    """
    day = rules.effective_on
    if open_date.start_on is None or is_overdue_then(open_date.on, rules):
        return open_date
    months = period_months(goal, intensive=intensive, rules=rules)
    note = f"{_took_effect_words(rules)}, {steps_note(months)}"
    fresh = recount_review(
        goal,
        Anchor(open_date.start_on, open_date.start_event),
        note=note,
        not_before=day,
        intensive=intensive,
        rules=rules,
        born_on=born_on,
    )
    return fresh if replaces(fresh.on, open_date.on, rules) else open_date


def is_overdue_then(open_on: date | None, rules: Rules) -> bool:
    return open_on is not None and open_on < rules.effective_on


def two_year_after(open_date: Derivation, fresh: Derivation, *, rules: Rules) -> Derivation:
    """Return an open two-year date once rules have taken effect; `fresh` is the one they give.

    Where both are extended to one day, it is the original dates that are compared.
    """
    days = fresh.on, open_date.on
    if fresh.on == open_date.on:
        days = fresh.original_on, open_date.original_on
    return with_rules_note(fresh, rules) if replaces(*days, rules) else open_date


def with_rules_note(fresh: Derivation, rules: Rules) -> Derivation:
    """Return a two-year date that says that these rules counted it again, and since when."""
    note = f"{_took_effect_words(rules)}."
    adjustments = (note, *fresh.adjustments)
    return replace(fresh, adjustments=adjustments, not_before=rules.effective_on)


def replaces(fresh_on: date | None, open_on: date | None, rules: Rules) -> bool:
    """Return whether the date that new rules give takes the place of the open one."""
    if rules.transition is Transition.KEEP:
        return False
    if rules.transition is Transition.RECOUNT:
        return fresh_on != open_on
    return fresh_on is not None and (open_on is None or fresh_on < open_on)


def _took_effect_words(rules: Rules) -> str:
    later = " where that is sooner" if rules.transition is Transition.SOONER else ""
    return (
        f"Version {rules.version} of the rules took effect on {day_in_words(rules.effective_on)} "
        f"and open dates were counted again{later}"
    )
