"""The roles a person can be appointed to, and what each may do.

Source: the role comparison of the Permanency Support Program (CFDU casework practitioners, contract
managers, Permanency Coordinators) and the Permanency Coordinator role description. Sets of roles
are named for what they permit, so that a view asks for the permission and never for a role.
"""

from django.db.models import TextChoices


class Role(TextChoices):
    COORDINATOR = "coordinator", "Permanency Coordinator"
    CFDU = "cfdu_approver", "CFDU approver"
    CASEWORK_MANAGER = "casework_manager", "Manager Casework"
    DISTRICT_MANAGER = "district_manager", "District manager"
    PRACTICE_MANAGER = "practice_manager", "Manager Practice and Permanency"
    CONTRACT_MANAGER = "contract_manager", "Contract manager"
    ADMINISTRATOR = "administrator", "Administrator"


class CaseManagement(TextChoices):
    """Who has primary case responsibility, and so who approves a change of goal."""

    DCJ = "DCJ", "DCJ"
    PSP = "PSP", "PSP provider"


# Approvers and the cases they decide: CFDU staff where a provider manages the case, a Manager
# Casework where DCJ does. A Permanency Coordinator appointment never carries approval.
DECIDES_FOR = {Role.CFDU: CaseManagement.PSP, Role.CASEWORK_MANAGER: CaseManagement.DCJ}

READS_EVERY_CASE = frozenset({Role.COORDINATOR, Role.DISTRICT_MANAGER, Role.PRACTICE_MANAGER})
READS_CASES = READS_EVERY_CASE | frozenset(DECIDES_FOR)
WRITES_CASES = frozenset({Role.COORDINATOR, Role.PRACTICE_MANAGER})
DECIDES = frozenset(DECIDES_FOR)
READS_QUEUE = DECIDES | {Role.DISTRICT_MANAGER, Role.PRACTICE_MANAGER}
READS_DASHBOARD = READS_CASES | {Role.CONTRACT_MANAGER}
READS_OUTBOX = frozenset(
    {Role.COORDINATOR, Role.DISTRICT_MANAGER, Role.PRACTICE_MANAGER, Role.ADMINISTRATOR}
)
# Who is told on every page whether reminders ran, and what stands in their way.
WATCHES_REMINDERS = frozenset({Role.DISTRICT_MANAGER, Role.PRACTICE_MANAGER, Role.ADMINISTRATOR})
LEADS_THE_COORDINATORS = frozenset({Role.PRACTICE_MANAGER})
# One of them drafts a version of the rules, and another publishes it.
SHAPES_THE_RULES = LEADS_THE_COORDINATORS
EDITS_DIRECTORY = frozenset({Role.ADMINISTRATOR})
# Who decides, and who gives rights: a code that can be talked out of somebody is not enough there.
PROVES_BY_PASSKEY = DECIDES | EDITS_DIRECTORY

# Roles that serve the whole state: an appointment to them names no district.
SERVES_THE_STATE = frozenset({Role.PRACTICE_MANAGER, Role.ADMINISTRATOR})
