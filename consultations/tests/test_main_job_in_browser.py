"""The main job, from My work to an endorsed change, walked and measured in a browser.

A click is what a hand does: a box or a button once, a list twice. A field is what is filled in or
chosen. The estimate is the keystroke-level one: 0.28 seconds a key, 1.5 a click, 1.35 a field (to
think and to move), 10 a page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from consultations.models import Consultation, GoalChange
from consultations.workflow import Status
from directory.models import User
from permanency.models import Child

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

Property = Callable[[str, object], None]

GOALS = {"pages": 4, "clicks": 26, "fields": 21}
MOST_TABS = 45
HEIGHTS = {1280: 2_600, 390: 4_800}
MOST_MINUTES = {450: 4, 2_500: 14}
RADIO_OR_BUTTON, KEY, CLICK, FIELD, PAGE = 1, 0.28, 1.5, 1.35, 10
# The texts of the plain case, by field; the words of the long one are these, stretched.
TEXTS = (
    "question",
    "option_preservation_reasons",
    "option_restoration_reasons",
    "option_adoption_reasons",
    "option_long_term_care_reasons",
    "child_views",
    "family_views",
    "evidence_legal_note",
    "recommendation",
    "reasons",
    "actions-0-what",
    "actions-0-who",
)


@dataclass
class Hand:
    """Walks a page as a person does, and counts what that takes."""

    page: Page
    pages: int = 1
    clicks: int = 0
    fields: int = 0
    keys: int = 0

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).first.click()
        self.clicks += 1
        self.pages += 1

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()
        self.clicks += 1

    def choose(self, name: str, value: str) -> None:
        self.page.locator(f'[name="{name}"][value="{value}"]').click()
        self.clicks += RADIO_OR_BUTTON
        self.fields += 1

    def type(self, name: str, words: str) -> None:
        box = self.page.locator(f'[name="{name}"]')
        box.click()
        box.fill(words)
        self.clicks += 1
        self.fields += 1
        self.keys += len(words)

    @property
    def minutes(self) -> float:
        seconds = self.keys * KEY + self.clicks * CLICK + self.fields * FIELD + self.pages * PAGE
        return seconds / 60

    @property
    def counted(self) -> dict[str, int]:
        return {"pages": self.pages, "clicks": self.clicks, "fields": self.fields}


def texts(characters: int) -> dict[str, str]:
    """Return words for each text of the plain case, this many characters in all."""
    short = {"actions-0-what": "Ask for the home study", "actions-0-who": "Toni Worker"}
    rest = [name for name in TEXTS if name not in short]
    each, more = divmod(characters - sum(map(len, short.values())), len(rest))
    sizes = {name: each + (place < more) for place, name in enumerate(rest)}
    line = "Weighed with the family and the carers, who agree. "
    return short | {name: (line * 20)[:size] for name, size in sizes.items()}


def walk(hand: Hand, words: dict[str, str]) -> None:
    """Log the plain case on the page of the form, and endorse what it recommends."""
    hand.type("question", words["question"])
    for goal in ("preservation", "restoration", "adoption", "long_term_care"):
        hand.choose(f"option_{goal}_is_practicable", "no")
        hand.type(f"option_{goal}_reasons", words[f"option_{goal}_reasons"])
    hand.choose("option_guardianship_is_practicable", "yes")
    hand.choose("option_guardianship_in_best_interests", "yes")
    hand.type("child_views", words["child_views"])
    hand.type("family_views", words["family_views"])
    hand.press("Mark all as seen")
    hand.choose("evidence_legal_state", "not_needed")
    hand.type("evidence_legal_note", words["evidence_legal_note"])
    hand.choose("recommended_goal", "guardianship")
    hand.type("recommendation", words["recommendation"])
    hand.type("reasons", words["reasons"])
    hand.type("actions-0-what", words["actions-0-what"])
    hand.type("actions-0-who", words["actions-0-who"])
    hand.page.locator('[name="actions-0-due_on_quick"]').first.click()
    hand.clicks += RADIO_OR_BUTTON
    hand.fields += 1
    hand.press("Record, propose and endorse")
    expect(hand.page).not_to_have_url("**/consultations/new/**")
    hand.pages += 1


@pytest.mark.parametrize("characters", [450, 2_500])
def test_the_plain_case_takes_few_pages_clicks_fields_and_minutes(
    characters: int,
    child: Child,
    sign_in: Callable[[User], Page],
    coordinator: User,
    record_property: Property,
) -> None:
    hand = Hand(sign_in(coordinator))
    hand.page.goto("/")
    hand.follow(child.name)
    hand.follow("Log a consultation")
    words = texts(characters)
    assert sum(map(len, words.values())) == characters
    walk(hand, words)

    change = GoalChange.objects.get()
    assert change.status == Status.ENDORSED
    expect(hand.page).to_have_url(re.compile(f"{reverse('goal-change', args=[change.pk])}$"))
    counted = ", ".join(f"{number} {name}" for name, number in hand.counted.items())
    record_property(
        "figure", f"main job, {characters:,} characters: {counted}, {hand.minutes:.1f} minutes"
    )
    over = {name: most for name, most in GOALS.items() if hand.counted[name] > most}
    assert not over, hand.counted
    assert hand.minutes < MOST_MINUTES[characters]


def test_the_empty_form_is_short_and_its_button_near(
    child: Child,
    sign_in: Callable[[User], Page],
    coordinator: User,
    record_property: Property,
) -> None:
    page = sign_in(coordinator)
    page.goto(f"{reverse('new-consultation')}?child={child.pk}")
    heights = {}
    for width in HEIGHTS:
        page.set_viewport_size({"width": width, "height": 900})
        heights[width] = page.evaluate("document.documentElement.scrollHeight")
        assert page.evaluate("document.documentElement.scrollWidth") == width
    page.set_viewport_size({"width": 1280, "height": 900})
    page.locator("#content").focus()
    tabs = 0
    while page.evaluate("document.activeElement.textContent.trim()") != "Record":
        page.keyboard.press("Tab")
        tabs += 1
        assert tabs < 200
    figures = ", ".join(f"{height} px at {width}" for width, height in heights.items())
    record_property("figure", f"main job, empty form: {figures}, {tabs} Tab presses to Record")
    assert all(heights[width] <= most for width, most in HEIGHTS.items()), heights
    assert tabs <= MOST_TABS


@pytest.fixture
def plain(
    browser: Browser, live_server: LiveServer, child: Child, coordinator: User
) -> Iterator[Page]:
    """Give the empty form in a browser that runs no script."""
    client = Client()
    client.force_login(coordinator)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    cookie = client.cookies["sessionid"]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{reverse('new-consultation')}?child={child.pk}")
    yield page
    context.close()


def test_the_plain_case_needs_no_script(plain: Page) -> None:
    reason = plain.locator("[name=option_adoption_reasons]")
    expect(reason).to_be_visible()
    hand = Hand(plain)
    walk(hand, texts(450))
    assert GoalChange.objects.get().status == Status.ENDORSED
    assert Consultation.objects.get().evidence.get(kind="legal").state == "not_needed"


def test_the_short_form_is_short_at_once_without_a_script(plain: Page, child: Child) -> None:
    plain.goto(f"{reverse('new-consultation')}?child={child.pk}&kind=informal")
    expect(plain.get_by_role("heading", name="Note informal advice")).to_be_visible()
    expect(plain.get_by_label("Your advice")).to_be_visible()
    expect(plain.locator("[name=option_adoption_is_practicable]").first).not_to_be_visible()
    plain.get_by_label("The question").fill("Which package fits?")
    plain.get_by_label("Your advice").fill("The one for the school.")
    plain.get_by_role("button", name="Record", exact=True).click()
    assert Consultation.objects.get().kind == "informal"


def test_what_follows_from_an_answer_opens_with_it(
    child: Child, sign_in: Callable[[User], Page], axe: Callable[[], list[str]], coordinator: User
) -> None:
    page = sign_in(coordinator)
    page.goto(f"{reverse('new-consultation')}?child={child.pk}")
    reason = page.locator("[name=option_adoption_reasons]")
    expect(reason).not_to_be_visible()
    page.locator("[name=option_adoption_is_practicable][value=no]").check()
    expect(reason).to_be_visible()
    expect(page.locator("[name=option_adoption_in_best_interests]").first).not_to_be_visible()
    page.locator("[name=option_guardianship_is_practicable][value=yes]").check()
    page.locator("[name=recommended_goal][value=guardianship]").check()
    said_below = page.locator("[data-goal=guardianship] [data-recommended]")
    expect(said_below).to_have_text("Recommended: your reasons below stand here.")
    expect(page.locator("[data-effect-of=guardianship]")).to_be_visible()
    expect(page.locator("[data-effect-of=adoption]")).not_to_be_visible()
    expect(page.get_by_role("button", name="Record and propose")).to_be_visible()
    expect(page.get_by_text("holds an endorsement up")).to_be_visible()
    assert axe() == []
    page.locator("[name=recommended_goal][value=restoration]").check()
    expect(page.get_by_role("button", name="Record and propose")).not_to_be_visible()
    page.locator("[name=purpose]").select_option("packages")
    expect(page.locator("#options")).to_be_visible()  # something was answered there


def test_options_go_where_it_is_not_about_the_goal_and_parts_are_ticked(
    child: Child, sign_in: Callable[[User], Page], coordinator: User
) -> None:
    page = sign_in(coordinator)
    page.goto(f"{reverse('new-consultation')}?child={child.pk}")
    parts = page.get_by_role("navigation", name="Parts of this page")
    expect(parts.get_by_role("listitem")).to_have_count(6)
    page.locator("[name=purpose]").select_option("packages")
    expect(page.locator("#options")).not_to_be_visible()
    expect(parts.get_by_role("listitem")).to_have_count(5)
    page.get_by_label("The child's views", exact=True).fill("Likes the aunt.")
    views = parts.get_by_role("listitem").filter(has_text="Views")
    expect(views).to_contain_text("1 of 2 filled")
    page.get_by_label("The family's views", exact=True).fill("They agree.")
    expect(views).to_contain_text("Filled")


def test_no_pasted_character_is_lost_without_a_word(
    child: Child, sign_in: Callable[[User], Page], coordinator: User
) -> None:
    page = sign_in(coordinator)
    page.goto(f"{reverse('new-consultation')}?child={child.pk}")
    page.get_by_label("The question").fill("x" * 3_000)
    assert len(page.get_by_label("The question").input_value()) == 3_000
    giver = page.get_by_label("Who gave it, and when")
    giver.fill("Aunty\nJoy")
    expect(page.get_by_text("191 characters left")).to_be_visible()
    giver.fill("x" * 3_000)
    assert len(giver.input_value()) == 3_000
    expect(page.get_by_text("2,800 characters too many")).to_be_visible()
    page.get_by_role("button", name="Record", exact=True).click()
    assert len(giver.input_value()) == 3_000
    expect(page.get_by_text("at most 200 characters").first).to_be_visible()


def test_on_a_phone_the_parts_and_the_draft_stand_in_a_bar_at_the_foot(
    child: Child, sign_in: Callable[[User], Page], coordinator: User
) -> None:
    page = sign_in(coordinator)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{reverse('new-consultation')}?child={child.pk}")
    draft = page.get_by_role("button", name="Save as draft")
    expect(draft).to_have_count(1)
    expect(draft).to_be_in_viewport()
    page.get_by_text("Parts: 0 of 6 filled").click()
    page.get_by_role("link", name="Evidence and culture").click()
    expect(page.get_by_role("heading", name="Evidence and cultural advice")).to_be_in_viewport()
    draft.click()
    expect(page.get_by_text("Draft saved.")).to_be_visible()
