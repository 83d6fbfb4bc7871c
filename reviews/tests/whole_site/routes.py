"""Who is answered how at every address of the site: how the table `routes.txt` is read.

The table is written from the roles in the design, not from the code. A column is a person: nobody
signed in, then those of Hunter: Permanency Coordinator, CFDU approver, Manager Casework, district
manager; the Manager Practice and Permanency of the whole state; Hunter's contract manager; an
administrator; then the Permanency Coordinator of another district; somebody who can sign in and
holds no appointment; somebody who is Permanency Coordinator and CFDU approver of Hunter at once;
and the Permanency Coordinator of a district that shares Hunter's inbox.

`about` says which object stands in the address. PSP and DCJ are children of Hunter: a provider
manages the case of one, DCJ that of the other. A further word is the state that something is in,
or the step that is taken. A POST is sent without a single answer; `bodies.py` holds those that are
sent with all of them.

in    sent to the sign-in page        200  the page            302  done, or led on to another page
403   not part of the role            404  not there, or not theirs: nobody can tell which
422   may send it, and is asked for what is missing
409   may send it, and what was sent does not say which goal it is about
201   made, and shown this once
503   the page of health says so, where no worker runs

Each line holds for more than it says, by rules that need no line:

- HEAD is answered as GET, without a body, or refused with 405 by a page with a form. What has no
  line is refused with 405.
- Whoever was disabled while signed in is answered as nobody signed in.
- A child of another district (`ELSEWHERE`, of Sydney): its Permanency Coordinator is answered as
  Hunter's is here, the Manager Practice and Permanency as here, everybody else 404.
- A restricted child (`RESTRICTED`, of Hunter, a provider manages the case): named are the
  Permanency Coordinator and the CFDU approver, who are answered as here; everybody else 404.
- Nothing at all (`NOTHING`, a number that is nobody's): 404, but 403 where a page that is about no
  child belongs to another role.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

PEOPLE = (
    "anonymous",
    "coordinator",
    "cfdu",
    "casework_manager",
    "district_manager",
    "mpp",
    "contract_manager",
    "administrator",
    "stranger",
    "nobody",
    "both",
    "neighbour",
)
# Who has no column of their own.
ANSWERED_AS = {"disabled": "anonymous"}
EVERYBODY = (*PEOPLE, *ANSWERED_AS)
# Whose answers differ from those of others by their district or their two roles alone: enough to
# ask them who gets in; no need to look at every page and count its queries once more.
SIMILAR_PEOPLE = frozenset({"both", "neighbour"})
NAMED_PEOPLE = frozenset({"coordinator", "cfdu"})  # on the restricted children
CHILDREN = frozenset({"PSP", "DCJ"})
SIGN_IN_PAGE = "in"


class ObjectScope(Enum):
    """Where the object in the address is."""

    HUNTER = "of Hunter"
    ELSEWHERE = "of another district"
    RESTRICTED = "restricted"
    NOTHING = "not there"


@dataclass(frozen=True)
class RouteRow:
    """One line of the table: the expected answer to each person."""

    route: str
    about: str
    method: str
    answers: dict[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.route} ({self.about})"

    @property
    def whose(self) -> str:
        """Return whose the object is: PSP or DCJ, or "-" where no child is behind it."""
        word = self.about.partition(" ")[0]
        return word if word in CHILDREN else "-"

    @property
    def word(self) -> str:
        """Return the further word: a state, a step, a district."""
        return self.about.partition(" ")[2] if self.whose != "-" else self.about.strip("-")

    def answer_to(self, who: str, scope: ObjectScope = ObjectScope.HUNTER) -> str:
        """Return how this person is answered, by the line and the rules that need no line."""
        who = ANSWERED_AS.get(who, who)
        own = self.answers[who]
        if scope is ObjectScope.HUNTER or own == SIGN_IN_PAGE:
            return own
        if scope is ObjectScope.NOTHING:
            return "403" if self.whose == "-" and own == "403" else "404"
        if scope is ObjectScope.RESTRICTED:
            return own if who in NAMED_PEOPLE else "404"
        as_at_home = {"mpp": own, "stranger": self.answers["coordinator"]}
        return as_at_home.get(who, "404")


def _read(line: str) -> RouteRow:
    asked, answers = line.split("|")
    route, *about, method = asked.split()
    expected = dict(zip(PEOPLE, answers.split(), strict=True))
    return RouteRow(route, " ".join(about), method, expected)


def read_table(text: str) -> tuple[RouteRow, ...]:
    """Return the lines of a table; ValueError where a line has not one answer for each person."""
    lines = (line.strip() for line in text.splitlines())
    return tuple(_read(line) for line in lines if line and not line.startswith("#"))


ROWS = read_table((Path(__file__).parent / "routes.txt").read_text(encoding="utf-8"))
