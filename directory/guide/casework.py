"""Whom to contact about casework: goals, care, safety and consent."""

from directory.guide.kinds import Area, Contact, Matter

CFDU, COORDINATOR = Contact.CFDU, Contact.COORDINATOR
GOALS, CARE = Area.GOALS, Area.CARE

CASEWORK = (
    Matter(
        "You want to set or change a child's case plan goal",
        GOALS,
        (COORDINATOR,),
        "Ask for a permanency consultation before anything is decided. The coordinator looks at "
        "the evidence with you, gives advice, and endorses the change or says what is missing.",
    ),
    Matter(
        "A goal change was endorsed and needs a decision",
        GOALS,
        (CFDU,),
        "Where a provider manages the case, the CFDU decides after the coordinator's endorsement. "
        "An endorsement alone changes nothing. Where DCJ manages the case, a Manager Casework "
        "decides.",
    ),
    Matter(
        "Is there enough evidence, and is everybody ready, for another goal?",
        GOALS,
        (COORDINATOR,),
        "The coordinator helps you see whether the child, the carer and the parents are ready, "
        "and which evidence still has to be gathered.",
    ),
    Matter(
        "When should a restoration or guardianship assessment start?",
        GOALS,
        (COORDINATOR,),
        "The coordinator advises on the right moment for a formal assessment and on the casework "
        "that should come before it.",
    ),
    Matter(
        "Something changed for a carer or parent: is a legal order possible now?",
        GOALS,
        (COORDINATOR,),
        "Tell the coordinator what changed. They advise whether guardianship, adoption or "
        "restoration can be looked at afresh, and on the legal process.",
    ),
    Matter(
        "Permanency options for a child on a long term order",
        GOALS,
        (COORDINATOR,),
        "Formal and informal consultations are both open to you. The coordinator advises on the "
        "options that suit this child.",
    ),
    Matter(
        "A goal review is due",
        GOALS,
        (COORDINATOR,),
        "The coordinator arranges the review, records it for each child and gives the provider a "
        "copy. Bring the evidence of progress.",
    ),
    Matter(
        "The two years are running out",
        GOALS,
        (COORDINATOR,),
        "The coordinator follows each goal's two-year date with you: what holds it up, what "
        "support would help, and whether the goal still fits.",
    ),
    Matter(
        "Which services could move permanency forward?",
        GOALS,
        (COORDINATOR,),
        "The coordinator knows the referrals that help, such as family finding, and supports you "
        "in making them.",
    ),
    Matter(
        "You disagree about the best goal for a child",
        GOALS,
        (COORDINATOR,),
        "Ask for group supervision first; the coordinator organises it. The steps after that are "
        "further down on this page.",
    ),
    Matter(
        "A child needs to move to another placement",
        CARE,
        (CFDU,),
        "First ask family and the people who matter to the child, then other providers, whether "
        "somebody can care for the child. If nobody can, the CFDU looks for a placement.",
    ),
    Matter(
        "A child cannot live safely at home and needs a carer or therapeutic care",
        CARE,
        (CFDU,),
        "The CFDU refers the child to foster care or to Intensive Therapeutic Care.",
    ),
    Matter(
        "A child was seriously hurt, has died or is missing, or a carer was hurt or died",
        CARE,
        (CFDU,),
        "Tell the CFDU of the critical event straight away and record it in ChildStory Partner. "
        "The CFDU works with you on the child's safety. A child who is away from placement is "
        "told to the CFDU too, as an event of its own.",
    ),
    Matter(
        "A pregnancy, a serious allegation, a planned end of life, or likely media attention",
        CARE,
        (CFDU,),
        "These count as critical events as well: tell the CFDU straight away.",
    ),
    Matter(
        "A child is away from placement",
        CARE,
        (CFDU,),
        "Tell the CFDU in ChildStory Partner, and plan with them how the child stays safe.",
    ),
    Matter(
        "Consent for surgery, treatment, a passport, travel or piercing",
        CARE,
        (CFDU,),
        "The CFDU decides where parental responsibility lies with the Minister, within its "
        "delegations.",
    ),
    Matter(
        "Evidence for the Children's Court",
        CARE,
        (CFDU,),
        "The CFDU gathers what the provider has prepared, approves it and files it.",
    ),
    Matter(
        "Sharing information about a child's safety with another agency",
        CARE,
        (CFDU,),
        "The CFDU shares what matters for safety, welfare and wellbeing under Chapter 16A of the "
        "Care Act. Some CFDUs also carry out the assessments of safety in care.",
    ),
    Matter(
        "A case may move to another provider",
        CARE,
        (CFDU,),
        "Tell the CFDU early, before anything is arranged between the providers.",
    ),
    Matter(
        "Day-to-day casework advice inside a provider",
        CARE,
        (),
        "Your own practice lead and your organisation's guidance come first. The CFDU holds "
        "secondary case responsibility for most children that providers care for.",
    ),
)
