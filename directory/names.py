"""Names as they are found: without capitals, accents and marks, in any order of their words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from anyascii import anyascii

# What parts the words of a name; any other mark stands within a word.
BETWEEN_WORDS = re.compile(r"[\s,;/&+]+")
PIECES = re.compile(r"[a-z0-9]+")
SHORTEST_NEAR_WORD = 3

# A word as the pieces that its marks part it into: ("o", "halloran").
Word = tuple[str, ...]


def words_of(text: str) -> list[Word]:
    """Return the words of a name in plain small letters; none for what has no letter or digit."""
    found = (tuple(PIECES.findall(word)) for word in BETWEEN_WORDS.split(anyascii(text).lower()))
    return [word for word in found if word]


def pieces_of(text: str) -> list[str]:
    return [piece for word in words_of(text) for piece in word]


def fold(*names: str) -> str:
    """Return names in the form in which they are found: each in pieces, and joined as one."""
    forms: list[str] = []
    for name in names:
        pieces = pieces_of(name)
        forms += [*pieces, "".join(pieces)] if len(pieces) > 1 else pieces
    return " ".join(forms)


def sort_key(*names: str) -> str:
    """Return names as text that is in order on every database: "de Bruyn" is "de0bruyn".

    Nothing but small letters and digits is in it, which every collation has in this order: the 0
    between words comes first, so "de Bruyn" stands before "Dean".
    """
    return "0".join("".join(word) for name in names for word in words_of(name))


def name_key(*names: str) -> str:
    """Return what two names have in common that are the same but for how they are written."""
    return " ".join(sorted(filter(None, ("".join(pieces_of(name)) for name in names))))


def matches(folded: str, typed: list[Word]) -> bool:
    """Return whether each typed word stands in a folded name."""
    return bool(typed) and all(_stands_in(folded, word) for word in typed)


def nearly_matches(folded: str, typed: list[Word]) -> bool:
    """Return whether each typed word stands in a folded name, but for one letter of one of them."""
    missed = ["".join(word) for word in typed if not _stands_in(folded, word)]
    if len(missed) != 1 or len(missed[0]) < SHORTEST_NEAR_WORD:
        return False
    return any(is_near(missed[0], each) for each in folded.split())


def keys_named(typed: str, rows: Iterable[tuple[int, str]]) -> list[int]:
    """Return the keys of the rows, each with its folded name, that match, or of those near."""
    words, rows = words_of(typed), list(rows)
    found = [pk for pk, folded in rows if matches(folded, words)]
    return found or [pk for pk, folded in rows if nearly_matches(folded, words)]


def _stands_in(folded: str, word: Word) -> bool:
    return "".join(word) in folded or all(piece in folded for piece in word)


def is_near(one: str, other: str) -> bool:
    """Return whether two words differ by a letter more, less or other, or by two changed over."""
    if abs(len(one) - len(other)) > 1:
        return False
    pairs = enumerate(zip(one, other, strict=False))
    at = next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))
    left, right = one[at:], other[at:]
    return (
        left[1:] in {right, right[1:]}
        or left == right[1:]
        or (left[:2] == right[1::-1] and left[2:] == right[2:])
    )


def parts_that_stay(word: str) -> tuple[str, str, str]:
    """Return parts of a word of which every word that is near holds one at least."""
    half = len(word) // 2
    # The last is for two letters changed over in the middle.
    return word[:half], word[half:], f"{word[: half - 1]}{word[half]}{word[half - 1]}"
