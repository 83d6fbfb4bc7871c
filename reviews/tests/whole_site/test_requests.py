"""Where a request comes from and where it leads: hosts, ways back, and forms from elsewhere."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from directory.models import User
from directory.tests.people import PASSWORD
from reviews.tests.whole_site.fixtures import SiteObjects
from reviews.tests.whole_site.routes import ROWS
from reviews.tests.whole_site.visitor import FORM, database_digest

EVIL = "evil.example.org"
HOSTS = (
    EVIL,
    f"{EVIL}:80",
    f"testserver.{EVIL}",
    f"{EVIL}#testserver",
    f"testserver@{EVIL}",
    f"testserver, {EVIL}",
    f"testserver {EVIL}",
    "testserver/",
    "testserver:80:80",
    "testserver:not-a-port",
    ".testserver",
    "*",
    "[::1]",
    "0",
    "",
)
# Where somebody would like a person to be led after signing in.
AWAY = (
    f"//{EVIL}",
    f"///{EVIL}",
    f"////{EVIL}",
    f"/\\{EVIL}",
    f"\\\\{EVIL}",
    f"\\/{EVIL}",
    f"/\t/{EVIL}",
    f"/\n/{EVIL}",
    f"\t//{EVIL}",
    f" //{EVIL}",
    f"http://{EVIL}",
    f"https://{EVIL}",
    f"HTTPS://{EVIL}",
    f"https:{EVIL}",
    f"https:/{EVIL}",
    f"https:///{EVIL}",
    f"http:\\\\{EVIL}",
    f"ftp://{EVIL}",
    f"https://testserver@{EVIL}",
    f"https://testserver.{EVIL}",
    f"https://{EVIL}/testserver",
    f"https://testserver:80@{EVIL}",
    f"//testserver@{EVIL}",
    f"//{EVIL}%00.testserver",
    f"%2F%2F{EVIL}",
    f"%5C%5C{EVIL}",
    "//%65vil.example.org",
    "javascript:alert(1)",
    "java\nscript:alert(1)",
    " javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "\u2028//evil.example.org",
    "\x00//evil.example.org",
)


def stays_home(location: str) -> bool:
    """Say whether a browser that follows this stays on the site, as browsers read addresses."""
    read = "".join(letter for letter in location if letter > " ").replace("\\", "/")
    parts = urlsplit(read)
    return not parts.scheme and not parts.netloc and not read.startswith("//")


@pytest.mark.parametrize("away", ["//evil", "/\\evil", "\t//evil", "https:evil", "\\\\evil"])
def test_a_way_out_is_seen_as_one(away: str) -> None:
    assert not stays_home(away)
    assert stays_home("/children/?after=1..1")


@pytest.mark.parametrize("host", HOSTS)
def test_another_host_is_refused(client: Client, db: None, host: str) -> None:
    answer = client.get(reverse("sign-in"), headers={"host": host})
    assert answer.status_code == 400
    assert EVIL not in answer.content.decode()


def test_what_a_proxy_could_forge_changes_no_address(client: Client, coordinator: User) -> None:
    forged = {"x-forwarded-host": EVIL, "x-host": EVIL, "forwarded": f"host={EVIL}"}
    forged |= {"x-original-url": "/outbox/", "x-rewrite-url": "/outbox/", "x-forwarded-port": "99"}
    led = client.get(reverse("my-work"), headers=forged)
    assert led.headers["Location"] == f"{reverse('sign-in')}?next=/"
    client.force_login(coordinator)
    for name in ("my-work", "contacts", "children"):
        answer = client.get(reverse(name), headers=forged)
        assert answer.status_code == 200
        assert EVIL not in answer.content.decode()


@pytest.mark.parametrize("sent_as", ["query", "field"])
def test_nobody_is_led_away_by_signing_in(client: Client, coordinator: User, sent_as: str) -> None:
    typed = {"login": coordinator.email, "password": PASSWORD}
    address, wrong = reverse("sign-in"), []
    assert len(AWAY) >= 30
    for away in AWAY:
        query = f"?next={quote(away, safe='%')}" if sent_as == "query" else ""
        field = {} if query else {"next": away}
        client.logout()
        for answer in (
            client.post(address + query, typed | field),
            client.get(f"{address}?next={quote(away, safe='%')}"),
        ):
            led = answer.headers.get("Location", "")
            if answer.status_code != 302 or not stays_home(led):
                wrong.append(f"{away!r}: {answer.status_code} {led}")
    assert not wrong, "\n".join(["", *wrong])


def test_a_way_back_that_is_ours_is_taken(client: Client, coordinator: User) -> None:
    typed = {"login": coordinator.email, "password": PASSWORD}
    back = "/children/?after=1..1"
    led = client.post(f"{reverse('sign-in')}?next={quote(back)}", typed)
    assert led.headers["Location"] == back


@pytest.mark.parametrize("who", ["mpp"])
def test_no_other_address_leads_away_either(
    who: str, client: Client, house: SiteObjects, people: dict[str, User]
) -> None:
    """Each address that leads on is asked to lead elsewhere, by every word that sites use."""
    client.force_login(people[who])
    words = ("next", "return", "return_to", "back", "url", "redirect", "form", "continue")
    asked, wrong = 0, []
    for row in ROWS:
        if row.answers[who] not in {"302", "200"} or row.method != "GET":
            continue
        path, _, query = house.address(row).partition("?")
        evil = "&".join(f"{word}=//{EVIL}" for word in words)
        answer = client.get(f"{path}?{query}&{evil}")
        asked += 1
        if EVIL in answer.headers.get("Location", "") or not stays_home(
            answer.headers.get("Location", "/")
        ):
            wrong.append(f"{row}: {answer.headers['Location']}")
        if f'href="//{EVIL}'.encode() in answer.getvalue():
            wrong.append(f"{row}: a link leads away")
    assert asked > 40
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.parametrize("who", ["anonymous", "coordinator", "administrator"])
def test_no_form_from_elsewhere_is_acted_on(
    who: str, house: SiteObjects, people: dict[str, User]
) -> None:
    """Every address that takes a POST refuses one without the token; signing in as well."""
    client = Client(enforce_csrf_checks=True)
    if who != "anonymous":
        client.force_login(people[who])
    before, asked, wrong = database_digest(), 0, []
    for row in ROWS:
        if row.method != "POST":
            continue
        answer = client.generic("POST", house.address(row), "csrfmiddlewaretoken=x", FORM)
        asked += 1
        if answer.status_code != 403:
            wrong.append(f"{row}: {answer.status_code}")
    assert asked > 50
    assert not wrong, "\n".join(["", *wrong])
    assert database_digest() == before


def test_a_form_with_the_token_of_another_site_is_refused(coordinator: User) -> None:
    """The token alone does not do: over https the page that sent the form must be ours."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(coordinator)
    client.get(reverse("children"), secure=True)
    token = client.cookies["csrftoken"].value
    typed = {"who": "a", "csrfmiddlewaretoken": token}
    address = reverse("find-child")
    home = client.post(address, typed, secure=True, headers={"referer": "https://testserver/"})
    assert home.status_code == 302
    for headers in ({"referer": f"https://{EVIL}/"}, {"origin": f"https://{EVIL}"}, {}):
        assert client.post(address, typed, secure=True, headers=headers).status_code == 403
