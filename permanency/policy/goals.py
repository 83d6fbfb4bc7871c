"""The case plan goals, the order in which they are considered, and what ends a child's clocks.

Source: permanent placement principles, Children and Young Persons (Care and Protection) Act 1998
(NSW), section 10A; for a restoration while a long term order stands, section 90 of the same Act;
DCJ, exiting out-of-home care (the legal achievement, not the move home, ends the time to
permanency); the product's rule 4 on turning 18.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices

from permanency.policy.months import day_in_words, turns_18_on


class Goal(TextChoices):
    PRESERVATION = "preservation", "Family preservation"
    RESTORATION = "restoration", "Restoration"
    GUARDIANSHIP = "guardianship", "Guardianship"
    ADOPTION = "adoption", "Open adoption"
    LONG_TERM_CARE = "long_term_care", "Long term care"

    @property
    def has_two_year_clock(self) -> bool:
        return self in TWO_YEAR_GOALS


TWO_YEAR_GOALS: frozenset[Goal] = frozenset({Goal.RESTORATION, Goal.GUARDIANSHIP, Goal.ADOPTION})


class AboriginalStatus(TextChoices):
    """Whether a child is Aboriginal or Torres Strait Islander, as far as is known."""

    ABORIGINAL = "aboriginal", "Aboriginal"
    TORRES_STRAIT_ISLANDER = "torres_strait_islander", "Torres Strait Islander"
    BOTH = "both", "Aboriginal and Torres Strait Islander"
    NEITHER = "neither", "Neither Aboriginal nor Torres Strait Islander"
    BEING_WORKED_OUT = "being_worked_out", "Being worked out"
    UNKNOWN = "unknown", "Not known"

    @property
    def is_settled(self) -> bool:
        return self not in (AboriginalStatus.BEING_WORKED_OUT, AboriginalStatus.UNKNOWN)

    @property
    def puts_adoption_last(self) -> bool:
        return self is not AboriginalStatus.NEITHER


FIRST_RANK = (Goal.PRESERVATION, Goal.RESTORATION)
GENERAL_ORDER = (FIRST_RANK, (Goal.GUARDIANSHIP,), (Goal.ADOPTION,), (Goal.LONG_TERM_CARE,))
ADOPTION_LAST_ORDER = (FIRST_RANK, (Goal.GUARDIANSHIP,), (Goal.LONG_TERM_CARE,), (Goal.ADOPTION,))

LONG_TERM_ORDER = "long_term"


def options_in_order(status: AboriginalStatus) -> tuple[tuple[Goal, ...], ...]:
    """Return the ranks in which the goals are considered, the preferred first (section 10A)."""
    return ADOPTION_LAST_ORDER if status.puts_adoption_last else GENERAL_ORDER


def goals_in_order(status: AboriginalStatus) -> tuple[Goal, ...]:
    return tuple(goal for rank in options_in_order(status) for goal in rank)


def asks_for_adoption_reasons(goal: Goal, status: AboriginalStatus) -> bool:
    """Return whether adoption needs reasons and the consultation that was had; never a refusal."""
    return goal is Goal.ADOPTION and status.puts_adoption_last


def adoption_warning(goal: Goal, status: AboriginalStatus) -> str:
    """Return the warning to show beside adoption, or "" where none is called for (section 10A)."""
    if not asks_for_adoption_reasons(goal, status):
        return ""
    if status.is_settled:
        return (
            "For an Aboriginal or Torres Strait Islander child, adoption is the last option to be "
            "considered. Record the reasons, and who was consulted in the child's family, "
            "community and Aboriginal or Torres Strait Islander organisations."
        )
    return (
        "It is not yet known whether this child is Aboriginal or Torres Strait Islander. Until it "
        "is, adoption is the last option to be considered. Record the reasons, and who was "
        "consulted about the child's family and culture."
    )


def restoration_warning(
    goal: Goal, order_kind: str | None, *, section_90_recorded: bool = False
) -> str:
    """Return the warning for restoration under a long term order without a section 90 step."""
    if goal is not Goal.RESTORATION or order_kind != LONG_TERM_ORDER or section_90_recorded:
        return ""
    return (
        "A long term order is in force and no application to change it (section 90) is recorded. "
        "Get legal advice before restoration begins."
    )


def goal_warnings(
    goal: Goal,
    status: AboriginalStatus,
    order_kind: str | None = None,
    *,
    section_90_recorded: bool = False,
) -> tuple[str, ...]:
    """Return every warning to show beside a goal; none of them blocks it."""
    found = (
        adoption_warning(goal, status),
        restoration_warning(goal, order_kind, section_90_recorded=section_90_recorded),
    )
    return tuple(warning for warning in found if warning)


class EndReason(TextChoices):
    """Why a goal, and with it its dates, came to an end."""

    ACHIEVED = "achieved", "Permanency achieved"
    GOAL_CHANGED = "goal_changed", "Goal changed"
    TURNED_18 = "turned_18", "Turned 18"
    DIED = "died", "Died"
    LEFT_STATE = "left_state", "Moved out of New South Wales"


# Endings that follow from facts of the child: taken back with the fact, they were none.
ENDED_BY_FACTS = frozenset({EndReason.TURNED_18, EndReason.DIED, EndReason.LEFT_STATE})

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
