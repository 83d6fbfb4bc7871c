"""The people of the whole site, one by one and together, and the house that they meet in."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.db import connection
from django.db.models import Q
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from directory.models import District, User
from directory.tests.migrated import rows_for_many_tests
from permanency.tests.rules import put_first_rules_back
from reviews.figures import scope as figures_scope
from reviews.tests.whole_site.fixtures import (
    UNREACHABLE_URL,
    SiteObjects,
    make_everybody,
    make_site_objects,
)
from reviews.tests.whole_site.visitor import Visitor

CASES = {"permanency", "consultations", "reviews"}
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder; what is furnished once for a module stays in one process."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.site)
            if "furnished" in getattr(item, "fixturenames", []):
                item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Keep the log of thousands of refusals out of what a failure prints."""
    caplog.set_level(logging.CRITICAL, logger="django.request")


@pytest.fixture(autouse=True)
def agency(settings: LazySettings) -> None:
    """Set up single sign-on with a provider that does not answer."""
    settings.OIDC_SERVER_URL, settings.OIDC_NAME = UNREACHABLE_URL, "Agency"


@pytest.fixture(scope="module")
def furnished(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[tuple[SiteObjects, dict[str, int]]]:
    """Furnish the house once for a module, in a transaction; each test undoes what it did to it.

    Gives the house and the numbers of its people. No test of such a module may commit.
    """
    with rows_for_many_tests(django_db_blocker):
        with django_db_blocker.unblock():
            put_first_rules_back()
            people = make_everybody()
            house = make_site_objects(people)
            connection.check_constraints()  # PostgreSQL alters no table with checks still to come
        yield house, {who: person.pk for who, person in people.items()}


@pytest.fixture
def people(furnished: tuple[SiteObjects, dict[str, int]], db: None) -> dict[str, User]:
    """Return everybody of the table who can sign in, read anew."""
    rows = User.objects.in_bulk()
    return {who: rows[pk] for who, pk in furnished[1].items()}


@pytest.fixture
def house(furnished: tuple[SiteObjects, dict[str, int]], db: None) -> SiteObjects:
    """Return the furnished house."""
    return furnished[0]


@pytest.fixture
def hunter(people: dict[str, User]) -> District:
    """Return the district of the house."""
    return District.objects.get(slug="hunter")


@pytest.fixture
def coordinator(people: dict[str, User]) -> User:
    """Return the Permanency Coordinator of the house."""
    return people["coordinator"]


@pytest.fixture
def cfdu(people: dict[str, User]) -> User:
    """Return the CFDU approver of the house."""
    return people["cfdu"]


@pytest.fixture
def administrator(people: dict[str, User]) -> User:
    """Return the administrator of the house."""
    return people["administrator"]


@pytest.fixture
def stranger(people: dict[str, User]) -> User:
    """Return the Permanency Coordinator of Sydney."""
    return people["stranger"]


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
