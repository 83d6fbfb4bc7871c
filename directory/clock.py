"""The one place that reads the clock. Only views, tasks and commands may call it.

Everything below them is told the day. A day is a local date: the server's own midnight falls in
the middle of a Sydney morning.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone

SYDNEY = "Australia/Sydney"


def now() -> datetime:
    """Return the current moment, aware."""
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
