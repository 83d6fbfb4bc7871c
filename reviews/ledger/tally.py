"""Keeps count of what one tick did, and of what it had to leave."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

logger = logging.getLogger(__name__)


@dataclass
class Tally:
    """What one tick did, by name, and what it had to leave, with the reason for each."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[dict[str, str]] = field(default_factory=list)

    def park(self, matter: str, reason: str) -> None:
        """Note that a matter was left as it is; the reason holds no word that a person typed."""
        self.problems.append({"matter": matter, "reason": reason})

    def attempt(self, name: str, part: Callable[[], object]) -> None:
        """Do one part of the tick; where it fails, note that, so that the others are done."""
        try:
            part()
        except Exception as fault:
            self.park_fault(name, fault)

    def park_fault(self, name: str, fault: Exception) -> None:
        """Note that a part failed, here by the name of its fault and in the log in full."""
        logger.exception("The tick could not finish: %s", name, exc_info=fault)
        self.park(name, type(fault).__name__)
