"""The verbs of reviews: hold one, record that it was not held, correct what one says."""

from reviews.services.correcting import correct, versions_of
from reviews.services.holding import Account, NewAction, hold, holding_errors, record_not_held
from reviews.services.preview import EffectOfReview, effect_of_review

__all__ = [
    "Account",
    "EffectOfReview",
    "NewAction",
    "correct",
    "effect_of_review",
    "hold",
    "holding_errors",
    "record_not_held",
    "versions_of",
]
