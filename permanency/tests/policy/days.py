"""A day written the way the policy tables read, `day("31 May 2026")`, and counted by hand."""

from datetime import date

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def day(words: str) -> date:
    """Return the date that "31 May 2026" or "31 Dec 2026" names."""
    number, month, year = words.split()
    return date(int(year), MONTHS.index(month) + 1, int(number))


def days(*words: str) -> tuple[date, ...]:
    """Return the dates that several such words name."""
    return tuple(day(each) for each in words)


def day_or_none(words: str) -> date | None:
    """Return the date that the words name, or None for no words."""
    return day(words) if words else None


def add_months_by_hand(anchor_on: date, months: int) -> date:
    """The oracle: the calendar month by its number, then the latest day that exists in it."""
    month_number = anchor_on.year * 12 + (anchor_on.month - 1) + months
    for number in (anchor_on.day, 30, 29, 28):
        if number <= anchor_on.day:
            try:
                return date(month_number // 12, month_number % 12 + 1, number)
            except ValueError:
                continue
    raise AssertionError("every month has 28 days")
