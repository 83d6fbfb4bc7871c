"""What `/health/` says, and that it says it soon whatever is away."""

import socket
import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connections
from django.test import Client

from directory import clock, tasks
from directory.mail import leases
from directory.mail.hold import hold_mail
from directory.models import Heartbeat, Mail, TickRun, User
from directory.tests.inboxes import make_inbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def well(settings: LazySettings) -> None:
    """Make everything well: a worker that spoke just now, and a tick that came to its end."""
    tasks.say_alive()
    TickRun.objects.create(on=clock.today(), ended_at=clock.now())


def ask(client: Client) -> tuple[int, dict[str, Any]]:
    response = client.get("/health/")
    return response.status_code, response.json()


def test_all_is_well(client: Client, well: None) -> None:
    status, said = ask(client)
    assert status == 200, said
    assert {name: part["ok"] for name, part in said.items() if name != "ok"} == {
        "database": True,
        "role": True,
        "worker": True,
        "tick": True,
        "mail": True,
        "mail_server": True,
        "broker": True,
    }
    assert said["ok"] is True
    assert said["worker"]["age_seconds"] <= 60
    assert said["mail"]["oldest_owed_seconds"] is None


def test_a_fresh_database_has_no_worker_and_no_tick(client: Client) -> None:
    status, said = ask(client)
    assert status == 503
    assert said["worker"] == {
        "ok": False,
        "age_seconds": None,
        "reason": "No worker has ever been at work.",
    }
    assert said["tick"] == {
        "ok": False,
        "age_seconds": None,
        "reason": "Dates have never been worked out here.",
    }


# A time that is still to come is one of a clock that was set back; beat is silent until then.
@pytest.mark.parametrize(("seconds", "expected"), [(80, 200), (110, 503), (-60, 200), (-180, 503)])
def test_a_worker_that_does_nothing_is_noticed_inside_two_minutes(
    client: Client, well: None, seconds: int, expected: int
) -> None:
    Heartbeat.objects.update(at=clock.now() - timedelta(seconds=seconds))
    status, said = ask(client)
    assert (status, said["worker"]["ok"]) == (expected, expected == 200)
    assert abs(said["worker"]["age_seconds"] - seconds) < 15


@pytest.mark.parametrize(("minutes", "expected"), [(14, 200), (16, 503), (-1, 200), (-3, 503)])
def test_the_last_completed_tick_may_be_a_quarter_of_an_hour_old(
    client: Client, well: None, minutes: int, expected: int
) -> None:
    TickRun.objects.update(ended_at=clock.now() - timedelta(minutes=minutes))
    TickRun.objects.create(on=clock.today(), ended_at=None)
    status, said = ask(client)
    assert (status, said["tick"]["ok"]) == (expected, expected == 200)


@pytest.mark.parametrize(
    ("state", "minutes", "live", "held", "expected"),
    [
        ("owed", 59, True, False, 200),
        ("owed", 61, True, False, 503),
        ("owed", 61, True, True, 200),
        ("owed", 61, False, False, 200),
        ("sent", 61, True, False, 200),
    ],
)
def test_a_mail_that_is_owed_for_an_hour_is_not_well_unless_nothing_may_leave(
    client: Client,
    well: None,
    settings: LazySettings,
    state: str,
    minutes: int,
    live: bool,
    held: bool,
    expected: int,
) -> None:
    settings.MAIL_LIVE = live
    mail = Mail.objects.create(
        inbox=make_inbox("Hunter inbox"), on=clock.today(), part="digest", state=state
    )
    Mail.objects.filter(pk=mail.pk).update(composed_at=clock.now() - timedelta(minutes=minutes))
    if held:
        hold_mail("A demonstration", on=clock.today())
    status, said = ask(client)
    assert (status, said["mail"]["ok"]) == (expected, expected == 200)
    if state == "owed":
        assert abs(said["mail"]["oldest_owed_seconds"] - 60 * minutes) < 60


@pytest.mark.parametrize(("live", "expected"), [(True, 503), (False, 200)])
def test_a_mail_server_that_is_left_alone_is_not_well(
    client: Client, well: None, settings: LazySettings, live: bool, expected: int
) -> None:
    settings.MAIL_LIVE = live
    inbox = make_inbox("Hunter inbox")
    mail = Mail.objects.create(inbox=inbox, on=clock.today(), part="digest")
    now = clock.now()
    leases.wait_for_server(now - timedelta(minutes=1), "It cannot be reached.")
    assert ask(client)[0] == 200
    leases.wait_for_server(now, "It cannot be reached.")
    status, said = ask(client)
    assert (status, said["mail_server"]["ok"]) == (expected, expected == 200)
    leases.end(mail, Mail.State.SENT, now)
    assert ask(client)[0] == 200


def test_a_queue_that_nobody_listens_on_is_not_well(
    client: Client, well: None, settings: LazySettings
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    status, said = ask(client)
    assert (status, said["broker"]["ok"]) == (503, False)
    assert said["database"]["ok"]


def test_a_queue_that_never_answers_costs_at_most_two_seconds(
    client: Client, well: None, settings: LazySettings
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        began = time.monotonic()
        status, said = ask(client)
        assert time.monotonic() - began < 2
    assert (status, said["broker"]["ok"]) == (503, False)


@pytest.mark.parametrize("signed_in", [False, True])
def test_a_database_that_is_away_is_said_and_is_no_error(
    client: Client, coordinator: User, signed_in: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if signed_in:
        client.force_login(coordinator)
    connections.close_all()
    elsewhere = {**connections.settings["default"], "NAME": "/nowhere/at/all.sqlite3"}
    if "postgresql" in elsewhere["ENGINE"]:
        elsewhere |= {"NAME": "nowhere", "PORT": "1"}
    monkeypatch.setitem(connections.settings, "default", elsewhere)
    here = connections["default"]
    del connections["default"]
    try:
        status, said = ask(client)
    finally:
        connections["default"] = here
    assert status == 503
    assert said["database"] == {"ok": False, "reason": "OperationalError"}
    assert said["worker"]["ok"] is False
    assert said["broker"]["ok"] is True


def test_it_holds_no_case_data_and_is_not_kept(client: Client, well: None) -> None:
    response = client.get("/health/")
    parts = {"database", "role", "worker", "tick", "mail", "mail_server", "broker"}
    assert set(response.json()) == {"ok", *parts}
    assert "no-store" in response.headers["Cache-Control"]
    assert client.post("/health/").status_code == 405
