"""Pictures as a browser draws them: at every width, and in forced colours, light and dark.

Red without the rules for forced colours in the style sheet: the marks keep a dark blue on black.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from consultations.workflow import Status
from directory.models import District, Office, Provider, User
from directory.tests.people import make_district
from permanency.policy.goals import Goal
from reviews.figures import daily_figures, district_counts
from reviews.figures.daily_figures import months_back
from reviews.tests.cases import TODAY, days_ago, goal_due_in
from reviews.tests.test_dashboards import waiting_change

# What a mark is drawn with, and what stands behind it. Of a pattern, its line and its ground.
DRAWN = """() => {
  const probe = document.createElement("p");
  probe.style.backgroundColor = "Canvas";
  document.body.append(probe);
  const canvas = getComputedStyle(probe).backgroundColor;
  probe.remove();
  const light = (colour) => {
    const parts = colour.match(/[\\d.]+/g).map(Number);
    if (parts.length > 3 && parts[3] === 0) return null;
    const [r, g, b] = parts.slice(0, 3).map((part) => {
      const value = part / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [a, b] = [light(one), light(other)];
    if (a === null || b === null) return 1;
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  const paint = (mark, name) => {
    const value = getComputedStyle(mark)[name];
    return value.startsWith("rgb") ? value : "rgba(0, 0, 0, 0)";
  };
  const found = [];
  const marks = ":is(rect, circle, polyline, line)[class^='app-pic-']";
  for (const mark of document.querySelectorAll(`.app-pic ${marks}, .app-pic-key ${marks}`)) {
    if (/-(ground|under)/.test(mark.getAttribute("class"))) continue;
    const most = ["fill", "stroke"].map((name) => contrast(paint(mark, name), canvas));
    found.push([mark.getAttribute("class"), Math.max(...most)]);
  }
  for (const pattern of document.querySelectorAll("pattern")) {
    const [ground, drawn] = pattern.children;
    const colour = paint(drawn, drawn.tagName === "line" ? "stroke" : "fill");
    found.push([pattern.id, contrast(paint(ground, "fill"), colour)]);
  }
  for (const text of document.querySelectorAll(".app-pic text")) {
    const on = /app-pic-on-(\\w+)/.exec(text.getAttribute("class"));
    const mark = on && document.querySelector(`.app-pic rect.app-pic-${on[1]}`);
    // On a pattern a number has a ground of its own, its stroke.
    const own = paint(text, "stroke");
    const behind = light(own) === null ? (mark ? paint(mark, "fill") : canvas) : own;
    found.push(["text", contrast(paint(text, "fill"), behind)]);
  }
  for (const tile of document.querySelectorAll(".app-tilemap a")) {
    found.push(["tile", contrast(getComputedStyle(tile).borderTopColor, canvas)]);
  }
  return found;
}"""


@pytest.fixture
def busy(
    transactional_db: None,
    hunter: District,
    coordinator: User,
    mpp: User,
    newcastle: Office,
    example_care: Provider,
) -> District:
    """Return Hunter with something in every picture, and two districts beside it."""
    for number, goal in enumerate(Goal):
        for days in (-100, -60, -3, 0, 40, 70):
            place = {"office": newcastle} if number % 2 else {"provider": example_care}
            goal_due_in(hunter, coordinator, days, goal=goal, **place)
    for days in (3, 60, 60, 60, 60, 60, 60):
        made = goal_due_in(hunter, coordinator, 91)
        made.two_year_on = days_ago(-days)
        made.save(update_fields=["two_year_on"])
        waiting_change(made, coordinator, Status.PROPOSED, since=days)
    waiting_change(goal_due_in(hunter, coordinator, 91), coordinator, Status.ENDORSED)
    goal_due_in(make_district("Far West"), mpp, -3)
    goal_due_in(make_district("South Western Sydney"), mpp, 3)
    for number, day in enumerate(months_back(TODAY)):
        if number != 4:
            district_counts.refresh(on=day)
            daily_figures.store(on=day)
    return hunter


def addresses() -> list[str]:
    """Return the pages with pictures, as somebody who sees every district may open them."""
    state = reverse("dashboards")
    return [
        reverse("dashboard", args=["hunter"]),
        state,
        f"{state}?measure=waiting",
        f"{reverse('forecast')}?district=hunter",
    ]


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_pages_with_pictures_are_accessible_and_no_wider_than_the_window(
    busy: District,
    mpp: User,
    sign_in: Callable[[User], Page],
    axe: Callable[[], list[str]],
    width: int,
) -> None:
    page = sign_in(mpp)
    page.set_viewport_size({"width": width, "height": 900})
    for address in addresses():
        page.goto(address)
        assert page.locator(".app-pic").count() > 1
        assert axe() == [], address
        for fold in page.locator(".app-fold-table > summary").all():
            fold.click()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, address


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_mark_differs_from_its_ground_in_forced_colours(
    busy: District, mpp: User, sign_in: Callable[[User], Page], scheme: Literal["light", "dark"]
) -> None:
    page = sign_in(mpp)
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    kinds = set()
    for address in addresses():
        page.goto(address)
        found: list[Any] = page.evaluate(DRAWN)
        kinds |= {kind for kind, _ in found}
        assert [(kind, contrast) for kind, contrast in found if contrast < 3] == [], address
    assert {"app-hatch", "app-stripes", "app-dots", "app-bars", "text", "tile"} <= kinds
    looks = {"solid", "light", "alert", "striped", "outline", "line", "aim"}
    looks |= {"hatched", "dotted", "barred"}
    assert {f"app-pic-{look}" for look in looks} <= kinds
