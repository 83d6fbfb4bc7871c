"""How many files and functions of ours two acts run through, and how often they change the file.

`.ci/figures.toml` holds the most that each may be, and `make figures` prints what they are.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import reverse

from consultations.tests.cases import TODAY, change_in, make_child, open_goal
from consultations.workflow import Status
from directory.models import District, User
from permanency.policy.months import add_months
from reviews.tests.cases import open_child
from reviews.tests.whole_site.form_parser import main_form

ROOT = Path(settings.BASE_DIR)
PACKAGES = {
    Path(config.path).name for config in apps.get_app_configs() if Path(config.path).parent == ROOT
}
CEILINGS = tomllib.loads((ROOT / ".ci/figures.toml").read_text(encoding="utf-8"))

Property = Callable[[str, object], None]
pytestmark = [pytest.mark.django_db, pytest.mark.once]


def file_of(code: CodeType) -> str:
    """Return the file of the application that this code stands in, "" for other people's."""
    path = Path(code.co_filename)
    if not path.is_relative_to(ROOT):
        return ""
    parts = path.relative_to(ROOT).parts
    # What PostgreSQL is told with each statement is no step of an act.
    if parts[:2] == ("directory", "database"):
        return ""
    return "/".join(parts) if parts[0] in PACKAGES and "tests" not in parts else ""


class Profile:
    """What ran: files, functions, and calls that came from another file of ours.

    The caller is the nearest function of ours, also where Django stands between the two. Lambdas
    and comprehensions are functions.
    """

    def __init__(self) -> None:
        self.functions: set[CodeType] = set()
        self.hops = 0
        self._files: dict[CodeType, str] = {}

    def of(self, act: Callable[[], Any]) -> Any:
        """Return what the act returns, having counted what ran."""
        sys.setprofile(self._look)
        try:
            return act()
        finally:
            sys.setprofile(None)

    @property
    def figures(self) -> dict[str, int]:
        """Return the three counts."""
        files = {self._file(code) for code in self.functions}
        return {"files": len(files), "functions": len(self.functions), "hops": self.hops}

    def _file(self, code: CodeType) -> str:
        if code not in self._files:
            self._files[code] = file_of(code)
        return self._files[code]

    def _look(self, frame: FrameType, event: str, arg: object) -> None:
        if event != "call" or not (here := self._file(frame.f_code)):
            return
        self.functions.add(frame.f_code)
        caller = frame.f_back
        while caller is not None and not self._file(caller.f_code):
            caller = caller.f_back
        self.hops += caller is not None and self._file(caller.f_code) != here


def check(act: str, profile: Profile, record_property: Property) -> None:
    """Record the figures, and compare them with the most that they may be."""
    counted = ", ".join(f"{figure} {name}" for name, figure in profile.figures.items())
    record_property("figure", f"{act}: {counted}")
    over = {name: most for name, most in CEILINGS[act].items() if profile.figures[name] > most}
    assert not over, f"{act}: {profile.figures}, more than {over} of .ci/figures.toml"
    assert profile.hops > len(profile.figures), "nothing was counted"


def test_approving_a_change(
    client: Client, hunter: District, coordinator: User, cfdu: User, record_property: Property
) -> None:
    child = make_child(hunter)
    open_goal(child)
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    client.force_login(cfdu)
    address = reverse("goal-change", args=[change.pk])
    form = main_form(client.get(address).content.decode(), address)
    typed = {"decision": "approve", "approve-reasons": "With care."}
    shown = client.post(address, form.sent(typed, press="check"))
    body = main_form(shown.content.decode(), address).sent({}, press="save")

    profile = Profile()
    answer = profile.of(lambda: client.post(address, body))

    assert answer.status_code == 302
    change.refresh_from_db()
    assert change.status == Status.APPROVED
    check("approve", profile, record_property)


def test_saving_a_review(
    client: Client, hunter: District, coordinator: User, record_property: Property
) -> None:
    """One that is held today, asks for reviews every three months and agrees one action."""
    goal = open_child(hunter, coordinator, effective_on=add_months(TODAY, -7))
    client.force_login(coordinator)
    address = f"{reverse('new-review')}?child={goal.child_id}"
    typed = {
        "held_on_day": str(TODAY.day),
        "held_on_month": str(TODAY.month),
        "held_on_year": str(TODAY.year),
        "took_part": "Jo Caseworker, caseworker, Example Care",
        "progress": "on_track",
        "progress_reasons": "Visits go well.",
        "outcome": "intensive",
        "actions-0-what": "Visit the aunt.",
        "actions-0-who": "Jo Caseworker",
        "actions-0-due_on_day": "1",
        "actions-0-due_on_month": "1",
        "actions-0-due_on_year": str(TODAY.year + 1),
    }
    form = main_form(client.get(address).content.decode(), address)
    shown = client.post(address, form.sent(typed, press="check"))
    body = main_form(shown.content.decode(), address).sent({}, press="save")

    profile = Profile()
    answer = profile.of(lambda: client.post(address, body))

    assert answer.status_code == 302
    assert goal.reviews.get().outcome == "intensive"
    check("review", profile, record_property)
