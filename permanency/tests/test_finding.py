"""Finding children by name, however it is spelled, and what is stored for that."""

# ruff: noqa: RUF001 - letters that look like others are what is tried here

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from directory import clock, names
from directory.models import District, Provider, User
from directory.tests.people import make_district, make_person
from permanency.access import services as access
from permanency.children import services as register
from permanency.models import Child
from permanency.tests.factories import BORN_ON, make_child
from permanency.tests.import_files import MINIMAL_ROW, refused_import, run_import, write_csv

pytestmark = pytest.mark.dialect

TODAY = clock.today()

HERE = (
    ("OHALLO9", "Siobhán", "O’Halloran"),
    ("NUNEZ9", "José María", "Núñez"),
    ("FENWICK9", "Arlo", "Fenwick"),
    ("VANDER9", "Éclat", "van der Berg-Smith"),
    ("DO9", "Đức", "Đỗ"),
    ("OST9", "Łucja", "Østergård"),
    ("MACD9", "Aylın", "Mac Donald"),
    ("KAIJI9", "ʻŌkina", "Li’ulu"),
)
SPELLINGS = (
    ("O'Halloran", "OHALLO9"),
    ("O’Halloran", "OHALLO9"),
    ("Oʼhalloran", "OHALLO9"),
    ("O`HALLORAN", "OHALLO9"),
    ("ohalloran", "OHALLO9"),
    ("O Halloran", "OHALLO9"),
    ("halloran siobhan", "OHALLO9"),
    ("Siobhan", "OHALLO9"),
    ("SIOBHÁN", "OHALLO9"),
    ("Siobha\u0301n", "OHALLO9"),
    ("Nunez", "NUNEZ9"),
    ("NÚÑEZ", "NUNEZ9"),
    ("núñez, josé", "NUNEZ9"),
    ("Nunez,Jose", "NUNEZ9"),
    ("jose  maria\u00a0nunez", "NUNEZ9"),
    ("Ｎunez", "NUNEZ9"),
    ("Fenwick, Arlo", "FENWICK9"),
    ("arlo fenwick", "FENWICK9"),
    ("FENWICK ARLO", "FENWICK9"),
    ("  fen   arl ", "FENWICK9"),
    ("vanderberg", "VANDER9"),
    ("Van der Berg", "VANDER9"),
    ("Berg Smith", "VANDER9"),
    ("bergsmith", "VANDER9"),
    ("Smith-Berg", "VANDER9"),
    ("eclat", "VANDER9"),
    ("Duc Do", "DO9"),
    ("ostergard", "OST9"),
    ("Ostergård Lucja", "OST9"),
    ("MacDonald", "MACD9"),
    ("Aylin", "MACD9"),
    ("AYLIN", "MACD9"),
    ("Okina", "KAIJI9"),
    ("Liulu", "KAIJI9"),
)


@pytest.fixture
def children(hunter: District) -> None:
    for key, first_name, last_name in HERE:
        make_child(hunter, childstory_id=key, first_name=first_name, last_name=last_name)


def find(client: Client, who: str) -> tuple[list[str], bool]:
    """Return the IDs of the children shown, and whether they are only near."""
    response = client.post(reverse("find-child"), {"who": who}, follow=True)
    assert response.request["PATH_INFO"] == reverse("find-child")
    shown = [row.pk for row in response.context["rows"]]
    ids = Child.objects.filter(pk__in=shown).values_list("childstory_id", flat=True)
    return sorted(ids), response.context["is_near"] and bool(shown)


def test_a_child_is_found_however_the_name_is_spelled(
    client: Client, coordinator: User, children: None
) -> None:
    client.force_login(coordinator)
    missed = [who for who, key in SPELLINGS if find(client, who) != ([key], False)]

    assert len(SPELLINGS) >= 30
    assert missed == []


@pytest.mark.parametrize(
    ("who", "key"),
    [
        ("Fenwik", "FENWICK9"),
        ("Fenwiick", "FENWICK9"),
        ("Fenwock", "FENWICK9"),
        ("Fewnick", "FENWICK9"),
        ("arlo Fennick", "FENWICK9"),
        ("O'Haloran", "OHALLO9"),
        ("Shiobhan", "OHALLO9"),
        ("Nunes", "NUNEZ9"),
    ],
)
def test_where_nothing_is_found_what_differs_in_a_letter_is_offered(
    client: Client, coordinator: User, children: None, who: str, key: str
) -> None:
    client.force_login(coordinator)

    assert find(client, who) == ([key], True)
    page = client.post(reverse("find-child"), {"who": who}, follow=True)
    assert "These differ in one letter" in page.text


@pytest.mark.parametrize("who", ["Fenwohk", "Fenwik Arlu", "Fenwik Siobhan", "Xy", "'", "–", "_"])
def test_what_differs_in_more_is_not_offered(
    client: Client, coordinator: User, children: None, who: str
) -> None:
    client.force_login(coordinator)

    assert find(client, who) == ([], False)


