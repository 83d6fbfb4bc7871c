"""The rules of names that a machine can hold: rooms and modules bear the field's words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.once

ROOT = Path(settings.BASE_DIR)
APPS = ("directory", "permanency", "consultations", "reviews")
# Metaphors and private words that once named modules here.
FORMER = frozenset(  # one word after the other
    """
    acting acts against addresses asking assets bodies bound breaker child_urls claims counted
    counting crispy crossing crowd decided digest edits emergency faults fence filled guards
    guesses heads house in_sql keyset leaving left_work life log_lines looks marks misses moved
    moves named no_clock outbox owed pace parking proof pulse queue_slots quiet rehoming restoring
    revisions rights rows safety sealing seals second_factor sheets spells stale standing subjects
    summary support taking_effect tally telling terms two_hands typed typed_text verifying voiding
    waiting what_if who_read widgets windows wording
    """.split()  # noqa: SIM905  # a list of ninety strings is no easier to read
)
# The field's own words, though they end so, and a command that says what was done to the database.
NOUNS = frozenset({"mfa_required", "feed", "restored"})


def _modules() -> list[str]:
    return [
        path.relative_to(ROOT).with_suffix("").as_posix()
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts and not path.name.startswith("test_")
    ]


def test_no_module_or_room_bears_a_former_name() -> None:
    modules = _modules()
    assert len(modules) > 200
    # The fault cases break processes: there "faults" is the word for it.
    parts = {part for each in modules for part in each.split("/") if "tests/faults" not in each}
    assert parts & FORMER == set()


def test_no_module_is_named_by_a_participle() -> None:
    names = {Path(each).name for each in _modules() if "/tests/" not in each}
    participles = {name for name in names if re.fullmatch(r"\w*[a-z](ed|ing)", name)}
    assert participles - NOUNS == set()
