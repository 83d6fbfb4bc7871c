"""Both dates of a goal and of its child, worked out by the policy. Reads, never writes."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from typing import Any

from django.db.models import prefetch_related_objects

from permanency.models import CasePlanGoal, Child, Extension, RuleVersion
from permanency.policy.derivation import Derivation
from permanency.policy.goals import Ending, Goal, ending
from permanency.policy.months import day_in_words
from permanency.policy.review_dates import (
    REVIEW_HELD,
    due_after_marking,
    next_review,
    recount_review,
    review_anchor,
    steps_note,
    with_birth_date,
)
from permanency.policy.rule_changes import RuleBook, review_after, two_year_after, with_rules_note
from permanency.policy.rules import Rules, period_months
from permanency.policy.two_year_clock import (
    GoalPeriod,
    clock_start,
    first_in_episode_on,
    latest_extension,
    two_year_date,
)

# The day on which an extension was decided, and the day to which it extends.
DecidedExtension = tuple[date, date]


def entered_care_on(child: Child) -> date | None:
    return max((each.entered_on for each in child.care_episodes.all()), default=None)


@dataclass(frozen=True)
class ClockInputs:
    """What the two-year clock is worked out from: a child's goals, care and extensions.

    `extensions` are those to be counted instead of the recorded ones.
    """

    child: Child
    goals: Sequence[CasePlanGoal]
    extensions: Sequence[DecidedExtension] | None = None

    @classmethod
    def of(
        cls, goal: CasePlanGoal, *, extensions: Sequence[DecidedExtension] | None = None
    ) -> ClockInputs:
        others = [each for each in goal.child.goals.all() if each.pk != goal.pk]
        return cls(goal.child, [*others, goal], extensions)

    @cached_property
    def _inputs(self) -> dict[str, Any]:
        known = [each.first_two_year_goal_on for each in self.goals if each.first_two_year_goal_on]
        return {
            "goal_periods": [
                GoalPeriod(
                    Goal(each.goal), each.effective_on, each.ended_on, each.first_two_year_goal_on
                )
                for each in self.goals
            ],
            "entered_care_on": entered_care_on(self.child),
            "first_two_year_goal_on": min(known, default=None),
        }

    def first_in_episode_on(self) -> date | None:
        return first_in_episode_on(**self._inputs)

    def two_year(self, rules: Rules) -> Derivation:
        extensions = self.extensions
        if extensions is None:
            # A goal that is not stored yet has no extension to look for.
            goals = [goal for goal in self.goals if goal.pk]
            prefetch_related_objects(goals, "extensions")
            recorded = (each for goal in goals for each in goal.extensions.all())
            extensions = [(each.decided_on, each.extended_to) for each in recorded]
        extended_to = latest_extension(
            extensions, clock_start_on=clock_start(**self._inputs, rules=rules).on
        )
        return two_year_date(
            **self._inputs, extended_to=extended_to, born_on=self.child.born_on, rules=rules
        )


DATE_FIELDS = (
    "review_anchor_on",
    "review_due_on",
    "review_derivation",
    "review_rule_version",
    "two_year_on",
    "two_year_derivation",
    "two_year_rule_version",
    "first_in_episode_on",
)


@dataclass(frozen=True)
class GoalDates:
    """The next review and the two-year date, each with the reason for it."""

    review: Derivation
    two_year: Derivation
    first_in_episode_on: date | None

    def copy_to(self, goal: CasePlanGoal) -> None:
        goal.review_anchor_on = self.review.start_on
        goal.review_due_on = self.review.on
        goal.review_derivation = self.review.as_data()
        goal.review_rule_version = self.review.rule_version
        goal.two_year_on = self.two_year.on
        goal.two_year_derivation = self.two_year.as_data()
        goal.two_year_rule_version = self.two_year.rule_version
        goal.first_in_episode_on = self.first_in_episode_on


def _next_review_of(goal: CasePlanGoal, *, rules: Rules) -> Derivation:
    kind, born_on = Goal(goal.goal), goal.child.born_on
    anchor, _ = review_anchor(goal.effective_on, goal.last_review_held_on)
    counted = partial(
        next_review,
        goal=kind,
        effective_on=goal.effective_on,
        last_held_on=goal.last_review_held_on,
        rules=rules,
        born_on=born_on,
    )
    if goal.intensive_since is None or goal.intensive_since <= anchor.on:
        return counted(intensive=goal.is_intensive)
    # A date that was counted from another anchor was not the one that stood when it was marked.
    was_on = goal.review_due_on if goal.review_anchor_on == anchor.on else None
    return due_after_marking(
        goal=kind,
        anchor_on=anchor.on,
        due_on=was_on or counted(intensive=False).on,
        marked_on=goal.intensive_since,
        intensive=True,
        rules=rules,
        anchor_is_review=anchor.event == REVIEW_HELD,
        born_on=born_on,
    )


def _recount_review(goal: CasePlanGoal, made: Derivation, *, rules: Rules) -> Derivation:
    anchor, _ = review_anchor(goal.effective_on, goal.last_review_held_on)
    if made.start_on == anchor.on and made.counted_on() is not None:
        # A review date already told to people moves only with a review, a mark, a goal or rules.
        return with_birth_date(made, born_on=goal.child.born_on)
    day, marked_on = made.not_before, goal.intensive_since
    if day is None or day <= anchor.on or (marked_on is not None and day <= marked_on):
        return _next_review_of(goal, rules=rules)
    months = period_months(Goal(goal.goal), intensive=goal.is_intensive, rules=rules)
    return recount_review(
        Goal(goal.goal),
        anchor,
        note=f"Open dates were counted again on {day_in_words(day)}, {steps_note(months)}",
        not_before=day,
        intensive=goal.is_intensive,
        rules=rules,
        born_on=goal.child.born_on,
    )


def _review_after(goal: CasePlanGoal, open_date: Derivation, *, rules: Rules) -> Derivation:
    return review_after(
        open_date,
        goal=Goal(goal.goal),
        intensive=goal.is_intensive,
        born_on=goal.child.born_on,
        rules=rules,
    )


def _open_two_year(
    goal: CasePlanGoal, story: ClockInputs, *, book: RuleBook, on: date
) -> Derivation:
    made = Derivation.from_data(goal.two_year_derivation)
    rules = book.version(made.rule_version)
    two_year = story.two_year(rules)
    if made.not_before == rules.effective_on:
        two_year = with_rules_note(two_year, rules)
    for later in book.in_effect_since(made.rule_version, on=on):
        two_year = two_year_after(two_year, story.two_year(later), rules=later)
    return two_year


def goal_dates(goal: CasePlanGoal, *, on: date, rules: Rules | None = None) -> GoalDates:
    """Return both dates on a day: by the rules that stored ones followed, or by that day's."""
    story = ClockInputs.of(goal)
    first = story.first_in_episode_on()
    if rules is None and goal.pk and goal.review_derivation:
        book, made = RuleVersion.objects.book(), Derivation.from_data(goal.review_derivation)
        review = _recount_review(goal, made, rules=book.version(made.rule_version))
        for later in book.in_effect_since(made.rule_version, on=on):
            review = _review_after(goal, review, rules=later)
        return GoalDates(review, _open_two_year(goal, story, book=book, on=on), first)
    rules = rules or RuleVersion.objects.in_force(on=on)
    return GoalDates(_next_review_of(goal, rules=rules), story.two_year(rules), first)


