"""A person at a browser without script: cookies, forms and what the web answers to them."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from directory.tests.people import PASSWORD
from reviews.tests.whole_site.form_parser import Fields, draft_forms_of, page_forms

LOGIN = "/accounts/login/"
LOST = 0  # the connection broke before an answer came


@dataclass(frozen=True)
class Answer:
    """What came back, and after how many seconds."""

    status: int
    body: str
    location: str
    seconds: float


@dataclass
class Visitor:
    """One person with the cookies of their browser. Requests go over a connection each.

    `patience` is how many seconds they wait for an answer; `always` is said with each request.
    """

    port: int
    cookies: SimpleCookie = field(default_factory=SimpleCookie)
    patience: float = 60
    always: dict[str, str] = field(default_factory=dict)

    def ask(self, address: str, sent: Any = None) -> Answer:
        """Return the answer to a page, or to a form that is sent; status 0 where none came."""
        cookies = "; ".join(f"{k}={v.value}" for k, v in self.cookies.items())
        headers = {**self.always, "Cookie": cookies}
        body = None if sent is None else urlencode(sent, doseq=True)
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.patience)
        began = time.monotonic()
        try:
            line.request("GET" if body is None else "POST", address, body=body, headers=headers)
            answer = line.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException) as fault:
            return Answer(LOST, repr(fault), "", time.monotonic() - began)
        finally:
            line.close()
        for told in answer.headers.get_all("Set-Cookie", ()):
            self.cookies.load(told)
        where = answer.headers.get("Location") or ""
        return Answer(answer.status, text, where, time.monotonic() - began)

    def sign_in(self, email: str, password: str = PASSWORD) -> Visitor:
        """Sign in by the form, and return the visitor."""
        page = self.ask(LOGIN)
        assert page.status == 200, (page.status, page.body[:500])
        (form,) = [each for each in page_forms(page.body) if "password" in each]
        answer = self.ask(LOGIN, {**form, "login": email, "password": password})
        assert answer.status == 302, answer.body[:2000]
        return self

    def sheet(self, address: str) -> Fields:
        """Return the one form of a page that keeps what is typed, as it would be sent."""
        answer = self.ask(address)
        assert answer.status == 200, (answer.status, answer.body[:2000])
        (form,) = draft_forms_of(answer.body)
        return form
