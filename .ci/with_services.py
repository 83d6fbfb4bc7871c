#!/usr/bin/env python3
"""Run a command beside a private PostgreSQL and a private Redis: `with_services.py COMMAND...`.

Both are started from the installed programs, on free ports of the loopback, with their files in a
temporary folder, and are stopped with the command, also on Ctrl-C. The command finds them in
TEST_DATABASE_URL and TEST_REDIS_URL. Where one of these is already set, that server is used and
nothing is started or stopped for it. A missing program is named, with the line that installs it;
with REQUIRE_SERVICES=1 that is a failure, otherwise the command runs beside the other server, or
is left out where there is neither.
Ends with the command's own exit status, or 3 where a required server is missing.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

START_SECONDS = 30
STOP_SECONDS = 15
TRIES = 3
MISSING_STATUS = 3
# Who owns the databases, and who runs the product on them.
ROLE, RUNNER = "ordinary", "runner"


class ProgramMissingError(Exception):
    """A server's program is not installed; the message is the line that installs it."""


class ServerFailedError(Exception):
    """A server did not start; the message is the end of its log."""


def free_port() -> int:
    """Return a port of the loopback that nobody listened on a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def program(name: str, *, package: str) -> str:
    """Return the path of a program, from PATH or from where Debian has those of servers."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found:
        return found
    versions = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = max(versions, key=lambda path: int(path.parts[4]), default=None)
    if newest is None:
        raise ProgramMissingError(f"apt-get install --yes {package}")
    return str(newest)


def ordinary_user() -> dict[str, Any]:
    """Return the arguments for subprocess that leave root, as PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return {}
    names = [name for name in ("postgres", "nobody") if name in {p.pw_name for p in pwd.getpwall()}]
    person = pwd.getpwnam(names[0])
    return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}


def own_folder(parent: Path, name: str, owner: dict[str, Any]) -> Path:
    """Make a folder that only the server's user may read, and return it."""
    folder = parent / name
    folder.mkdir(mode=0o700)
    if owner:
        os.chown(folder, owner["user"], owner["group"])
    return folder


