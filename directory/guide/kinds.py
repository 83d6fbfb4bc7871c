"""The kinds of matters in the guide, and whom one may contact about them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices


class Contact(TextChoices):
    """Whom a caseworker turns to."""

    CFDU = "cfdu", "CFDU"
    CONTRACTS = "contracts", "Contract manager"
    COORDINATOR = "coordinator", "Permanency Coordinator"
    PARTNER = "partner", "ChildStory Partner Support"


class Area(TextChoices):
    """What a matter is about."""

    GOALS = "goals", "Goals and permanency"
    CARE = "care", "Care, safety and consent"
    FUNDING = "funding", "Funding packages"
    SERVICE = "service", "Contracts and performance"
    MINISTERS = "ministers", "Requests from Ministers"
    MEETINGS = "meetings", "Meetings"
    CHILDSTORY = "childstory", "ChildStory"


@dataclass(frozen=True)
class Matter:
    """One thing that may come up, whom to contact about it, and what they do."""

    question: str
    area: Area
    contacts: tuple[Contact, ...]
    answer: str
