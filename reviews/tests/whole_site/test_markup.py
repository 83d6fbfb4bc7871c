"""Whatever stands in a text of the database, a page shows it as text and a browser runs none of it.

Every text column of every table of ours that is not a choice is filled with markup, as far as the
database lets it be; then every page is opened.
"""

from __future__ import annotations

from html.parser import HTMLParser
from itertools import cycle

import pytest
from django.apps import apps
from django.db import DatabaseError, models, transaction
from django.test import Client
from django.utils.html import escape

from directory.models import User
from reviews.tests.whole_site.fixtures import SiteObjects
from reviews.tests.whole_site.routes import ROWS
from reviews.tests.whole_site.visitor import APP_LABELS

# Each holds "xq" so that what came through raw can be told from what the page itself is made of.
PAYLOADS = (
    "<script>xq()</script>",
    "<img src=xq onerror=xq()>",
    "<svg onload=xq()>",
    '"><script>xq()</script>',
    "' onmouseover='xq()",
    '" autofocus onfocus="xq()',
    "<a href=javascript:xq()>xq</a>",
    "javascript:xq()",
    "</title><script>xq()</script>",
    "</textarea><script>xq()</script>",
    "</script><script>xq()</script>",
    "<!--<xq>-->",
    "<iframe src=javascript:xq()>",
    "<style>xq{}</style>",
    "<form action=//xq>",
    "<base href=//xq>",
    "<meta http-equiv=refresh content=0;url=//xq>",
    "{{ xq }}{% xq %}",
    "${xq()}#{xq()}",
    "\\u003cscript\\u003exq()",
    "&lt;script&gt;xq()&lt;/script&gt;",
    "<xq/onpointerenter=xq()>",
)
JSON = "application/json"  # data, which a browser does not run
NOT_FILLED = {"password", "slug", "token", "session_key", "session_data", "kind", "path"}
PEOPLE_WHO_LOOK = ("mpp", "administrator")


class Reader(HTMLParser):
    """Reads a page as a browser does and keeps what no template of ours writes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag that came out of a payload, or one with an attribute that did."""
        given = dict(attrs)
        is_odd = tag in {"iframe", "style", "base", "xq"} or "xq" in tag
        is_odd |= tag == "script" and "src" not in given and given.get("type") != JSON
        is_odd |= tag == "meta" and "http-equiv" in given
        is_odd |= any(name.startswith("on") or "xq" in name for name in given)
        for name in ("href", "src", "action", "formaction"):
            is_odd |= (given.get(name) or "").strip().startswith(("javascript:", "//"))
        if is_odd:
            self.found.append(self.get_starttag_text() or tag)

    def handle_comment(self, data: str) -> None:
        """Keep a comment: templates of ours leave none."""
        self.found.append(f"<!--{data}-->")


def came_out(page: str) -> list[str]:
    """Return what came out of a payload in a page."""
    reader = Reader()
    reader.feed(page)
    return reader.found


def texts(model: type[models.Model]) -> list[models.Field[str, str]]:
    """Return the columns of a table that hold what somebody may have typed."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not isinstance(field, models.EmailField | models.SlugField)
        and not field.choices
        and field.name not in NOT_FILLED
    ]


def fill() -> tuple[int, list[str]]:
    """Put markup into every text; return how many columns took it, and those that refused."""
    payloads, filled, refused = cycle(PAYLOADS), 0, []
    for model in apps.get_models():
        if model._meta.app_label not in APP_LABELS:
            continue
        for field in texts(model):
            rows = list(model._base_manager.order_by("pk").values_list("pk", flat=True))
            took = [_put(model, field, pk, next(payloads)) for pk in rows]
            if rows and not any(took):
                refused.append(f"{model._meta.label}.{field.name}")
            filled += any(took)
    return filled, refused


def _put(model: type[models.Model], field: models.Field[str, str], pk: object, text: str) -> bool:
    """Say whether the row took the markup. Where a constraint is about the text, it does not."""
    if field.unique:
        text = f"{text}{pk}"
    try:
        with transaction.atomic():
            model._base_manager.filter(pk=pk).update(**{field.attname: text[: field.max_length]})
    except DatabaseError:
        return False
    return True


def test_markup_that_comes_out_is_found_and_its_text_is_not() -> None:
    assert [text for text in PAYLOADS if came_out(f"<p>{text}</p>")] == [
        text for text in PAYLOADS if text.startswith(("<", '">')) or "</" in text
    ]
    assert came_out(f"<input value='{PAYLOADS[4]}'>")
    assert came_out(f'<input value="{PAYLOADS[5]}">')
    assert came_out('<a href="javascript:xq()">a</a>')
    for text in PAYLOADS:
        assert not came_out(f'<p>{escape(text)}</p><input value="{escape(text)}">')


@pytest.mark.slow
def test_no_page_shows_markup_that_was_typed_as_markup(
    house: SiteObjects, people: dict[str, User]
) -> None:
    filled, refused = fill()
    assert filled > 40, refused
    wrong, looked = [], 0
    for who in PEOPLE_WHO_LOOK:
        client = Client()
        client.force_login(User.objects.get(pk=people[who].pk))
        for row in ROWS:
            if row.answers[who] not in {"200", "422"}:
                continue
            answer = client.generic(row.method, house.address(row))
            looked += 1
            page = answer.getvalue().decode()
            wrong += [f"{row}: {found[:90]}" for found in came_out(page)]
    assert looked > 120
    assert not wrong, "\n".join(["", *sorted(set(wrong))[:40]])
