"""The one place that reads the clock, and the working days of New South Wales.

Only views, tasks and commands may ask for the day; everything below them is told. A day is a local
date: the server's own midnight falls in the middle of a Sydney morning. Working days are Monday to
Friday without the State's public holidays, which come from the `holidays` library (Public Holidays
Act 2010 (NSW)); the August bank holiday is not one of them.
"""

from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone
from holidays import country_holidays

SYDNEY = "Australia/Sydney"


def now() -> datetime:
    return timezone.now()


def zone(name: str) -> ZoneInfo:
    """Return a time zone, Sydney's where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(SYDNEY)


def today(time_zone: str = SYDNEY) -> date:
    """Return the current local date in a time zone, Sydney's unless another is named."""
    return now().astimezone(zone(time_zone)).date()


ONE_DAY = timedelta(days=1)
SATURDAY = 5


@cache
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(country_holidays("AU", subdiv="NSW", years=year))


def is_working_day(day: date) -> bool:
    return day.weekday() < SATURDAY and day not in _public_holidays(day.year)


def first_working_day_of_week(day: date) -> date | None:
    """Return the first working day of the week (Monday to Sunday) of this day, if it has one."""
    monday = day - timedelta(days=day.weekday())
    week = (monday + timedelta(days=number) for number in range(7))
    return next((each for each in week if is_working_day(each)), None)


def add_working_days(day: date, count: int) -> date:
    """Return the working day so many working days later; ValueError where the count is negative."""
    if count < 0:
        raise ValueError("Working days are only counted forwards.")
    while count:
        day += ONE_DAY
        count -= is_working_day(day)
    return day


def working_days_between(start: date, end: date) -> int:
    """Return how many working days lie after the start up to and with the end."""
    days = (start + timedelta(days=number) for number in range(1, (end - start).days + 1))
    return sum(is_working_day(each) for each in days)
