"""Arithmetic of days and months.

Source: the review periods are the longest allowed gap between two reviews, so months are counted
from the anchor and clamped to the end of a shorter month. A child born on 29 February turns 18 on
28 February.
"""

from calendar import monthrange
from datetime import date, timedelta

FIRST_YEAR = 1900
LAST_YEAR = 2200
ADULT_AT_YEARS = 18
MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
# A day further off is told in months.
NEAR_DAYS = 60
WEEKEND_NAMES = {5: "Saturday", 6: "Sunday"}


class DateOutOfRangeError(ValueError):
    pass


def check_year(day: date) -> date:
    """Return the day itself; DateOutOfRangeError outside the years 1900 to 2200."""
    _check_year_number(day.year)
    return day


def _check_year_number(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise DateOutOfRangeError(f"The year must be between {FIRST_YEAR} and {LAST_YEAR}.")


def months_apart(start_on: date, end_on: date) -> int:
    """Return the distance between the two calendar months, whatever the day within them."""
    return (end_on.year - start_on.year) * 12 + end_on.month - start_on.month


def add_months(day: date, months: int) -> date:
    """Return the day so many months later, or the last day of a shorter month."""
    check_year(day)
    year, month_index = divmod(day.year * 12 + day.month - 1 + months, 12)
    _check_year_number(year)
    last_day = monthrange(year, month_index + 1)[1]
    return date(year, month_index + 1, min(day.day, last_day))


def whole_months(start_on: date, end_on: date) -> int:
    """Return the completed months from one day to another, never less than none."""
    months = months_apart(start_on, end_on)
    if months > 0 and add_months(start_on, months) > end_on:
        months -= 1
    return max(0, months)


def turns_18_on(born_on: date) -> date:
    """Return the 18th birthday; for a birth on 29 February that is always a 28 February."""
    return add_months(born_on, ADULT_AT_YEARS * 12)


def adults_born_by(on: date) -> date:
    """Return the latest birthday of those who are 18 on a day: the reverse of `turns_18_on`."""
    born_on = add_months(on, -ADULT_AT_YEARS * 12)
    later = born_on + timedelta(days=1)
    return later if turns_18_on(later) <= on else born_on


def age_on(born_on: date, on: date) -> int:
    """Return the completed years of age on a day; ValueError if that is before the birth."""
    if on < born_on:
        raise ValueError("The day is before the birth.")
    return whole_months(born_on, on) // 12


def day_in_words(day: date) -> str:
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"


def short_day(day: date) -> str:
    """Return a day for a row of a list: "1 Jul 2026"."""
    return f"{day.day} {MONTH_NAMES[day.month - 1][:3]} {day.year}"


def age_in_words(born_on: date, on: date) -> str:
    """Return an age beside a name: "15", or in the first year of life "7 months"."""
    months = whole_months(born_on, max(born_on, on))
    return str(months // 12) if months >= 12 else months_in_words(months)


def lower_first(words: str) -> str:
    """Return words that began a sentence as they stand within one."""
    return words[:1].lower() + words[1:]


def months_in_words(months: int) -> str:
    return _number_and_noun(months, "month")


def times_in_words(number: int, months: int) -> str:
    """Return so many periods as "6 months" or "3 times 6 months"."""
    period = months_in_words(months)
    return period if number == 1 else f"{number} times {period}"


def years_and_months_in_words(months: int) -> str:
    """Return a number of months as "2 years 3 months", without a part that is nought."""
    years, rest = divmod(months, 12)
    parts = [_number_and_noun(years, "year")] if years else []
    if rest or not years:
        parts.append(_number_and_noun(rest, "month"))
    return " ".join(parts)


def span_in_words(start_on: date, end_on: date) -> str:
    """Return the time passed as "2 years 3 months", or under a month as days, at least "0 days"."""
    months = whole_months(start_on, end_on)
    if months:
        return years_and_months_in_words(months)
    return days_in_words(max(0, (end_on - start_on).days))


def days_in_words(days: int) -> str:
    return _number_and_noun(days, "day")


def time_until(day: date, *, on: date) -> str:
    """Return how far a day is ahead: "today", "in 23 days", "in 1 year 3 months"."""
    days = (day - on).days
    if days == 0:
        return "today"
    return f"in {days_in_words(days) if days <= NEAR_DAYS else span_in_words(on, day)}"


def time_since(day: date, *, on: date) -> str:
    """Return how long ago a day was: "12 days" or "3 months"."""
    days = (on - day).days
    return days_in_words(days) if days <= NEAR_DAYS else span_in_words(day, on)


def month_end_note(start_on: date, end_on: date) -> tuple[str, ...]:
    """Return a sentence where a shorter month moved the end to its last day."""
    if end_on.day == start_on.day:
        return ()
    return (f"That month has no day {start_on.day}, so its last day counts.",)


def weekend_note(day: date) -> tuple[str, ...]:
    """Return a sentence where a day falls on a weekend, which does not move it."""
    if day.weekday() not in WEEKEND_NAMES:
        return ()
    return (f"It falls on a {WEEKEND_NAMES[day.weekday()]}; the date does not move.",)


def _number_and_noun(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
