"""How the queue is set, as a worker really has it, and that no request waits for it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from celery.beat import Service
from celery.signals import beat_init
from django.conf import settings

from permanency.celery import app

ASK = """
import json, django
django.setup()
from permanency.celery import app
print(json.dumps({name: app.conf[name] for name in __import__("sys").argv[1:]}))
"""
ON_REDIS = {
    "broker_channel_error_retry": True,
    "worker_max_tasks_per_child": 200,
    "worker_max_memory_per_child": 300_000,
    "worker_soft_shutdown_timeout": 30.0,
    "broker_transport_options": {
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
    },
}
EVERYWHERE = {
    "task_acks_late": False,
    "task_reject_on_worker_lost": None,
    "task_time_limit": 300,
    "task_soft_time_limit": 240,
    "task_serializer": "json",
    "accept_content": ["json"],
    "result_backend": None,
    "task_ignore_result": True,
    "task_always_eager": False,
    "task_publish_retry_policy": {
        "max_retries": 2,
        "interval_start": 0,
        "interval_step": 0.2,
        "interval_max": 0.5,
    },
}
LONGEST_WAIT_SECONDS = 600


def as_a_worker_has_it(home: Path, redis_url: str, names: list[str]) -> dict[str, Any]:
    """Return these settings of the Celery application, in a process of its own."""
    environment = {
        "DJANGO_SETTINGS_MODULE": "permanency.settings",
        "SECRET_KEY": settings.SECRET_KEY,
        "DEMO": "1",
        "VAR_DIR": str(home),
        "REDIS_URL": redis_url,
    }
    said = subprocess.run(  # noqa: S603  # every word of the command is ours
        [sys.executable, "-c", ASK, *names],
        cwd=settings.BASE_DIR, env=environment, capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    return dict(json.loads(said.stdout))


@pytest.mark.once
@pytest.mark.parametrize(
    ("redis_url", "expected"),
    [("redis://127.0.0.1:1/0", {**EVERYWHERE, **ON_REDIS}), ("", EVERYWHERE)],
)
def test_the_queue_is_set_as_decided(
    tmp_path: Path, redis_url: str, expected: dict[str, Any]
) -> None:
    assert as_a_worker_has_it(tmp_path, redis_url, list(expected)) == expected


def test_no_task_waits_for_an_acknowledgement() -> None:
    """One that Redis never got would fill the worker's place, which then takes nothing more."""
    assert app.conf.task_acks_late is False
    assert [(queue.name, queue.no_ack) for queue in app.amqp.queues.values()] == [("celery", True)]


def test_every_nudge_goes_stale_before_the_next_ones_and_none_waits_in_the_queue() -> None:
    for name, entry in app.conf.beat_schedule.items():
        assert 0 < entry["options"]["expires"] <= entry["schedule"], name
        assert entry.get("args", ()) == entry.get("kwargs", ()) == (), name
        assert {"countdown", "eta"}.isdisjoint(entry["options"]), name


@pytest.mark.once
def test_beat_asks_for_everything_as_it_starts(tmp_path: Path) -> None:
    """Also where its own notes were lost: nothing waits for a whole interval then."""
    beat = Service(app=app, schedule_filename=str(tmp_path / "schedule"))
    assert not any(entry.is_due()[0] for entry in beat.scheduler.schedule.values())
    beat_init.send(sender=beat)
    assert all(entry.is_due()[0] for entry in beat.scheduler.schedule.values())
    beat.scheduler.close()


@pytest.mark.once
def test_nothing_but_beat_puts_a_task_into_the_queue() -> None:
    """A request that published could wait for a queue that is frozen."""
    publishes = re.compile(
        r"\.(delay|delay_on_commit|apply_async|apply_async_on_commit|send_task|retry)\("
        r"|\b(countdown|eta)="
    )
    sources = [
        path
        for package in ("directory", "permanency", "consultations", "reviews")
        for path in (settings.BASE_DIR / package).rglob("*.py")
        if "tests" not in path.parts
    ]
    assert len(sources) > 200
    assert [str(path) for path in sources if publishes.search(path.read_text())] == []
    assert publishes.search("tick.delay()")
    assert publishes.search("tick.apply_async(countdown=5)")
