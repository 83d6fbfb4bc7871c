"""Versions of the rules: drafting and publishing, what if, taking effect, working out again."""

from permanency.services.rules.publishing import (
    NewRules,
    draft,
    drafting_errors,
    publish,
    reasons_against_publishing,
    withdraw,
)
from permanency.services.rules.recompute import Differs, recompute
from permanency.services.rules.taking_effect import take_effect
from permanency.services.rules.what_if import Figures, WhatIf, what_if
from permanency.services.rules.words import Line, lines

__all__ = [
    "Differs",
    "Figures",
    "Line",
    "NewRules",
    "WhatIf",
    "draft",
    "drafting_errors",
    "lines",
    "publish",
    "reasons_against_publishing",
    "recompute",
    "take_effect",
    "what_if",
    "withdraw",
]
