"""The kinds of matters in the guide, and whom one may contact about them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices


class Contact(TextChoices):
    CFDU = "cfdu", "CFDU"
    CONTRACTS = "contracts", "Contract manager"
    COORDINATOR = "coordinator", "Permanency Coordinator"
    PARTNER = "partner", "ChildStory Partner Support"


class Area(TextChoices):
    GOALS = "goals", "Goals and permanency"
    CARE = "care", "Care, safety and consent"
    FUNDING = "funding", "Funding packages"
    SERVICE = "service", "Contracts and performance"
    MINISTERS = "ministers", "Requests from Ministers"
    MEETINGS = "meetings", "Meetings"
    CHILDSTORY = "childstory", "ChildStory"


@dataclass(frozen=True)
class Matter:
    question: str
    area: Area
    contacts: tuple[Contact, ...]
    answer: str


CFDU, CONTRACTS, COORDINATOR, PARTNER = Contact

# Of each area: the question, whom to ask, and the answer.
GOALS = (
    (
        "You want to set or change a child's case plan goal",
        (COORDINATOR,),
        "Ask for a permanency consultation before anything is decided. The coordinator looks at "
        "the evidence with you, gives advice, and endorses the change or says what is missing.",
    ),
    (
        "A goal change was endorsed and needs a decision",
        (CFDU,),
        "Where a provider manages the case, the CFDU decides after the coordinator's endorsement. "
        "An endorsement alone changes nothing. Where DCJ manages the case, a Manager Casework "
        "decides.",
    ),
    (
        "Is there enough evidence, and is everybody ready, for another goal?",
        (COORDINATOR,),
        "The coordinator helps you see whether the child, the carer and the parents are ready, "
        "and which evidence still has to be gathered.",
    ),
    (
        "When should a restoration or guardianship assessment start?",
        (COORDINATOR,),
        "The coordinator advises on the right moment for a formal assessment and on the casework "
        "that should come before it.",
    ),
    (
        "Something changed for a carer or parent: is a legal order possible now?",
        (COORDINATOR,),
        "Tell the coordinator what changed. They advise whether guardianship, adoption or "
        "restoration can be looked at afresh, and on the legal process.",
    ),
    (
        "Permanency options for a child on a long term order",
        (COORDINATOR,),
        "Formal and informal consultations are both open to you. The coordinator advises on the "
        "options that suit this child.",
    ),
    (
        "A goal review is due",
        (COORDINATOR,),
        "The coordinator arranges the review, records it for each child and gives the provider a "
        "copy. Bring the evidence of progress.",
    ),
    (
        "The two years are running out",
        (COORDINATOR,),
        "The coordinator follows each goal's two-year date with you: what holds it up, what "
        "support would help, and whether the goal still fits.",
    ),
    (
        "Which services could move permanency forward?",
        (COORDINATOR,),
        "The coordinator knows the referrals that help, such as family finding, and supports you "
        "in making them.",
    ),
    (
        "You disagree about the best goal for a child",
        (COORDINATOR,),
        "Ask for group supervision first; the coordinator organises it. The steps after that are "
        "further down on this page.",
    ),
)

CARE = (
    (
        "A child needs to move to another placement",
        (CFDU,),
        "First ask family and the people who matter to the child, then other providers, whether "
        "somebody can care for the child. If nobody can, the CFDU looks for a placement.",
    ),
    (
        "A child cannot live safely at home and needs a carer or therapeutic care",
        (CFDU,),
        "The CFDU refers the child to foster care or to Intensive Therapeutic Care.",
    ),
    (
        "A child was seriously hurt, has died or is missing, or a carer was hurt or died",
        (CFDU,),
        "Tell the CFDU of the critical event straight away and record it in ChildStory Partner. "
        "The CFDU works with you on the child's safety. A child who is away from placement is "
        "told to the CFDU too, as an event of its own.",
    ),
    (
        "A pregnancy, a serious allegation, a planned end of life, or likely media attention",
        (CFDU,),
        "These count as critical events as well: tell the CFDU straight away.",
    ),
    (
        "A child is away from placement",
        (CFDU,),
        "Tell the CFDU in ChildStory Partner, and plan with them how the child stays safe.",
    ),
    (
        "Consent for surgery, treatment, a passport, travel or piercing",
        (CFDU,),
        "The CFDU decides where parental responsibility lies with the Minister, within its "
        "delegations.",
    ),
    (
        "Evidence for the Children's Court",
        (CFDU,),
        "The CFDU gathers what the provider has prepared, approves it and files it.",
    ),
    (
        "Sharing information about a child's safety with another agency",
        (CFDU,),
        "The CFDU shares what matters for safety, welfare and wellbeing under Chapter 16A of the "
        "Care Act. Some CFDUs also carry out the assessments of safety in care.",
    ),
    (
        "A case may move to another provider",
        (CFDU,),
        "Tell the CFDU early, before anything is arranged between the providers.",
    ),
    (
        "Day-to-day casework advice inside a provider",
        (),
        "Your own practice lead and your organisation's guidance come first. The CFDU holds "
        "secondary case responsibility for most children that providers care for.",
    ),
)

FUNDING = (
    (
        "Which package suits a child, and is the child eligible?",
        (COORDINATOR,),
        "The coordinator advises which specialist packages a child can have and how to use them "
        "flexibly. The coordinator does not approve them.",
    ),
    (
        "A Complex Needs payment or Additional Carer Support",
        (CFDU, CONTRACTS),
        "The CFDU checks the application, supports it or takes it further. The lead contract "
        "manager talks to the CFDU and the Central Access Unit about it.",
    ),
    (
        "Away from Placement, Not in Placement, or four or more siblings together",
        (CFDU,),
        "The CFDU checks the application and supports it or takes it further.",
    ),
    (
        "A child's needs have changed: review of the Child Assessment Tool",
        (CFDU,),
        "The CFDU completes the assessment again when a review is requested. The child needs "
        "package follows from it.",
    ),
    (
        "A cultural plan, leaving care or baseline package is missing",
        (CFDU, PARTNER),
        "ChildStory makes these packages by itself. If one is missing, something in the record "
        "is: put that right first, with ChildStory Partner Support or the CFDU.",
    ),
    (
        "A placement may break down and money could help to hold it",
        (CFDU,),
        "Talk to your own managers and practice leads first. Then ask the CFDU which packages "
        "could keep the placement stable.",
    ),
    (
        "Funding reconciliation: what was paid against what happened",
        (CONTRACTS,),
        "The lead contract manager reconciles all packages once a year and as placements change, "
        "the option for four or more siblings included.",
    ),
    (
        "Case Coordination, or therapeutic care paid outside ChildStory",
        (CONTRACTS,),
        "The lead contract manager manages these payments.",
    ),
    (
        "An aftercare financial plan",
        (CFDU,),
        "The CFDU approves it.",
    ),
)

SERVICE = (
    (
        "Contract questions: reporting, subcontractors, carer recruitment, reportable conduct",
        (CONTRACTS,),
        "The lead or district contract manager is the first to ask, and watches over what the "
        "contract and the case management policies require.",
    ),
    (
        "The number of contracted places no longer fits",
        (CONTRACTS,),
        "The lead contract manager follows the volume and works out a variation with you.",
    ),
    (
        "A provider needs support to get better at something",
        (CONTRACTS,),
        "The contract manager supports the provider, where needed with a service development "
        "plan or a performance improvement plan, and follows the actions up.",
    ),
    (
        "A service is missing in the district",
        (CONTRACTS,),
        "Tell the contract manager, for example where there is no Aboriginal service. They see "
        "the whole service system and can speak up for changes.",
    ),
    (
        "A concern about a provider's practice",
        (CONTRACTS, CFDU, COORDINATOR),
        "All three add to the PSP Practice Register; the contract manager keeps it.",
    ),
)

MINISTERS = (
    (
        "A Minister or Member of Parliament asks about a child",
        (CFDU,),
        "The CFDU asks you for the casework facts. Time is short: be brief and to the point.",
    ),
    (
        "A Minister or Member of Parliament asks about services or a contract",
        (CONTRACTS,),
        "The contract manager asks you about capacity and contracts and answers for the district.",
    ),
)

MEETINGS = (
    (
        "A permanency consultation, a goal review, or group supervision about permanency",
        (COORDINATOR,),
        "The coordinator organises these. Consultations happen when you ask for one.",
    ),
    (
        "A panel or group supervision for a child with very complex needs",
        (CFDU,),
        "The CFDU organises or joins panels for complex care and for alternative care "
        "arrangements. Each district has its own way of doing this.",
    ),
    (
        "Contract, operations or governance meetings",
        (CONTRACTS,),
        "The contract manager arranges them. The CFDU and the coordinator may come when the "
        "matter is theirs; a coordinator may also visit your team meeting.",
    ),
)

CHILDSTORY = (
    (
        "The case plan after a goal change, or a leaving care plan, waits in ChildStory",
        (CFDU,),
        "The CFDU approves both in ChildStory.",
    ),
    (
        "A placement record, a carer household or a service request waits in ChildStory",
        (CFDU,),
        "The CFDU works through what providers hand in: carer households, placements and "
        "whereabouts, financial entries and requests for a person.",
    ),
    (
        "ChildStory and your own system do not agree",
        (CFDU, CONTRACTS),
        "The two compare the records with you, above all where a payment depends on them.",
    ),
    (
        "You need access to ChildStory Partner, or help with it",
        (PARTNER,),
        "Call 1300 356 696 and ask for Partner Support, or write to "
        "ChildStoryPartnerSupport@facs.nsw.gov.au. They also help new providers to start.",
    ),
)

OF_AREAS: dict[Area, tuple[tuple[str, tuple[Contact, ...], str], ...]] = {
    Area.GOALS: GOALS,
    Area.CARE: CARE,
    Area.FUNDING: FUNDING,
    Area.SERVICE: SERVICE,
    Area.MINISTERS: MINISTERS,
    Area.MEETINGS: MEETINGS,
    Area.CHILDSTORY: CHILDSTORY,
}
MATTERS = tuple(
    Matter(question, area, contacts, answer)
    for area, asked in OF_AREAS.items()
    for question, contacts, answer in asked
)

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
