"""The demonstration: lifelike, complete, the same for the same seed, and only where it belongs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from consultations.goal_changes.presentation import approval_queue
from consultations.models import Consultation, Decision, GoalChange
from consultations.workflow import Status, Step
from directory.accounts.demo_people import DEMO_PEOPLE
from directory.models import District, HistoryEntry, MailSwitch, Notice, User
from directory.tests.migrated import rows_for_many_tests
from permanency.goals import clocks
from permanency.models import CasePlanGoal, Child, Extension
from permanency.policy.goals import Goal
from permanency.policy.review_dates import DueStanding, due_standing
from permanency.tests.factories import make_child
from permanency.tests.rules import put_first_rules_back
from reviews.demo import build
from reviews.models import GoalReview
from reviews.tests.cases import sentences_in_sql

# What makes the cases is tried on both databases; the browser looks at them on PostgreSQL.
pytestmark = [pytest.mark.django_db, pytest.mark.once]

TODAY = date(2026, 11, 20)


@pytest.fixture(scope="class")
def demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[int]:
    """Make the demonstration once for the tests of a class, none of which may commit."""
    with rows_for_many_tests(django_db_blocker):
        with django_db_blocker.unblock():
            put_first_rules_back()
            call_command("load_directory", verbosity=0)
            made = build.make(children=40, seed=1, today=TODAY)
            connection.check_constraints()  # PostgreSQL alters no table with checks still to come
        yield made


@pytest.mark.xdist_group("demo")
class TestDemonstration:
    def test_most_cases_go_on_as_they_should(self, demo: int) -> None:
        goals = CasePlanGoal.objects.in_force()
        overdue = [
            goal for goal in goals if due_standing(goal.review_due_on, on=TODAY) == "overdue"
        ]
        assert 0.03 < len(overdue) / len(goals) < 0.3

    def test_every_stored_date_is_the_one_that_its_reason_gives(self, demo: int) -> None:
        for goal in CasePlanGoal.objects.all():
            dates = clocks.dates_on_goal(goal)
            assert dates.review.on == goal.review_due_on
            assert dates.two_year.on == goal.two_year_on
            assert sentences_in_sql(goal) == (dates.review.in_short(), dates.two_year.in_short())

    def test_three_people_stand_behind_every_approved_change(self, demo: int) -> None:
        approved = GoalChange.objects.filter(status=Status.APPROVED)
        assert approved.exists()
        for change in approved:
            assert change.endorsed_by_id != change.approved_by_id
            assert change.requested_by_name

    def test_the_approver_of_hunter_finds_three_changes_of_different_kinds(self, demo: int) -> None:
        cfdu = User.objects.get(email="cfdu.hunter@example.org")
        waiting = approval_queue(cfdu, on=TODAY).select_related("current_goal", "child")
        kinds = {(each.current_goal.goal, each.goal) for each in waiting if each.current_goal}
        assert len(kinds) >= 3
        lacking = waiting.filter(
            child__aboriginal_status="aboriginal",
            consultation__evidence__kind="cultural",
            consultation__evidence__state="missing",
        )
        assert lacking.count() == 1

    def test_every_child_has_a_history_and_no_day_lies_ahead(self, demo: int) -> None:
        told = set(HistoryEntry.objects.values_list("child_number", flat=True))
        assert {child.pk for child in Child.objects.all()} <= told
        assert not HistoryEntry.objects.filter(on__gt=TODAY).exclude(child_number=None).exists()
        assert not Notice.objects.filter(owed_on__gt=TODAY).exists()

    def test_each_of_the_nine_people_signs_in_under_one_appointment(self, demo: int) -> None:
        for person in DEMO_PEOPLE:
            user = User.objects.get(email=person.email)
            assert user.has_usable_password()
            assert [each.role for each in user.appointments_in_force(on=TODAY)] == [person.role]

    def test_nobody_else_of_the_demonstration_can_sign_in(self, demo: int) -> None:
        others = User.objects.exclude(email__in=[person.email for person in DEMO_PEOPLE])
        assert others.exists()
        assert not any(user.has_usable_password() for user in others)

    def test_mail_is_held(self, demo: int) -> None:
        assert MailSwitch.objects.get().is_held

    def test_it_refuses_where_there_are_cases(self, demo: int, settings: LazySettings) -> None:
        settings.DEMO = True
        with pytest.raises(CommandError, match="cases here already"):
            call_command("demo")
        assert Child.objects.count() == demo

    def test_if_empty_leaves_cases_alone(self, demo: int, settings: LazySettings) -> None:
        settings.DEMO = True
        call_command("demo", "--if-empty", stdout=StringIO())
        assert Child.objects.count() == demo


def test_every_state_goal_and_district_is_there(db: None) -> None:
    call_command("load_directory", verbosity=0)
    build.make(children=120, seed=1, today=TODAY)
    assert set(GoalChange.objects.values_list("status", flat=True)) == set(Status.values)
    assert set(Decision.objects.values_list("step", flat=True)) >= {
        step.value for step in Step if step != Step.START_AGAIN
    }
    goals = CasePlanGoal.objects.in_force()
    assert set(goals.values_list("goal", flat=True)) == set(Goal.values)
    assert set(Child.objects.values_list("district", flat=True)) == set(
        District.objects.values_list("pk", flat=True)
    )
    stands = Counter(due_standing(goal.review_due_on, on=TODAY) for goal in goals)
    assert {DueStanding.OVERDUE, DueStanding.DUE_SOON, DueStanding.LATER} <= set(stands)
    assert Consultation.objects.filter(recorded_on=None).exists()
    assert Extension.objects.exists()
    assert GoalReview.objects.filter(outcome=GoalReview.Outcome.NOT_HELD).exists()


def _cases() -> list[tuple[Any, ...]]:
    children = Child.objects.order_by("childstory_id").values_list(
        "childstory_id", "first_name", "last_name", "born_on", "goals__goal", "goals__review_due_on"
    )
    return list(children)


def test_the_same_seed_makes_the_same_cases(db: None) -> None:
    call_command("load_directory", verbosity=0)
    made = []
    for seed in (7, 7, 8):
        with transaction.atomic():
            build.make(children=25, seed=seed, today=TODAY)
            made.append(_cases())
            transaction.set_rollback(True)
    assert made[0] == made[1]
    assert made[0] != made[2]


def test_it_refuses_outside_a_demonstration(db: None, settings: LazySettings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("demo")
    assert not Child.objects.exists()


def test_it_refuses_a_place_that_is_somebody_elses(
    settings: LazySettings, coordinator: User, hunter: District
) -> None:
    settings.DEMO = True
    with pytest.raises(CommandError, match="no place for a demonstration"):
        call_command("demo", "--if-empty")
    make_child(hunter)
    with pytest.raises(CommandError, match="no place for a demonstration"):
        call_command("demo", "--if-empty")
    assert User.objects.get() == coordinator


def test_it_refuses_more_children_than_the_services_make_in_a_minute(
    db: None, settings: LazySettings
) -> None:
    settings.DEMO = True
    with pytest.raises(CommandError, match="python -m bench fill 1001"):
        call_command("demo", "--children", "1001")
    assert not Child.objects.exists()
