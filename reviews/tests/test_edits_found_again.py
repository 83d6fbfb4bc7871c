"""Nobody undoes unseen what another saved, also where the history has lost it, or holds more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from consultations.records import services as consultations
from consultations.records.services import content_of
from consultations.tests.cases import TODAY, consult, make_child
from directory.audit.services import redact
from directory.models import District, HistoryEntry, User
from directory.roles import Role
from directory.tests.people import make_person
from permanency.policy.actions import AgreedAction
from permanency.policy.months import add_months, day_in_words
from permanency.tests.answers import form_data
from reviews.held.corrections import anchors_of, correct_date, correct_goal
from reviews.held.services import ReviewContent, hold
from reviews.tests.cases import open_child
from reviews.tests.whole_site.form_parser import main_form

WHY = "A slip of the pen."


def page_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def redact_last(verb: str, decided_by: User, done_by: User) -> None:
    entry = HistoryEntry.objects.filter(verb=verb).select_related("district").latest("pk")
    order = {"authority": "An order of the court", "reason": "It names a protected person."}
    redact(entry, decided_by=decided_by, done_by=done_by, on=TODAY, **order)


def test_an_action_put_right_by_a_redacted_edit_is_said(
    client: Client, hunter: District, coordinator: User, mpp: User, administrator: User
) -> None:
    row = AgreedAction("Visit the aunt", "Toni", TODAY)
    consultation = consult(make_child(hunter), coordinator, actions=(row,))
    client.force_login(coordinator)
    address = reverse("edit-consultation", args=[consultation.pk])
    mine = main_form(page_of(client, address), address).sent(
        {"question": "And the uncle?"}, press="record"
    )

    colleague = make_person("Jo Colleague", Role.COORDINATOR, hunter)
    later = TODAY + timedelta(days=9)
    (recorded,) = content_of(consultation).actions
    content = replace(content_of(consultation), actions=(replace(recorded, due_on=later),))
    consultations.correct(consultation, content, version=1, by=colleague, on=TODAY)
    redact_last("corrected a consultation", mpp, administrator)

    answer = client.post(address, mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "What this edit changed has been redacted." in page
    assert "Actions, as saved now" in page
    assert f"Visit the aunt (Toni, by {later.isoformat()})" in page


def test_a_goal_put_right_is_found_behind_the_reviews_held_since(
    client: Client, hunter: District, coordinator: User
) -> None:
    goal = open_child(hunter, coordinator, effective_on=add_months(TODAY, -7))
    colleague = make_person("Jo Colleague", Role.COORDINATOR, hunter)
    client.force_login(coordinator)
    address = reverse("correct-goal", args=[goal.pk])
    first = add_months(TODAY, -30)
    mine = main_form(page_of(client, address), address).sent(
        {**form_data(first_two_year_goal_on=first), "reasons": WHY}
    )
    who: dict[str, Any] = {"by": colleague, "on": TODAY}
    to = add_months(TODAY, -8)
    correct_goal(goal, replace(anchors_of(goal), effective_on=to), reasons=WHY, version=1, **who)
    goal.refresh_from_db()
    said = ReviewContent(progress="on_track")
    hold(goal, held_on=TODAY, outcome="continue", content=said, **who)

    shown = client.post(address, mine)
    carried = main_form(shown.content.decode(), address).sent({}, press="save")
    answer = client.post(address, carried)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert f'became <strong class="app-prose">{day_in_words(to)}</strong>' in page
    assert "Jo Colleague" in page
    again = main_form(page, address).fields
    assert [again[f"effective_on_{part}"][0] for part in ("day", "month", "year")] == [
        str(to.day), str(to.month), str(to.year)
    ]  # fmt: skip


def test_a_day_before_the_opening_outlasts_a_redaction(
    hunter: District, coordinator: User, mpp: User, administrator: User
) -> None:
    """The last review before a goal was opened here, put right since, and the entry redacted."""
    since, before, right = (add_months(TODAY, -months) for months in (12, 5, 2))
    goal = open_child(hunter, coordinator, effective_on=since, last_review_held_on=before)
    who: dict[str, Any] = {"by": coordinator, "on": TODAY}
    anchors = replace(anchors_of(goal), last_review_held_on=right)
    correct_goal(goal, anchors, reasons=WHY, version=1, **who)
    redact_last("corrected the days of the goal", mpp, administrator)
    goal.refresh_from_db()
    early: date = add_months(TODAY, -4)
    said = ReviewContent(progress="on_track")
    review = hold(
        goal,
        held_on=early,
        outcome="continue",
        content=said,
        backdated_reasons="Typed late.",
        **who,
    )
    correct_date(review, held_on=early + timedelta(days=1), reasons=WHY, version=1, **who)
    goal.refresh_from_db()
    assert goal.last_review_held_on == right
    assert goal.review_due_on == add_months(right, 6)
