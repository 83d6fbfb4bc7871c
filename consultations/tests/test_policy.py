"""What a recorded consultation must say, and which can carry a goal change."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from consultations.policy import (
    ConsultationContent,
    EvidenceEntry,
    Option,
    content_errors,
    error_with_option,
    is_name_of,
    why_unsupported,
)
from permanency.policy.actions import action_due_on_error
from permanency.policy.goals import AboriginalStatus, Goal

BORN = date(2016, 2, 1)
TODAY = date(2026, 5, 14)
NEITHER = AboriginalStatus.NEITHER
FORMAL = ConsultationContent(
    kind="formal",
    purpose="goal_change",
    held_on=TODAY,
    asked_by_name="Toni Worker",
    took_part="Toni Worker",
    question="Can the aunt be guardian?",
    child_views="Likes it there.",
    family_views="Agree.",
    recommended_goal="guardianship",
    recommendation="Yes.",
    reasons="Settled.",
    options=tuple(Option(goal, "yes", "yes", "Weighed.") for goal in Goal),
    evidence=(EvidenceEntry("case_plan", "seen"),),
)
INFORMAL = ConsultationContent(
    kind="informal",
    purpose="packages",
    held_on=TODAY,
    asked_by_name="Toni Worker",
    question="Which package?",
    recommendation="The one for the school.",
)


def wrong(content: ConsultationContent, status: AboriginalStatus = NEITHER) -> dict[str, str]:
    return content_errors(content, status=status, born_on=BORN, on=TODAY)


def without(content: ConsultationContent, field: str) -> ConsultationContent:
    nothing: dict[str, Any] = {field: "  "}
    return replace(content, **nothing)


def test_a_complete_account_can_be_recorded() -> None:
    assert wrong(FORMAL) == {}
    assert wrong(INFORMAL) == {}


@pytest.mark.parametrize("field", ["asked_by_name", "question", "recommendation"])
@pytest.mark.parametrize("content", [FORMAL, INFORMAL], ids=["formal", "informal"])
def test_every_consultation_says_who_asked_what_and_the_advice(
    content: ConsultationContent, field: str
) -> None:
    assert set(wrong(without(content, field))) == {field}


@pytest.mark.parametrize("field", ["took_part", "child_views", "family_views", "reasons"])
def test_a_formal_one_says_more(field: str) -> None:
    assert set(wrong(without(FORMAL, field))) == {field}
    assert wrong(without(INFORMAL, field)) == {}


def test_a_formal_one_about_the_goal_recommends_one() -> None:
    assert set(wrong(replace(FORMAL, recommended_goal=""))) == {"recommended_goal"}
    assert wrong(replace(FORMAL, recommended_goal="", purpose="packages")) == {}


def test_every_option_is_weighed_at_a_formal_one() -> None:
    unweighed = replace(FORMAL, options=(), recommended_goal="preservation")
    assert set(wrong(unweighed)) == {f"option_{goal}_is_practicable" for goal in Goal}


@pytest.mark.parametrize("answer", ["yes", "unsure"])
def test_what_may_be_practicable_is_weighed_for_the_child(answer: str) -> None:
    half = tuple(Option(goal, answer, "", "Weighed.") for goal in Goal)
    expected = {f"option_{goal}_in_best_interests" for goal in Goal}
    assert set(wrong(replace(FORMAL, options=half))) == expected


def test_what_is_not_practicable_needs_no_second_answer() -> None:
    options = tuple(Option(goal, "no", "", "Weighed.") for goal in Goal)
    assert wrong(replace(FORMAL, options=options)) == {}


def test_an_option_passed_over_says_why() -> None:
    silent = tuple(Option(goal, "no") for goal in Goal)
    found = wrong(replace(FORMAL, options=silent))
    assert set(found) == {"option_preservation_reasons", "option_restoration_reasons"}
    sentence = found["option_restoration_reasons"]
    assert sentence == "Say why not: it is considered before guardianship."
    assert error_with_option("option_restoration_reasons", sentence) == f"Restoration: {sentence}"
    assert error_with_option("question", "Write it.") == "Write it."


@pytest.mark.parametrize(
    ("typed", "is_hers"),
    [
        ("Priya Castellan", True),
        ("  priya\tCASTELLAN ", True),
        ("Priya Castellan (PC)", True),
        ("Castellan, Priya", True),
        ("Priya", True),
        ("Pri\u200bya Cas\u00adtellan", True),
        ("\uff30\uff52\uff49\uff59\uff41 Castellan", True),
        ("Pri\u0301ya Castellan", True),
        ("priya.castellan@example.org", True),
        ("Priyanka Castellan", False),
        ("Toni Worker", False),
        ("", False),
        ("(\u200b)", False),
    ],
)
def test_a_name_is_known_again_however_it_is_spelled(typed: str, is_hers: bool) -> None:
    said = {"name": "Priya Castellan", "email": "priya.castellan@example.org"}
    assert is_name_of(typed, **said) == is_hers
    assert not is_name_of("Toni Worker", name="", email="")


@pytest.mark.parametrize(
    ("typed", "name", "is_theirs"),
    [
        ("Ohalloran", "Siobhán O\u2019Halloran", True),
        ("siobhan O'Halloran", "Siobhán O\u2019Halloran", True),
        ("O Halloran", "Siobhán O\u2019Halloran", True),
        ("Siobhan O'Halloran", "Siobhan Ohalloran", True),
        ("Lucja Ostergard", "Łucja Østergård", True),
        ("Luna Ostergard", "Łucja Østergård", False),
        ("Plato", "Plato", True),
        ("Platon", "Plato", False),
    ],
)
def test_a_name_is_known_again_with_other_marks_and_accents(
    typed: str, name: str, is_theirs: bool
) -> None:
    assert is_name_of(typed, name=name, email="") == is_theirs


def test_adoption_passes_over_long_term_care_for_an_aboriginal_child() -> None:
    silent = replace(
        FORMAL,
        recommended_goal="adoption",
        options=tuple(Option(goal, "no") for goal in Goal),
        cultural_advice="Given.",
    )
    assert "option_long_term_care_reasons" in wrong(silent, AboriginalStatus.ABORIGINAL)
    assert "option_long_term_care_reasons" not in wrong(silent, NEITHER)


@pytest.mark.parametrize(
    ("status", "asks"),
    [
        (AboriginalStatus.ABORIGINAL, True),
        (AboriginalStatus.BOTH, True),
        (AboriginalStatus.NEITHER, False),
        (AboriginalStatus.UNKNOWN, False),
    ],
)
def test_cultural_advice_is_written_down_for_an_aboriginal_child(
    status: AboriginalStatus, asks: bool
) -> None:
    assert ("cultural_advice" in wrong(FORMAL, status)) == asks
    assert "cultural_advice" not in wrong(INFORMAL, status)


@pytest.mark.parametrize(
    ("held_on", "is_wrong"),
    [
        (TODAY, False),
        (TODAY + timedelta(days=1), True),
        (BORN, False),
        (BORN - timedelta(days=1), True),
    ],
)
def test_it_was_held_between_birth_and_today(held_on: date, is_wrong: bool) -> None:
    assert ("held_on" in wrong(replace(FORMAL, held_on=held_on))) == is_wrong


def test_an_action_is_due_on_the_day_it_was_agreed_or_later() -> None:
    assert action_due_on_error(TODAY, held_on=TODAY) == ""
    assert "14 May 2026" in action_due_on_error(TODAY - timedelta(days=1), held_on=TODAY)


NOON = datetime(2026, 5, 14, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("held_on", "begun_at", "carries"),
    [
        (TODAY + timedelta(days=1), NOON - timedelta(days=9), True),
        (TODAY, NOON + timedelta(minutes=1), True),
        (TODAY, NOON - timedelta(minutes=1), False),
        (TODAY - timedelta(days=1), NOON + timedelta(minutes=1), False),
    ],
    ids=["after", "same day, written later", "same day, written before", "before"],
)
def test_it_was_held_after_the_last_approved_change(
    held_on: date, begun_at: datetime, carries: bool
) -> None:
    why = why_unsupported(
        is_formal=True,
        is_recorded=True,
        are_options_weighed=True,
        held_on=held_on,
        begun_at=begun_at,
        approved_on=TODAY,
        approved_at=NOON,
    )
    assert (why == "") == carries


@pytest.mark.parametrize(
    ("is_formal", "is_recorded", "is_weighed", "word"),
    [
        (False, True, True, "Informal advice"),
        (True, False, True, "draft"),
        (True, True, False, "No option was weighed"),
    ],
)
def test_only_a_recorded_formal_consultation_about_the_goal_carries_a_change(
    is_formal: bool, is_recorded: bool, is_weighed: bool, word: str
) -> None:
    why = why_unsupported(
        is_formal=is_formal,
        is_recorded=is_recorded,
        are_options_weighed=is_weighed,
        held_on=TODAY,
        begun_at=NOON,
        approved_on=None,
        approved_at=None,
    )
    assert word in why
