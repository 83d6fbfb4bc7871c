"""A child's overview, reviews and history."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from consultations.models import Consultation
from consultations.workflow import Status
from directory import clock, history
from directory.mail import notices
from directory.models import District, Draft, HistoryEntry, Notice, User
from directory.tests.questions import MAX_QUERIES, PageQueries
from permanency.goals import lifecycle, two_years
from permanency.imports import services as imports
from permanency.models import CourtOrder
from permanency.policy.goals import EndReason, Goal
from permanency.policy.months import add_months, day_in_words
from permanency.tests.factories import (
    make_action,
    make_child,
    make_episode,
    make_goal,
    make_order,
)
from reviews.held.services import ReviewContent, hold, record_not_held
from reviews.history_words import change_sentences, entry_description
from reviews.tests.cases import TODAY, days_ago, open_child
from reviews.tests.test_dashboards import waiting_change


def overview(client: Client, person: User, child: int) -> str:
    """Return the overview of a child as this person sees it."""
    client.force_login(person)
    page = client.get(reverse("child", args=[child]))
    assert page.status_code == 200
    return page.content.decode().split("<main")[1]


def test_both_dates_stand_with_their_reasons(
    client: Client, coordinator: User, hunter: District
) -> None:
    start = add_months(TODAY, -2)
    goal = open_child(hunter, coordinator, effective_on=start)
    text = overview(client, coordinator, goal.child_id)

    assert day_in_words(add_months(start, 6)) in text
    assert day_in_words(add_months(start, 24)) in text
    assert text.count("Why this date?") == 2
    assert "Review every 6 months (restoration)" in text
    assert "Permanency within 2 years" in text
    assert "per cent of the time is used" in text
    assert "2 months" in text


def test_time_since_entry_and_a_short_order_always_stand_beside_the_two_year_date(
    client: Client, coordinator: User, hunter: District
) -> None:
    goal = open_child(hunter, coordinator)

    def beside() -> str:
        client.force_login(coordinator)
        page = client.get(reverse("child", args=[goal.child_id]))
        note: str = page.context["found"]["time_in_care_sentence"]
        dates = page.content.decode().split("<h3>Two-year date</h3>")[1].split("</section>")[0]
        assert note in dates
        return note

    assert beside() == "No entry to care is recorded."
    entered_on = add_months(TODAY, -14)
    episode = make_episode(goal.child, entered_on=entered_on)
    since = f"1 year 2 months since entry to care on {day_in_words(entered_on)}"
    assert beside() == f"{since}."
    order = make_order(goal.child, starts_on=entered_on, expires_on=days_ago(-40))
    make_order(goal.child, kind=CourtOrder.Kind.LONG_TERM, expires_on=days_ago(-50))
    expires = f"The short term order expires on {day_in_words(days_ago(-40))}."
    assert beside() == f"{since}. {expires}"
    episode.left_on = days_ago(5)
    episode.save(update_fields=["left_on"])
    left = f"{since}; left care on {day_in_words(days_ago(5))}."
    assert beside() == f"{left} {expires}"
    order.expires_on = days_ago(1)
    order.save(update_fields=["expires_on"])
    expired = f"The short term order expired on {day_in_words(days_ago(1))}."
    assert beside() == f"{left} {expired}"


def test_a_caution_counts_the_order_in_force_and_not_one_that_has_expired(
    client: Client, coordinator: User, hunter: District
) -> None:
    goal = open_child(hunter, coordinator)
    order = make_order(goal.child, kind=CourtOrder.Kind.LONG_TERM, expires_on=days_ago(0))
    client.force_login(coordinator)
    address = reverse("child", args=[goal.child_id])
    assert client.get(address).context["found"]["warnings"]
    order.expires_on = days_ago(1)
    order.save(update_fields=["expires_on"])
    assert not client.get(address).context["found"]["warnings"]


@pytest.mark.parametrize("who", ["coordinator", "mpp"])
def test_a_writer_is_offered_the_next_steps(
    client: Client, request: pytest.FixtureRequest, coordinator: User, hunter: District, who: str
) -> None:
    goal = open_child(hunter, coordinator)
    text = overview(client, request.getfixturevalue(who), goal.child_id)
    for step in (
        "Record a review",
        "Log a consultation",
        "Mark intensive",
        "Record an extension",
        "Record achievement",
        "Edit the details",
    ):
        assert step in text
    assert "Open with the goal in force" not in text


@pytest.mark.parametrize("who", ["district_manager", "casework_manager"])
def test_a_reader_is_offered_no_step(
    client: Client, request: pytest.FixtureRequest, coordinator: User, hunter: District, who: str
) -> None:
    goal = open_child(hunter, coordinator)
    make_action(goal.child)
    text = overview(client, request.getfixturevalue(who), goal.child_id)
    for step in ("Record a review", "Log a consultation", "Mark intensive", "Edit", "/done/"):
        assert step not in text
    assert "Why this date?" in text


def test_what_is_overdue_is_said_and_each_button_keeps_its_place(
    client: Client, coordinator: User, hunter: District
) -> None:
    goal = open_child(hunter, coordinator, effective_on=add_months(TODAY, -30))
    text = overview(client, coordinator, goal.child_id)
    assert "The review was due on " in text
    assert "overdue" in text
    assert text.index("Record a review") < text.index("Log a consultation")
    hold(
        goal,
        held_on=TODAY,
        outcome="continue",
        content=ReviewContent(progress="on_track"),
        by=coordinator,
        on=TODAY,
    )
    text = overview(client, coordinator, goal.child_id)
    assert "The review was due on " not in text
    assert "The two-year date passed" in text


def test_the_last_review_and_consultation_stand_there_each_in_a_sentence(
    client: Client, coordinator: User, hunter: District
) -> None:
    goal = open_child(hunter, coordinator, effective_on=add_months(TODAY, -3))
    assert "Where things stand" not in overview(client, coordinator, goal.child_id)
    review = hold(
        goal,
        held_on=TODAY,
        outcome="continue",
        content=ReviewContent(progress="on_track", progress_reasons="Settled with her aunt."),
        by=coordinator,
        on=TODAY,
    )
    recorded = waiting_change(goal, coordinator, Status.PROPOSED).consultation
    Consultation.objects.filter(pk=recorded.pk).update(
        recommendation="Talk about guardianship.", child_views="I like it here."
    )
    text = overview(client, coordinator, goal.child_id)
    for words in (
        "On track",
        "Settled with her aunt.",
        "Talk about guardianship.",
        "I like it here.",
    ):
        assert words in text
    assert reverse("review", args=[review.pk]) in text
    assert reverse("consultation", args=[recorded.pk]) in text


def test_what_is_not_saved_stands_there_for_its_author_alone(
    client: Client, coordinator: User, mpp: User, hunter: District
) -> None:
    child = open_child(hunter, coordinator).child
    address = f"{reverse('new-review')}?child={child.pk}"
    for form in (address, f"{address}0", reverse("edit-child", args=[child.pk])):
        Draft.objects.create(
            person=coordinator, form=form, content={"barriers": ["None."]}, saved_at=clock.now()
        )
    draft = Consultation.objects.create(child=child, held_on=TODAY, by=coordinator)
    text, others = (overview(client, who, child.pk) for who in (coordinator, mpp))
    assert text.count("are not saved") == 2
    assert reverse("edit-consultation", args=[draft.pk]) in text
    assert "are not saved" not in others
    assert reverse("edit-consultation", args=[draft.pk]) not in others


def test_what_the_product_worked_out_is_in_the_whole_history_alone(
    client: Client, coordinator: User, hunter: District
) -> None:
    child = open_child(hunter, coordinator).child
    history.record_change(
        "worked out the date of the next review",
        child,
        {},
        after={"review_due_on": "2026-09-01"},
        by=None,
        on=TODAY,
    )
    assert "Worked out the date of the next review" not in overview(client, coordinator, child.pk)
    client.force_login(coordinator)
    history_of = reverse("child-history", args=[child.pk])
    for shown, is_there in (("", True), ("people", False), ("product", True), ("x", True)):
        page = client.get(history_of, {"show": shown}).content.decode()
        assert ("Worked out the date of the next review" in page) is is_there
        assert ("Opened with the goal in force" in page) is (shown != "product")


def test_an_extension_leaves_the_original_date_in_sight(
    client: Client, coordinator: User, hunter: District
) -> None:
    goal = open_child(hunter, coordinator)
    assert goal.two_year_on is not None
    original = goal.two_year_on
    two_years.record_extension(
        goal,
        extended_to=add_months(original, 6),
        decided_on=TODAY,
        decided_by_name="Court",
        reasons="More time for visits.",
        by=coordinator,
        on=TODAY,
    )
    text = overview(client, coordinator, goal.child_id)
    assert f"The original date was {day_in_words(original)}" in text
    assert day_in_words(add_months(original, 6)) in text
    assert "More time for visits." in text


def test_a_child_without_a_goal_is_opened_with_the_goal_in_force(
    client: Client, coordinator: User, district_manager: User, hunter: District
) -> None:
    child = make_child(hunter)
    text = overview(client, coordinator, child.pk)
    assert reverse("open-goal", args=[child.pk]) in text
    assert "nothing is being counted" in text
    assert "Record a review" not in text
    assert reverse("open-goal", args=[child.pk]) not in overview(client, district_manager, child.pk)


def test_a_case_that_ended_says_so_and_offers_no_review(
    client: Client, coordinator: User, hunter: District
) -> None:
    goal = open_child(hunter, coordinator, Goal.GUARDIANSHIP)
    lifecycle.record_achievement(goal, achieved_on=TODAY, by=coordinator, on=TODAY)
    text = overview(client, coordinator, goal.child_id)
    assert f"Permanency was achieved on {day_in_words(TODAY)}." in text
    assert "Record a review" not in text
    make_episode(goal.child, entered_on=TODAY)
    assert "Permanency was achieved on" not in overview(client, coordinator, goal.child_id)


def test_death_and_a_goal_that_changed_are_told_apart(
    client: Client, coordinator: User, hunter: District
) -> None:
    died = make_child(hunter, died_on=TODAY)
    assert "The child died on" in overview(client, coordinator, died.pk)
    changed = make_child(hunter)
    make_goal(changed, ended_on=TODAY, end_reason=EndReason.GOAL_CHANGED)
    text = overview(client, coordinator, changed.pk)
    assert "No goal is in force. The last one was <strong>restoration</strong>" in text
    assert "Log a consultation" in text


def test_orders_care_actions_and_the_open_change_stand_there(
    client: Client, coordinator: User, hunter: District
) -> None:
    goal = open_child(hunter, coordinator)
    child = goal.child
    make_episode(child, entered_on=add_months(TODAY, -14))
    make_order(child, expires_on=days_ago(-20))
    make_order(child, kind=CourtOrder.Kind.INTERIM, expires_on=days_ago(2))
    make_action(child, due_on=days_ago(1), what="Meet the aunt")
    change = waiting_change(goal, coordinator, Status.ENDORSED)

    text = overview(client, coordinator, child.pk)
    for words in (
        "1 year 2 months since entry to care",
        "Expires in 20 days",
        "Expired 2 days ago",
        "Meet the aunt",
        "1 day overdue",
        reverse("goal-change", args=[change.pk]),
        "Endorsed",
        "Done<",
    ):
        assert words in text


def test_a_young_person_is_called_one(client: Client, coordinator: User, hunter: District) -> None:
    child = make_child(hunter, born_on=add_months(TODAY, -16 * 12))
    assert "16 years, young person" in overview(client, coordinator, child.pk)
    baby = make_child(hunter, born_on=add_months(TODAY, -5))
    assert "5 months." in overview(client, coordinator, baby.pk)


def test_a_long_term_order_is_a_caution_beside_restoration(
    client: Client, coordinator: User, hunter: District
) -> None:
    goal = open_child(hunter, coordinator)
    make_order(goal.child, kind=CourtOrder.Kind.LONG_TERM, expires_on=None)
    assert "section 90" in overview(client, coordinator, goal.child_id)


def test_reviews_of_a_child_tell_late_ones_and_those_not_held(
    client: Client, coordinator: User, hunter: District
) -> None:
    goal = open_child(hunter, coordinator, effective_on=add_months(TODAY, -7))
    client.force_login(coordinator)
    address = reverse("child-reviews", args=[goal.child_id])
    assert "Not held yet" in client.get(address).content.decode()
    record_not_held(goal, reasons="Away.", planned_on=TODAY, by=coordinator, on=TODAY)
    review = hold(
        goal,
        held_on=TODAY,
        outcome="continue",
        content=ReviewContent(progress="on_track"),
        by=coordinator,
        on=TODAY,
    )

    text = client.get(address).content.decode()
    assert goal.review_due_on is not None
    assert f"Held {(TODAY - goal.review_due_on).days} days late" in text
    assert "Away." in text
    assert "Not held yet" not in text
    assert reverse("review", args=[review.pk]) in text


def test_the_history_tells_who_did_what_and_what_the_inbox_was_told(
    client: Client, coordinator: User, hunter: District
) -> None:
    goal = open_child(hunter, coordinator)
    notices.post(
        Notice.Kind.REVIEW_DUE,
        "goal:1:review:2026-01-01",
        district=hunter,
        path="/",
        owed_on=TODAY,
        child_number=goal.child_id,
    )
    client.force_login(coordinator)
    text = client.get(reverse("child-history", args=[goal.child_id])).content.decode()
    assert "Opened with the goal in force" in text
    assert f"{coordinator.name} (Permanency Coordinator)" in text
    assert "Goal review due" in text
    assert "Waiting for the next mail" in text


def test_the_history_stands_in_pages_of_fifty(
    client: Client, coordinator: User, hunter: District
) -> None:
    child = make_child(hunter)
    with transaction.atomic():
        for number in range(60):
            history.record("looked", f"{number}", by=coordinator, on=TODAY, child_number=child.pk)
    client.force_login(coordinator)
    address = reverse("child-history", args=[child.pk])
    first = client.get(address).context
    assert len(first["entries"]) == 50
    after = first["page"].after
    assert len(client.get(address, {"after": after}).context["entries"]) == 10


@pytest.mark.parametrize("name", ["child", "child-reviews", "child-history"])
@pytest.mark.parametrize("who", ["coordinator", "mpp"])
def test_pages_of_a_child_take_at_most_twelve_queries_however_much_happened(
    client: Client,
    request: pytest.FixtureRequest,
    who: str,
    coordinator: User,
    hunter: District,
    name: str,
) -> None:
    goal = open_child(hunter, coordinator, effective_on=add_months(TODAY, -20))
    child = goal.child
    client.force_login(request.getfixturevalue(who))
    address = reverse(name, args=[child.pk])

    def fill(count: int) -> None:
        for number in range(count):
            make_action(child, owner=coordinator)
            make_order(child)
            hold(
                goal,
                held_on=days_ago(number),
                outcome="continue",
                content=ReviewContent(progress="on_track"),
                by=coordinator,
                on=TODAY,
            )

    make_episode(child, entered_on=add_months(TODAY, -30))
    fill(1)
    with PageQueries() as few:
        client.get(address)
    goal.reviews.all().delete()
    fill(25)
    with PageQueries() as many:
        client.get(address)
    assert len(few) == len(many) <= MAX_QUERIES


def test_changes_are_told_in_words() -> None:
    before: dict[str, object] = {
        "goal": "restoration",
        "review_due_on": "2026-05-14",
        "barriers": "x",
    }
    before |= {"same": 1, "reasons": "He asked."}
    after = {
        "goal": "adoption",
        "review_due_on": None,
        "intensive_since": "2026-02-01",
        "actions": ["Ring the school"],
        "is_open": True,
        "same": 1,
        "reasons": "She asked.",
        "place": {"office": "Newcastle"},
    }
    assert change_sentences(before, after) == (
        "Goal: Open adoption, before that Restoration",
        "Next review: removed, before that 14 May 2026",
        "Intensive since: 1 February 2026",
        "Actions: Ring the school",
        "Is open: yes",
        "Reasons: She asked. Before that: He asked.",
        "Place: office Newcastle",
        "Barriers: removed, before that x",
    )


@pytest.mark.django_db
def test_an_entry_without_a_person_is_the_system() -> None:
    told = entry_description(HistoryEntry(pk=1, on=TODAY, verb="ended the goal", note="Turned 18"))
    by = "The system, by date or rule, under no appointment"
    assert (told.by, told.sentence) == (by, "Ended the goal")
    assert told.details == ("“Turned 18”",)


@pytest.mark.django_db
@pytest.mark.parametrize("note", [imports.NOTE, imports.OPENED_NOTE])
def test_an_import_without_a_person_says_that_it_is_one(note: str) -> None:
    told = entry_description(HistoryEntry(pk=1, on=TODAY, verb="registered", note=note))
    assert told.by == "An import of ChildStory data, under no appointment"
