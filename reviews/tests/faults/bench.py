"""One case's bench: a database of its own, a queue, a mail server, and the parts it starts.

The product is a black box here: it is reached by environment variables and addresses, and judged
by SQL, by what the mail server stored and by what the web answers.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psycopg2
import redis
from psycopg2 import sql

from directory import clock
from directory.clock import add_working_days, is_working_day
from reviews.tests.faults.faked_clock import FakedClock
from reviews.tests.faults.parts import INJECTED_FOLDER, PartProcess, Web, services, wait_for
from reviews.tests.faults.smtp_stub import SmtpStub
from reviews.tests.faults.visitor import Visitor

# What the product would take minutes for, in seconds. The real figures are asserted elsewhere.
SHORT_TIMES = {
    "EMAIL_TIMEOUT": "1",
    "MAIL_LEASE_SECONDS": "3",
    "MAIL_BACKOFF_SECONDS": "1,2,3,4",
    "HASTY_SECONDS": "1",
    "HASTY_UP_TO_SECONDS": "300",
}
NO_VARIABLES: Mapping[str, str] = MappingProxyType({})
TEST_RUN_VARIABLES = (
    "TEST_DATABASE_URL",
    "TEST_REDIS_URL",
    "PYTEST_CURRENT_TEST",
    "DJANGO_SETTINGS_MODULE",
)


def environment(home: Path, database: str, **more: str) -> dict[str, str]:
    """Return the environment of a part: that of the product, and nothing of the test run."""
    inherited = {
        name: value for name, value in os.environ.items() if name not in TEST_RUN_VARIABLES
    }
    return {
        **inherited,
        "DJANGO_SETTINGS_MODULE": "permanency.settings",
        "SECRET_KEY": "a-secret-of-the-bench-that-is-used-nowhere-else",
        "DEMO": "1",
        "BASE_URL": "http://127.0.0.1",
        "FALLBACK_INBOX": "fallback@example.org",
        "DATABASE_URL": database,
        "REDIS_URL": "",
        "VAR_DIR": str(home),
        **SHORT_TIMES,
        **more,
    }


class Bench:
    """The servers and parts of one case. What it starts, `close` ends."""

    def __init__(self, home: Path, cluster: Any, database: str, static: Path) -> None:
        self.home, self.cluster, self.database = home, cluster, database
        (home / "static").symlink_to(static)
        self.stub = SmtpStub()
        self.parts: list[PartProcess] = []
        self.clock: FakedClock | None = None
        self.patience = 120.0
        self.without = ""  # the guard that is taken out of the parts, to see the case turn red
        self._queue: Any = None
        self._oracle: Any = None

    # The parts

    def fake_the_clock(self) -> FakedClock:
        """Give the parts that start from now on a clock that the case sets, and return it."""
        self.clock = FakedClock(self.home)
        return self.clock

    @property
    def url(self) -> str:
        """Return the DATABASE_URL of the parts."""
        return str(self.cluster.address(database=self.database))

    @property
    def queue(self) -> Any:
        """Return the Redis of this case, started when it is first asked for."""
        if self._queue is None:
            self._queue = services.Queue(self.home)
        return self._queue

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment that leads a part to this bench."""
        here = {"MAIL_LIVE": "1", "EMAIL_URL": self.stub.url, "REDIS_URL": self.queue.address}
        here |= self.clock.environment if self.clock else {}
        if self.without:
            here |= {"PYTHONPATH": str(INJECTED_FOLDER), "FAULT_CONTROL": self.without}
        return environment(self.home, self.url, **here | more)

    def falling(self, place: str, when: str, *, times: int, **more: str | float) -> dict[str, str]:
        """Return what makes a part fall before or after the calls of a function, so many times.

        `how` is "kill" or "stop"; `only` and `once_for` are regular expressions about the
        arguments, and `skip` is how many calls of each process go well before.
        """
        return {
            "PYTHONPATH": str(INJECTED_FOLDER),
            "FAULT_AT": place,
            "FAULT_WHEN": when,
            "FAULT_TIMES": str(times),
            "FAULT_TALLY": str(self.home / "falls"),
            **{f"FAULT_{name.upper()}": str(value) for name, value in more.items()},
        }

    def falls(self, when: str = "") -> int:
        """Return how often a part has fallen, or how often before or after the call."""
        tally = self.home / "falls"
        fallen = tally.read_text().splitlines() if tally.exists() else []
        return fallen.count(when) if when else len(fallen)

    def web(self, *words: str, **more: str) -> Web:
        """Start a web server with two workers; return it when it answers."""
        port = services.free_port()
        own = self.environment(BASE_URL=f"http://127.0.0.1:{port}", **more)
        web = Web(port, own, self._log("web"), *words)
        self.parts.append(web)
        return web

    def worker(self, more: Mapping[str, str] = NO_VARIABLES, *, children: int = 1) -> PartProcess:
        """Start a worker with so many pool children; return it when it is ready."""
        command = ["worker", "--concurrency", str(children), "--pool", "prefork", "-l", "INFO"]
        worker = self._celery("worker", command, more)
        worker.wait(lambda: " ready." in worker.said())
        return worker

    def beat(self, more: Mapping[str, str] = NO_VARIABLES) -> PartProcess:
        """Start a beat of which what comes every few minutes comes every second."""
        notes = str(self.home / f"beat-{len(self.parts)}")
        hasty = "permanency.tests.hasty_beat:HastyScheduler"
        command = ["beat", "--scheduler", hasty, "--schedule", notes, "--pidfile=", "-l", "INFO"]
        return self._celery("beat", command, more)

    def manage(self, *words: str, seconds: float = 120, **more: str) -> PartProcess:
        """Run a command of the product to its end and return it."""
        part = self.start([sys.executable, "manage.py", *words], words[0], **more)
        part.process.wait(seconds)
        return part

    def more_changes(self, count: int) -> None:
        """Furnish so many more changes that wait for approval."""
        words = ["-m", "reviews.tests.faults.furnish", "more", str(count)]
        assert self.start([sys.executable, *words], "more").process.wait(300) == 0

    def start(self, command: list[str], name: str, **more: str) -> PartProcess:
        """Start a command as a part."""
        part = PartProcess(command, self.environment(**more), self._log(name))
        self.parts.append(part)
        return part

    def visitor(self, web: Web, name: str) -> Visitor:
        """Return a person signed in at this web server."""
        return Visitor(web.port).sign_in(f"{name.lower().replace(' ', '.')}@example.org")

    def close(self) -> None:
        """End every part and server of this case, and say what they said where it failed."""
        for part in self.parts:
            part.kill()
            sys.stdout.write(f"{part.log.name}:\n{part.said()[-2000:]}\n")  # shown where it failed
        self.stub.close()
        if self._queue is not None:
            self._queue.stop()
        if self._oracle is not None:
            self._oracle.close()

    def _celery(self, name: str, words: list[str], more: Mapping[str, str]) -> PartProcess:
        return self.start(
            [sys.executable, "-m", "celery", "-A", "permanency", *words], name, **more
        )

    def _log(self, name: str) -> Path:
        return self.home / f"{name}-{len(self.parts)}.log"

    # The oracle

    def rows(self, statement: Any, *values: Any) -> list[tuple[Any, ...]]:
        """Return what a statement finds, asked as a superuser whom no fence binds."""
        try:
            return self._ask(statement, values)
        except psycopg2.OperationalError:
            # The database was started anew since it was last asked.
            self._oracle = None
            return self._ask(statement, values)

    def _ask(self, statement: Any, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        if self._oracle is None:
            self._oracle = psycopg2.connect(self.cluster.address("test", self.database))
            self._oracle.autocommit = True
        with self._oracle.cursor() as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall()) if cursor.description else []

    def one(self, statement: Any, *values: Any) -> Any:
        """Return the one value that a statement finds."""
        return self.rows(statement, *values)[0][0]

    def health(self, web: Web) -> tuple[int, dict[str, Any]]:
        """Return status and content of what the web says of the health of all parts."""
        answer = Visitor(web.port).ask("/health/")
        return answer.status, json.loads(answer.body) if answer.status else {}

    def wait_for_health(self, web: Web, status: int) -> tuple[float, dict[str, Any]]:
        """Return after how many seconds the web answered so, and that same answer.

        Asked again it may be another process, which has not yet seen that the clock was moved.
        """
        told: dict[str, Any] = {}

        def answers() -> bool:
            nonlocal told
            code, told = self.health(web)
            return code == status

        return self.wait(answers), told

    def ask_queue(self, *words: str | int) -> Any:
        """Give Redis a command, as its operator would."""
        with redis.Redis.from_url(self.queue.address) as line:
            return line.execute_command(*words)

    def ticks(self) -> int:
        """Return how many ticks have come to their end."""
        return int(self.one("SELECT count(*) FROM directory_tickrun WHERE ended_at IS NOT NULL"))

    def wait_for_ticks(self, count: int) -> None:
        """Return when so many more ticks have come to their end."""
        wanted = self.ticks() + count
        self.wait(lambda: self.ticks() >= wanted)

    def unfinished(self) -> int:
        """Return how many mails of any kind are neither sent nor given up."""
        states = ("owed", "claimed", "handing_over")
        return int(self.one("SELECT count(*) FROM directory_mail WHERE state IN %s", states))

    def inboxes_owed(self) -> int:
        """Return how many inboxes a notice was ever owed to that was not settled."""
        return int(
            self.one(
                "SELECT count(DISTINCT inbox_id) FROM directory_notice WHERE settled_at IS NULL"
            )
        )

    def wait_for_digests(self) -> int:
        """Return how many inboxes are owed something, when each has got its digest."""
        sent = "SELECT count(*) FROM directory_mail WHERE part = 'digest' AND state = 'sent'"
        self.wait(lambda: self.one(sent) > 0 and self.one(sent) == self.inboxes_owed())
        return self.inboxes_owed()

    def states(self) -> Counter[str]:
        """Return how many of the case's mails are in each state."""
        found = self.rows(
            "SELECT state, count(*) FROM directory_mail WHERE part LIKE 'case-%' GROUP BY 1"
        )
        return Counter(dict(found))

    def next_working_day(self) -> str:
        """Return a working day soon, as commands take a day."""
        today = clock.today()
        return (today if is_working_day(today) else add_working_days(today, 1)).isoformat()

    def working_day_after(self, day: str, days: int) -> str:
        """Return the first working day that is at least so many days after this one."""
        then = date.fromisoformat(day) + timedelta(days=days)
        return (then if is_working_day(then) else add_working_days(then, 1)).isoformat()

    def owe(self, count: int, *, inboxes: int = 1, first: int = 1) -> None:
        """Owe so many mails, `case-1` and on, to one inbox or spread over so many.

        The mails of this morning count as sent: none goes out beside them, whatever the hour.
        """
        self._copy_pattern(
            {
                "part": sql.SQL("morning.part"),
                "message_id": sql.SQL("'<' || morning.part || inbox.id || '@bench>'"),
                "state": sql.SQL("'sent'"),
                "inbox_id": sql.SQL("inbox.id"),
                "on": sql.Literal(clock.today()),
            },
            sql.SQL(
                "directory_inbox inbox,"
                " (VALUES ('digest'), ('heads of the history')) morning (part)"
            ),
        )
        own: dict[str, sql.Composable] = {
            "part": sql.SQL("'case-' || n"),
            "message_id": sql.SQL("'<' || n || '@bench>'"),
            "state": sql.SQL("'owed'"),
            "inbox_id": sql.SQL(
                "(SELECT id FROM directory_inbox WHERE NOT is_fallback"
                " ORDER BY id OFFSET n % {} LIMIT 1)"
            ).format(sql.Literal(inboxes)),
        }
        numbers = sql.SQL("generate_series({}, {}) AS n").format(
            sql.Literal(first), sql.Literal(first + count - 1)
        )
        self._copy_pattern(own, numbers)

    def _copy_pattern(self, own: dict[str, sql.Composable], beside: sql.Composable) -> None:
        """Copy the pattern of a mail once for each row beside it, with these columns its own."""
        known = self.rows(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'directory_mail'"
            " AND table_schema = 'public' AND column_name <> 'id' ORDER BY 1"
        )
        names = [name for (name,) in known]
        columns = (
            own.get(name, sql.SQL("pattern.{}").format(sql.Identifier(name))) for name in names
        )
        self.rows(
            sql.SQL(
                "INSERT INTO directory_mail ({}) SELECT {} FROM directory_mail pattern, {}"
                " WHERE pattern.part = 'pattern' ON CONFLICT DO NOTHING"
            ).format(
                sql.SQL(", ").join(map(sql.Identifier, names)), sql.SQL(", ").join(columns), beside
            )
        )

    def wait(self, fact: Callable[[], object], *, seconds: float = 0, why: str = "") -> float:
        """Return after how many seconds the fact was true; fail where it does not become so."""
        return wait_for(fact, seconds=seconds or self.patience, why=why)

    def wait_until_ended(self, count: int, *, seconds: float = 0) -> float:
        """Return after how many seconds so many mails of the case have ended."""
        unfinished = {"owed", "claimed", "handing_over"}

        def ended() -> bool:
            return sum(n for state, n in self.states().items() if state not in unfinished) >= count

        return self.wait(ended, seconds=seconds, why=str(self.home))


