"""The reviews room's fixtures: children as the services make them."""

from __future__ import annotations

import pytest

from directory.models import District, Office, Provider, User
from permanency.models import CasePlanGoal
from reviews.tests.cases import open_child


@pytest.fixture
def newcastle(hunter: District) -> Office:
    """Return an office of Hunter."""
    return Office.objects.create(name="Newcastle", district=hunter)


@pytest.fixture
def example_care(hunter: District) -> Provider:
    """Return a provider that manages cases in Hunter."""
    provider: Provider = Provider.objects.create(name="Example Care")
    provider.districts.add(hunter)
    return provider


@pytest.fixture
def dcj_goal(hunter: District, coordinator: User, newcastle: Office) -> CasePlanGoal:
    """Return the goal of a child whose case DCJ manages."""
    return open_child(hunter, coordinator, office=newcastle)


@pytest.fixture
def provider_goal(hunter: District, coordinator: User, example_care: Provider) -> CasePlanGoal:
    """Return the goal of a child whose case a provider manages."""
    return open_child(hunter, coordinator, provider=example_care)
