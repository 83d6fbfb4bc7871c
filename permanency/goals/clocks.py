"""Both dates of a goal and of its child, worked out by the policy. Reads, never writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import prefetch_related_objects

from permanency.models import CasePlanGoal, Child, Extension, IntensiveMark, RuleVersion
from permanency.policy.derivation import Derivation
from permanency.policy.goals import Ending, Goal, ending
from permanency.policy.open_review import Mark, open_review
from permanency.policy.rule_changes import RuleBook, review_after, two_year_after, with_rules_note
from permanency.policy.rules import Rules
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

    `extensions` and `entered_on` are to be counted instead of what is recorded.
    """

    child: Child
    goals: Sequence[CasePlanGoal]
    extensions: Sequence[DecidedExtension] | None = None
    entered_on: date | None = None

    @classmethod
    def of(cls, goal: CasePlanGoal, **instead: Any) -> ClockInputs:
        others = [each for each in goal.child.goals.all() if each.pk != goal.pk]
        return cls(goal.child, [*others, goal], **instead)

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
            "entered_care_on": self.entered_on or entered_care_on(self.child),
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
    "anchor_rule_version",
    "two_year_on",
    "two_year_derivation",
    "two_year_rule_version",
    "first_in_episode_on",
)


@dataclass(frozen=True)
class GoalDates:
    """The next review and the two-year date, each with the reason for it.

    `counted_by` is the version of the rules that held when the anchor of the review was recorded.
    """

    review: Derivation
    two_year: Derivation
    first_in_episode_on: date | None
    counted_by: int

    def copy_to(self, goal: CasePlanGoal) -> None:
        goal.review_anchor_on = self.review.start_on
        goal.review_due_on = self.review.on
        goal.review_derivation = self.review.as_data()
        goal.review_rule_version = self.review.rule_version
        goal.anchor_rule_version = self.counted_by
        goal.two_year_on = self.two_year.on
        goal.two_year_derivation = self.two_year.as_data()
        goal.two_year_rule_version = self.two_year.rule_version
        goal.first_in_episode_on = self.first_in_episode_on


def recorded_marks(goal: CasePlanGoal, *, but: IntensiveMark | None = None) -> list[Mark]:
    """Return the marks of a goal, without one of them; none of a goal that is not stored yet."""
    marks = goal.marks.all() if goal.pk else ()
    return [Mark(each.from_on, each.until_on) for each in marks if each != but]


def _open_review(
    goal: CasePlanGoal,
    *,
    rules: Rules,
    later: Sequence[Rules] = (),
    marks: Sequence[Mark] | None = None,
) -> Derivation:
    return open_review(
        Goal(goal.goal),
        effective_on=goal.effective_on,
        last_held_on=goal.last_review_held_on,
        marks=recorded_marks(goal) if marks is None else marks,
        rules=rules,
        later=later,
        born_on=goal.child.born_on,
    )


def _review_by_book(
    goal: CasePlanGoal, *, on: date, marks: Sequence[Mark] | None = None
) -> Derivation:
    book, counted_by = RuleVersion.objects.book(), goal.anchor_rule_version
    later = book.in_effect_since(counted_by, on=min(on, goal.ended_on or on))
    return _open_review(goal, rules=book.version(counted_by), later=later, marks=marks)


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
        book = RuleVersion.objects.book()
        two_year = _open_two_year(goal, story, book=book, on=on)
        return GoalDates(_review_by_book(goal, on=on), two_year, first, goal.anchor_rule_version)
    rules = rules or RuleVersion.objects.in_force(on=on)
    return GoalDates(_open_review(goal, rules=rules), story.two_year(rules), first, rules.version)


def dates_after_rules(goal: CasePlanGoal, *, rules: Rules, before: Sequence[int]) -> GoalDates:
    """Return both dates once rules have taken effect, which follow the versions `before`."""
    was = dates_on_goal(goal)
    review, two_year = was.review, was.two_year
    if review.rule_version in before:
        review = review_after(
            review,
            goal=Goal(goal.goal),
            intensive=goal.is_intensive,
            born_on=goal.child.born_on,
            rules=rules,
        )
    if two_year.rule_version in before:
        two_year = two_year_after(two_year, ClockInputs.of(goal).two_year(rules), rules=rules)
    return replace(was, review=review, two_year=two_year)


def dates_on_goal(goal: CasePlanGoal) -> GoalDates:
    """Return both dates as they stand on the goal, with the reasons stored with them."""
    return GoalDates(
        review=Derivation.from_data(goal.review_derivation),
        two_year=Derivation.from_data(goal.two_year_derivation),
        first_in_episode_on=goal.first_in_episode_on,
        counted_by=goal.anchor_rule_version,
    )