def dates_after_rules(goal: CasePlanGoal, *, rules: Rules, before: Sequence[int]) -> GoalDates:
    """Return both dates once rules have taken effect, which follow the versions `before`."""
    review, two_year = dates_on_goal(goal).review, dates_on_goal(goal).two_year
    if review.rule_version in before:
        review = _review_after(goal, review, rules=rules)
    if two_year.rule_version in before:
        two_year = two_year_after(two_year, ClockInputs.of(goal).two_year(rules), rules=rules)
    return GoalDates(review, two_year, goal.first_in_episode_on)


def dates_on_goal(goal: CasePlanGoal) -> GoalDates:
    """Return both dates as they stand on the goal, with the reasons stored with them."""
    return GoalDates(
        review=Derivation.from_data(goal.review_derivation),
        two_year=Derivation.from_data(goal.two_year_derivation),
        first_in_episode_on=goal.first_in_episode_on,
    )


def dates_after_marking(goal: CasePlanGoal, *, intensive: bool, on: date) -> GoalDates:
    """Return both dates as they will be when the goal is marked intensive today, or unmarked."""
    was, last_on, book = dates_on_goal(goal), goal.last_review_held_on, RuleVersion.objects.book()
    return _marked(goal, was, last_on, intensive=intensive, book=book, on=on)


