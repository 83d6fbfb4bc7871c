"""A real browser for tests: the installed Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings, settings
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from directory.models import User
from directory.tests.skips import skip_or_fail


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Return how to start the installed Chromium, quiet and without a sandbox of its own."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chrome")
    if not chromium:
        skip_or_fail(
            "needs Chromium: apt-get install --yes chromium fonts-liberation",
            required_by="REQUIRE_BROWSER",
        )
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-sync",
        "--disable-background-networking",
        "--disable-component-update",
    ]
    return {**browser_type_launch_args, "executable_path": chromium, "args": arguments}


@pytest.fixture(scope="session")
def browser_context_args(
    browser_context_args: dict[str, Any], live_server: LiveServer
) -> dict[str, Any]:
    """Return the settings of a browser window, so that `page.goto("/children/")` works."""
    place = {"locale": "en-AU", "timezone_id": "Australia/Sydney"}
    return {**browser_context_args, **place, "base_url": live_server.url}


# A browser tells of a violation where it happens, also where it writes no line about it.
REPORT_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`Content Security violation: ${event.violatedDirective} ${event.blockedURI}`))"""


@pytest.fixture
def complaints() -> list[str]:
    """Return what the browser complains of in this test; at its end there must be nothing."""
    return []


@pytest.fixture
def page(page: Page, live_server: LiveServer, complaints: list[str]) -> Iterator[Page]:
    """Give a browser page that may not break a script, our content policy or leave our server."""
    page.add_init_script(REPORT_VIOLATIONS)
    page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
    page.on(
        "console",
        lambda line: complaints.append(line.text) if "Content Security" in line.text else None,
    )
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((live_server.url, "data:", "blob:"))
            else complaints.append(f"outside request: {request.url}")
        ),
    )
    yield page
    assert complaints == []


@pytest.fixture
def sign_in(page: Page, live_server: LiveServer, settings: LazySettings) -> Callable[[User], Page]:
    """Give a function that signs a person in on the page without the sign-in form."""

    def signed_in(person: User) -> Page:
        client = Client()
        client.force_login(person)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "url": live_server.url}]
        )
        return page

    return signed_in


@pytest.fixture
def axe(page: Page) -> Callable[[], list[str]]:
    """Give a function that lists the accessibility faults of the page now shown.

    An unstyled page would pass or fail for the wrong reasons, so it fails the test at once.
    """
    source = (Path(settings.NODE_MODULES) / "axe-core/axe.min.js").read_text()
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

    def faults() -> list[str]:
        page.wait_for_load_state()  # a page just come to may still await its style sheet
        rules = page.evaluate(
            "() => [...document.styleSheets].reduce((sum, sheet) => sum + sheet.cssRules.length, 0)"
        )
        assert rules > 100, f"The page at {page.url} has no style sheet."
        if page.evaluate("() => window.axe === undefined"):
            page.evaluate(source)  # evaluate is not subject to the page's own content policy
        # Told in full is only what is wrong: all that is right takes far longer to say.
        found = page.evaluate(
            """tags => axe
              .run(document, {resultTypes: ["violations"], runOnly: {type: "tag", values: tags}})
              .then(told => told.violations)""",
            tags,
        )
        return [
            f"{fault['id']}: {fault['help']}: {node['target']} {node['failureSummary']}"
            for fault in found
            for node in fault["nodes"]
        ]

    return faults
