"""What the tests of this app share: one child of Hunter and a second Permanency Coordinator."""

import pytest

from consultations.tests.cases import make_child, open_goal
from directory.models import District, User
from directory.roles import Role
from directory.tests.people import make_person
from permanency.models import Child


@pytest.fixture
def child(hunter: District) -> Child:
    """Return a child of Hunter with restoration in force; a provider manages the case."""
    child = make_child(hunter)
    open_goal(child)
    return child


@pytest.fixture
def colleague(hunter: District) -> User:
    """Return another Permanency Coordinator of Hunter."""
    return make_person("Jo Colleague", Role.COORDINATOR, hunter)
