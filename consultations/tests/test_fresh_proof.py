"""An approval asks its approver for a fresh proof of who they are; other steps do not."""

from __future__ import annotations

import re
from datetime import timedelta

from django.test import Client
from django.urls import reverse

from consultations.tests.cases import change_in, make_child, open_goal
from consultations.workflow import Status
from directory import clock
from directory.models import District, User
from directory.tests.people import PASSWORD, sign_in
from directory.web.request import PROVED_AT, StepUpRedirect


def test_an_approval_by_an_old_session_is_not_made(
    client: Client, hunter: District, coordinator: User, cfdu: User
) -> None:
    child = make_child(hunter)
    open_goal(child)
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    approve, decline = (
        reverse("take-step", args=[change.pk, step]) for step in ("approve", "decline")
    )
    sign_in(client, cfdu)
    session = client.session
    session[PROVED_AT] = (clock.now() - timedelta(minutes=16)).isoformat()
    session.save()
    assert client.get(decline).status_code == 200
    answer = client.post(approve, {"reasons": "All is said."})
    assert isinstance(answer, StepUpRedirect)
    change.refresh_from_db()
    assert change.status == Status.ENDORSED
    back = client.post(answer["Location"], {"password": PASSWORD})
    assert back["Location"] == approve
    assert client.post(approve).status_code == 422


def test_what_was_typed_comes_back_after_the_detour(
    client: Client, hunter: District, coordinator: User, cfdu: User
) -> None:
    child = make_child(hunter)
    open_goal(child)
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    approve = reverse("take-step", args=[change.pk, "approve"])
    sign_in(client, cfdu)
    page = client.get(approve).text
    hidden = dict(re.findall(r'type="hidden" name="([\w-]+)" value="([^"]*)"', page))
    session = client.session
    session[PROVED_AT] = (clock.now() - timedelta(minutes=16)).isoformat()
    session.save()
    answer = client.post(approve, {**hidden, "reasons": "All of it is said above."})
    assert isinstance(answer, StepUpRedirect)
    back = client.post(answer["Location"], {"password": PASSWORD}, follow=True)
    assert "All of it is said above." in back.text
