"""Whole lives, typed late and corrected: what is stored is what the records come to (rules 1 to 4).

The oracle knows what was told, not what the product stored of it, and works from `design` alone:
marks with their days, reviews in any order, facts that end the clocks and are taken back.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from directory.errors import StepNotAllowedError
from directory.models import District, User
from permanency.care import services as care
from permanency.children.services import ChildFields, edit_child
from permanency.goals import intensive, lifecycle, two_years
from permanency.models import CasePlanGoal, Child, Extension
from permanency.policy.goals import Goal
from permanency.tests.factories import make_child
from permanency.tests.policy import oracle
from permanency.tests.policy.days import add_months_by_hand
from reviews.held import corrections
from reviews.held.services import ReviewContent, hold

# `make test-nightly` lives 5,000.
LIVES = int(os.environ.get("LIVES", "200"))
BEGAN = date(2020, 1, 31)
WHY = "It was recorded wrongly."


@dataclass
class ToldGoal:
    """A goal as it was told: from when, its reviews and marks, and when permanency came of it."""

    kind: str
    since: date
    held: list[date] = field(default_factory=list)
    marks: list[tuple[date, date | None]] = field(default_factory=list)
    achieved_on: date | None = None


@dataclass
class Told:
    """All that the oracle was told of one child."""

    born_on: date
    goals: list[ToldGoal]
    entered_on: date | None = None
    extensions: list[tuple[date, date]] = field(default_factory=list)
    died_on: date | None = None
    left_on: date | None = None

    @property
    def goal(self) -> ToldGoal:
        return self.goals[-1]

    def ended_on(self, on: date) -> date | None:
        """Return since when nothing is owed any more, None while something is."""
        if self.goal.achieved_on is not None:
            return self.goal.achieved_on
        ends = [oracle.birthday_of_18(self.born_on), self.died_on, self.left_on]
        ended = [day for day in ends if day is not None and day <= on]
        return max(min(ended), self.goal.since) if ended else None

    def review_on(self, on: date) -> date | None:
        """Return when the next review is due."""
        goal = self.goal
        due_on = oracle.open_review(goal.kind, goal.since, held=goal.held, marks=goal.marks, on=on)
        return oracle.day_before_18(due_on, self.born_on)

    def two_years(self, on: date) -> date | None:
        """Return the two-year date."""
        periods = [(each.kind, each.since) for each in self.goals]
        start_on = oracle.start_of_two_years(
            periods, entered_on=self.entered_on, known_on=None, on=on
        )
        if start_on is None:
            return None
        dates = [to for to, decided_on in self.extensions if decided_on >= start_on]
        return oracle.day_before_18(max([add_months_by_hand(start_on, 24), *dates]), self.born_on)


@dataclass
class Life:
    """One child, told to the services and to the oracle alike. An act that is refused is no act."""

    child: Child
    by: User
    on: date
    told: Told
    acts: int = 0

    @property
    def who(self) -> dict[str, Any]:
        return {"by": self.by, "on": self.on}

    def goal(self) -> CasePlanGoal:
        """Return the last goal, in force or not."""
        goals = CasePlanGoal.objects.select_related("child__district").filter(child=self.child)
        return goals.order_by("effective_on", "pk").reverse()[0]

    def back(self, number: int) -> date:
        """Return a day that lies up to 300 days back."""
        return self.on - timedelta(days=number % 301)

    def hold(self, number: int) -> None:
        """Type in a review, perhaps late, which may mark the goal from the day it was held."""
        held_on = max(self.back(number), self.told.goal.since)
        outcome = "intensive" if number % 3 == 0 else "continue"
        hold(
            self.goal(),
            held_on=held_on,
            outcome=outcome,
            content=ReviewContent(progress="on_track", progress_reasons=WHY),
            backdated_reasons="The notes came late.",
            **self.who,
        )
        self.told.goal.held.append(held_on)
        if outcome == "intensive":
            self.told.goal.marks.append((held_on, None))

    def correct_review(self, number: int) -> None:
        """Correct the day of a review."""
        if not self.told.goal.held:
            return
        place = number % len(self.told.goal.held)
        was, held_on = self.told.goal.held[place], self.back(number)
        review = self.goal().reviews.get(held_on=was)
        said: dict[str, Any] = {"reasons": WHY, "version": review.version}
        corrections.correct_date(review, held_on=held_on, **said, **self.who)
        self.told.goal.held[place] = held_on

    def mark(self, number: int) -> None:
        """Mark the goal, or unmark it."""
        marks = self.told.goal.marks
        if marks and marks[-1][1] is None:
            intensive.unmark_intensive(self.goal(), reasons=WHY, **self.who)
            marks[-1] = (marks[-1][0], self.on)
        else:
            intensive.mark_intensive(self.goal(), reasons=WHY, **self.who)
            marks.append((self.on, None))

    def correct_mark(self, number: int) -> None:
        """Correct the days of the last mark, or take it back."""
        marks = self.told.goal.marks
        if not marks:
            return
        mark = self.goal().marks.order_by("from_on", "pk").reverse()[0]
        if number % 4 == 0:
            intensive.correct_mark(mark, None, why=WHY, **self.who)
            marks.pop()
            return
        days = self.back(number), None if number % 4 == 1 else self.back(number // 2)
        facts: dict[str, Any] = {"from_on": days[0], "until_on": days[1], "reasons": WHY}
        intensive.correct_mark(mark, facts, why=WHY, **self.who)
        marks[-1] = days

    def correct_start(self, number: int) -> None:
        """Correct the day on which the last goal took effect."""
        goal = self.goal()
        since = goal.effective_on + timedelta(days=number % 41 - 20)
        anchors = replace(corrections.anchors_of(goal), effective_on=since)
        said: dict[str, Any] = {"reasons": WHY, "version": goal.version}
        corrections.correct_goal(goal, anchors, **said, **self.who)
        self.told.goal.since = since

    def change(self, number: int) -> None:
        """Put another goal in force, a few days back."""
        if self.told.ended_on(self.on) is not None:
            return
        goal, last = Goal.values[number % len(Goal.values)], self.told.goal
        marked = [day for days in last.marks for day in days if day is not None]
        since = max(self.back(number % 30), last.since, *last.held, *marked)
        lifecycle.put_in_force(self.child, goal=goal, effective_on=since, **self.who)
        self.told.goals.append(ToldGoal(goal, since))

    def extend(self, number: int) -> None:
        """Record an extension, perhaps decided long ago."""
        goal, days = self.goal(), timedelta(days=1 + number % 500)
        if goal.two_year_on is None or goal.ended_on is not None:
            return
        to, decided_on = goal.two_year_on + days, self.back(number)
        facts: dict[str, Any] = {
            "extended_to": to,
            "decided_on": decided_on,
            "decided_by_name": "Executive",
        }
        two_years.record_extension(goal, **facts, reasons=WHY, **self.who)
        self.told.extensions.append((to, decided_on))

    def take_extension_back(self, number: int) -> None:
        """Take the latest extension back."""
        if not self.told.extensions:
            return
        to, decided_on = self.told.extensions[-1]
        found = Extension.objects.filter(goal__child=self.child, extended_to=to)
        two_years.correct_extension(
            found.filter(decided_on=decided_on).latest("pk"), None, why=WHY, **self.who
        )
        self.told.extensions.pop()

    def enter(self, number: int) -> None:
        """Record entry to care, or correct its day."""
        entered_on = self.back(number)
        if self.told.entered_on is None:
            care.enter_care(self.child, entered_on=entered_on, **self.who)
        else:
            (episode,) = self.child.care_episodes.all()
            said: dict[str, Any] = {"left_on": None, "exit_reason": "", "reasons": WHY}
            care.correct_episode(episode, entered_on=entered_on, **said, **self.who)
        self.told.entered_on = entered_on

    def achieve(self, number: int) -> None:
        """Record that permanency was achieved, or take it back."""
        goal = self.goal()
        if self.told.goal.achieved_on is None:
            achieved_on = self.back(number % 20)
            lifecycle.record_achievement(goal, achieved_on=achieved_on, **self.who)
            self.told.goal.achieved_on = achieved_on
        else:
            lifecycle.correct_achievement(goal, achieved_on=None, why=WHY, **self.who)
            self.told.goal.achieved_on = None

    def die(self, number: int) -> None:
        """Record a death, or take it back."""
        died_on = None if self.told.died_on else self.back(number)
        self._edit({"died_on": died_on})
        self.told.died_on = died_on

    def leave(self, number: int) -> None:
        """Record that the child left the State, or take it back."""
        left_on = None if self.told.left_on else self.back(number)
        self._edit({"left_state_on": left_on})
        self.told.left_on = left_on

    def born(self, number: int) -> None:
        """Correct the day of birth by years, so that the child may come to be 18."""
        born_on = date(2002 + number % 15, self.told.born_on.month, 15)
        self._edit({"born_on": born_on})
        self.told.born_on = born_on

    def _edit(self, changes: ChildFields) -> None:
        edit_child(self.child, changes=changes, version=self.child.version, **self.who)


Act = Callable[[Life, int], None]
ACTS: tuple[Act, ...] = (
    Life.hold,
    Life.hold,
    Life.correct_review,
    Life.mark,
    Life.mark,
    Life.correct_mark,
    Life.correct_start,
    Life.change,
    Life.extend,
    Life.take_extension_back,
    Life.enter,
    Life.achieve,
    Life.die,
    Life.leave,
    Life.born,
)
gaps = st.sampled_from([0, 1, 29, 61, 91, 130, 183])
steps = st.tuples(gaps, st.sampled_from(ACTS), st.integers(0, 600))


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=LIVES, suppress_health_check=[HealthCheck.function_scoped_fixture])
# Its start is corrected after the fact that ended it before it began.
@example(first=Goal.RESTORATION, life=[(183, Life.born, 0), (1, Life.correct_start, 1)])
@given(first=st.sampled_from(Goal.values), life=st.lists(steps, min_size=4, max_size=14))
def test_what_is_stored_is_what_the_records_come_to(
    hunter: District, coordinator: User, first: str, life: list[tuple[int, Act, int]]
) -> None:
    with transaction.atomic():
        _live(hunter, coordinator, first, life)
        transaction.set_rollback(True)


def _live(district: District, by: User, first: str, life: list[tuple[int, Act, int]]) -> Life:
    born_on = date(2012, 5, 15)
    child = make_child(district, born_on=born_on)
    lifecycle.open_with_goal_in_force(
        child, goal=first, effective_on=BEGAN, source_note="ChildStory", by=by, on=BEGAN
    )
    lived = Life(child, by, BEGAN, Told(born_on, [ToldGoal(first, BEGAN)]))
    for days, act, number in life:
        lived.on += timedelta(days=days)
        lived.child = Child.objects.get(pk=child.pk)
        try:
            with transaction.atomic():
                act(lived, number)
            lived.acts += 1
        except StepNotAllowedError:
            pass
        lifecycle.end_goals_of_adults(on=lived.on)
        _compare(lived)
    return lived


def _compare(lived: Life) -> None:
    goal, told, on = lived.goal(), lived.told, lived.on
    assert goal.ended_on == told.ended_on(on)
    if goal.ended_on is None:
        assert (goal.review_due_on, goal.two_year_on) == (told.review_on(on), told.two_years(on))


@pytest.mark.django_db
def test_a_life_is_lived_and_not_refused(hunter: District, coordinator: User) -> None:
    """Each kind of act is done in this life, so that the lives above are not empty."""
    life: list[tuple[int, Act, int]] = [
        (91, Life.mark, 0),
        (91, Life.hold, 80),
        (1, Life.correct_review, 85),
        (29, Life.mark, 0),
        (29, Life.correct_mark, 42),
        (1, Life.hold, 3),
        (1, Life.correct_start, 19),
        (1, Life.extend, 100),
        (1, Life.take_extension_back, 0),
        (1, Life.enter, 20),
        (1, Life.die, 3),
        (1, Life.die, 3),
        (1, Life.leave, 3),
        (1, Life.leave, 3),
        (1, Life.achieve, 0),
        (1, Life.achieve, 0),
        (1, Life.born, 0),
        (1, Life.born, 10),
        (29, Life.change, 2),
    ]
    assert _live(hunter, coordinator, Goal.RESTORATION, life).acts == len(life)
