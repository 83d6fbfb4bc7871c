"""Whatever stands in a text of the database, a real browser runs none of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Dialog, Page

from directory.models import User
from reviews.tests.whole_site.fixtures import make_everybody, make_site_objects
from reviews.tests.whole_site.test_markup import fill


@pytest.mark.django_db(transaction=True)
def test_a_browser_runs_nothing_that_was_typed(page: Page, sign_in: Callable[[User], Page]) -> None:
    """No dialog opens, and (the fixture `page` sees to it) no content policy is violated."""
    people = make_everybody()
    house = make_site_objects(people)
    fill()
    opened: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        opened.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.add_init_script("window.xq = () => alert('a script that was typed has run')")
    child = house.sets["PSP"]["child"]
    addresses = [
        reverse("my-work"),
        reverse("children"),
        reverse("reviews"),
        reverse("child", args=[child]),
        reverse("child-history", args=[child]),
        reverse("child-consultations", args=[child]),
        reverse("edit-child", args=[child]),
        reverse("consultation", args=[house.sets["PSP"]["consultation"]]),
        reverse("goal-change", args=[house.sets["PSP"]["endorsed change"]]),
        reverse("review", args=[house.sets["PSP"]["review"]]),
        reverse("contacts"),
    ]
    sign_in(User.objects.get(pk=people["mpp"].pk))
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
    assert opened == []
