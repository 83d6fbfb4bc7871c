"""The contacts page: for everybody who is signed in."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from directory import clock
from directory.models import Allocation, District, Office, Provider, User
from directory.places.guide import MATTERS, Area, Contact, matters
from directory.places.published_list import PUBLISHED, load
from directory.roles import Role
from directory.tests.people import make_person, sign_in

EVERYBODY = [
    "coordinator",
    "cfdu",
    "casework_manager",
    "district_manager",
    "mpp",
    "contract_manager",
    "administrator",
    "stranger",
    "nobody",
]


@pytest.mark.parametrize("who", EVERYBODY)
def test_everybody_reads_the_contacts(
    client: Client, request: pytest.FixtureRequest, who: str
) -> None:
    sign_in(client, request.getfixturevalue(who))
    assert client.get("/contacts/").status_code == 200


def test_nobody_reads_them_without_signing_in(client: Client, db: None) -> None:
    assert client.get("/contacts/")["Location"].startswith("/accounts/login/")


def test_the_list_links_every_inbox_and_shows_the_gaps(client: Client, coordinator: User) -> None:
    load(PUBLISHED, by=None, on=clock.today())
    page = sign_in(client, coordinator).get("/contacts/").text
    for inbox in PUBLISHED.inboxes:
        assert f'href="mailto:{inbox.address}"' in page
    assert page.count("To be confirmed") == 2
    assert "Far West has no inbox" in page
    assert "Murrumbidgee has no inbox" in page


def test_coordinators_stand_with_what_they_work_with_today(
    client: Client, coordinator: User, hunter: District
) -> None:
    today = clock.today()
    mayfield = Office.objects.create(name="Mayfield", district=hunter)
    gumnut = Provider.objects.create(name="Gumnut Care")
    past = Provider.objects.create(name="Past Care")
    Allocation.objects.create(person=coordinator, office=mayfield, starts_on=today)
    Allocation.objects.create(person=coordinator, provider=gumnut, starts_on=today, ends_on=today)
    Allocation.objects.create(
        person=coordinator,
        provider=past,
        starts_on=today - timedelta(days=9),
        ends_on=today - timedelta(days=1),
    )
    gone = make_person("Gone Coordinator", Role.COORDINATOR, hunter)
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    make_person("Not Yet", Role.COORDINATOR, hunter, since=today + timedelta(days=1))
    page = sign_in(client, coordinator).get("/contacts/").text
    assert "Gumnut Care, Mayfield" in page
    assert f'href="mailto:{coordinator.email}"' in page
    assert "Past Care" not in page
    assert "Gone Coordinator" not in page
    assert "Not Yet" not in page


def test_a_coordinator_of_the_whole_state_stands_last(client: Client, coordinator: User) -> None:
    make_person("State Coordinator", Role.COORDINATOR)
    response = sign_in(client, coordinator).get("/contacts/")
    last = response.context["teams"][-1]
    assert last.district is None
    assert [each.person.name for each in last.coordinators] == ["State Coordinator"]


def test_more_people_cost_no_more_queries(
    client: Client, coordinator: User, hunter: District
) -> None:
    sign_in(client, coordinator)
    load(PUBLISHED, by=None, on=clock.today())
    with CaptureQueriesContext(connection) as few:
        client.get("/contacts/")
    office = Office.objects.create(name="Singleton", district=hunter)
    for number in range(20):
        person = make_person(f"Person {number}", Role.COORDINATOR, hunter)
        Allocation.objects.create(person=person, office=office, starts_on=clock.today())
    with CaptureQueriesContext(connection) as many:
        client.get("/contacts/")
    assert len(many) == len(few) <= 12


def test_the_guide_covers_every_area_and_every_role() -> None:
    assert len(MATTERS) >= 20
    assert {matter.area for matter in MATTERS} == set(Area)
    assert {contact for matter in MATTERS for contact in matter.contacts} == set(Contact)
    assert len({matter.question for matter in MATTERS}) == len(MATTERS)


@pytest.mark.parametrize("area", Area)
@pytest.mark.parametrize("contact", ["", *Contact])
def test_the_guide_narrows_to_a_matter_and_a_role(area: str, contact: str) -> None:
    found = matters(area=area, contact=contact)
    left_out = set(MATTERS) - set(found)
    assert all(each.area == area for each in found)
    assert (
        all(each.area != area or contact not in each.contacts for each in left_out) or not contact
    )
    assert all(not contact or contact in each.contacts for each in found)


@pytest.mark.parametrize(
    ("question", "contacts"),
    [
        ("You want to set or change a child's case plan goal", (Contact.COORDINATOR,)),
        ("A goal change was endorsed and needs a decision", (Contact.CFDU,)),
        ("A child needs to move to another placement", (Contact.CFDU,)),
        ("Funding reconciliation: what was paid against what happened", (Contact.CONTRACTS,)),
    ],
)
def test_who_is_asked_about_what(question: str, contacts: tuple[Contact, ...]) -> None:
    assert next(each.contacts for each in MATTERS if each.question == question) == contacts


def test_the_page_filters_the_guide(client: Client, coordinator: User) -> None:
    sign_in(client, coordinator)
    chosen = {"area": Area.FUNDING, "contact": Contact.CONTRACTS}
    response = client.get("/contacts/", chosen)
    assert response.context["matters"] == matters(**chosen)
    nothing = client.get("/contacts/", {"area": Area.MINISTERS, "contact": Contact.PARTNER})
    assert "Nothing fits both choices" in nothing.text
    odd = client.get("/contacts/", {"area": "no such area"})
    assert odd.status_code == 200
    assert odd.context["matters"] == MATTERS
