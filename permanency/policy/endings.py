"""What ends every clock of a child: permanency achieved, 18 years, death, leaving the state.

Source: DCJ, exiting out-of-home care (the legal achievement, not the move home, ends the time to
permanency); the product's rule 4 on turning 18.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices

from permanency.policy.goals import Goal
from permanency.policy.months import day_in_words, turns_18_on


class EndReason(TextChoices):
    """Why a goal, and with it its dates, came to an end."""

    ACHIEVED = "achieved", "Permanency achieved"
    GOAL_CHANGED = "goal_changed", "Goal changed"
    TURNED_18 = "turned_18", "Turned 18"
    DIED = "died", "Died"
    LEFT_STATE = "left_state", "Moved out of New South Wales"


SENTENCES = {
    EndReason.ACHIEVED: "Permanency was achieved on",
    EndReason.GOAL_CHANGED: "The goal changed on",
    EndReason.TURNED_18: "The child turned 18 on",
    EndReason.DIED: "The child died on",
    EndReason.LEFT_STATE: "The child moved out of New South Wales on",
}

ACHIEVEMENT_EVENTS = {
    Goal.RESTORATION: "parental responsibility returns to the parents",
    Goal.GUARDIANSHIP: "the guardianship order is made",
    Goal.ADOPTION: "the adoption order is made",
}


@dataclass(frozen=True)
class Ending:
    """The day on which the clocks ended, and why."""

    reason: EndReason
    on: date

    def words(self) -> str:
        return f"{self.reason.label} on {day_in_words(self.on)}"

    def sentence(self) -> str:
        return f"{SENTENCES[self.reason]} {day_in_words(self.on)}."


def achievement_event(goal: Goal) -> str:
    return ACHIEVEMENT_EVENTS.get(goal, "")


def ending(
    *,
    born_on: date | None,
    died_on: date | None = None,
    left_state_on: date | None = None,
    achieved_on: date | None = None,
    on: date,
) -> Ending | None:
    """Return what ended the clocks by a day, the earliest event first, or None.

    Of several on one day, death and the achievement come before the birthday and the move.
    """
    events = (
        (died_on, EndReason.DIED),
        (achieved_on, EndReason.ACHIEVED),
        (turns_18_on(born_on) if born_on else None, EndReason.TURNED_18),
        (left_state_on, EndReason.LEFT_STATE),
    )
    happened = [Ending(reason, day) for day, reason in events if day is not None and day <= on]
    return min(happened, key=lambda event: event.on, default=None)


def not_owed_reason(due_on: date, *, born_on: date | None, ended: Ending | None) -> str:
    """Return why a date is not owed, or "" if it is; on the 18th birthday it is not (rule 4)."""
    if ended is not None:
        return ended.sentence()
    if born_on is not None and due_on >= turns_18_on(born_on):
        birthday = day_in_words(turns_18_on(born_on))
        return f"The child turns 18 on {birthday}, and every date ends then."
    return ""
