"""The words of a search, kept in the session: an address names them by a random key.

A name stands in no address, and the browser's way back works, as the page that was found is asked
for by GET. The words are encrypted, so that no row of a session names a child.
"""

from __future__ import annotations

from cryptography.fernet import InvalidToken
from django.contrib.sessions.backends.base import SessionBase
from django.utils.crypto import get_random_string

from directory.accounts.mfa import decrypt, encrypt

FINDS = "finds"
MOST_KEPT = 20
KEY_LENGTH = 8


def keep_words(session: SessionBase, words: str) -> str:
    """Return the key of these words; of many searches the oldest is forgotten."""
    key = get_random_string(KEY_LENGTH)
    kept = list(session.get(FINDS, {}).items())[-(MOST_KEPT - 1) :]
    session[FINDS] = {**dict(kept), key: encrypt(words)}
    return key


def kept_words(session: SessionBase, key: str) -> str:
    """Return the words of a key, or nothing for one that this session does not know."""
    encrypted = session.get(FINDS, {}).get(key)
    try:
        return decrypt(encrypted) if encrypted else ""
    except InvalidToken:
        return ""
