"""The first version of the rules, and what a version must say to be sound."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from permanency.policy.goals import Goal
from permanency.policy.months import DateOutOfRangeError
from permanency.policy.rules import VERSION_1, ClockStart, Rules, period_months


def rules_with(change: Callable[[dict[str, Any]], object]) -> Rules:
    """Return version 1 with one change made to what it says."""
    data = VERSION_1.as_data()
    change(data)
    return Rules.from_data(2, date(2026, 7, 1), "A test", data)


@pytest.mark.parametrize(
    ("goal", "ordinary", "intensive"),
    [
        (Goal.PRESERVATION, 3, 3),
        (Goal.RESTORATION, 6, 3),
        (Goal.GUARDIANSHIP, 6, 3),
        (Goal.ADOPTION, 6, 3),
        (Goal.LONG_TERM_CARE, 12, 12),
    ],
)
def test_review_periods_of_version_1(goal: Goal, ordinary: int, intensive: int) -> None:
    assert period_months(goal, intensive=False, rules=VERSION_1) == ordinary
    assert period_months(goal, intensive=True, rules=VERSION_1) == intensive


def test_settings_of_version_1() -> None:
    assert VERSION_1.version == 1
    assert VERSION_1.clock_months == 24
    assert VERSION_1.clock_start is ClockStart.FIRST_TWO_YEAR_GOAL
    assert VERSION_1.targets_working_days == {
        "consultation": 10,
        "endorsement": 10,
        "approval": 10,
    }
    assert "Permanency Coordinators" in VERSION_1.source


def test_rules_come_back_from_their_own_data() -> None:
    again = Rules.from_data(
        VERSION_1.version, VERSION_1.effective_on, VERSION_1.source, VERSION_1.as_data()
    )
    assert again == VERSION_1


def test_the_periods_of_a_version_cannot_be_changed_in_place() -> None:
    with pytest.raises(TypeError):
        VERSION_1.review_months[Goal.RESTORATION] = 1  # type: ignore[index]  # must be refused


def test_periods_are_data() -> None:
    rules = rules_with(lambda data: data["review_months"].update(restoration=4))
    assert period_months(Goal.RESTORATION, intensive=False, rules=rules) == 4
    assert period_months(Goal.GUARDIANSHIP, intensive=False, rules=rules) == 6


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda data: data.pop("clock_months"), "The rules do not say: clock_months."),
        (lambda data: data.update(colour=1), "The rules do not know: colour."),
        (lambda data: data.update(review_months=6), "review periods must be a table"),
        (lambda data: data["review_months"].pop("adoption"), "periods do not say: adoption."),
        (lambda data: data["review_months"].update(kinship=6), "periods do not know: kinship."),
        (lambda data: data["review_months"].update(adoption=0), "Open adoption must be a whole"),
        (lambda data: data["review_months"].update(adoption=-3), "Open adoption must be a whole"),
        (lambda data: data["review_months"].update(adoption=True), "Open adoption must be a whole"),
        (lambda data: data["review_months"].update(adoption="6"), "Open adoption must be a whole"),
        (lambda data: data["review_months"].update(adoption=121), "must be at most 120."),
        (lambda data: data.update(intensive_months=2.5), "The intensive period must be a whole"),
        (lambda data: data.update(intensive_months=7), "must not be longer than the ordinary"),
        (lambda data: data.update(clock_months=None), "The time to permanency must be a whole"),
        (lambda data: data.update(clock_start="birth"), "The clock must start from one of"),
        (lambda data: data.update(clock_start=None), "The clock must start from one of"),
        (lambda data: data.update(targets_working_days=[]), "soft targets must be a table"),
        (lambda data: data["targets_working_days"].pop("approval"), "do not say: approval."),
        (lambda data: data["targets_working_days"].update(lunch=1), "do not know: lunch."),
        (lambda data: data["targets_working_days"].update(approval=999), "must be at most 250."),
    ],
)
def test_unsound_rules_are_refused_in_words(
    change: Callable[[dict[str, Any]], object], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        rules_with(change)


def test_rules_must_be_a_table() -> None:
    nothing: Any = None
    with pytest.raises(ValueError, match="must be a table"):
        Rules.from_data(2, date(2026, 7, 1), "A test", nothing)


@pytest.mark.parametrize("source", ["", "   "])
def test_rules_must_name_their_source(source: str) -> None:
    with pytest.raises(ValueError, match="name their source"):
        Rules.from_data(2, date(2026, 7, 1), source, VERSION_1.as_data())


@pytest.mark.parametrize("version", [0, -1, True])
def test_a_version_is_a_number_from_1(version: int) -> None:
    with pytest.raises(ValueError, match="The version must be a whole number"):
        Rules.from_data(version, date(2026, 7, 1), "A test", VERSION_1.as_data())


def test_a_version_takes_effect_within_1900_and_2200() -> None:
    with pytest.raises(DateOutOfRangeError):
        Rules.from_data(2, date(2201, 1, 1), "A test", VERSION_1.as_data())


def test_the_intensive_period_may_equal_the_ordinary_one() -> None:
    assert rules_with(lambda data: data.update(intensive_months=6)).intensive_months == 6