def wait_until(answers: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the server answers; raise ServerFailedError where it ended or took too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if answers():
            return
        time.sleep(0.05)
    raise ServerFailedError("\n".join(log.read_text(errors="replace").splitlines()[-20:]))


def stop(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    """Stop one process that this program started, and wait until it is gone."""
    if process.poll() is None:
        process.send_signal(how)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Cluster:
    """A fresh PostgreSQL cluster with our two roles in it; it can be stopped and started again.

    Unless it is `durable`, it waits for no disk, and what it holds does not survive a crash.
    """

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self.owner = ordinary_user()
        self.home = own_folder(folder, "postgresql", self.owner)
        self.folder, self.log = self.home / "cluster", folder / "postgresql.log"
        self.password, self.durable = secrets.token_hex(16), durable
        password_file = self.home / "password"
        password_file.write_text(f"{self.password}\n")
        made = subprocess.run(
            [program("initdb", package="postgresql"), "--pgdata", self.folder,
             "--username", "test", "--auth", "password", "--pwfile", password_file,
             "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"],
            text=True, capture_output=True, cwd=self.home, check=False, **self.owner,
        )  # fmt: skip
        if made.returncode != 0:
            raise ServerFailedError(made.stderr)
        self.port = free_port()
        try:
            self.start()
            self._make_roles()
        except ServerFailedError:
            self.stop()
            raise

    def address(self, user: str = ROLE, database: str = "postgres") -> str:
        """Return the URL of a database for a role of this cluster."""
        return f"postgres://{user}:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server; return when it takes connections."""
        durably = "on" if self.durable else "off"
        options = {
            "listen_addresses": "127.0.0.1", "port": self.port,
            "unix_socket_directories": self.home, "fsync": durably,
            "synchronous_commit": durably, "full_page_writes": durably,
        }  # fmt: skip
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [program("postgres", package="postgresql"), "-D", self.folder, *settings],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self.home,
                start_new_session=True, **self.owner,
            )  # fmt: skip
        note = self.folder / "postmaster.pid"
        mine = str(self.process.pid).encode()

        def is_ready() -> bool:
            lines = note.read_bytes().splitlines() if note.exists() else [b""]
            return lines[0] == mine and lines[-1].strip() == b"ready"

        wait_until(is_ready, self.process, self.log)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: fast, or at once as in a crash with SIGQUIT."""
        stop(self.process, how)

    def _make_roles(self) -> None:
        """Make a role that owns databases and one that owns nothing: no fence binds a superuser."""
        make = "CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS {} PASSWORD '{}';".format
        roles = make(ROLE, "CREATEDB", self.password) + make(RUNNER, "", self.password)
        made = subprocess.run(
            [program("psql", package="postgresql-client"), "--dbname", self.address("test"),
             "--no-psqlrc", "--quiet", "--command", roles],
            text=True, capture_output=True, check=False,
        )  # fmt: skip
        if made.returncode != 0:
            raise ServerFailedError(made.stderr)


@contextlib.contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Run a fresh PostgreSQL cluster and give its URL, with an ordinary role in it."""
    # Nothing in this cluster outlives the run, so nothing waits for the disk.
    cluster = Cluster(folder)
    try:
        yield cluster.address()
    finally:
        cluster.stop()


def redis_answers(port: int) -> bool:
    """Return whether a Redis on this port answers a PING."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
    except OSError:
        return False


class Queue:
    """A Redis that keeps nothing; it can be stopped and started again at its address."""

    def __init__(self, folder: Path) -> None:
        self.home, self.log = own_folder(folder, "redis", {}), folder / "redis.log"
        self.port = free_port()
        self.start()

    @property
    def address(self) -> str:
        """Return its URL."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start the server; return when it answers."""
        server = program("redis-server", package="redis-server")
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [server, "--bind", "127.0.0.1", "--port", str(self.port), "--save", "",
                 "--appendonly", "no", "--dir", self.home],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        wait_until(lambda: redis_answers(self.port), self.process, self.log)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop the server; what it held is gone."""
        stop(self.process, how)


class Pooler:
    """A PgBouncer before a server: after each transaction its few sessions serve somebody else."""

    def __init__(self, folder: Path, server: str, *, sessions: int = 2) -> None:
        owner = ordinary_user()
        home = own_folder(folder, "pgbouncer", owner)
        log, there = folder / "pgbouncer.log", urlsplit(server)
        self.port = free_port()
        settings = home / "settings"
        settings.write_text(
            f"[databases]\n* = host={there.hostname} port={there.port}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {self.port}\nunix_socket_dir =\n"
            "auth_type = plain\nauth_file = people\n"
            f"pool_mode = transaction\ndefault_pool_size = {sessions}\n"
        )
        people = "".join(f'"{role}" "{there.password}"\n' for role in (ROLE, RUNNER))
        (home / "people").write_text(people)
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [program("pgbouncer", package="pgbouncer"), settings],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=home,
                start_new_session=True, **owner,
            )  # fmt: skip
        wait_until(self._answers, self.process, log)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            return True
        return False

    def stop(self) -> None:
        """Stop it at once."""
        stop(self.process, signal.SIGTERM)


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Run a Redis that keeps nothing and give its URL."""
    queue = Queue(folder)
    try:
        yield queue.address
    finally:
        queue.stop()


Server = Callable[[Path], contextlib.AbstractContextManager[str]]
SERVERS: list[tuple[str, str, Server]] = [
    ("PostgreSQL", "TEST_DATABASE_URL", postgresql),
    ("Redis", "TEST_REDIS_URL", redis),
]


def start(stack: contextlib.ExitStack, server: Server, folder: Path) -> str:
    """Start a server and return its URL; try again, as another may have taken its port."""
    for attempt in range(TRIES):
        attempt_folder = folder / str(attempt)
        attempt_folder.mkdir(mode=0o711, exist_ok=True)
        try:
            return stack.enter_context(server(attempt_folder))
        except ServerFailedError as failure:
            last = failure
    raise last


def start_all(stack: contextlib.ExitStack) -> tuple[dict[str, str], list[str]]:
    """Start the servers; return the environment that leads there, and what is missing."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="permanency-services-")))
    folder.chmod(0o711)
    addresses: dict[str, str] = {}
    missing: list[str] = []
    for name, variable, server in SERVERS:
        if os.environ.get(variable):
            print(f"{name}: using {variable}")
            continue
        try:
            addresses[variable] = start(stack, server, folder)
            print(f"{name}: private server at {addresses[variable].rpartition('@')[2]}")
        except ProgramMissingError as line:
            missing.append(f"{name} is not installed, its tests are skipped. To run them: {line}")
        except ServerFailedError as log:
            missing.append(f"{name} did not start, its tests are skipped:\n{log}")
    return addresses, missing


def run(command: list[str], environment: dict[str, str]) -> int:
    """Run the command and return its exit status; end it where this program is told to end."""
    child = subprocess.Popen(command, env={**os.environ, **environment})
    # Ctrl-C reaches the child by itself, as it shares our terminal; a plain SIGTERM does not.
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    status = child.wait()
    return status if status >= 0 else 128 - status


def main(command: list[str]) -> int:
    """Start the servers, run the command beside them, stop the servers."""
    if not command:
        print(__doc__)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with contextlib.ExitStack() as stack:
        addresses, missing = start_all(stack)
        for line in missing:
            print(f"SKIPPED: {line}", file=sys.stderr)
        if missing and os.environ.get("REQUIRE_SERVICES") == "1":
            print("REQUIRE_SERVICES=1: a missing server is a failure.", file=sys.stderr)
            return MISSING_STATUS
        if len(missing) == len(SERVERS):
            print("Neither server is there: nothing was run beside them.")
            return 0
        sys.stdout.flush()
        return run(command, addresses)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
