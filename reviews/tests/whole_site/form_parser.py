"""Reads the forms of a page and fills them in as a browser does, hidden fields and all."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

from directory.forms.drafts import FIELD_NAME

Fields = dict[str, list[str]]
Attributes = list[tuple[str, str | None]]


@dataclass
class PageForm:
    """A form of a page: how it is sent, what stands in it, the buttons that send it."""

    method: str
    action: str
    fields: Fields = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    choices: dict[str, set[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, value: str) -> None:
        """Add what a field holds."""
        self.fields.setdefault(name, []).append(value)

    def sent(self, answers: dict[str, str], *, press: str = "") -> Fields:
        """Return what the browser sends with these answers and a button: the first, or a named."""
        pressed = [each for each in self.buttons if each[0] and press in {"", *each}][:1]
        body = self.fields | {name: [value] for name, value in pressed}
        return body | {name: [value] for name, value in answers.items()}


class FormParser(HTMLParser):
    """Collects the forms of a page; a field outside its form says which one it belongs to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self.by_id: dict[str, PageForm] = {}
        self.inside: PageForm | None = None
        self.select = self.textarea = ""
        self.first: str | None = None  # choice of the select
        self.text = ""
        self.is_template = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        """Take in what a tag begins."""
        said = {name: value or "" for name, value in attrs}
        self.is_template = self.is_template or tag == "template"
        if tag == "form":
            self.inside = PageForm(said.get("method", "get").lower(), said.get("action", ""))
            self.forms.append(self.inside)
            self.by_id[said.get("id", "")] = self.inside
            return
        form = self.by_id.get(said["form"]) if "form" in said else self.inside
        if form is not None and not self.is_template:
            read = getattr(self, f"_{tag}", None)
            if read is not None:
                read(form, said)

    def handle_endtag(self, tag: str) -> None:
        """Close a form, a select or a text."""
        if tag == "template":
            self.is_template = False
        elif tag == "form":
            self.inside = None
        elif tag == "select" and self.select:
            if self.inside is not None and self.select not in self.inside.fields:
                # A browser sends the first choice where none is made.
                self.inside.add(self.select, self.first or "")
            self.select = ""
        elif tag == "textarea" and self.textarea:
            if self.inside is not None:
                text = self.text.removeprefix("\r").removeprefix("\n")
                # A browser sends each line break as two characters, whichever stands on the page.
                self.inside.add(self.textarea, "\r\n".join(re.split("\r\n|\r|\n", text)))
            self.textarea = ""

    def handle_data(self, data: str) -> None:
        """Take in what a text field holds."""
        if self.textarea:
            self.text += data

    def _input(self, form: PageForm, said: dict[str, str]) -> None:
        name, kind = said.get("name", ""), said.get("type", "text")
        if not name:
            return
        form.names.add(name)
        if kind == "hidden":
            form.hidden.add(name)
        if kind in {"radio", "checkbox"}:
            form.choices.setdefault(name, set()).add(said.get("value", "on"))
        if kind not in {"radio", "checkbox"} or "checked" in said:
            form.add(name, said.get("value", "on" if kind == "checkbox" else ""))

    def _select(self, form: PageForm, said: dict[str, str]) -> None:
        self.select, self.first = said.get("name", ""), None
        form.names.add(self.select)
        form.choices.setdefault(self.select, set())

    def _option(self, form: PageForm, said: dict[str, str]) -> None:
        if self.select:
            form.choices[self.select].add(said.get("value", ""))
            self.first = said.get("value", "") if self.first is None else self.first
            if "selected" in said:
                form.add(self.select, said.get("value", ""))

    def _textarea(self, form: PageForm, said: dict[str, str]) -> None:
        self.textarea, self.text = said.get("name", ""), ""
        form.names.add(self.textarea)

    def _button(self, form: PageForm, said: dict[str, str]) -> None:
        if said.get("type", "submit") == "submit":
            form.buttons.append((said.get("name", ""), said.get("value", "")))


def main_form(page: str, address: str) -> PageForm:
    """Return the form that a page asks somebody to fill in, which is sent to the page itself."""
    own = {"", address, urlsplit(address).path}
    forms = [each for each in FormParser(page).forms if each.method == "post"]
    return max((each for each in forms if each.action in own), key=lambda each: len(each.names))


def page_forms(page: str) -> list[Fields]:
    """Return what every form of a page would send."""
    return [form.fields for form in FormParser(page).forms]


def draft_forms_of(page: str) -> list[Fields]:
    """Return what the forms of a page that keep what is typed would send."""
    return [form for form in page_forms(page) if FIELD_NAME in form and len(form) > 2]


def draft_form_of(page: str) -> Fields:
    """Return what the one form of a page that keeps what is typed would send."""
    (found,) = draft_forms_of(page)
    return found
