"""The case plan goals and the order in which they are considered.

Source: permanent placement principles, Children and Young Persons (Care and Protection) Act 1998
(NSW), section 10A; for a restoration while a long term order stands, section 90 of the same Act.
"""

from django.db.models import TextChoices


class Goal(TextChoices):
    """What the case plan works towards."""

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
