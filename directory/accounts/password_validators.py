"""What makes a password a bad one here: too long to check, or made of words that anybody tries."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError

LEAST_OF_ITS_OWN = 8
FEWEST_DIFFERENT = 5

# What somebody would try here first: the product, the department, the work and the place.
LOCAL_WORDS = (
    "permanency", "tracker", "support", "program", "consultation", "coordinator", "casework",
    "manager", "approver", "district", "department", "communities", "justice", "childstory",
    "child", "children", "family", "families", "restoration", "guardianship", "adoption",
    "preservation", "facs", "dcj", "psp", "cfdu", "newsouthwales", "nsw", "sydney", "hunter",
    "australia", "government",
)  # fmt: skip
# And what is tried everywhere.
COMMON_WORDS = (
    "password", "passwort", "passphrase", "passw0rd", "welcome", "letmein", "changeme", "secret",
    "login", "signin", "admin", "administrator", "qwertyuiop", "qwerty", "asdfghjkl", "asdfgh",
    "zxcvbnm", "iloveyou", "abcdefghijklmnopqrstuvwxyz", "abcdefgh", "abcdef", "abc",
    "spring", "summer", "autumn", "winter", "monday", "january", "december",
)  # fmt: skip


class MaximumLengthValidator:
    """Refuses a password longer than what is worth checking; length is what makes one strong."""

    def __init__(self, max_length: int = 128) -> None:
        self.max_length = max_length

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > self.max_length:
            raise ValidationError(f"Use at most {self.max_length} characters.", code="too_long")

    def get_help_text(self) -> str:
        return f"Any characters, spaces too, up to {self.max_length}. Nothing else is asked of it."


class ObviousWordsValidator:
    """Refuses a password that is made of the words of this work or of the person's own name."""

    def validate(self, password: str, user: Any = None) -> None:
        letters = re.sub(r"[\W_]+", "", password.casefold())
        if len(set(letters or password)) < FEWEST_DIFFERENT:
            raise ValidationError("This repeats a few characters.", code="repeats")
        left, person = letters, f"{getattr(user, 'name', '')} {getattr(user, 'email', '')}"
        own_words = {word for word in re.split(r"[\W_]+", person.casefold()) if len(word) > 2}
        for word in sorted({*LOCAL_WORDS, *COMMON_WORDS, *own_words}, key=len, reverse=True):
            left = left.replace(word, "")
        is_all_taken = len(left) != len(letters) and len(re.sub(r"\d", "", left)) < LEAST_OF_ITS_OWN
        if is_all_taken:
            raise ValidationError(
                "This is made of words that somebody would try here first.", code="our_words"
            )

    def get_help_text(self) -> str:
        return "Not made of this work's words or your name. A few unrelated words are best."
