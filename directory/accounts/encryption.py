"""Keeps short secrets unreadable in the database, under a key that comes from SECRET_KEY."""

from __future__ import annotations

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def _key(secret: str) -> Fernet:
    stretched = HKDF(SHA256(), length=32, salt=None, info=b"secrets of second factors")
    return Fernet(urlsafe_b64encode(stretched.derive(secret.encode())))


def _keys() -> MultiFernet:
    # The first key seals; the older ones still open what they sealed.
    return MultiFernet(
        [_key(each) for each in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def encrypt(text: str) -> str:
    """Return the text in a form that only this product can read again."""
    return _keys().encrypt(text.encode()).decode()


def decrypt(sealed: str) -> str:
    """Return the text that was sealed; InvalidToken where none of our keys opens it."""
    return _keys().decrypt(sealed.encode()).decode()
