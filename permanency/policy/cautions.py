"""What to look at before a goal change is decided, the worst first. None of it blocks.

Sources: section 10A of the Children and Young Persons (Care and Protection) Act 1998 (NSW); DCJ,
permanency consultation (cultural consultation for Aboriginal children); the short term care order
and the two years of the Permanency Support Program. How near is near is a default of this product.
"""

from dataclasses import dataclass
from datetime import date

from permanency.policy.goals import (
    AboriginalStatus,
    Goal,
    adoption_warning,
    restoration_warning,
)
from permanency.policy.months import day_in_words, days_in_words, time_since
from permanency.policy.two_year_clock import TWO_YEAR_SOON_DAYS

ORDER_SOON_DAYS = 180
NO_CULTURAL_CONSULTATION = "No cultural consultation"


@dataclass(frozen=True)
class Caution:
    """One caution: a sentence, what else is known, and the words of a list."""

    sentence: str
    short: str
    detail: str = ""


def change_cautions(
    goal: Goal,
    status: AboriginalStatus,
    *,
    has_cultural_consultation: bool,
    cultural_note: str = "",
    order_kind: str | None = None,
    order_expires_on: date | None = None,
    section_90_recorded: bool = False,
    two_year_on: date | None = None,
    two_year_stays: bool = False,
    on: date,
) -> tuple[Caution, ...]:
    """Return the cautions about a change to a goal, the worst first."""
    found = (
        None if has_cultural_consultation else _no_cultural_consultation(status, cultural_note),
        _order_expires(order_expires_on, section_90_recorded, on=on),
        _two_year_date_near(two_year_on, two_year_stays, on=on),
        _caution(adoption_warning(goal, status), "Adoption, the last option"),
        _caution(
            restoration_warning(goal, order_kind, section_90_recorded=section_90_recorded),
            "Long term order, no section 90",
        ),
    )
    return tuple(each for each in found if each)


def _caution(sentence: str, short: str) -> Caution | None:
    return Caution(sentence, short) if sentence else None


def _no_cultural_consultation(status: AboriginalStatus, note: str) -> Caution | None:
    if not (status.is_settled and status.puts_adoption_last):
        return None
    a_child = f"{'an' if status.label.startswith('A') else 'a'} {status.label} child"
    return Caution(f"No cultural consultation yet, for {a_child}.", NO_CULTURAL_CONSULTATION, note)


def _order_expires(
    expires_on: date | None, section_90_recorded: bool, *, on: date
) -> Caution | None:
    if expires_on is None or not 0 <= (expires_on - on).days <= ORDER_SOON_DAYS:
        return None
    when = _days_ahead(expires_on, on=on)
    application = "An" if section_90_recorded else "No"
    return Caution(
        f"The court order ends on {day_in_words(expires_on)}, {when}.",
        f"Order ends {when}",
        f"{application} application to change it (section 90) is recorded.",
    )


def _two_year_date_near(two_year_on: date | None, stays: bool, *, on: date) -> Caution | None:
    if two_year_on is None or (two_year_on - on).days > TWO_YEAR_SOON_DAYS:
        return None
    if two_year_on < on:
        verb, when = "was", f"{time_since(two_year_on, on=on)} ago"
    else:
        verb, when = "is", _days_ahead(two_year_on, on=on)
    detail = "This change does not move it." if stays else ""
    return Caution(
        f"The two-year date {verb} {day_in_words(two_year_on)}, {when}.",
        f"Two-year date {when}",
        detail,
    )


def _days_ahead(day: date, *, on: date) -> str:
    return "today" if day == on else f"in {days_in_words((day - on).days)}"
