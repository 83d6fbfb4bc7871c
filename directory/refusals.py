"""What a service raises when it will not act. One middleware turns it into one page."""


class StepNotAllowedError(Exception):
    """A step that cannot be taken from where the matter stands; `reasons` says why, in words."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(*reasons)
        self.reasons = reasons
