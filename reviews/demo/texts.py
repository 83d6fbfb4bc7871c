"""Invented names and sentences for the demonstration. Nobody real is meant."""


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES = _names("""
Amira Archie Ava Bella Billy Callum Chloe Daisy Darcy Eli Ella Ethan Finn Freya Grace Harper
Harry Hugo Imogen Isaac Isla Jack Jarrah Jasmine Jayden Kai Kirra Kyan Lachlan Layla Leo Lily
Lola Lucas Mia Mila Mohammed Nate Noah Oscar Piper Poppy Quinn Riley Ruby Sienna Sophie Talia
Tane Thomas Tilly Tyson Willow Xavier Yarran Zara Zeke Zoe
""")
FAMILY_NAMES = _names("""
Abbot Ainslie Barrow Bellbird Birch Blackwood Brindle Calloway Carraway Chant Cormack Dallow
Denholm Dunmore Eastley Fairweather Fenwick Galloway Garland Greer Hallam Hartnell Ironbark
Jessop Kestrel Kingsley Larkin Lorikeet Marlow Merewether Nolan Oakes Pascoe Penrose Quill
Rainford Redgum Rosella Sandover Shearwater Silver Stringy Tallow Thornbury Underwood Vale
Wainwright Wattle Whitlock Wollemi Yarrow
""")
CASEWORKERS = (
    "Joanne Tierney",
    "Samir Haddad",
    "Leanne Prior",
    "Tomasz Wilk",
    "Grace Okafor",
    "Dimity Rowe",
    "Alan Sesay",
    "Ngaire Poutama",
    "Felix Brandt",
    "Sunita Rao",
)
PROVIDERS = (
    ("Bluegum Family Services", False),
    ("Coastwise Care", False),
    ("Harbourlight Youth and Family", False),
    ("Saltbush Kinship Aboriginal Corporation", True),
    ("Silvereye Fostering", False),
    ("Wandering Rivers Aboriginal Family Service", True),
    ("Westerly Home and Kin", False),
    ("Yellowbox Community Care", False),
)
STAFF_FIRST_NAMES = _names("""
Alison Bashir Catherine Dev Erin Frank Gwen Hana Ivan Jill Kofi Lucia Mick Nadia Owen Pilar Rosa
Stuart Thuy Una Vikram Wendy Yusuf Zelda Barbara Damien Fiona Greta Hamish Irene Joel Karen
Lionel Moana Neville Olga Paulo Renee Sefton Tamsin
""")
STAFF_FAMILY_NAMES = _names("""
Reeve Noor Doyle Malhotra Salter Iosefo Abernethy Kobayashi Markov Overton Mensah Romano Dargan
Farrell Pritchard Quintero Delgado Neve Pham McBride Sethi Callow Karim Hirsch Finch Lowe Stead
Olsson Todd Vassallo Akers Mulder Crane Tipene Ashby Petrova Santos Bligh Moon Tully
""")

QUESTIONS = (
    "Is the present goal still the right one, and what would have to be true for another?",
    "The carers have said that they would like to be guardians. Is it time to explore this?",
    "The parents have made steady changes this year. Can restoration be considered again?",
    "How can contact with brothers and sisters be kept up while the goal is worked toward?",
    "What would help this placement to become a permanent home?",
)
CHILD_VIEWS = (
    "Says that home is where the dog is, and would like to stay with the present carers.",
    "Would like to see Nan every week. Asked to be told about decisions in person.",
    "Wants to live with Mum again, and understands that it depends on more than wanting.",
    "Is too young to say; settles quickly with the carers and sleeps well.",
    "Likes the present school and does not want to change again.",
)
FAMILY_VIEWS = (
    "Grandmother supports the plan and offers every second weekend.",
    "Mother would like restoration and has kept every appointment since autumn.",
    "Father agrees with guardianship if contact stays regular.",
    "The aunts ask that culture and country be written into the plan.",
)
CULTURAL_ADVICE = (
    "Family finding has reached the paternal side; visits to country are planned for the holidays.",
    "The community group asks that language lessons continue wherever the child lives.",
    "Kin were named and met. The cultural plan is current.",
)
OPTION_REASONS = (
    "Explored with the family and the caseworkers; more evidence is needed.",
    "Safe and practicable with the support that is already in place.",
    "Not practicable at present: the concerns that led to care remain.",
    "Would keep the child with people who know and love them.",
)
RECOMMENDATIONS = (
    "Stay with the goal, and bring the assessment forward so that it is ready for the next review.",
    "Seek a change of goal: the carers are ready and the evidence is there.",
    "Meet again in three months with the carer assessment and the child's views.",
    "Bring family and carers together before any proposal is made.",
)
REASONS = (
    "The home is stable, the child is settled, and family supports the plan.",
    "The changes at home have lasted for more than six months and are seen by everybody involved.",
    "No other option is practicable, and this one gives certainty soonest.",
)
REVIEW_REASONS = (
    "Contact is regular and the carers' assessment has begun.",
    "The assessment has been waiting for a report since winter.",
    "Parents missed several visits; a family meeting is booked.",
    "The court date is set and the evidence is being gathered.",
)
BARRIERS = (
    "Waiting for the paediatric report.",
    "The carers would like legal advice about guardianship.",
    "Transport to visits.",
    "",
)
SUPPORT = ("Family finding.", "Respite one weekend a month.", "Help with school costs.", "")
ACTIONS = (
    "Ask for the carer assessment report",
    "Invite the grandparents to the next meeting",
    "Seek legal advice about the order",
    "Bring the cultural plan up to date",
    "Book a family meeting",
    "Ask the school for a report",
)
NOT_HELD = (
    "The caseworker changed and asked for two more weeks.",
    "The provider could not attend; a new day is agreed.",
)
DECLINE_REASONS = "The order would have to change first, and no application has been made."
NOT_ENDORSED_REASONS = "The child's views are not yet recorded and kin have not been asked."
MORE_NEEDED = "The carers' assessment is missing. Please add it and propose again."
WITHDRAWN_REASONS = "The carers have asked for more time to think about it."
CULTURE_TO_FOLLOW = "None yet: the family meets with the Aboriginal practice team first."
