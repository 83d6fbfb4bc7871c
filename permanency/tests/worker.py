"""A real Celery worker with beat for tests, in a process of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import redis
from celery.beat import PersistentScheduler
from django.conf import LazySettings
from django.db import connection

from permanency.celery import app


class Worker:
    """A Celery worker with beat in a process of its own, on the test's database and queue."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self.log = log

    def wait_for(self, fact: Callable[[], object], *, seconds: float = 45) -> None:
        """Return when the fact is true; fail with the worker's log where it does not become so."""
        deadline = time.monotonic() + seconds
        while not fact():
            if self.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"The worker did not bring it about:\n{self.log.read_text()[-4000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End this worker and the beat inside it, and nothing else."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def address_of_test_database() -> str:
    """Return the URL that leads another process to the database of this test."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{quote(name)}"
    return urlsplit(os.environ["TEST_DATABASE_URL"])._replace(path=f"/{name}").geturl()


def write_overdue_schedule(path: Path) -> None:
    """Leave the notes of a beat that last ran a year ago, so that all it knows is due at once."""
    scheduler = PersistentScheduler(app=app, schedule_filename=str(path), lazy=False)
    for entry in scheduler.schedule.values():
        entry.last_run_at = app.now() - timedelta(days=365)
    scheduler.close()


@pytest.fixture
def start_worker(
    transactional_db: None, settings: LazySettings, tmp_path: Path
) -> Iterator[Callable[..., Worker]]:
    """Give a function that starts a real worker with beat, with these environment variables.

    Each task of beat's schedule runs once at the start, as after a long outage.
    """
    started: list[Worker] = []

    def start(**environment: str) -> Worker:
        home = tmp_path / f"worker-{len(started)}"
        home.mkdir()
        write_overdue_schedule(home / "beat-schedule")
        log = home / "log"
        here = {
            "DJANGO_SETTINGS_MODULE": "permanency.settings_test",
            "TEST_DATABASE_URL": address_of_test_database(),
            "VAR_DIR": str(home),
        }
        command = [
            sys.executable, "-m", "celery", "-A", "permanency", "worker", "-B", "--pool", "threads",
            "--concurrency", "2", "--loglevel", "INFO",
            "--scheduler", "permanency.tests.hasty_beat:HastyScheduler",
            "--without-gossip", "--without-mingle", "--without-heartbeat",
        ]  # fmt: skip
        with log.open("wb") as out:
            process = subprocess.Popen(  # noqa: S603  # every word of the command is ours
                command,
                cwd=settings.BASE_DIR, env={**os.environ, **here, **environment},
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        worker = Worker(process, log)
        started.append(worker)
        worker.wait_for(lambda: " ready." in log.read_text())
        return worker

    if settings.REDIS_URL:
        redis.Redis.from_url(settings.REDIS_URL).flushdb()
    yield start
    for worker in started:
        worker.stop()


@pytest.fixture
def worker(start_worker: Callable[..., Worker]) -> Worker:
    """Give one real worker with beat, already at work."""
    return start_worker()
