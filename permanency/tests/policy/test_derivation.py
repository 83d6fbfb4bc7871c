"""A derivation tells the date and its reasons, and survives being written down."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanency.policy.derivation import Derivation
from permanency.policy.months import day_in_words
from permanency.tests.policy.days import day

pytestmark = pytest.mark.once

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31))
WORDS = st.text(max_size=40)
COMMON = {
    "rule": WORDS,
    "rule_version": st.integers(1, 10**6),
    "source": WORDS,
    "start_event": WORDS,
    "arithmetic": WORDS,
    "adjustments": st.lists(WORDS, max_size=4).map(tuple),
    "ends_when": WORDS,
    "original_on": st.none() | DAYS,
}
DERIVATIONS = st.builds(Derivation, on=DAYS, start_on=DAYS, **COMMON) | st.builds(
    Derivation,
    on=st.none(),
    start_on=st.none() | DAYS,
    no_date_reason=st.text(min_size=1, max_size=40),
    **COMMON,
)

REVIEW = Derivation(
    on=day("30 Nov 2026"),
    rule="Review every 6 months (restoration)",
    rule_version=1,
    source="The policy",
    start_event="the day the goal took effect",
    start_on=day("31 May 2026"),
    arithmetic="31 May 2026 + 6 months = 30 November 2026",
    adjustments=("That month has no day 31, so its last day counts.",),
    ends_when="the review is held",
)


@given(derivation=DERIVATIONS)
def test_a_derivation_comes_back_from_json_exactly(derivation: Derivation) -> None:
    written = json.dumps(derivation.as_data())
    assert Derivation.from_data(json.loads(written)) == derivation


@given(derivation=DERIVATIONS)
def test_every_derivation_tells_its_date_or_why_there_is_none(derivation: Derivation) -> None:
    news = derivation.no_date_reason if derivation.on is None else day_in_words(derivation.on)
    assert news in derivation.sentences()[0]
    assert set(derivation.adjustments) <= set(derivation.sentences())


def test_why_this_date_is_answered_in_plain_sentences() -> None:
    assert REVIEW.sentences() == (
        "Review every 6 months (restoration): 30 November 2026.",
        "It counts from the day the goal took effect, 31 May 2026.",
        "31 May 2026 + 6 months = 30 November 2026.",
        "That month has no day 31, so its last day counts.",
        "It ends when the review is held.",
        "Rule version 1. Source: The policy.",
    )


def test_no_date_is_told_with_its_reason() -> None:
    none = Derivation(
        on=None,
        rule="Permanency within 2 years",
        rule_version=1,
        source="The policy",
        start_event="",
        start_on=None,
        arithmetic="",
        adjustments=(),
        ends_when="",
        no_date_reason="Long term care has no two-year clock.",
    )
    assert none.sentences() == (
        "Permanency within 2 years: no date. Long term care has no two-year clock.",
        "Rule version 1. Source: The policy.",
    )


@pytest.mark.parametrize(
    ("on", "start_on", "reason"),
    [
        (None, None, ""),
        (None, day("31 May 2026"), ""),
        (day("30 Nov 2026"), day("31 May 2026"), "No goal is in force."),
        (day("30 Nov 2026"), None, ""),
    ],
)
def test_a_date_has_a_start_and_no_date_has_a_reason(
    on: date | None, start_on: date | None, reason: str
) -> None:
    with pytest.raises(ValueError, match="date"):
        Derivation(
            on=on,
            rule="",
            rule_version=1,
            source="",
            start_event="",
            start_on=start_on,
            arithmetic="",
            adjustments=(),
            ends_when="",
            no_date_reason=reason,
        )


def test_a_part_that_is_missing_from_the_record_is_not_guessed() -> None:
    written = REVIEW.as_data()
    del written["source"]
    with pytest.raises(KeyError):
        Derivation.from_data(written)