class LiteBench(Bench):
    """The bench of a case on SQLite and the folder broker, as the product runs without servers."""

    def __init__(self, home: Path, template: Path) -> None:
        super().__init__(home, None, "", template / "static")
        self.file = home / "db.sqlite3"
        shutil.copy(template / "db.sqlite3", self.file)

    @property
    def url(self) -> str:
        """Return nothing: the parts use the file in their folder."""
        return ""

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment that leads a part to this bench."""
        return environment(self.home, "", MAIL_LIVE="1", EMAIL_URL=self.stub.url, **more)

    def rows(self, statement: Any, *values: Any) -> list[tuple[Any, ...]]:
        """Return what a statement finds in the file."""
        with contextlib.closing(sqlite3.connect(self.file, timeout=30)) as line, line:
            return line.execute(statement.replace("%s", "?"), values).fetchall()


def make_template(home: Path, database: str, *, changes: int) -> None:
    """Migrate and furnish a database that cases are copied from, with the static files beside."""
    here = environment(home, database)
    for words in (
        ["manage.py", "migrate", "--verbosity", "0"],
        ["manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
        ["-m", "reviews.tests.faults.furnish", str(changes)],
    ):
        part = PartProcess([sys.executable, *words], here, home / "furnish.log")
        assert part.process.wait(300) == 0, part.said()[-3000:]


def run_sql(cluster: Any, statement: str) -> None:
    """Run a statement of the whole cluster, as its superuser."""
    line = psycopg2.connect(cluster.address("test"))
    line.autocommit = True
    with line.cursor() as cursor:
        cursor.execute(statement)
    line.close()
