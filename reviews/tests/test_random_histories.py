"""Whatever happens to a child, in whatever order: each stored date is the one that an oracle gives,
and can be worked out again from its own derivation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from directory.models import District, User
from permanency.care import services as care
from permanency.goals import intensive, lifecycle, two_years
from permanency.models import CasePlanGoal, Child, RuleVersion
from permanency.policy.derivation import Derivation
from permanency.policy.goals import Goal
from permanency.policy.rules import Transition
from permanency.rules import apply as rules_apply
from permanency.tests.factories import make_child
from permanency.tests.policy import oracle
from permanency.tests.policy.days import add_months_by_hand
from permanency.tests.rules import publish
from reviews.held.services import ReviewContent, hold
from reviews.models import GoalReview
from reviews.tests.cases import sentences_in_sql

HISTORIES = 120
BEGAN = date(2020, 1, 31)
# Versions of the rules to come: the months between two reviews, and between intensive ones.
VERSIONS: tuple[dict[str, int], ...] = (
    {"restoration": 4, "long_term_care": 6, "intensive": 2},
    {"preservation": 2, "guardianship": 9, "adoption": 12},
    {"restoration": 7, "preservation": 5, "long_term_care": 24, "intensive": 5},
)


@dataclass
class Told:
    """What the oracle has been told of one child, in order."""

    born_on: date
    goals: list[tuple[str, date]]
    entered_on: list[date] = field(default_factory=list)
    extensions: list[tuple[date, date]] = field(default_factory=list)
    intensive: bool = False
    anchor_on: date = date.min
    due_on: date = date.min
    # The last day on which a mark or new rules counted again.
    moved_on: date = date.min
    # What a new anchor is counted by, and what the open date was counted by.
    policy: oracle.Policy = field(default_factory=oracle.Policy)
    open_by: oracle.Policy = field(default_factory=oracle.Policy)

    @property
    def goal(self) -> str:
        return self.goals[-1][0]

    @property
    def months(self) -> int:
        return self.open_by.period(self.goal, intensive=self.intensive)

    def count(self, anchor_on: date) -> None:
        """Count the next review from this day."""
        self.anchor_on, self.open_by = anchor_on, self.policy
        self.due_on = next(oracle.multiples(anchor_on, self.months))

    def begin(self, goal: str, on: date) -> None:
        """Put a goal in force."""
        self.goals.append((goal, on))
        self.intensive = False
        self.count(on)

    def mark(self, intensive: bool, on: date) -> None:
        """Mark the goal intensive, or unmark it."""
        self.intensive = intensive
        self._move(on, only_sooner=intensive)

    def follow(self, policy: oracle.Policy, transition: Transition, on: date) -> None:
        """Let new rules take effect."""
        self.policy = policy
        if transition is not Transition.KEEP:
            self.open_by = policy
            self._move(on, only_sooner=transition is Transition.SOONER)

    def _move(self, on: date, *, only_sooner: bool) -> None:
        self.moved_on = on
        self.due_on = oracle.day_after_new_period(
            self.due_on,
            anchor_on=self.anchor_on,
            months=self.months,
            from_on=on,
            only_sooner=only_sooner,
        )

    def review_on(self) -> date | None:
        """Return when the next review is due."""
        return oracle.day_before_18(self.due_on, self.born_on)

    def two_years(self, on: date) -> date | None:
        """Return the two-year date."""
        start_on = oracle.start_of_two_years(
            self.goals, entered_on=max(self.entered_on, default=None), known_on=None, on=on
        )
        if start_on is None:
            return None
        dates = [to for to, decided_on in self.extensions if decided_on >= start_on]
        counted_on = add_months_by_hand(start_on, self.policy.clock)
        return oracle.day_before_18(max([counted_on, *dates]), self.born_on)


@dataclass
class Story:
    """One child, told to the services and to the oracle alike."""

    child: Child
    by: User
    on: date
    told: Told

    @property
    def goal(self) -> CasePlanGoal:
        return CasePlanGoal.objects.select_related("child__district").get(
            child=self.child, ended_on=None
        )

    def who(self) -> dict[str, Any]:
        return {"by": self.by, "on": self.on}

    def hold(self, number: int) -> None:
        # Reviews typed in after a later mark, or later rules, are those of the whole lives.
        not_before = max(self.goal.effective_on, self.told.moved_on)
        held_on = max(self.on - timedelta(days=number % 300), not_before)
        entered_on = max(self.told.entered_on, default=held_on)
        if (
            held_on < entered_on
            or GoalReview.objects.filter(goal=self.goal, held_on=held_on).exists()
        ):
            return
        last_on = self.goal.last_review_held_on
        hold(
            self.goal,
            held_on=held_on,
            outcome=GoalReview.Outcome.CONTINUE,
            content=ReviewContent(progress=GoalReview.Progress.ON_TRACK),
            backdated_reasons="The notes came late.",
            **self.who(),
        )
        # A review older than the last one is put on record and moves nothing.
        if last_on is None or held_on > last_on:
            self.told.count(held_on)

    def mark(self, number: int) -> None:
        if self.told.goal not in oracle.TWO_YEAR_GOALS:
            return
        verb = intensive.unmark_intensive if self.told.intensive else intensive.mark_intensive
        verb(self.goal, reasons="More support is needed.", **self.who())
        self.told.mark(not self.told.intensive, self.on)

    def change(self, number: int) -> None:
        goal = Goal.values[number % len(Goal.values)]
        lifecycle.put_in_force(self.child, goal=goal, effective_on=self.on, **self.who())
        self.told.begin(goal, self.on)

    def extend(self, number: int) -> None:
        goal = self.goal
        if goal.two_year_on is None:
            return
        extended_to = goal.two_year_on + timedelta(days=1 + number % 500)
        said: dict[str, Any] = {"extended_to": extended_to, "decided_on": self.on}
        if two_years.extension_errors(goal, **said, on=self.on):
            return
        two_years.record_extension(
            goal, **said, decided_by_name="Dale Manager", reasons="The court.", **self.who()
        )
        self.told.extensions.append((extended_to, self.on))

    def enter(self, number: int) -> None:
        for episode in self.child.care_episodes.filter(left_on=None):
            care.correct_episode(
                episode,
                entered_on=episode.entered_on,
                left_on=self.on,
                exit_reason="",
                **self.who(),
            )
        care.enter_care(self.child, entered_on=self.on, **self.who())
        self.told.entered_on.append(self.on)

    def new_rules(self, number: int) -> None:
        if RuleVersion.objects.filter(effective_on=self.on).exists():
            return
        periods = VERSIONS[number % len(VERSIONS)]
        transition = list(Transition)[number // 3 % 3]
        publish(self.on, transition, is_published=True, **periods)
        rules_apply.apply_due_rules(on=self.on)
        months = {**oracle.PERIODS, **periods}
        intensive = months.pop("intensive", 3)
        self.told.follow(oracle.Policy(months, intensive), transition, self.on)


EVENTS: tuple[Callable[[Story, int], None], ...] = (
    Story.hold,
    Story.hold,
    Story.mark,
    Story.change,
    Story.extend,
    Story.enter,
    Story.new_rules,
)
# Gaps and numbers of a few sizes: what matters is what comes before what.
gaps = st.sampled_from([0, 1, 29, 91, 130, 183, 200])
steps = st.tuples(gaps, st.sampled_from(EVENTS), st.sampled_from([0, 3, 31, 44, 200, 320]))


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=HISTORIES, suppress_health_check=[HealthCheck.function_scoped_fixture])
# A review found late, older than the last one, while the goal has come to be intensive.
@example(
    first=Goal.RESTORATION,
    age=100,
    life=[(150, Story.hold, 0), (130, Story.mark, 0), (2, Story.hold, 200)],
)
@given(
    first=st.sampled_from(Goal.values),
    age=st.integers(0, 6_300),
    life=st.lists(steps, min_size=3, max_size=9),
)
def test_each_stored_date_is_the_oracles_and_its_derivations(
    hunter: District,
    coordinator: User,
    first: str,
    age: int,
    life: list[tuple[int, Callable[[Story, int], None], int]],
) -> None:
    with transaction.atomic():
        _live(hunter, coordinator, first=first, age=age, life=life)
        transaction.set_rollback(True)


def _live(district: District, by: User, *, first: str, age: int, life: list[Any]) -> None:
    born_on = BEGAN - timedelta(days=age)
    child = make_child(district, born_on=born_on)
    lifecycle.open_with_goal_in_force(
        child, goal=first, effective_on=BEGAN, source_note="ChildStory", by=by, on=BEGAN
    )
    story = Story(child, by, BEGAN, Told(born_on, []))
    story.told.begin(first, BEGAN)
    _compare(story)
    for days, event, number in life:
        story.on += timedelta(days=days)
        if story.on >= oracle.birthday_of_18(born_on):
            return
        story.child = Child.objects.get(pk=child.pk)
        event(story, number)
        _compare(story)


def _compare(story: Story) -> None:
    goal, told = story.goal, story.told
    assert goal.review_due_on == told.review_on()
    assert goal.two_year_on == told.two_years(story.on)
    review = Derivation.from_data(goal.review_derivation)
    two_year = Derivation.from_data(goal.two_year_derivation)
    assert (review.worked_out(), two_year.worked_out()) == (goal.review_due_on, goal.two_year_on)
    assert sentences_in_sql(goal) == (review.in_short(), two_year.in_short())