@pytest.mark.parametrize("who", ["Fenwick", "Fenwik", "arlo"])
def test_nothing_is_found_or_offered_that_one_may_not_see(
    client: Client, coordinator: User, second_coordinator: User, hunter: District, who: str
) -> None:
    make_child(make_district("Sydney"), first_name="Arlo", last_name="Fenwick")
    hidden = make_child(hunter, childstory_id="HIDDEN", first_name="Arlo", last_name="Fenwick")
    access.restrict(hidden, reasons="Staff are related.", by=second_coordinator, on=TODAY)
    client.force_login(coordinator)
    assert find(client, who) == ([], False)

    client.force_login(second_coordinator)
    assert find(client, who)[0] == ["HIDDEN"]


@pytest.mark.parametrize(
    ("typed", "leads_there"),
    [
        ("{0} {1}", True),
        (" {0}-{1}\u200b", True),
        ("{0}\u00a0{1}.", True),
        ("0012 345", True),
        ("12345", True),
        ("00012345", True),
        ("1234", False),
    ],
)
def test_a_reference_or_an_id_is_found_as_it_is_pasted(
    client: Client, coordinator: User, hunter: District, typed: str, leads_there: bool
) -> None:
    child = make_child(hunter, childstory_id="0012345")
    client.force_login(coordinator)
    who = typed.format(child.reference[:4].lower(), child.reference[4:])
    response = client.post(reverse("find-child"), {"who": who})

    assert (response["Location"] == reverse("child", args=[child.pk])) == leads_there


def test_an_exact_id_goes_before_one_with_other_zeros(
    client: Client, coordinator: User, hunter: District
) -> None:
    exact = make_child(hunter, childstory_id="12345")
    make_child(hunter, childstory_id="012345")
    make_child(hunter, childstory_id="0012345")
    client.force_login(coordinator)

    response = client.post(reverse("find-child"), {"who": "12345"})
    assert response["Location"] == reverse("child", args=[exact.pk])
    assert find(client, "00012345")[0] == ["0012345", "012345", "12345"]


def unsaved(district: District, **name: str) -> Child:
    facts = {"childstory_id": "BULK", "born_on": BORN_ON, "case_managed_by": "DCJ"}
    return Child(district=district, **facts, **name)


def folded(child: Child) -> str:
    return Child.objects.values_list("folded_name", flat=True).get(pk=child.pk)


def test_every_way_of_writing_a_name_writes_the_form_in_which_it_is_found(
    hunter: District, coordinator: User
) -> None:
    child = make_child(hunter, first_name="Zoë", last_name="One")
    assert folded(child) == "zoe one"

    child.first_name, child.last_name = "Ana", "Twó"
    child.save(update_fields=["last_name"])
    assert folded(child) == "ana two", "the column follows the name that stands on the row"
    child.first_name = "Zoë"
    child.save()
    assert folded(child) == "zoe two"

    Child.objects.filter(last_name="Twó").update(last_name="Thrée")
    assert folded(child) == "zoe three"
    hunter.children.update(first_name="É", last_name="Four")
    assert folded(child) == "e four"

    child = Child.objects.get(pk=child.pk)
    child.last_name = "Fïve"
    Child.objects.bulk_update([child], ["last_name"])
    assert folded(child) == "e five"

    changes = register.ChildFields(first_name="Șix", last_name="Redacted")
    register.edit_child(child, changes=changes, version=1, by=coordinator, on=TODAY)
    assert folded(child) == "six redacted"

    made = unsaved(hunter, first_name="Bülk", last_name="O'Made")
    Child.objects.bulk_create([made])
    assert folded(made) == "bulk o made omade"
    again = unsaved(hunter, first_name="Other", last_name="Name")
    Child.objects.bulk_create(
        [again],
        update_conflicts=True,
        unique_fields=["childstory_id"],
        update_fields=["first_name", "last_name"],
    )
    assert folded(made) == "other name"
    for each in Child.objects.all():
        assert each.folded_name == names.fold(each.first_name, each.last_name)


def test_a_person_is_found_however_the_name_is_spelled(
    client: Client, administrator: User, coordinator: User
) -> None:
    make_person("Siobhán O\u2019Halloran")
    client.force_login(administrator)

    def shown(typed: str) -> list[str]:
        page = client.get(reverse("people"), {"name": typed}).context["page"]
        return [person.name for person in page if person != administrator]

    for typed in ("O'Halloran", "halloran, SIOBHAN", "o.halloran@example", "Haloran"):
        assert shown(typed) == ["Siobhán O\u2019Halloran"], typed
    assert shown("coordinator pat") == [coordinator.name]
    assert shown("%") == shown("Zebedee") == []


@pytest.mark.parametrize(
    ("typed", "is_known"),
    [
        ("ÉCLAT families", True),
        ("Eclat-Families", True),
        (" eclat  families ", True),
        ("Eclat Family", False),
        ("O Hara", False),
        ("O'Hara", True),
    ],
)
def test_a_file_names_a_provider_with_other_accents_and_marks(
    tmp_path: Path, hunter: District, typed: str, is_known: bool
) -> None:
    for name in ("Éclat Families", "O\u2019Hara", "O'Hara"):
        Provider.objects.create(name=name)
    path = write_csv(tmp_path, {**MINIMAL_ROW, "PROVIDER": typed})

    if is_known:
        assert "New: 1" in run_import(path)
    else:
        assert "no such name of a provider" in refused_import(path)[0], "it guesses none"
