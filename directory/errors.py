"""What a service raises when it will not act. One middleware turns it into one page."""

from typing import Any


class StepNotAllowedError(Exception):
    """A step that cannot be taken from where the matter stands; `reasons` says why, in words."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(*reasons)
        self.reasons = reasons


class StaleEditError(StepNotAllowedError):
    """The row was saved since the person opened it, by somebody else or by them elsewhere."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence or "Somebody else has changed this since you opened it.")


class OtherEffectError(StepNotAllowedError):
    """What would be saved now does something else than what was shown; `effect` is what it does."""

    def __init__(self, effect: Any) -> None:
        super().__init__("The dates have moved since they were shown.")
        self.effect = effect


def refuse(*reasons: str) -> None:
    """Raise StepNotAllowedError with the reasons that are not empty, if there are any."""
    said = tuple(reason for reason in reasons if reason)
    if said:
        raise StepNotAllowedError(*said)
