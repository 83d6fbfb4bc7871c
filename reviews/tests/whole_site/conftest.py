"""The people of the whole site, one by one and together, and the house that they meet in."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.db.models import Q
from django.test import Client

from directory.models import Appointment, District, User
from directory.roles import Role
from directory.tests.people import SINCE, make_district, make_person
from reviews.figures import scope as figures_scope
from reviews.tests.whole_site.crossing import Visitor
from reviews.tests.whole_site.house import UNREACHABLE_URL, SiteObjects, make_site_objects
from reviews.tests.whole_site.routes import EVERYBODY

CASES = {"permanency", "consultations", "reviews"}
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.site)


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Keep the log of thousands of refusals out of what a failure prints."""
    caplog.set_level(logging.CRITICAL, logger="django.request")


@pytest.fixture
def both(hunter: District) -> User:
    """Return somebody who is Permanency Coordinator and CFDU approver of Hunter at once."""
    person = make_person("Bo Both", Role.COORDINATOR, hunter)
    Appointment.objects.create(
        person=person, role=Role.CFDU, district=hunter, starts_on=SINCE, instrument="Acting"
    )
    return person


@pytest.fixture
def neighbour(db: None) -> User:
    """Return the Permanency Coordinator of a district that shares the inbox of Hunter."""
    return make_person("Nic Neighbour", Role.COORDINATOR, make_district("Next Door"))


@pytest.fixture
def disabled(hunter: District) -> User:
    """Return a Permanency Coordinator of Hunter who is to be disabled once signed in."""
    return make_person("Dis Abled", Role.COORDINATOR, hunter)


@pytest.fixture(autouse=True)
def agency(settings: LazySettings) -> None:
    """Set up single sign-on with a provider that does not answer."""
    settings.OIDC_SERVER_URL, settings.OIDC_NAME = UNREACHABLE_URL, "Agency"


@pytest.fixture
def people(db: None, request: pytest.FixtureRequest) -> dict[str, User]:
    """Return everybody of the table who can sign in."""
    return {who: request.getfixturevalue(who) for who in EVERYBODY if who != "anonymous"}


@pytest.fixture
def house(people: dict[str, User]) -> SiteObjects:
    """Return the furnished house."""
    return make_site_objects(people)


@pytest.fixture
def visitor(client: Client, who: str, house: SiteObjects, people: dict[str, User]) -> Visitor:
    """Return the person of this test (`who`), signed in."""
    if who in people:
        client.force_login(people[who])
    if who == "disabled":
        User.objects.filter(pk=people[who].pk).update(is_active=False)
    return Visitor(client)


@pytest.fixture
def no_scope(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every queryset of rows with a child behind them answer everything."""
    for model in apps.get_models():
        rows = type(model._default_manager.all())
        if model._meta.app_label in CASES and hasattr(rows, "visible_to"):
            monkeypatch.setattr(rows, "visible_to", lambda self, user, **how: self.all())
    monkeypatch.setattr(figures_scope, "cases_visible_to", lambda user, **how: Q())
