"""`python -m bench fill`: its children are as right as those that the services make."""

from __future__ import annotations

from datetime import date

import pytest
from django.conf import LazySettings
from django.core.management import call_command

from bench import fill
from directory.audit import verify
from directory.models import District, HistoryEntry, User
from permanency.children import services as register
from permanency.goals import clocks, lifecycle
from permanency.models import CareEpisode, CasePlanGoal, Child, CourtOrder, RuleVersion
from permanency.policy.goals import EndReason
from permanency.policy.review_dates import DueStanding, due_standing
from reviews.models import GoalReview
from reviews.tests.cases import sentences_in_sql

pytestmark = [pytest.mark.django_db, pytest.mark.dialect]

TODAY = date(2026, 11, 20)
BY_SERVICES, PATTERNS, CHILDREN = 4, 40, 104


@pytest.fixture
def filled(db: None, monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> list[Child]:
    """Return the children that were filled in: patterns, one copy of all, one of the first half."""
    monkeypatch.setattr(fill, "PATTERNS", PATTERNS)
    monkeypatch.setattr(fill, "CASES_BY_SERVICES", BY_SERVICES)
    settings.DEMO = True
    call_command("load_directory", verbosity=0)
    fill.fill(CHILDREN, seed=3, today=TODAY)
    return list(Child.objects.order_by("pk")[BY_SERVICES:])


def test_only_an_empty_demonstration_is_filled(db: None, settings: LazySettings) -> None:
    settings.DEMO = False
    with pytest.raises(SystemExit, match="DEMO=1"):
        fill.fill(1, today=TODAY)
    assert not Child.objects.exists()


def test_every_date_is_the_one_that_the_policy_gives(filled: list[Child]) -> None:
    in_force = CasePlanGoal.objects.in_force().filter(child__in=filled)
    assert in_force.count() > len(filled) * 0.9
    rules = RuleVersion.objects.in_force(on=TODAY)
    for goal in in_force.select_related("child"):
        assert clocks.dates_on_goal(goal) == clocks.goal_dates(goal, on=TODAY, rules=rules)
    for goal in CasePlanGoal.objects.filter(child__in=filled):
        dates = clocks.dates_on_goal(goal)
        assert (dates.review.on, dates.two_year.on) == (goal.review_due_on, goal.two_year_on)
        assert sentences_in_sql(goal) == (dates.review.in_short(), dates.two_year.in_short())


def test_copies_have_what_their_patterns_have_and_all_that_a_place_has(filled: list[Child]) -> None:
    patterns, copies, last = filled[:PATTERNS], filled[PATTERNS : 2 * PATTERNS], filled[-20:]
    assert len(filled) == 2 * PATTERNS + len(last)
    for pattern, child in [*zip(patterns, copies, strict=True), *zip(patterns, last, strict=False)]:
        assert _behind(child) == _behind(pattern)
        assert (child.born_on, child.district_id) == (pattern.born_on, pattern.district_id)
    assert len({child.reference for child in filled}) == len(filled)
    assert len({child.name for child in filled}) > len(filled) // 2
    ended = CasePlanGoal.objects.filter(child__in=filled).exclude(ended_on=None)
    assert set(ended.values_list("end_reason", flat=True)) == {EndReason.GOAL_CHANGED}
    assert GoalReview.objects.filter(child__in=filled).count() > 2 * len(filled)
    assert {child.district_id for child in filled} == set(
        District.objects.current(on=TODAY).values_list("pk", flat=True)
    )
    due = CasePlanGoal.objects.in_force().values_list("review_due_on", flat=True)
    stands = {due_standing(day, on=TODAY) for day in due}
    assert {DueStanding.OVERDUE, DueStanding.DUE_SOON, DueStanding.LATER} <= stands
    assert not GoalReview.objects.filter(recorded_on__gt=TODAY).exists()


def _behind(child: Child) -> list[object]:
    held = child.reviews.filter(goal__child=child).order_by("pk")
    return [
        list(CareEpisode.objects.filter(child=child).values_list("entered_on")),
        list(CourtOrder.objects.filter(child=child).values_list("kind", "starts_on")),
        list(child.goals.order_by("pk").values_list("goal", "ended_on", "review_due_on")),
        list(held.values_list("goal__goal", "held_on", "due_on", "by")),
        list(child.actions.order_by("pk").values_list("due_on", "done_on")),
    ]


def test_the_history_says_who_registered_each_child_and_is_whole_as_work_goes_on(
    filled: list[Child],
) -> None:
    assert verify.verify().faults == []
    entries = {each.child_number: each for each in HistoryEntry.objects.filter(note=fill.NOTE)}
    assert set(entries) == {child.pk for child in filled}
    for child in filled:
        entry = entries[child.pk]
        assert entry.verb == register.REGISTERED
        assert entry.after["first_name"] == child.first_name
        assert entry.appointment is not None
        assert entry.appointment.district_id == entry.district_id == child.district_id

    # Whoever works on finds the chains and the keys as anywhere.
    coordinator = User.objects.get(email="pc.hunter@example.org")
    child = register.register_child(
        childstory_id="Z1",
        first_name="Ada",
        last_name="Quill",
        born_on=date(2020, 3, 1),
        district=District.objects.get(slug="hunter"),
        case_managed_by="DCJ",
        by=coordinator,
        on=TODAY,
    )
    goal = lifecycle.open_with_goal_in_force(
        child,
        goal="guardianship",
        effective_on=date(2026, 1, 5),
        source_note="Case plan",
        by=coordinator,
        on=TODAY,
    )
    assert (child.pk, goal.child_id) == (filled[-1].pk + 1, child.pk)
    assert verify.verify().faults == []
