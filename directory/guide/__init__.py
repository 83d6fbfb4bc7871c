"""Who to contact about what: the roles of a district, matter by matter, in our own words.

Source: the role comparison of the Permanency Support Program (CFDU casework practitioners, contract
managers, Permanency Coordinators) and the department's page on what Permanency Coordinators do.
"""

from directory.guide.casework import CASEWORK
from directory.guide.kinds import Area, Contact, Matter
from directory.guide.support import SUPPORT

__all__ = ["DISAGREEMENT", "DISAGREEMENT_RULES", "MATTERS", "Area", "Contact", "Matter", "matters"]

MATTERS = CASEWORK + SUPPORT

# What to do when people disagree about the best goal: title, what happens.
DISAGREEMENT = (
    (
        "Ask for group supervision",
        "The Permanency Coordinator brings the caseworkers, their managers and people with special "
        "knowledge together. Everybody says what they see and why. What was agreed, and who still "
        "sees it differently, is written down.",
    ),
    (
        "Take it to the managers in the district",
        "If group supervision does not settle it, the managers of both sides look at it together, "
        "in the way that the district has agreed with its providers.",
    ),
    (
        "Take it to the district's executive",
        "The last step inside the district. What goes further is outside this application.",
    ),
)
DISAGREEMENT_RULES = (
    "The child, the family and the carers are kept out of the disagreement.",
    "Work for the child goes on meanwhile, and the goal in force stays in force.",
    "What is before the Children's Court is settled there.",
)


def matters(*, area: str = "", contact: str = "") -> tuple[Matter, ...]:
    """Return the matters of an area and of a contact; empty means all of them."""
    return tuple(
        each
        for each in MATTERS
        if area in {"", each.area} and (not contact or contact in each.contacts)
    )
