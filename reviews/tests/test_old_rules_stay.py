"""What was decided keeps the rules it was made under, and its page prints as it did."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from consultations.models import Decision, GoalChange
from consultations.tests.cases import EFFECTIVE_ON, TODAY, change_in, make_child, open_goal
from consultations.workflow import Status, Step
from directory.models import District, Mail, User
from directory.tests.inboxes import make_inbox
from permanency.goals import store
from permanency.goals.effects import effects_from_data
from permanency.models import CasePlanGoal, RuleVersion
from permanency.policy.derivation import Derivation
from permanency.policy.goals import Goal
from permanency.policy.months import add_months, day_in_words
from permanency.policy.rules import Transition
from permanency.tests.rules import publish
from reviews import notices_due
from reviews.held.missed_reviews import ReviewRow, missed_reviews_of
from reviews.held.services import ReviewContent, hold
from reviews.models import GoalReview

pytestmark = pytest.mark.django_db

CHANGING = re.compile(
    r'csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|data-[a-z-]*="[^"]*"|\d+:\d\d [ap]\.m\.'
)
SAID = ReviewContent(progress="on_track", progress_reasons="Visits are regular.")


def tick() -> None:
    at = notices_due.morning_of(TODAY)
    assert notices_due.tick(at=at, now=lambda: at).problems == []


@pytest.fixture
def change(hunter: District, coordinator: User, cfdu: User) -> GoalChange:
    """Return an approved change of a child whose goal before it was reviewed late."""
    make_inbox("Hunter", hunter)
    child = make_child(hunter)
    open_goal(child, effective_on=EFFECTIVE_ON)
    # Six months from today are not those from then, however short the month in which they end.
    hold(
        child.goals.get(),
        held_on=TODAY - timedelta(days=5),
        outcome="continue",
        content=SAID,
        by=coordinator,
        on=TODAY,
    )
    return change_in(Status.APPROVED, child, coordinator=coordinator, approver=cfdu)


def pages(client: Client, reader: User, change: GoalChange) -> dict[str, str]:
    client.force_login(reader)
    review, mail = GoalReview.objects.get(), Mail.objects.get(part__startswith="change_decided")
    addresses = (
        reverse("goal-change", args=[change.pk]),
        reverse("review", args=[review.pk]),
        reverse("mail", args=[mail.pk]),
    )
    shown = {address: client.get(address).content.decode() for address in addresses}
    # Above the heading and below the page it is told what the last runs of the tick did.
    return {
        address: CHANGING.sub("", text).partition("<h1")[2].partition('<p class="app-reminders')[0]
        for address, text in shown.items()
    }


def test_a_decision_a_held_review_and_a_mail_print_the_same_after_new_rules_took_effect(
    client: Client, change: GoalChange, mpp: User
) -> None:
    tick()
    before = pages(client, mpp, change)
    for address, text in before.items():
        assert re.search(r"(rules )?version 1", text, re.IGNORECASE), address
    moved = change.child.goals.get(ended_on=None)
    publish(TODAY, Transition.RECOUNT, guardianship=2, restoration=2, intensive=1, clock=12)
    tick()
    now = change.child.goals.get(ended_on=None)
    assert (now.review_rule_version, now.two_year_rule_version) == (2, 2)
    assert now.review_due_on != moved.review_due_on
    assert pages(client, mpp, change) == before


def test_an_approval_keeps_both_dates_before_and_after(change: GoalChange) -> None:
    approval = Decision.objects.get(step=Step.APPROVE)
    assert approval.rules_id == 1
    review, two_year = effects_from_data(approval.effects)
    after = CasePlanGoal.objects.get(ended_on=None)
    assert after.review_due_on is not None
    assert review.after == day_in_words(after.review_due_on)
    assert review.moves
    assert not two_year.moves
    others = Decision.objects.exclude(pk=approval.pk)
    assert {each.effects == {} for each in others} == {True}


def test_what_is_done_under_new_rules_says_so_and_the_due_date_keeps_its_own(
    hunter: District, coordinator: User
) -> None:
    child = make_child(hunter)
    since = add_months(TODAY, -20)
    open_goal(child, Goal.LONG_TERM_CARE, effective_on=since)
    goal = child.goals.get()
    publish(TODAY, Transition.RECOUNT, long_term_care=4)
    tick()
    goal.refresh_from_db()
    assert goal.review_rule_version == 1  # overdue on the day, so it stays
    assert [miss.on for miss in misses(goal)] == [add_months(since, 12)]
    outcome = GoalReview.Outcome.CONTINUE
    review = hold(goal, held_on=TODAY, outcome=outcome, content=SAID, by=coordinator, on=TODAY)
    assert (review.rules_id, review.period_months) == (2, 12)
    assert Derivation.from_data(review.due_derivation).rule_version == 1
    goal.refresh_from_db()
    assert (goal.review_due_on, goal.review_rule_version) == (add_months(TODAY, 4), 2)


def misses(goal: CasePlanGoal) -> list[ReviewRow]:
    return missed_reviews_of(goal, book=RuleVersion.objects.book(), on=TODAY)


def test_a_kept_date_of_a_goal_is_missed_by_its_own_period(
    hunter: District, coordinator: User
) -> None:
    child = make_child(hunter)
    open_goal(child, Goal.RESTORATION, effective_on=add_months(TODAY, -13))
    publish(TODAY, Transition.KEEP, restoration=3)
    tick()
    goal = store.goal_in_force(child)
    assert goal is not None
    assert len(misses(goal)) == 2
