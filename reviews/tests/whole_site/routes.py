"""Who is answered how at every address of the site: the table, and how it is read.

Written from the table of roles in the design, not from the code. A column is a person: nobody
signed in, then those of Hunter: Permanency Coordinator, CFDU approver, Manager Casework, district
manager; the Manager Practice and Permanency of the whole state; Hunter's contract manager; an
administrator; then the Permanency Coordinator of another district, and somebody who can sign in
and holds no appointment.

`about` says which object stands in the address. PSP and DCJ are children of Hunter: a provider
manages the case of one, DCJ that of the other. A further word is the state that something is in,
or the step that is taken. A POST is sent without a single answer.

in    sent to the sign-in page        200  the page            302  done, or led on to another page
403   not part of the role            404  not there, or not theirs: nobody can tell which
422   may send it, and is asked for what is missing
409   may send it, and what was sent does not say which goal it is about
503   the page of health says so, where no worker runs

What a route does not take (GET or POST without a line here) is answered with 405.
"""

from __future__ import annotations

from dataclasses import dataclass

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
)

TABLE = """
# route             about                  | anon  pc   cfdu  mcw  dm   mpp  cm   admin  other  none

# Everybody's
sign-in             -                 GET  | 200   302  302   302  302  302  302  302    302    302
sign-in             -                 POST | 422   302  302   302  302  302  302  302    302    302
account_login       -                 GET  | 200   302  302   302  302  302  302  302    302    302
account_login       -                 POST | 422   302  302   302  302  302  302  302    302    302
account_reauthenticate -              GET  | in    200  200   200  200  200  200  200    200    200
account_reauthenticate -              POST | in    422  422   422  422  422  422  422    422    422
sign-out            -                 POST | 302   302  302   302  302  302  302  302    302    302
stay-signed-in      -                 POST | in    200  200   200  200  200  200  200    200    200
health              -                 GET  | 503   503  503   503  503  503  503  503    503    503
my-work             -                 GET  | in    200  200   200  200  200  200  200    200    200
keep-typed          -                 POST | in    422  422   422  422  422  422  422    422    422
discard-typed       -                 POST | in    422  422   422  422  422  422  422    422    422
contacts            -                 GET  | in    200  200   200  200  200  200  200    200    200

# Lists of cases
children            -                 GET  | in    200  200   200  200  200  403  403    200    403
reviews             -                 GET  | in    200  200   200  200  200  403  403    200    403
changes-waiting     -                 GET  | in    200  200   200  200  200  403  403    200    403
find-child          -                 POST | in    422  422   422  422  422  403  403    422    403
approvals           -                 GET  | in    403  200   200  200  200  403  403    403    403

# Figures: of the person's own district, and of another
dashboards          -                 GET  | in    302  302   302  302  200  302  403    302    403
dashboard           hunter            GET  | in    200  200   200  200  200  200  403    404    403
dashboard           sydney            GET  | in    404  404   404  404  200  404  403    200    403

# A child
new-child           -                 GET  | in    200  403   403  403  200  403  403    200    403
new-child           -                 POST | in    422  403   403  403  422  403  403    422    403
child               PSP               GET  | in    200  200   404  200  200  404  404    404    404
child               DCJ               GET  | in    200  404   200  200  200  404  404    404    404
child-consultations PSP               GET  | in    200  200   404  200  200  404  404    404    404
child-consultations DCJ               GET  | in    200  404   200  200  200  404  404    404    404
child-reviews       PSP               GET  | in    200  200   404  200  200  404  404    404    404
child-reviews       DCJ               GET  | in    200  404   200  200  200  404  404    404    404
child-history       PSP               GET  | in    200  200   404  200  200  404  404    404    404
child-history       DCJ               GET  | in    200  404   200  200  200  404  404    404    404
edit-child          PSP               GET  | in    200  403   404  403  200  404  404    404    404
edit-child          PSP               POST | in    422  403   404  403  422  404  404    404    404
edit-child          DCJ               GET  | in    200  404   403  403  200  404  404    404    404
edit-child          DCJ               POST | in    422  404   403  403  422  404  404    404    404

# Goals, care, orders, actions
open-goal           PSP               GET  | in    200  403   404  403  200  404  404    404    404
open-goal           PSP               POST | in    422  403   404  403  422  404  404    404    404
open-goal           DCJ               GET  | in    200  404   403  403  200  404  404    404    404
open-goal           DCJ               POST | in    422  404   403  403  422  404  404    404    404
mark-intensive      PSP               GET  | in    200  403   404  403  200  404  404    404    404
mark-intensive      PSP               POST | in    409  403   404  403  409  404  404    404    404
mark-intensive      DCJ               GET  | in    200  404   403  403  200  404  404    404    404
mark-intensive      DCJ               POST | in    409  404   403  403  409  404  404    404    404
record-achievement  PSP               GET  | in    200  403   404  403  200  404  404    404    404
record-achievement  PSP               POST | in    409  403   404  403  409  404  404    404    404
record-achievement  DCJ               GET  | in    200  404   403  403  200  404  404    404    404
record-achievement  DCJ               POST | in    409  404   403  403  409  404  404    404    404
new-extension       PSP               GET  | in    200  403   404  403  200  404  404    404    404
new-extension       PSP               POST | in    409  403   404  403  409  404  404    404    404
new-extension       DCJ               GET  | in    200  404   403  403  200  404  404    404    404
new-extension       DCJ               POST | in    409  404   403  403  409  404  404    404    404
new-care-episode    PSP               GET  | in    200  403   404  403  200  404  404    404    404
new-care-episode    PSP               POST | in    422  403   404  403  422  404  404    404    404
new-care-episode    DCJ               GET  | in    200  404   403  403  200  404  404    404    404
new-care-episode    DCJ               POST | in    422  404   403  403  422  404  404    404    404
edit-care-episode   PSP               GET  | in    200  403   404  403  200  404  404    404    404
edit-care-episode   PSP               POST | in    422  403   404  403  422  404  404    404    404
edit-care-episode   DCJ               GET  | in    200  404   403  403  200  404  404    404    404
edit-care-episode   DCJ               POST | in    422  404   403  403  422  404  404    404    404
new-court-order     PSP               GET  | in    200  403   404  403  200  404  404    404    404
new-court-order     PSP               POST | in    422  403   404  403  422  404  404    404    404
new-court-order     DCJ               GET  | in    200  404   403  403  200  404  404    404    404
new-court-order     DCJ               POST | in    422  404   403  403  422  404  404    404    404
edit-court-order    PSP               GET  | in    200  403   404  403  200  404  404    404    404
edit-court-order    PSP               POST | in    422  403   404  403  422  404  404    404    404
edit-court-order    DCJ               GET  | in    200  404   403  403  200  404  404    404    404
edit-court-order    DCJ               POST | in    422  404   403  403  422  404  404    404    404
action-done         PSP               POST | in    302  403   404  403  302  404  404    404    404
action-done         DCJ               POST | in    302  404   403  403  302  404  404    404    404

# Consultations; a draft is its author's alone
new-consultation    PSP               GET  | in    200  403   404  403  200  404  404    404    404
new-consultation    PSP               POST | in    422  403   404  403  422  404  404    404    404
new-consultation    DCJ               GET  | in    200  404   403  403  200  404  404    404    404
new-consultation    DCJ               POST | in    422  404   403  403  422  404  404    404    404
consultation        PSP               GET  | in    200  200   404  200  200  404  404    404    404
consultation        DCJ               GET  | in    200  404   200  200  200  404  404    404    404
edit-consultation   PSP               GET  | in    200  403   404  403  200  404  404    404    404
edit-consultation   PSP               POST | in    422  403   404  403  422  404  404    404    404
edit-consultation   DCJ               GET  | in    200  404   403  403  200  404  404    404    404
edit-consultation   DCJ               POST | in    422  404   403  403  422  404  404    404    404
consultation        PSP draft         GET  | in    200  404   404  404  404  404  404    404    404
edit-consultation   PSP draft         GET  | in    200  404   404  404  404  404  404    404    404
edit-consultation   PSP draft         POST | in    422  404   404  404  404  404  404    404    404

# Goal changes, and each step of the workflow where it can be taken
new-goal-change     PSP               GET  | in    200  403   404  403  200  404  404    404    404
new-goal-change     PSP               POST | in    422  403   404  403  422  404  404    404    404
new-goal-change     DCJ               GET  | in    200  404   403  403  200  404  404    404    404
new-goal-change     DCJ               POST | in    422  404   403  403  422  404  404    404    404
goal-change         PSP endorsed      GET  | in    200  200   404  200  200  404  404    404    404
goal-change         DCJ endorsed      GET  | in    200  404   200  200  200  404  404    404    404
goal-change         PSP draft         GET  | in    200  200   404  200  200  404  404    404    404
goal-change         PSP proposed      GET  | in    200  200   404  200  200  404  404    404    404
goal-change         PSP not_endorsed  GET  | in    200  200   404  200  200  404  404    404    404
goal-change         PSP declined      GET  | in    200  200   404  200  200  404  404    404    404
goal-change         PSP approved      GET  | in    200  200   404  200  200  404  404    404    404
edit-goal-change    PSP endorsed      GET  | in    200  403   404  403  200  404  404    404    404
edit-goal-change    PSP endorsed      POST | in    422  403   404  403  422  404  404    404    404
edit-goal-change    DCJ endorsed      GET  | in    200  404   403  403  200  404  404    404    404
edit-goal-change    DCJ endorsed      POST | in    422  404   403  403  422  404  404    404    404
take-step           PSP propose       GET  | in    200  403   404  403  200  404  404    404    404
take-step           PSP propose       POST | in    422  403   404  403  422  404  404    404    404
take-step           DCJ propose       GET  | in    200  404   403  403  200  404  404    404    404
take-step           DCJ propose       POST | in    422  404   403  403  422  404  404    404    404
take-step           PSP endorse       GET  | in    200  403   404  403  200  404  404    404    404
take-step           PSP endorse       POST | in    422  403   404  403  422  404  404    404    404
take-step           DCJ endorse       GET  | in    200  404   403  403  200  404  404    404    404
take-step           DCJ endorse       POST | in    422  404   403  403  422  404  404    404    404
take-step           PSP not_endorse   GET  | in    200  403   404  403  200  404  404    404    404
take-step           PSP not_endorse   POST | in    422  403   404  403  422  404  404    404    404
take-step           DCJ not_endorse   GET  | in    200  404   403  403  200  404  404    404    404
take-step           DCJ not_endorse   POST | in    422  404   403  403  422  404  404    404    404
take-step           PSP ask_for_more  GET  | in    200  200   404  403  200  404  404    404    404
take-step           PSP ask_for_more  POST | in    422  422   404  403  422  404  404    404    404
take-step           DCJ ask_for_more  GET  | in    200  404   200  403  200  404  404    404    404
take-step           DCJ ask_for_more  POST | in    422  404   422  403  422  404  404    404    404
take-step           PSP approve       GET  | in    403  200   404  403  403  404  404    404    404
take-step           PSP approve       POST | in    403  422   404  403  403  404  404    404    404
take-step           DCJ approve       GET  | in    403  404   200  403  403  404  404    404    404
take-step           DCJ approve       POST | in    403  404   422  403  403  404  404    404    404
take-step           PSP decline       GET  | in    403  200   404  403  403  404  404    404    404
take-step           PSP decline       POST | in    403  422   404  403  403  404  404    404    404
take-step           DCJ decline       GET  | in    403  404   200  403  403  404  404    404    404
take-step           DCJ decline       POST | in    403  404   422  403  403  404  404    404    404
take-step           PSP start_again   GET  | in    200  403   404  403  200  404  404    404    404
take-step           PSP start_again   POST | in    422  403   404  403  422  404  404    404    404
take-step           DCJ start_again   GET  | in    200  404   403  403  200  404  404    404    404
take-step           DCJ start_again   POST | in    422  404   403  403  422  404  404    404    404
take-step           PSP withdraw      GET  | in    200  403   404  403  200  404  404    404    404
take-step           PSP withdraw      POST | in    422  403   404  403  422  404  404    404    404
take-step           DCJ withdraw      GET  | in    200  404   403  403  200  404  404    404    404
take-step           DCJ withdraw      POST | in    422  404   403  403  422  404  404    404    404
record-case-plan    PSP               GET  | in    200  200   404  403  200  404  404    404    404
record-case-plan    PSP               POST | in    422  422   404  403  422  404  404    404    404
record-case-plan    DCJ               GET  | in    200  404   200  403  200  404  404    404    404
record-case-plan    DCJ               POST | in    422  404   422  403  422  404  404    404    404

# Reviews
new-review          PSP               GET  | in    200  403   404  403  200  404  404    404    404
new-review          PSP               POST | in    422  403   404  403  422  404  404    404    404
new-review          DCJ               GET  | in    200  404   403  403  200  404  404    404    404
new-review          DCJ               POST | in    422  404   403  403  422  404  404    404    404
new-review          PSP no            GET  | in    200  403   404  403  200  404  404    404    404
new-review          PSP no            POST | in    422  403   404  403  422  404  404    404    404
new-review          DCJ no            GET  | in    200  404   403  403  200  404  404    404    404
new-review          DCJ no            POST | in    422  404   403  403  422  404  404    404    404
review              PSP               GET  | in    200  200   404  200  200  404  404    404    404
review              DCJ               GET  | in    200  404   200  200  200  404  404    404    404
correct-review      PSP               GET  | in    200  403   404  403  200  404  404    404    404
correct-review      PSP               POST | in    422  403   404  403  422  404  404    404    404
correct-review      DCJ               GET  | in    200  404   403  403  200  404  404    404    404
correct-review      DCJ               POST | in    422  404   403  403  422  404  404    404    404

# Mail of the inbox of Hunter
outbox              -                 GET  | in    200  403   403  200  200  403  200    200    403
mail                -                 GET  | in    200  403   403  200  200  403  200    404    403

# The directory
directory           -                 GET  | in    403  403   403  403  403  403  200    403    403
people              -                 GET  | in    403  403   403  403  403  403  200    403    403
person              -                 GET  | in    403  403   403  403  403  403  200    403    403
districts           -                 GET  | in    403  403   403  403  403  403  200    403    403
inboxes             -                 GET  | in    403  403   403  403  403  403  200    403    403
offices             -                 GET  | in    403  403   403  403  403  403  200    403    403
providers           -                 GET  | in    403  403   403  403  403  403  200    403    403
new-person          -                 GET  | in    403  403   403  403  403  403  200    403    403
new-person          -                 POST | in    403  403   403  403  403  403  422    403    403
edit-person         -                 GET  | in    403  403   403  403  403  403  200    403    403
edit-person         -                 POST | in    403  403   403  403  403  403  422    403    403
new-password        -                 GET  | in    403  403   403  403  403  403  200    403    403
new-password        -                 POST | in    403  403   403  403  403  403  422    403    403
new-appointment     -                 GET  | in    403  403   403  403  403  403  200    403    403
new-appointment     -                 POST | in    403  403   403  403  403  403  422    403    403
end-appointment     -                 GET  | in    403  403   403  403  403  403  200    403    403
end-appointment     -                 POST | in    403  403   403  403  403  403  422    403    403
new-allocation      -                 GET  | in    403  403   403  403  403  403  200    403    403
new-allocation      -                 POST | in    403  403   403  403  403  403  422    403    403
end-allocation      -                 GET  | in    403  403   403  403  403  403  200    403    403
end-allocation      -                 POST | in    403  403   403  403  403  403  422    403    403
edit-district       -                 GET  | in    403  403   403  403  403  403  200    403    403
edit-district       -                 POST | in    403  403   403  403  403  403  302    403    403
new-inbox           -                 GET  | in    403  403   403  403  403  403  200    403    403
new-inbox           -                 POST | in    403  403   403  403  403  403  422    403    403
edit-inbox          -                 GET  | in    403  403   403  403  403  403  200    403    403
edit-inbox          -                 POST | in    403  403   403  403  403  403  422    403    403
new-office          -                 GET  | in    403  403   403  403  403  403  200    403    403
new-office          -                 POST | in    403  403   403  403  403  403  422    403    403
edit-office         -                 GET  | in    403  403   403  403  403  403  200    403    403
edit-office         -                 POST | in    403  403   403  403  403  403  422    403    403
new-provider        -                 GET  | in    403  403   403  403  403  403  200    403    403
new-provider        -                 POST | in    403  403   403  403  403  403  422    403    403
edit-provider       -                 GET  | in    403  403   403  403  403  403  200    403    403
edit-provider       -                 POST | in    403  403   403  403  403  403  422    403    403
retire-inbox        -                 GET  | in    403  403   403  403  403  403  200    403    403
retire-inbox        -                 POST | in    403  403   403  403  403  403  422    403    403
retire-office       -                 GET  | in    403  403   403  403  403  403  200    403    403
retire-office       -                 POST | in    403  403   403  403  403  403  422    403    403
retire-provider     -                 GET  | in    403  403   403  403  403  403  200    403    403
retire-provider     -                 POST | in    403  403   403  403  403  403  422    403    403
disable-person      -                 GET  | in    403  403   403  403  403  403  200    403    403
disable-person      -                 POST | in    403  403   403  403  403  403  302    403    403
cancel-appointment  -                 GET  | in    403  403   403  403  403  403  200    403    403
cancel-appointment  -                 POST | in    403  403   403  403  403  403  302    403    403
enable-person       -                 POST | in    403  403   403  403  403  403  302    403    403
bring-back-inbox    -                 POST | in    403  403   403  403  403  403  302    403    403
bring-back-office   -                 POST | in    403  403   403  403  403  403  302    403    403
bring-back-provider -                 POST | in    403  403   403  403  403  403  302    403    403
"""


@dataclass(frozen=True)
class Row:
    """One line of the table: the expected answer to each person."""

    route: str
    about: str
    method: str
    answers: dict[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.route} ({self.about})"


def _read(line: str) -> Row:
    asked, answers = line.split("|")
    route, *about, method = asked.split()
    expected = dict(zip(PEOPLE, answers.split(), strict=True))
    return Row(route, " ".join(about), method, expected)


def read_table(text: str) -> tuple[Row, ...]:
    """Return the lines of a table; ValueError where a line has not one answer for each person."""
    lines = (line.strip() for line in text.splitlines())
    return tuple(_read(line) for line in lines if line and not line.startswith("#"))


ROWS = read_table(TABLE)
