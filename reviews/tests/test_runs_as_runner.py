"""All work is done as a role that owns nothing, behind a pooler that parts transactions."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from directory import clock, tasks
from directory.accounts.demo_people import DEMO_PASSWORD
from directory.audit.services import redact
from directory.audit.verify import verify
from directory.database import startup_check
from directory.models import Draft, Heartbeat, HistoryEntry, Mail, Notice, ReadEntry, User
from permanency.access import services as restrictions
from permanency.models import Child
from reviews import notices_due
from reviews.demo import build
from reviews.models import GoalReview

pytestmark = [
    pytest.mark.services,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("runner", "pooler"),
]
TODAY = clock.today()


def test_the_work_of_a_day_is_done_by_the_runner() -> None:
    assert startup_check.faults(connection) == []
    call_command("load_directory", verbosity=0)
    # Children, care, goals, consultations, changes and reviews, each through its service.
    build.make(children=12, seed=3, today=TODAY)
    assert GoalReview.objects.exists()
    coordinator = User.objects.get(email="pc.hunter@example.org")
    hunter = Child.objects.filter(district__slug="hunter", restricted_on=None)
    child = hunter.filter(goals__ended_on=None).earliest("pk")

    desk = Client()
    signed_in = {"login": coordinator.email, "password": DEMO_PASSWORD}
    assert desk.post(reverse("sign-in"), signed_in).status_code == 302
    assert desk.get(reverse("child", args=[child.pk])).status_code == 200
    assert ReadEntry.objects.filter(by=coordinator, child_number=child.pk).exists()
    history = desk.get(f"/children/{child.pk}/history/").content.decode()
    assert "What was done" in history
    assert "Nothing is recorded yet." not in history
    page = f"{reverse('new-review')}?child={child.pk}"
    form = desk.get(page).content.decode()
    token = re.search(r'name="submission_token" value="([^"]+)"', form)
    assert token is not None
    refused = desk.post(page, {"submission_token": token[1], "progress_reasons": "Kept."})
    assert refused.status_code == 422
    assert Draft.objects.filter(person=coordinator).exists()

    restrictions.restrict(child, reasons="A relative works here.", by=coordinator, on=TODAY)
    at = notices_due.morning_of(TODAY)
    assert notices_due.tick(at=at, now=lambda: at).problems == []
    assert Notice.objects.exists()
    assert Mail.objects.exists()
    tasks.say_alive()
    tasks.deliver_to_people()
    tasks.forget_old_texts()
    tasks.clear_ended_sessions()
    assert Heartbeat.objects.exists()

    two = User.objects.filter(email__in=["admin@example.org", "mpp@example.org"]).order_by("email")
    redact(
        HistoryEntry.objects.filter(child_number=child.pk).earliest("pk"),
        decided_by=two[0], done_by=two[1], authority="Order 7", reason="Wrong child.", on=TODAY,
    )  # fmt: skip
    assert verify().faults == []
