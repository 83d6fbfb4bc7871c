"""Every page in a real browser, wide and on a phone: accessible, within the window, one heading.

The database is that of the demonstration with the furnished house in it, after a tick, so that no
page is empty. A title never holds a child's name: titles stay in the history of a browser.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import Page, Response

from directory import clock
from directory.clock import is_working_day
from directory.models import Draft, User
from directory.tests.people import make_person
from permanency.models import Child
from reviews.demo import build
from reviews.tests.whole_site.fixtures import MISSING_NUMBER, SiteObjects, make_site_objects
from reviews.tests.whole_site.screenshots import DEMO_EMAILS, MAY_BE_EMPTY, forms_of, pages_of

pytestmark = pytest.mark.django_db(transaction=True)
WIDE, PHONE = 1280, 390
CHILDREN = 60
# How many pages each of them looks at.
AT_LEAST = {
    "cfdu": 13,
    "casework_manager": 12,
    "district_manager": 10,
    "mpp": 16,
    "contract_manager": 3,
    "administrator": 45,
}
SEND = """() => {
  const form = document.querySelector("main form[method=post]");
  form.noValidate = true;
  form.requestSubmit(form.querySelector("button[type=submit]:not([name=add_action], [form])"));
}"""
# Sends the form without an answer, as somebody would who knows nothing yet.
SEND_NOTHING = """() => {
  const form = document.querySelector("main form[method=post]");
  form.noValidate = true;
  for (const field of form.elements) {
    if (field.type === "radio" || field.type === "checkbox") field.checked = false;
    else if (field.type !== "hidden" && field.tagName !== "BUTTON") field.value = "";
  }
  form.requestSubmit(form.querySelector("button[type=submit]:not([name=add_action], [form])"));
}"""


@pytest.fixture
def people(transactional_db: None) -> dict[str, User]:
    """Return the people of the demonstration, made with its cases, and one without appointment."""
    call_command("load_directory", verbosity=0)
    build.make(children=CHILDREN, seed=3, today=clock.today())
    found = {who: User.objects.get(email=email) for who, email in DEMO_EMAILS.items()}
    return {**found, "nobody": make_person("Noel Nobody")}


@pytest.fixture
def house(people: dict[str, User]) -> SiteObjects:
    """Return the house, with what is owed about it told to the inboxes."""
    house = make_site_objects(people)
    day = clock.today() + timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    call_command("tick", "--on", day.isoformat(), verbosity=0)
    return house


class Look:
    """Looks at one page after another and keeps what is wrong with each."""

    def __init__(self, page: Page, axe: Callable[[], list[str]]) -> None:
        self.page, self.axe = page, axe
        self.faults: list[str] = []
        self.looked = 0
        names = {
            name for row in Child.objects.values_list("last_name", flat=True) for name in [row]
        }
        self.names = re.compile(rf"\b({'|'.join(map(re.escape, sorted(names)))})\b")
        page.on("dialog", lambda dialog: dialog.accept())

    def open(self, address: str, *, expected: int = 200, may_be_empty: bool = False) -> None:
        """Look at the page of an address, which must be answered with this status."""
        self._check_status(self.page.goto(address), expected)
        self.at(address, may_be_empty=may_be_empty)

    def over(self, house: SiteObjects, who: str) -> None:
        """Look at every page of this person, and at their forms sent without an answer."""
        for row in pages_of(who):
            self.open(house.address(row), may_be_empty=(row.route, row.about) in MAY_BE_EMPTY)
        for row in forms_of(who):
            self.page.goto(house.address(row))
            self.send(SEND_NOTHING, expected=422)

    def send(self, script: str, *, expected: int, may_be_empty: bool = False) -> None:
        """Look at the page to which a script leads by sending a form."""
        with self.page.expect_navigation() as led:
            self.page.evaluate(script)
        self._check_status(led.value, expected)
        self.at(f"{self.page.url} ({expected})", may_be_empty=may_be_empty)

    def _check_status(self, answer: Response | None, expected: int) -> None:
        if answer is None or answer.status != expected:
            got = answer.status if answer else "nothing"
            self.faults.append(f"{self.page.url}: expected {expected}, got {got}")

    def at(self, label: str, *, may_be_empty: bool = False) -> None:
        """Look at the page now shown, wide and on a phone."""
        self.looked += 1
        found = []
        for width in (WIDE, PHONE):
            self.page.set_viewport_size({"width": width, "height": 900})
            found += [f"{fault} at {width} px" for fault in self.axe()]
            over = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            found += [f"{over} px wider than the window of {width} px"] if over > 0 else []
        headings = self.page.locator("h1").count()
        found += [f"{headings} headings of the first level"] if headings != 1 else []
        title = self.page.title()
        found += [f"a name in the title: {title}"] if self.names.search(title) else []
        if not may_be_empty and self.page.locator("main .app-empty").count():
            found.append(f"empty: {self.page.locator('main .app-empty').first.inner_text()!r}")
        self.faults += [f"{label}: {fault}" for fault in found]


@pytest.fixture
def look(
    house: SiteObjects, page: Page, axe: Callable[[], list[str]], capsys: pytest.CaptureFixture[str]
) -> Iterator[Look]:
    """Give a look at pages; at the end tell how many there were and what was wrong with them."""
    look = Look(page, axe)
    yield look
    with capsys.disabled():
        print(f"\n{look.looked} pages looked at, each at {WIDE} and at {PHONE} px")  # noqa: T201
    assert not look.faults, "\n".join(["", *look.faults])


def test_what_a_coordinator_sees(
    house: SiteObjects, people: dict[str, User], sign_in: Callable[[User], Page], look: Look
) -> None:
    sign_in(people["coordinator"])
    look.over(house, "coordinator")
    look_at_effects(look, house)
    look_at_finding(look)
    look_at_refusals(look, house)
    assert look.looked > 70


def test_what_everybody_else_sees(
    page: Page,
    house: SiteObjects,
    people: dict[str, User],
    sign_in: Callable[[User], Page],
    look: Look,
) -> None:
    look_without_a_role(page, look, lambda: sign_in(people["nobody"]))
    for who, at_least in AT_LEAST.items():
        before = look.looked
        sign_in(people[who])
        look.over(house, who)
        assert look.looked - before >= at_least


def look_without_a_role(page: Page, look: Look, sign_in_nobody: Callable[[], Page]) -> None:
    """Look at what somebody sees who is not signed in, or not appointed."""
    look.open(reverse("sign-in"))
    look.send(SEND_NOTHING, expected=422)
    page.context.clear_cookies()
    look.send(SEND_NOTHING, expected=403)
    sign_in_nobody()
    look.open(reverse("my-work"), may_be_empty=True)
    look.open(reverse("children"), expected=403)


def look_at_effects(look: Look, house: SiteObjects) -> None:
    """Look at the pages that show what a step does to the dates, before it is saved."""
    look.open(reverse("my-drafts"))  # those of the forms that were sent without an answer
    Draft.objects.all().delete()
    child = house.sets["PSP"]["child"]
    page, today = look.page, clock.today()
    page.goto(reverse("mark-intensive", args=[child]))
    page.locator("[name=reasons]").fill("More support is needed.")
    look.send(SEND, expected=200)
    page.goto(f"{reverse('new-review')}?child={child}")
    for part in ("day", "month", "year"):
        page.locator(f"[name=held_on_{part}]").fill(str(getattr(today, part)))
    page.locator("label[for=id_progress_0]").click()
    page.locator("label[for=id_outcome_0]").click()
    look.send(SEND, expected=200)
    page.goto(reverse("edit-child", args=[child]))
    page.locator("[name=district]").select_option(label="Sydney")
    page.locator("[name=office]").select_option(index=0)
    look.send(SEND, expected=200)


def look_at_finding(look: Look) -> None:
    """Look at what the box that finds a child leads to: some, none, and no question."""
    for typed, expected in (("a", 200), ("Nobody of this name", 200), ("", 422)):
        look.page.goto(reverse("find-child"))
        look.page.locator("main [name=who]").fill(typed)
        look.send(SEND, expected=expected, may_be_empty=typed != "a")


def look_at_refusals(look: Look, house: SiteObjects) -> None:
    """Look at the pages that say no: 403, 404, 409, and 400 for far too many questions."""
    endorsed = house.sets["PSP"]["endorsed change"]
    look.open(reverse("approvals"), expected=403)
    look.open(reverse("child", args=[MISSING_NUMBER]), expected=404)
    look.open(reverse("take-step", args=[endorsed, "propose"]), expected=409)
    look.open(f"{reverse('contacts')}?{'a&' * 1_001}", expected=400)
