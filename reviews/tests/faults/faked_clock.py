"""A clock that all parts of a bench share and that a test may set, while their waits stay waits.

The test itself keeps the clock of the run, PostgreSQL and Redis the true time.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from directory import clock
from directory.clock import SYDNEY, zone
from reviews.tests.faults.parts import INJECTED_FOLDER


class FakedClock:
    """The clock of one bench: so far from that of the run. The parts see a change in a moment."""

    def __init__(self, home: Path) -> None:
        self.note = home / "clock"
        self.set(clock.now())
        self.environment = {"PYTHONPATH": str(INJECTED_FOLDER), "FAULT_CLOCK": str(self.note)}

    @property
    def now(self) -> datetime:
        """Return the moment that the parts take it to be."""
        return clock.now() + timedelta(seconds=self.offset)

    def set(self, at: datetime) -> None:
        """Let it be this moment, and time go on from there."""
        self.offset = (at.astimezone(UTC) - clock.now()).total_seconds()
        new = self.note.with_suffix(".new")
        new.write_text(f"{self.offset}\n")
        new.replace(self.note)  # at once: no part reads half a note

    def set_local(self, day: str, hour: float = 8) -> None:
        """Let it be this hour of this day in Sydney."""
        midnight = datetime.combine(datetime.fromisoformat(day), time(), zone(SYDNEY))
        self.set(midnight.astimezone(UTC) + timedelta(hours=hour))

    def go(self, **distance: float) -> None:
        """Move on by so many days, hours or minutes; back where the number is negative."""
        self.set(self.now + timedelta(**distance))
