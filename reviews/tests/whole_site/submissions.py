"""Reads the forms of a page as a browser without a script would send them."""

from __future__ import annotations

from html.parser import HTMLParser

from directory.forms.submission_token import FIELD_NAME

FormData = dict[str, list[str]]


class _FormCollector(HTMLParser):
    """Collects each form's fields: what is filled in, ticked and chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[FormData] = []
        self.area = self.select = ""
        self.first: str | None = None
        self.is_aside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "template":
            self.is_aside += 1
        elif tag == "form":
            self.forms.append({})
        elif self.forms and not self.is_aside:
            self._take(tag, {name: value or "" for name, value in attrs})

    def _take(self, tag: str, told: dict[str, str]) -> None:
        name, fields = told.get("name", ""), self.forms[-1]
        if tag == "textarea":
            self.area = name
            fields[name] = [""]
        elif tag == "select":
            self.select, self.first = name, None
            fields[name] = []
        elif tag == "option":
            self.first = told.get("value", "") if self.first is None else self.first
            if "selected" in told:
                fields[self.select].append(told.get("value", ""))
        elif tag == "input" and name:
            is_box = told.get("type") in {"radio", "checkbox"}
            if not is_box or "checked" in told:
                fields.setdefault(name, []).append(told.get("value", "on" if is_box else ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self.is_aside -= 1
        elif tag == "textarea":
            self.area = ""
        elif tag == "select" and self.forms and not self.is_aside:
            # A browser sends the first choice where none is made.
            self.forms[-1][self.select] = self.forms[-1][self.select] or [self.first or ""]

    def handle_data(self, data: str) -> None:
        if self.area:
            had = self.forms[-1][self.area][0]
            # A line break right after the tag is not part of the text.
            data = data if had else data.removeprefix("\r").removeprefix("\n")
            self.forms[-1][self.area] = [had + data]


def page_forms(page: str) -> list[FormData]:
    """Return every form of a page as it would be sent."""
    read = _FormCollector()
    read.feed(page)
    return read.forms


def draft_forms_of(page: str) -> list[FormData]:
    """Return the forms of a page that keep what is typed, as they would be sent."""
    return [form for form in page_forms(page) if FIELD_NAME in form and len(form) > 2]


def draft_form_of(page: str) -> FormData:
    """Return the one form of a page that keeps what is typed."""
    (found,) = draft_forms_of(page)
    return found
