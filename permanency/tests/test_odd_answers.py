"""Whatever is sent to a form of the register, the answer is a page and never a fault."""

from typing import Any

import pytest
from django.forms import BaseForm
from django.test import Client
from django.urls import reverse

from directory import clock
from directory.forms.date_field import DateField
from directory.models import District, User
from permanency.goals import lifecycle
from permanency.models import Child
from permanency.policy.goals import Goal
from permanency.policy.months import add_months
from permanency.tests.factories import make_child, make_episode, make_order

ODD = (
    "",
    "a\x00b",
    "\udc80".encode("utf-8", "surrogatepass").decode("latin-1"),
    "\u202e\u0660\U0001f600",
    "x" * 100_000,
    "9999-12-31",
    "0001-01-01",
    "2026-02-31",
    str(2**63),
    "-1",
    "<script>alert(1)</script>{{ 7|add:7 }}{% now %}",
    "' OR 1=1 --",
)
PAGES = (
    "new-child",
    "edit-child",
    "open-goal",
    "mark-intensive",
    "record-achievement",
    "new-extension",
    "new-care-episode",
    "new-court-order",
)


@pytest.fixture
def address(hunter: District, coordinator: User, request: pytest.FixtureRequest) -> str:
    """Return where a page stands, about a child who is ready for it."""
    name = request.param
    if name == "new-child":
        return reverse(name)
    child = make_child(hunter)
    if name != "open-goal":
        lifecycle.open_with_goal_in_force(
            child,
            goal=Goal.RESTORATION,
            effective_on=add_months(clock.today(), -2),
            source_note="ChildStory",
            by=coordinator,
            on=clock.today(),
        )
        make_episode(child, left_on=clock.today())
        make_order(child)
    return reverse(name, args=[child.pk])


def as_sent(form: BaseForm) -> dict[str, Any]:
    """Return a form as a browser would send it when nobody has touched it."""
    sent = {}
    for field in form:
        value = field.value()
        if hasattr(value, "isoformat"):
            value = value.isoformat()
        sent[field.html_name] = "" if value is None else str(getattr(value, "pk", value))
    return sent


@pytest.mark.parametrize("address", PAGES, indirect=True, ids=PAGES)
def test_odd_answers_are_answered_plainly(client: Client, coordinator: User, address: str) -> None:
    client.force_login(coordinator)
    form = client.get(address).context["form"]
    untouched = as_sent(form)
    before = Child.objects.count()
    for name, field in form.fields.items():
        in_boxes = [f"{name}_{part}" for part in ("day", "month", "year")]
        for odd in ODD:
            tries = [{**untouched, name: odd, "check": "1"}]
            if isinstance(field, DateField):
                tries.append({**untouched, name: "", **dict.fromkeys(in_boxes, odd[:4])})
            for sent in tries:
                assert client.post(address, sent).status_code in {200, 302, 409, 422}, (name, odd)
    assert Child.objects.count() == before


def test_typed_markup_is_shown_as_it_was_typed(
    client: Client, coordinator: User, hunter: District
) -> None:
    markup = "<script>alert(1)</script>"
    child = make_child(hunter, first_name=markup, last_name="{{ 7|add:7 }}")
    client.force_login(coordinator)
    for url in (reverse("children"), reverse("edit-child", args=[child.pk])):
        page = client.get(url).content.decode()
        assert markup not in page
        assert "&lt;script&gt;" in page
        assert "{{ 7|add:7 }}" in page
