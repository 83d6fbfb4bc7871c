"""From an empty database to a Permanency Coordinator at work, by the words of the README alone.

The roles are made and worker and beat started by the words of `compose.yaml`, the web by those of
`Dockerfile`. Negative control, seen red: without `collectstatic`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

from directory import clock
from directory.accounts import mfa
from directory.accounts.allauth_internals import format_hotp_value, hotp_value
from directory.tests.skips import skip_or_fail
from directory.tests.soft_passkey import SoftPasskey, asked_on
from reviews.tests.faults.parts import ROOT, PartProcess, services
from reviews.tests.faults.visitor import LOGIN, Answer, Visitor
from reviews.tests.whole_site.form_parser import FormParser, main_form

pytestmark = [pytest.mark.services, pytest.mark.slow]

COMPOSE, IMAGE = (ROOT / "compose.yaml").read_text(), (ROOT / "Dockerfile").read_text()
OWNER, RUNNER, DATABASE_PASSWORD = "journey", "journey_runner", "letters"
SITE = "https://permanency.example.org"
HOST = SITE.removeprefix("https://")
BEHIND_THE_PROXY = {"Host": HOST, "Origin": SITE, "X-Forwarded-Proto": "https"}
ADMINISTRATOR, COORDINATOR = "first@example.org", "new@example.org"
THEIR_PASSWORD, PASSWORD = "quiet harbour mornings", "seven slow green ferries"


@pytest.fixture
def server() -> Iterator[str]:
    """Give the host and port of a PostgreSQL with two new roles and an empty database."""
    there = urlsplit(os.environ["TEST_DATABASE_URL"])
    try:
        line = psycopg2.connect(there.geturl(), user="test")
    except psycopg2.OperationalError:
        skip_or_fail("needs the superuser of .ci/with_services.py", required_by="REQUIRE_SERVICES")
    line.autocommit = True
    with closing(line), line.cursor() as cursor:
        for statement in re.findall(r"^ +(CREATE .*;)$", COMPOSE, re.M):
            named = re.sub(r"\$\{\w+\}", DATABASE_PASSWORD, statement)
            cursor.execute(named.replace("permanency", OWNER))
        yield f"{there.hostname}:{there.port}"
        cursor.execute(f"DROP DATABASE {OWNER} WITH (FORCE)")
        cursor.execute(f"DROP ROLE {OWNER}, {RUNNER}")


def manage(environment: dict[str, str], *words: str, typed: str = "") -> None:
    """Run a command and see that it succeeds. Without a terminal it reads what is typed."""
    done = subprocess.run(  # noqa: S603  # every word of the command is ours
        [sys.executable, "manage.py", *words], cwd=ROOT, env=environment, input=typed, text=True,
        capture_output=True, check=False, timeout=300, start_new_session=True,
    )  # fmt: skip
    assert done.returncode == 0, (words, done.stdout[-2000:], done.stderr[-4000:])


@pytest.fixture
def port(server: str, tmp_path: Path) -> Iterator[int]:
    """Give the port of the web that stands where all was done that the README says."""
    runner = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "CLOCK_AHEAD")} | {
        "VAR_DIR": str(tmp_path),
        "SECRET_KEY": "a-secret-for-this-test-only-long-enough",
        "BASE_URL": SITE,
        "DATABASE_URL": f"postgres://{RUNNER}:{DATABASE_PASSWORD}@{server}/{OWNER}",
        "REDIS_URL": urlsplit(os.environ["TEST_REDIS_URL"])._replace(path="/9").geturl(),
        "EMAIL_URL": "smtp://127.0.0.1:1",
        "MAIL_FROM": "permanency@example.org",
        "FALLBACK_INBOX": "fallback@example.org",
    }
    as_owner = {"DATABASE_URL": runner["DATABASE_URL"].replace(RUNNER, OWNER)}
    manage(runner | as_owner | {"DATABASE_RUNNER": RUNNER}, "migrate")
    manage(runner, "collectstatic", "--noinput")
    manage(runner, "load_directory")
    typed = f"{THEIR_PASSWORD}\n{THEIR_PASSWORD}\n"
    manage(runner, "first_administrator", ADMINISTRATOR, "Fay First", typed=typed)
    free = services.free_port()
    (web,) = re.findall(r"^CMD \[(.*)\]$", IMAGE, re.M)
    worker, beat = re.findall(r"^    command: \[(celery, .*)\]$", COMPOSE, re.M)
    with ExitStack() as stack:
        for name, said in {"worker": worker, "beat": beat, "web": web}.items():
            words = said.replace("0.0.0.0:8000", f"127.0.0.1:{free}").replace('"', "").split(", ")
            part = PartProcess([sys.executable, "-m", *words], runner, tmp_path / f"{name}.log")
            stack.callback(part.stop)
        part.wait(lambda: Visitor(free, always=BEHIND_THE_PROXY).ask("/health/").status == 200)
        yield free


def fill_in(visitor: Visitor, address: str, page: Answer | None = None, **typed: str) -> str:
    """Return where the form of a page leads with these words in it; fail where it is refused."""
    page = page or visitor.ask(address)
    assert page.status == 200, (address, page)
    answer = visitor.ask(address, main_form(page.body, address).sent(typed))
    assert answer.status == 302, (address, answer)
    return answer.location


def test_who_follows_the_readme_comes_to_a_coordinator_at_work(port: int) -> None:
    new_browser = partial(Visitor, port, always=BEHIND_THE_PROXY)
    administrator, coordinator = new_browser(), new_browser()
    assert Visitor(port, always={"Host": HOST}).ask(LOGIN).location == f"{SITE}{LOGIN}", "no proxy"
    sign_in_page = administrator.ask(LOGIN)
    assert sign_in_page.status == 200, sign_in_page
    (style,) = re.findall(r'href="(/static/css/app\.\w+\.css)"', sign_in_page.body)
    assert administrator.ask(style).status == 200

    administrator.sign_in(ADMINISTRATOR, THEIR_PASSWORD)
    assert administrator.ask("/directory/").location.startswith("/account/"), "a passkey first"
    new_passkey = "/account/passkeys/new/"
    page = administrator.ask(new_passkey)
    passkey = SoftPasskey(origin=SITE, host=HOST).made(asked_on(page.body))
    fill_in(administrator, new_passkey, page, name="Key", credential=passkey)

    person = fill_in(administrator, "/directory/people/new/", name="Nia New", email=COORDINATOR)
    appoint = f"{person}appointments/new/"
    (hunter,) = re.findall(r'<option value="(\d+)">Hunter<', administrator.ask(appoint).body)
    fill_in(administrator, appoint, role="coordinator", district=hunter)
    forms = FormParser(administrator.ask(person).body).forms
    (invite,) = [form for form in forms if form.action == f"{person}link/"]
    assert administrator.ask(invite.action, invite.sent({})).location == person
    (link,) = re.findall(rf"<code>{SITE}(/\S+)</code>", administrator.ask(person).body)

    choose = coordinator.ask(link).location
    assert fill_in(coordinator, choose, password=PASSWORD, again=PASSWORD) == LOGIN
    coordinator.sign_in(COORDINATOR, PASSWORD)
    assert coordinator.ask("/").location.startswith("/account/"), "a second factor first"
    new_app = "/account/authenticator-app/new/"
    page = coordinator.ask(new_app)
    (secret,) = re.findall(r'<code class="app-key">(.*?)</code>', page.body)
    period = int(clock.now().timestamp()) // mfa.PERIOD
    code = format_hotp_value(hotp_value(secret.replace(" ", ""), period))
    fill_in(coordinator, new_app, page, code=code)
    my_work = coordinator.ask("/")
    assert my_work.status == 200
    for said in ("<h1>My work</h1>", "Nia New", "Permanency Coordinator, Hunter"):
        assert said in my_work.body
