"""Whom to contact about everything around casework: money, contracts, meetings, ChildStory."""

from directory.guide.kinds import Area, Contact, Matter

CFDU, CONTRACTS, COORDINATOR, PARTNER = Contact
_, _, FUNDING, SERVICE, MINISTERS, MEETINGS, CHILDSTORY = Area

SUPPORT = (
    Matter(
        "Which package suits a child, and is the child eligible?",
        FUNDING,
        (COORDINATOR,),
        "The coordinator advises which specialist packages a child can have and how to use them "
        "flexibly. The coordinator does not approve them.",
    ),
    Matter(
        "A Complex Needs payment or Additional Carer Support",
        FUNDING,
        (CFDU, CONTRACTS),
        "The CFDU checks the application, supports it or takes it further. The lead contract "
        "manager talks to the CFDU and the Central Access Unit about it.",
    ),
    Matter(
        "Away from Placement, Not in Placement, or four or more siblings together",
        FUNDING,
        (CFDU,),
        "The CFDU checks the application and supports it or takes it further.",
    ),
    Matter(
        "A child's needs have changed: review of the Child Assessment Tool",
        FUNDING,
        (CFDU,),
        "The CFDU completes the assessment again when a review is requested. The child needs "
        "package follows from it.",
    ),
    Matter(
        "A cultural plan, leaving care or baseline package is missing",
        FUNDING,
        (CFDU, PARTNER),
        "ChildStory makes these packages by itself. If one is missing, something in the record "
        "is: put that right first, with ChildStory Partner Support or the CFDU.",
    ),
    Matter(
        "A placement may break down and money could help to hold it",
        FUNDING,
        (CFDU,),
        "Talk to your own managers and practice leads first. Then ask the CFDU which packages "
        "could keep the placement stable.",
    ),
    Matter(
        "Funding reconciliation: what was paid against what happened",
        FUNDING,
        (CONTRACTS,),
        "The lead contract manager reconciles all packages once a year and as placements change, "
        "the option for four or more siblings included.",
    ),
    Matter(
        "Case Coordination, or therapeutic care paid outside ChildStory",
        FUNDING,
        (CONTRACTS,),
        "The lead contract manager manages these payments.",
    ),
    Matter(
        "An aftercare financial plan",
        FUNDING,
        (CFDU,),
        "The CFDU approves it.",
    ),
    Matter(
        "Contract questions: reporting, subcontractors, carer recruitment, reportable conduct",
        SERVICE,
        (CONTRACTS,),
        "The lead or district contract manager is the first to ask, and watches over what the "
        "contract and the case management policies require.",
    ),
    Matter(
        "The number of contracted places no longer fits",
        SERVICE,
        (CONTRACTS,),
        "The lead contract manager follows the volume and works out a variation with you.",
    ),
    Matter(
        "A provider needs support to get better at something",
        SERVICE,
        (CONTRACTS,),
        "The contract manager supports the provider, where needed with a service development "
        "plan or a performance improvement plan, and follows the actions up.",
    ),
    Matter(
        "A service is missing in the district",
        SERVICE,
        (CONTRACTS,),
        "Tell the contract manager, for example where there is no Aboriginal service. They see "
        "the whole service system and can speak up for changes.",
    ),
    Matter(
        "A concern about a provider's practice",
        SERVICE,
        (CONTRACTS, CFDU, COORDINATOR),
        "All three add to the PSP Practice Register; the contract manager keeps it.",
    ),
    Matter(
        "A Minister or Member of Parliament asks about a child",
        MINISTERS,
        (CFDU,),
        "The CFDU asks you for the casework facts. Time is short: be brief and to the point.",
    ),
    Matter(
        "A Minister or Member of Parliament asks about services or a contract",
        MINISTERS,
        (CONTRACTS,),
        "The contract manager asks you about capacity and contracts and answers for the district.",
    ),
    Matter(
        "A permanency consultation, a goal review, or group supervision about permanency",
        MEETINGS,
        (COORDINATOR,),
        "The coordinator organises these. Consultations happen when you ask for one.",
    ),
    Matter(
        "A panel or group supervision for a child with very complex needs",
        MEETINGS,
        (CFDU,),
        "The CFDU organises or joins panels for complex care and for alternative care "
        "arrangements. Each district has its own way of doing this.",
    ),
    Matter(
        "Contract, operations or governance meetings",
        MEETINGS,
        (CONTRACTS,),
        "The contract manager arranges them. The CFDU and the coordinator may come when the "
        "matter is theirs; a coordinator may also visit your team meeting.",
    ),
    Matter(
        "The case plan after a goal change, or a leaving care plan, waits in ChildStory",
        CHILDSTORY,
        (CFDU,),
        "The CFDU approves both in ChildStory.",
    ),
    Matter(
        "A placement record, a carer household or a service request waits in ChildStory",
        CHILDSTORY,
        (CFDU,),
        "The CFDU works through what providers hand in: carer households, placements and "
        "whereabouts, financial entries and requests for a person.",
    ),
    Matter(
        "ChildStory and your own system do not agree",
        CHILDSTORY,
        (CFDU, CONTRACTS),
        "The two compare the records with you, above all where a payment depends on them.",
    ),
    Matter(
        "You need access to ChildStory Partner, or help with it",
        CHILDSTORY,
        (PARTNER,),
        "Call 1300 356 696 and ask for Partner Support, or write to "
        "ChildStoryPartnerSupport@facs.nsw.gov.au. They also help new providers to start.",
    ),
)
