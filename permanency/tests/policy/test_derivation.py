"""A derivation tells the date and its reasons, and survives being written down."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanency.policy.derivation import IN_SHORT, Derivation
from permanency.policy.months import add_months, day_in_words
from permanency.tests.policy.days import day

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31))
WORDS = st.text(max_size=40)
COMMON: dict[str, st.SearchStrategy[Any]] = {
    "rule": WORDS,
    "rule_version": st.integers(1, 10**6),
    "source": WORDS,
    "start_event": WORDS,
    "arithmetic": WORDS,
    "adjustments": st.lists(WORDS, max_size=4).map(tuple),
    "ends_when": WORDS,
    "original_on": st.none() | DAYS,
    "months": st.integers(1, 60),
    "times": st.integers(1, 3),
    "kept_on": st.none() | DAYS,
    "extended_to": st.none() | DAYS,
    "not_before": st.none() | DAYS,
}


@st.composite
def dated(draw: st.DrawFn) -> Derivation:
    """Return a derivation of the date that its own parts come to."""
    parts = {name: draw(strategy) for name, strategy in COMMON.items()}
    start_on = draw(st.dates(min_value=date(1900, 1, 1), max_value=date(2180, 12, 31)))
    counted_on = add_months(start_on, parts["times"] * parts["months"])
    on = parts["kept_on"] or max(counted_on, parts["extended_to"] or counted_on)
    return Derivation(on=on, start_on=start_on, **parts)


DERIVATIONS = dated() | st.builds(
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
    months=6,
    times=1,
)
TWO_YEARS = Derivation(
    on=day("31 Aug 2028"),
    rule="Permanency within 2 years",
    rule_version=2,
    source="The policy",
    start_event="the day the goal took effect",
    start_on=day("31 May 2026"),
    arithmetic="31 May 2026 + 24 months = 31 May 2028",
    adjustments=("An extension moved it from 31 May 2028 to 31 August 2028.",),
    ends_when="the guardianship order is made, or the child turns 18 on 1 June 2030",
    original_on=day("31 May 2028"),
    months=24,
    times=1,
    extended_to=day("31 Aug 2028"),
)
KEPT = replace(
    REVIEW,
    on=day("1 Oct 2026"),
    arithmetic="1 October 2026 stays as it was",
    adjustments=("It was already overdue on 5 October 2026, so the date stays.",),
    kept_on=day("1 Oct 2026"),
)
TWICE = replace(
    REVIEW,
    on=day("31 Aug 2026"),
    start_on=day("28 Feb 2026"),
    arithmetic="28 February 2026 + 2 times 3 months = 28 August 2026",
    months=3,
    times=2,
    kept_on=None,
    extended_to=day("31 Aug 2026"),
    original_on=day("28 Aug 2026"),
)
NO_LONGER_OWED = replace(
    REVIEW, on=None, no_date_reason="The child turns 18 on 1 June 2026, and every date ends then."
)
PARTS = ("months", "times", "kept_on", "extended_to", "not_before")


@given(derivation=DERIVATIONS)
def test_a_derivation_comes_back_from_json_exactly(derivation: Derivation) -> None:
    written = json.loads(json.dumps(derivation.as_data()))
    assert Derivation.from_data(written) == derivation
    assert written[IN_SHORT] == derivation.in_short()


@given(derivation=DERIVATIONS)
def test_the_date_can_be_worked_out_again_from_the_parts(derivation: Derivation) -> None:
    assert derivation.worked_out() == derivation.on


@pytest.mark.parametrize("derivation", [REVIEW, TWO_YEARS, KEPT, TWICE, NO_LONGER_OWED])
def test_one_written_before_its_parts_were_kept_comes_to_the_same_date(
    derivation: Derivation,
) -> None:
    written = {key: value for key, value in derivation.as_data().items() if key not in PARTS}
    read = Derivation.from_data(written)
    assert read.worked_out() == read.on == derivation.on
    assert (read.kept_on, read.sentences()) == (derivation.kept_on, derivation.sentences())


@pytest.mark.parametrize(
    ("derivation", "sentence"),
    [
        (
            REVIEW,
            "6 months from 31 May 2026, the day the goal took effect (rules version 1).",
        ),
        (
            TWO_YEARS,
            "Extended to 31 August 2028, first 24 months from 31 May 2026, "
            "the day the goal took effect (rules version 2).",
        ),
        (
            KEPT,
            "1 October 2026 as it was before, counting from 31 May 2026, "
            "the day the goal took effect (rules version 1).",
        ),
        (
            replace(TWICE, on=day("28 Aug 2026"), extended_to=None),
            "2 times 3 months from 28 February 2026, the day the goal took effect "
            "(rules version 1).",
        ),
        (NO_LONGER_OWED, ""),
    ],
)
def test_in_short_a_date_says_where_it_comes_from_and_no_birthday(
    derivation: Derivation, sentence: str
) -> None:
    assert derivation.in_short() == sentence


@pytest.mark.parametrize("part", [{"months": 3}, {"times": 2}, {"kept_on": day("1 Oct 2026")}])
def test_a_date_that_its_parts_do_not_come_to_is_refused(part: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="parts"):
        replace(REVIEW, **part)


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
        "The period is a rule of this service; "
        "from which day it counts is a default of this product.",
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


def test_where_nothing_was_counted_from_the_start_there_is_nothing_to_ask_again() -> None:
    none = Derivation(
        on=None,
        rule="Goal review",
        rule_version=1,
        source="The policy",
        start_event="the goal took effect",
        start_on=day("31 May 2026"),
        arithmetic="",
        adjustments=(),
        ends_when="",
        no_date_reason="No goal is in force.",
    )
    assert none.counted_on() is None
