"""Make the pictures of README and `docs/tour.md` from a demonstration: `make pictures`."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from directory.accounts.demo_people import DEMO_PASSWORD

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "pictures"
WIDTH, HEIGHT = 1120, 800
UNTIL_IT_ANSWERS = 300


def main() -> None:
    with socket.socket() as free, tempfile.TemporaryDirectory() as var:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        env = {**os.environ, "PORT": str(port), "VAR_DIR": var}
        product = subprocess.Popen([ROOT / ".ci/start"], env=env, start_new_session=True)
        try:
            wait_for(port)
            with sync_playwright() as playwright:
                chromium = playwright.chromium.launch(
                    executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
                    args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
                )
                take(chromium, f"http://127.0.0.1:{port}")
                chromium.close()
        finally:
            os.killpg(product.pid, signal.SIGTERM)
            product.wait(30)


def wait_for(port: int) -> None:
    ends = time.monotonic() + UNTIL_IT_ANSWERS
    while time.monotonic() < ends:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(1)
        else:
            return
    sys.exit("The product did not answer.")


def take(chromium: Browser, base: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    page = signed_in(chromium, base, "pc.hunter@example.org")
    keep(page, "my-work")
    page.locator(".app-list strong a").first.click()
    keep(page, "child")
    page.get_by_role("link", name="Log a consultation").last.click()
    keep(page, "log-a-consultation")
    page = signed_in(chromium, base, "cfdu.hunter@example.org")
    page.locator(".app-do a").first.click()
    keep(page, "decide")
    page = signed_in(chromium, base, "manager.hunter@example.org")
    page.goto(f"{base}/dashboard/hunter/")
    keep(page, "district")


def signed_in(chromium: Browser, base: str, address: str) -> Page:
    page = chromium.new_context(viewport={"width": WIDTH, "height": HEIGHT}).new_page()
    page.goto(f"{base}/accounts/login/")
    page.locator("input[type=email]").fill(address)
    page.locator("input[type=password]").fill(DEMO_PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(f"{base}/")
    return page


def keep(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.png")
    print(f"docs/pictures/{name}.png  {page.title()}")


if __name__ == "__main__":
    main()