def dates_after_marking(goal: CasePlanGoal, *, intensive: bool, on: date) -> GoalDates:
    """Return both dates as they will be when the goal is marked intensive today, or unmarked."""
    return dates_with_marks(goal, _marks_after(goal, intensive=intensive, on=on), on=on)


def dates_with_marks(goal: CasePlanGoal, marks: Sequence[Mark], *, on: date) -> GoalDates:
    """Return the stored two-year date, and the review date with these marks."""
    return replace(dates_on_goal(goal), review=_review_by_book(goal, on=on, marks=marks))


def _marks_after(goal: CasePlanGoal, *, intensive: bool, on: date) -> list[Mark]:
    marks = recorded_marks(goal)
    if intensive:
        return [*marks, Mark(on)]
    return [each._replace(until_on=each.until_on or on) for each in marks]


def other_extensions(child: Child, but: Extension | None = None) -> list[DecidedExtension]:
    """Return the child's extensions, without one of them."""
    others = Extension.objects.filter(goal__child=child)
    if but is not None:
        others = others.exclude(pk=but.pk)
    return list(others.values_list("decided_on", "extended_to"))


def dates_with_new_two_year(
    goal: CasePlanGoal,
    *,
    on: date,
    extensions: Sequence[DecidedExtension] | None = None,
    entered_on: date | None = None,
) -> GoalDates:
    """Return the stored review date, and the two-year date, by what is recorded or by this."""
    story = ClockInputs.of(goal, extensions=extensions, entered_on=entered_on)
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

    One held no later than the last one moves nothing; a mark begins on the day it was held.
    """
    was, last_on = dates_on_goal(goal), goal.last_review_held_on
    goal, counted = copy(goal), was
    if last_on is None or held_on > last_on:
        goal.last_review_held_on = held_on
        # A goal that has ended never knew later rules.
        goal.anchor_rule_version = book.in_force(on=min(on, goal.ended_on or on)).version
        review = _review_by_book(goal, on=on)
        counted = replace(was, review=review, counted_by=goal.anchor_rule_version)
    if not marks_intensive or goal.is_intensive:
        return ReviewedDates(was, counted, None)
    review = _review_by_book(goal, on=on, marks=_marks_after(goal, intensive=True, on=held_on))
    return ReviewedDates(was, counted, replace(counted, review=review))


def review_before(goal: CasePlanGoal, last_held_on: date | None, *, on: date) -> Derivation:
    """Return the review date as it stood on a day, the last review before it held then."""
    goal = copy(goal)
    goal.last_review_held_on = last_held_on
    counted_from = max(filter(None, (last_held_on, goal.effective_on)))
    goal.anchor_rule_version = RuleVersion.objects.in_force(on=counted_from).version
    marks = [
        each if each.until_on and each.until_on <= on else Mark(each.from_on)
        for each in recorded_marks(goal)
        if each.from_on <= on
    ]
    return _review_by_book(goal, on=on, marks=marks)


def dates_after_goal_change(
    child: Child, *, goal: str, effective_on: date, on: date, rules: Rules | None = None
) -> GoalDates:
    """Return both dates as they will be when another goal takes effect on this day."""
    rules = rules or RuleVersion.objects.in_force(on=on)
    # Copies, because the page that asks goes on to show the goal in force as it is.
    goals = [copy(each) for each in child.goals.all()]
    for each in goals:
        each.ended_on = each.ended_on or effective_on
    new = CasePlanGoal(child=child, goal=goal, effective_on=effective_on)
    story = ClockInputs(child, [*goals, new])
    first, review = story.first_in_episode_on(), _open_review(new, rules=rules)
    return GoalDates(review, story.two_year(rules), first, rules.version)


def goals_by_facts(child: Child, goals: Iterable[CasePlanGoal], *, on: date) -> list[CasePlanGoal]:
    """Return the goals of a child as they stand on a day, with an ending that is not stored yet.

    A birthday ends a goal at midnight, and the first tick of the day stores that (rule 4).
    """
    ended, found = ending_of(child, on=on), list(goals)
    for goal in found if ended else ():
        if ended and goal.ended_on is None:
            goal.ended_on, goal.end_reason = max(ended.on, goal.effective_on), ended.reason
    return found


def ending_of(child: Child, *, on: date) -> Ending | None:
    return ending(
        born_on=child.born_on, died_on=child.died_on, left_state_on=child.left_state_on, on=on
    )