def _marked(
    goal: CasePlanGoal,
    dates: GoalDates,
    last_held_on: date | None,
    *,
    intensive: bool,
    book: RuleBook,
    on: date,
) -> GoalDates:
    anchor_on = dates.review.start_on or goal.effective_on
    review = due_after_marking(
        goal=Goal(goal.goal),
        anchor_on=anchor_on,
        due_on=dates.review.on,
        marked_on=on,
        intensive=intensive,
        rules=book.governing(dates.review.rule_version, on=on),
        anchor_is_review=last_held_on == anchor_on,
        born_on=goal.child.born_on,
    )
    return replace(dates, review=review)


def other_extensions(child: Child, but: Extension | None = None) -> list[DecidedExtension]:
    """Return the child's extensions, without one of them."""
    others = Extension.objects.filter(goal__child=child)
    if but is not None:
        others = others.exclude(pk=but.pk)
    return list(others.values_list("decided_on", "extended_to"))


def dates_with_new_two_year(
    goal: CasePlanGoal, *, on: date, extensions: Sequence[DecidedExtension] | None = None
) -> GoalDates:
    """Return the stored review date, and the two-year date with its extensions, or with these."""
    story = ClockInputs.of(goal, extensions=extensions)
    two_year = _open_two_year(goal, story, book=RuleVersion.objects.book(), on=on)
    return replace(dates_on_goal(goal), two_year=two_year)


@dataclass(frozen=True)
class ReviewedDates:
    """Both dates before a review, counted from it, and marked where it makes the goal intensive."""

    was: GoalDates
    counted: GoalDates
    marked: GoalDates | None

    @property
    def now(self) -> GoalDates:
        return self.marked or self.counted


def dates_after_review(
    goal: CasePlanGoal, *, held_on: date, book: RuleBook, on: date, marks_intensive: bool = False
) -> ReviewedDates:
    """Return both dates as they will be when a review held on this day is recorded.

    One held no later than the last one moves nothing.
    """
    was, last_on = dates_on_goal(goal), goal.last_review_held_on
    counted, is_intensive = was, goal.is_intensive
    if last_on is None or held_on > last_on:
        last_on = held_on
        review = next_review(
            goal=Goal(goal.goal),
            effective_on=goal.effective_on,
            last_held_on=held_on,
            intensive=is_intensive,
            rules=book.in_force(on=on),
            born_on=goal.child.born_on,
        )
        counted = replace(was, review=review)
    if not marks_intensive or is_intensive:
        return ReviewedDates(was, counted, None)
    marked = _marked(goal, counted, last_on, intensive=True, book=book, on=on)
    return ReviewedDates(was, counted, marked)


def dates_after_goal_change(child: Child, *, goal: str, effective_on: date, on: date) -> GoalDates:
    """Return both dates as they will be when another goal takes effect on this day."""
    rules = RuleVersion.objects.in_force(on=on)
    # Copies, because the page that asks goes on to show the goal in force as it is.
    goals = [copy(each) for each in child.goals.all()]
    for each in goals:
        each.ended_on = each.ended_on or effective_on
    new = CasePlanGoal(child=child, goal=goal, effective_on=effective_on)
    story = ClockInputs(child, [*goals, new])
    return GoalDates(
        _next_review_of(new, rules=rules), story.two_year(rules), story.first_in_episode_on()
    )


def ending_of(child: Child, *, on: date) -> Ending | None:
    return ending(
        born_on=child.born_on, died_on=child.died_on, left_state_on=child.left_state_on, on=on
    )
