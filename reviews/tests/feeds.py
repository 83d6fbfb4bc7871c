"""What the tests of calendar feeds share: a new feed, and what another parser reads in it."""

from __future__ import annotations

from datetime import date
from typing import Any

import vobject
from django.test import Client
from django.urls import reverse

from directory.models import (
    Inbox,
    User,
)
from directory.web import calendar_links
from reviews.tests.cases import TODAY


def feed_link(person: User, inbox: Inbox | None = None) -> str:
    """Return the address of a new feed."""
    _, token = calendar_links.make_feed(by=person, on=TODAY, inbox=inbox)
    return reverse("calendar-feed", args=[token])


def read_feed(address: str) -> Any:
    """Return the answer to a calendar, which has no session."""
    return Client().get(address)


def events(address: str) -> list[Any]:
    """Return the events of a feed, as another parser reads them."""
    answer = read_feed(address)
    assert answer.status_code == 200
    return list(vobject.readOne(answer.content.decode()).contents.get("vevent", []))


def feed_days(address: str) -> set[tuple[str, date]]:
    """Return the kinds and days of a feed."""
    return {
        (each.summary.value.partition(" \N{EN DASH} ")[0], each.dtstart.value)
        for each in events(address)
    }
