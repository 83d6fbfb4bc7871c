"""What a step would do to the two dates of a goal, in words, before anybody takes it."""

from __future__ import annotations

from dataclasses import dataclass

from permanency.policy.derivation import Derivation
from permanency.policy.months import day_in_words
from permanency.services.clocks import Clocks

REVIEW = "Next review"
TWO_YEAR = "Two-year date"
NOTHING_DUE = "No date: the goal ends, and nothing is due any more."


@dataclass(frozen=True)
class Effect:
    """One date before and after a step, in words, and why the date after is that date."""

    label: str
    before: str
    after: str
    why: tuple[str, ...] = ()

    @property
    def moves(self) -> bool:
        """Say whether the date differs afterwards."""
        return self.before != self.after


def _told(derivation: Derivation) -> str:
    if derivation.on is None:
        return f"No date. {derivation.no_date_reason}"
    return day_in_words(derivation.on)


def effects_on(before: Clocks | None, after: Clocks) -> list[Effect]:
    """Return what happens to both dates; `before` is None where no goal was in force."""
    return [
        Effect(
            label=label,
            before="None yet" if was is None else _told(was),
            after=_told(now),
            why=now.sentences(),
        )
        for label, was, now in (
            (REVIEW, before.review if before else None, after.review),
            (TWO_YEAR, before.two_year if before else None, after.two_year),
        )
    ]


def effects_of_ending(before: Clocks) -> list[Effect]:
    """Return what happens to both dates when the goal ends."""
    return [
        Effect(label=REVIEW, before=_told(before.review), after=NOTHING_DUE),
        Effect(label=TWO_YEAR, before=_told(before.two_year), after=NOTHING_DUE),
    ]
