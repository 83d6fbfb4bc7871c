"""What a version of the rules says, in words, beside another version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from permanency.policy.months import months_in_words
from permanency.policy.rules import SOFT_TARGETS, Rules
from permanency.policy.standing import days_in_words


@dataclass(frozen=True)
class Line:
    """One thing that the rules say: by this version, and by the one it is compared with."""

    label: str
    here: str
    there: str

    @property
    def differs(self) -> bool:
        """Say whether the two versions say different things."""
        return self.here != self.there


def lines(rules: Rules, beside: Rules) -> list[Line]:
    """Return everything that the rules say, in the order of the policy, beside another version."""
    pairs = zip(_said(rules), _said(beside), strict=True)
    return [Line(label, here, there) for (label, here), (_, there) in pairs]


def _said(rules: Rules) -> Iterator[tuple[str, str]]:
    for goal, months in rules.review_months.items():
        yield f"{goal.label}, a review at least every", months_in_words(months)
    yield "Intensive, a review at least every", months_in_words(rules.intensive_months)
    yield "Time to permanency", months_in_words(rules.clock_months)
    yield "The time counts from", rules.clock_start.label
    for name in SOFT_TARGETS:
        days = rules.targets_working_days[name]
        yield f"Soft target for {name}", f"{days_in_words(days).replace(' ', ' working ')}"
