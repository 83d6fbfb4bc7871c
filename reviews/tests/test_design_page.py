"""The page with every part: of the demonstration alone, accessible, and as it was last accepted."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from directory.models import User

ACCEPTED = Path(__file__).parent / "accepted"
LOOKS: tuple[tuple[str, int, dict[str, Any]], ...] = (
    ("wide", 1280, {}),
    ("narrow", 390, {}),
    ("forced-colors", 1280, {"forced_colors": "active"}),
    ("print", 1280, {"media": "print"}),
)
ON_SCREEN: dict[str, Any] = {"media": "screen", "forced_colors": "none"}
# So many of a hundred points may differ, and so many px of the height: a font draws its edges a
# little otherwise elsewhere.
TOLERANCE, TOLERANCE_PX = 1.5, 30
# Both pictures on one canvas, and the share of its points that differ clearly.
DIFFERENCE = """async ([one, other]) => {
  const load = (data) => new Promise((done) => {
    const image = new Image();
    image.onload = () => done(image);
    image.src = "data:image/png;base64," + data;
  });
  const images = [await load(one), await load(other)];
  const width = Math.max(...images.map((each) => each.width));
  const height = Math.max(...images.map((each) => each.height));
  const points = images.map((each) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d");
    context.drawImage(each, 0, 0);
    return context.getImageData(0, 0, width, height).data;
  });
  let differ = 0;
  for (let at = 0; at < points[0].length; at += 4) {
    const apart = [0, 1, 2, 3].map((part) => Math.abs(points[0][at + part] - points[1][at + part]));
    if (Math.max(...apart) > 64) differ += 1;
  }
  return [(100 * differ) / (width * height), Math.abs(images[0].height - images[1].height)];
}"""


@pytest.mark.parametrize("is_demo", [True, False])
def test_it_is_of_the_demonstration_alone(
    client: Client, settings: LazySettings, coordinator: User, is_demo: bool
) -> None:
    settings.DEMO = is_demo
    client.force_login(coordinator)
    assert client.get(reverse("design")).status_code == (200 if is_demo else 404)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_each_part_is_accessible_and_looks_as_it_was_accepted(
    coordinator: User,
    settings: LazySettings,
    sign_in: Callable[[User], Page],
    axe: Callable[[], list[str]],
) -> None:
    """With ACCEPT=1 in the environment the pictures of now become the accepted ones."""
    settings.DEMO = True
    page, faults = sign_in(coordinator), list[str]()
    page.goto(reverse("design"))
    for name, width, look in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(**{**ON_SCREEN, **look})
        if not look:
            faults += [f"{name}: {fault}" for fault in axe()]
        over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        faults += [f"{name}: {over} px wider than the window"] if over > 0 else []
        now = page.screenshot(full_page=True, clip=page.locator("main").bounding_box())
        accepted = ACCEPTED / f"{name}.png"
        if os.environ.get("ACCEPT"):
            ACCEPTED.mkdir(exist_ok=True)
            accepted.write_bytes(now)
        pictures = [base64.b64encode(each).decode() for each in (accepted.read_bytes(), now)]
        differ, taller = page.evaluate(DIFFERENCE, pictures)
        if differ > TOLERANCE or taller > TOLERANCE_PX:
            faults.append(f"{name}: {differ:.1f} % differ, and the height by {taller} px")
    assert not faults, "\n".join(["", *faults])
