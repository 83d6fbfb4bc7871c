"""The people of the whole site, one by one and together, and the house that they meet in."""

from __future__ import annotations

import logging

import pytest
from django.test import Client

from directory.models import User
from reviews.tests.whole_site.crossing import Visitor
from reviews.tests.whole_site.house import House, furnish
from reviews.tests.whole_site.routes import PEOPLE


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Keep the log of thousands of refusals out of what a failure prints."""
    caplog.set_level(logging.CRITICAL, logger="django.request")


@pytest.fixture
def people(db: None, request: pytest.FixtureRequest) -> dict[str, User]:
    """Return everybody of the table who can sign in."""
    return {who: request.getfixturevalue(who) for who in PEOPLE if who != "anonymous"}


@pytest.fixture
def house(people: dict[str, User]) -> House:
    """Return the furnished house."""
    return furnish(people)


@pytest.fixture
def visitor(client: Client, who: str, house: House, people: dict[str, User]) -> Visitor:
    """Return the person of this test (`who`), signed in."""
    if who in people:
        client.force_login(people[who])
    return Visitor(client)
