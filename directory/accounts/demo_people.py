"""The invented people of the demonstration, whose password everybody may know."""

from __future__ import annotations

from dataclasses import dataclass

from directory.roles import Role

# Only ever set where DEMO=1, on invented people, over invented children.
DEMO_PASSWORD = "permanency-demo-only"  # noqa: S105  # meant to be known


@dataclass(frozen=True)
class DemoPerson:
    email: str
    name: str
    role: Role
    district: str
    description: str


DEMO_PEOPLE = (
    DemoPerson(
        "pc.hunter@example.org",
        "Priya Castellan",
        Role.COORDINATOR,
        "hunter",
        "Permanency Coordinator in Hunter: consultations, endorsements, reviews",
    ),
    DemoPerson(
        "pc.sydney@example.org",
        "Sione Latu",
        Role.COORDINATOR,
        "sydney",
        "Permanency Coordinator in Sydney: Hunter's children are not there",
    ),
    DemoPerson(
        "cfdu.hunter@example.org",
        "Carmel Ferraro",
        Role.CFDU,
        "hunter",
        "CFDU approver in Hunter: decides where a provider manages the case",
    ),
    DemoPerson(
        "mcw.hunter@example.org",
        "Marcus Wren",
        Role.CASEWORK_MANAGER,
        "hunter",
        "Manager Casework in Hunter: decides where DCJ manages the case",
    ),
    DemoPerson(
        "manager.hunter@example.org",
        "Helen Barlow",
        Role.DISTRICT_MANAGER,
        "hunter",
        "District manager in Hunter: the dashboard",
    ),
    DemoPerson(
        "mpp@example.org",
        "Miriam Petrov",
        Role.PRACTICE_MANAGER,
        "",
        "Manager Practice and Permanency: every district",
    ),
    DemoPerson(
        "mpp.acting@example.org",
        "Tomas Okafor",
        Role.PRACTICE_MANAGER,
        "",
        "Acting Manager Practice and Permanency: publishes rules that the other has drafted",
    ),
    DemoPerson(
        "contracts.hunter@example.org",
        "Colin Strand",
        Role.CONTRACT_MANAGER,
        "hunter",
        "Contract manager in Hunter: figures, no cases",
    ),
    DemoPerson(
        "admin@example.org",
        "Ada Minchin",
        Role.ADMINISTRATOR,
        "",
        "Administrator: people, places and the outbox, no cases",
    ),
)

DEMO_ADDRESSES = frozenset(each.email for each in DEMO_PEOPLE)


def is_published(email: str, password: str | None = None) -> bool:
    """Return whether everybody may know how this person signs in."""
    return email in DEMO_ADDRESSES or password == DEMO_PASSWORD
