"""What changed between two versions of a consultation or a review, told in words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consultations.models import Consultation
from consultations.records import services as consultations
from consultations.records.services import content_of
from consultations.tests.cases import TODAY, consult
from directory.audit.services import redact
from directory.history.diff import Piece, replacement_pieces, word_pieces
from directory.models import HistoryEntry, User
from directory.tests.people import sign_in
from permanency.models import Child
from reviews.held.corrections import correct
from reviews.held.services import ReviewContent, hold
from reviews.models import GoalReview
from reviews.tests.cases import open_child

WHY = "Visits go well. The aunt comes every second week."
WHY_NOW = "Visits go remarkably well. The aunt comes every week."


@pytest.fixture
def review(coordinator: User) -> GoalReview:
    """Return a review of a child of Hunter, corrected twice."""
    district = coordinator.appointments.get().district
    assert district is not None
    goal = open_child(district, coordinator)
    who: dict[str, Any] = {"by": coordinator, "on": TODAY}
    first = ReviewContent(progress="on_track", progress_reasons=WHY)
    held_on = TODAY - timedelta(days=3)
    made = hold(goal, held_on=held_on, outcome="continue", content=first, **who)
    second = replace(first, progress="at_risk", copy_given_on=TODAY)
    made = correct(made, second, version=1, **who)
    return correct(made, replace(second, progress_reasons=WHY_NOW), version=2, **who)


@pytest.fixture
def consultation(child: Child, coordinator: User) -> Consultation:
    """Return a recorded consultation about a child of Hunter, corrected once."""
    made = consult(child, coordinator)
    content = replace(content_of(made), question="Can the aunt become guardian?")
    return consultations.correct(made, content, version=made.version, by=coordinator, on=TODAY)


@pytest.fixture
def child(review: GoalReview) -> Child:
    """Return the child of the review."""
    return review.child


def text_of(client: Client, name: str, pk: int, **asked: str | int) -> str:
    """Return the page of versions."""
    answer = client.get(reverse(name, args=[pk]), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def marked(page: str) -> list[tuple[str, str]]:
    """Return the words that the page marks, as a screen reader says them."""
    parts = re.findall(r"<(del|ins)><span [^>]*>(.*?)</span>(.*?)<span [^>]*>\]</span></\1>", page)
    said = {"del": "[taken out: ", "ins": "[put in: "}
    assert all(words == said[sort] for sort, words, _ in parts)
    return [(sort, text.strip()) for sort, _, text in parts]


def test_the_last_two_versions_of_a_review_are_compared(
    client: Client, review: GoalReview, coordinator: User
) -> None:
    page = text_of(sign_in(client, coordinator), "review-versions", review.pk)
    assert "What changed from version 2 to version 3" in page
    assert marked(page) == [("ins", "remarkably"), ("del", "second")]
    assert "At risk" not in page
    assert page.count("Pat Coordinator (Permanency Coordinator)") == 3


def test_any_two_versions_are_compared_and_choices_and_days_are_in_words(
    client: Client, review: GoalReview, coordinator: User
) -> None:
    sign_in(client, coordinator)
    page = text_of(client, "review-versions", review.pk, old=1, new=2)
    today = f"{TODAY.day} {TODAY:%B %Y}"
    assert marked(page) == [("del", "On track"), ("ins", "At risk"), ("ins", today)]
    assert "remarkably" not in page
    both = text_of(client, "review-versions", review.pk, old=3, new=1)
    assert "What changed from version 1 to version 3" in both
    assert "At risk" in both
    assert "remarkably" in both


@pytest.mark.parametrize("asked", [{"old": "x", "new": "9"}, {"old": 2, "new": 2}, {"new": "-1"}])
def test_a_version_that_is_not_there_leads_to_the_last_two(
    client: Client, review: GoalReview, coordinator: User, asked: dict[str, Any]
) -> None:
    page = text_of(sign_in(client, coordinator), "review-versions", review.pk, **asked)
    assert "What changed from version 2 to version 3" in page


def test_the_versions_of_a_consultation_are_linked_from_its_page(
    client: Client, consultation: Consultation, coordinator: User
) -> None:
    sign_in(client, coordinator)
    link = reverse("consultation-versions", args=[consultation.pk])
    page = client.get(reverse("consultation", args=[consultation.pk])).content.decode()
    assert link in page
    page = text_of(client, "consultation-versions", consultation.pk)
    assert marked(page) == [("del", "an"), ("ins", "the")]


def test_one_version_is_no_comparison_and_no_link(
    client: Client, child: Child, coordinator: User
) -> None:
    made = consult(child, coordinator)
    sign_in(client, coordinator)
    link = reverse("consultation-versions", args=[made.pk])
    page = client.get(reverse("consultation", args=[made.pk])).content.decode()
    assert link not in page
    assert "There is one version." in text_of(client, "consultation-versions", made.pk)


def test_somebody_elsewhere_learns_nothing_of_versions(
    client: Client, review: GoalReview, consultation: Consultation, stranger: User
) -> None:
    sign_in(client, stranger)
    for name, pk in (("review-versions", review.pk), ("consultation-versions", consultation.pk)):
        assert client.get(reverse(name, args=[pk])).status_code == 404


def test_a_redacted_version_shows_who_redacted_it_and_why_and_not_its_words(
    client: Client, review: GoalReview, coordinator: User, mpp: User, administrator: User
) -> None:
    entry = HistoryEntry.objects.filter(verb="corrected a review").select_related("district")[0]
    redact(
        entry,
        decided_by=mpp,
        done_by=administrator,
        authority="an order of the court",
        reason="It names a protected person.",
        on=TODAY,
    )
    stub = (
        f"Redacted on {TODAY.day} {TODAY:%B %Y} under an order of the court. "
        "Reason: It names a protected person. "
        "Decided by Morgan Practice, done by Alex Administrator."
    )
    page = text_of(sign_in(client, coordinator), "review-versions", review.pk)
    assert "What version 3 changed is not shown." in page
    assert page.count(stub) == 2
    assert "remarkably" not in page
    history = client.get(reverse("child-history", args=[review.child_id])).content.decode()
    assert stub in history
    assert f"entry {entry.place}" in history


def test_holding_a_review_keeps_every_word_of_it_in_the_history(review: GoalReview) -> None:
    entry = HistoryEntry.objects.get(verb="held a review")
    assert entry.after["progress_reasons"] == WHY


# Texts


def test_words_that_went_and_words_that_came_are_marked() -> None:
    assert word_pieces("one two three", "one 2 three") == (
        Piece("same", "one "),
        Piece("del", "two"),
        Piece("ins", "2"),
        Piece("same", " three"),
    )


def test_a_phrase_is_marked_as_a_phrase() -> None:
    pieces = word_pieces("She lives with her aunt.", "She lives at home.")
    assert [each.sort for each in pieces] == ["same", "del", "ins", "same"]


def joined(old: str, new: str) -> tuple[str, str]:
    """Return the old and the new text as the marked pieces hold them."""
    pieces = word_pieces(old, new)
    return tuple(  # type: ignore[return-value]  # two of them
        "".join(each.text for each in pieces if each.sort in {"same", sort})
        for sort in ("del", "ins")
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", "something new"),
        ("something old", ""),
        ("a b c d", "b c d a"),
        ("  lead", "lead  "),
        ("line one\r\nline two", "line one\nline 2"),
        ("Māori 😀 “aunt”", 'Maori "aunt"'),
        ("x y z", "p q r s"),
        ("word " * 4000, "word " * 3999 + "end"),
    ],
)
def test_both_texts_are_there_letter_for_letter(old: str, new: str) -> None:
    assert joined(old, new) == (old, new)


def test_nothing_is_no_piece() -> None:
    assert replacement_pieces("", "new") == (Piece("ins", "new"),)
