"""Reads back what an export wrote."""

from __future__ import annotations

from directory.web.exports import APOSTROPHE, is_formula


def unescape_formula(text: str) -> str:
    """Return the text that `escape_formula` was given, from what it returned."""
    return text[1:] if text.startswith(APOSTROPHE) and is_formula(text[1:]) else text
