"""What the web server itself says and writes, asked over a socket: gunicorn as it is started."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from reviews.tests.whole_site.test_headers import faults

pytestmark = pytest.mark.once

EVIL = "evil.example.org"
NAME = "Zebedee"
TOKEN = "dGhlLXNlY3JldC1vZi1hLWxpbms"  # invented; as long as that of a link


class Server:
    """A gunicorn of our own, with nothing behind it but an empty folder or a database address."""

    def __init__(self, home: Path, database: str) -> None:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port: int = listener.getsockname()[1]
        self.log = home / "log"
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "permanency.settings_test",
            "TEST_DATABASE_URL": database,
            "VAR_DIR": str(home),
        }
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(  # noqa: S603  # every word of the command is ours
                [sys.executable, "-m", "gunicorn", "permanency.wsgi", "--no-control-socket",
                 "--bind", f"127.0.0.1:{self.port}", "--threads", "2", "--access-logfile", "-"],
                cwd=settings.BASE_DIR, env=environment, stdin=subprocess.DEVNULL,
                stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip

    def wait(self) -> None:
        """Return when the server answers; fail with its log where it does not."""
        for _ in range(600):
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                time.sleep(0.1)
        pytest.fail(self.log.read_text()[-4000:])

    def ask(
        self, address: str, *, method: str = "GET", body: str | None = None, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, str]:
        """Return the status, the headers and the body of an answer."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        line.request(method, address, body=body, headers=named)
        answer = line.getresponse()
        told = answer.read().decode()
        line.close()
        return answer.status, answer.headers, told

    def stop(self) -> None:
        """End this server and nothing else."""
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[str], Server]]:
    """Give a function that starts a server on a database address, or on an empty SQLite."""
    started: list[Server] = []

    def start(database: str = "") -> Server:
        started.append(Server(tmp_path, database))
        started[-1].wait()
        return started[-1]

    yield start
    for server in started:
        server.stop()


def test_the_server_tells_no_version_takes_no_other_host_and_logs_no_query(
    serve: Callable[..., Server],
) -> None:
    server = serve()
    status, headers, _ = server.ask(f"/children/?who={NAME}", Referer=f"https://a/{NAME}")
    assert status == 302
    assert headers["Server"] == "gunicorn", "a name, and no version"
    told = {name: value for name, value in headers.items() if name != "Server"}
    assert faults(told) == []
    for address, host in (("/", EVIL), (f"http://{EVIL}/", EVIL), ("/", f"127.0.0.1@{EVIL}")):
        status, headers, body = server.ask(address, Host=host)
        assert status == 400
        assert EVIL not in body
    # Of an address with a host in it the host counts for nothing, and leads nowhere.
    status, headers, _ = server.ask(f"http://{EVIL}/", X_Forwarded_Host=EVIL)
    assert EVIL not in headers.get("Location", "")
    server.ask(f"/{NAME}/is/not/here")
    server.ask(f"/accounts/link/7/{TOKEN}/", Referer=f"https://a/accounts/link/7/{TOKEN}/")
    server.stop()
    log = server.log.read_text()
    assert "GET /children/ 302" in log, "the access log tells the address"
    assert "GET /accounts/link/7/<str:token>/ 503" in log, "there is no table behind it here"
    assert TOKEN not in log
    assert NAME not in log
    assert "Mozilla" not in log


def test_where_the_database_is_away_the_server_says_so_civilly(
    serve: Callable[..., Server],
) -> None:
    server = serve("postgres://nobody@127.0.0.1:1/nothing")
    status, headers, body = server.ask("/accounts/login/", Cookie="sessionid=" + "a" * 32)
    assert status == 503
    assert headers["Retry-After"] == "30"
    assert "Reference number" in body
    assert "psycopg" not in body
    assert "127.0.0.1" not in body
    server.stop()
    log = server.log.read_text()
    assert "OperationalError" in log
    assert log.count("Traceback") == 0
