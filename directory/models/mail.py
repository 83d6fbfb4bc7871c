"""What is owed to inboxes, the mails that carry it, and the signs of life of those who deliver.

Rows here carry a text key and a child's number, never a foreign key upward and never a name.
"""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from directory.models.accounts import SignInLink
from directory.models.people import User
from directory.models.places import District, Inbox, one_of_two
from directory.roles import EDITS_DIRECTORY, READS_OUTBOX

SETTLED_BEFORE_SENT = Q(settled_at__isnull=False, mail=None)


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices, by whether their inbox has been told."""

    def unsent(self) -> NoticeQuerySet:
        return self.filter(mail=None, settled_at=None, is_covered=False)

    def sent_or_owed(self) -> NoticeQuerySet:
        return self.exclude(SETTLED_BEFORE_SENT)


class Notice(models.Model):
    """One matter that one inbox must be told of, once, at one threshold."""

    class Kind(models.TextChoices):
        """What the notice tells, in order of urgency."""

        REVIEW_OVERDUE = "review_overdue", "Goal review overdue"
        TWO_YEAR_PASSED = "two_year_passed", "Two-year date passed"
        REVIEW_DUE = "review_due", "Goal review due"
        REVIEW_COMING = "review_coming", "Goal review coming"
        TWO_YEAR_COMING = "two_year_coming", "Two-year date coming"
        ORDER_EXPIRING = "order_expiring", "Short term order expiring"
        ENDORSEMENT_WAITING = "endorsement_waiting", "Endorsement waiting"
        APPROVAL_WAITING = "approval_waiting", "Approval waiting"
        CHANGE_RETURNED = "change_returned", "Goal change returned"
        CHANGE_DECIDED = "change_decided", "Goal change decided"
        ACTION_OVERDUE = "action_overdue", "Action overdue"
        DIRECTORY_GAP = "directory_gap", "District without an inbox"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    # The matter, for example "goal:12:review:2026-05-14": a new due date is a new matter.
    occurrence = models.CharField(max_length=80)
    # Days left, or the number of the week or month of a repeat: "30", "week-2".
    threshold = models.CharField(max_length=20, blank=True)
    inbox = models.ForeignKey(Inbox, models.PROTECT, related_name="notices")
    district = models.ForeignKey(District, models.PROTECT, related_name="notices")
    child_number = models.BigIntegerField(null=True)
    reference = models.CharField(max_length=12, blank=True)
    path = models.CharField(max_length=120)
    about_on = models.DateField(null=True)
    # Where that day comes from, in one sentence without a name or a birthday.
    why = models.CharField(max_length=240, blank=True)
    # The day on which the threshold was crossed, also where it is written later.
    owed_on = models.DateField()
    written_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    # A later notice of the same matter came before this one was mailed: never mailed.
    is_covered = models.BooleanField(default=False)
    settled_at = models.DateTimeField(null=True)
    mail = models.ForeignKey("Mail", models.PROTECT, null=True, related_name="notices")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["owed_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "occurrence", "threshold", "inbox"],
                name="an_inbox_is_told_of_a_matter_once_at_a_threshold",
            )
        ]
        indexes = [
            models.Index(
                fields=["inbox", "owed_on"],
                name="notice_unsent",
                condition=Q(mail=None, settled_at=None, is_covered=False),
            ),
            models.Index(fields=["child_number"], name="notice_child"),
            # "Was anything of this mail settled?" While few mails hold very many notices,
            # PostgreSQL takes a walk through all of them for cheaper than an index of the mails.
            models.Index(
                fields=["mail"], name="notice_settled", condition=Q(settled_at__isnull=False)
            ),
            # "Has this inbox been told?" by the whole matter, and "settle it" by its beginning.
            models.Index(
                fields=["occurrence", "inbox", "owed_on"],
                name="notice_matter",
                opclasses=["varchar_pattern_ops", "int8_ops", "date_ops"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference} {self.about_on}"


class MailQuerySet(models.QuerySet["Mail"]):
    """Mails, as far as somebody may read them and by where they are."""

    def visible_to(self, user: User, *, on: date) -> MailQuerySet:
        """Return the mails to the inboxes of this person's districts; to all, for a whole state.

        Mail to one person is theirs, and otherwise shown to administrators alone.
        """
        reach = user.reach(READS_OUTBOX, on=on)
        if reach.everywhere:
            is_theirs_to_read = user.holds(EDITS_DIRECTORY, on=on)
            return self.all() if is_theirs_to_read else self.filter(person=None)
        served = District.objects.filter(pk__in=reach.district_ids).values("inbox")
        return self.filter(inbox__in=served)

    def unfinished(self) -> MailQuerySet:
        return self.filter(state__in=UNFINISHED)


class Mail(models.Model):
    """One message to one inbox or to one person. Exactly one state says where it is."""

    class State(models.TextChoices):
        """Where a mail is between being owed and having reached its inbox, or not."""

        OWED = "owed", "Owed"
        CLAIMED = "claimed", "Claimed"
        HANDING_OVER = "handing_over", "Handing over"
        SENT = "sent", "Sent"
        KEPT = "kept", "Kept on this machine"
        PARKED = "parked", "Parked"
        UNDELIVERABLE = "undeliverable", "Undeliverable"
        CANCELLED = "cancelled", "Cancelled"

    inbox = models.ForeignKey(Inbox, models.PROTECT, null=True, related_name="mails")
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="mails")
    # The link that is put in as the mail leaves; the body only says where.
    link = models.ForeignKey(SignInLink, models.PROTECT, null=True, related_name="mails")
    address = models.EmailField(blank=True)
    on = models.DateField()
    # "digest", or the matter of an immediate mail.
    part = models.CharField(max_length=80)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    # The version of the rules that held when it was composed; a number, as they stand above.
    rule_version = models.PositiveIntegerField(null=True)
    message_id = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=15, choices=State.choices, default=State.OWED)
    # Fencing token: increases with every claim.
    attempt = models.PositiveIntegerField(default=0)
    # How often it was claimed since it was owed, for its waits: a retry begins anew.
    tries = models.PositiveIntegerField(default=0, db_default=0)
    # How often a worker fell silent with it in its hands.
    left_behind = models.PositiveSmallIntegerField(default=0, db_default=0)
    lease_until = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    # How often the server's answer was lost in hand-over: then it may have arrived already.
    unsure = models.PositiveSmallIntegerField(default=0)
    may_repeat = models.BooleanField(default=False)
    trouble = models.CharField(max_length=300, blank=True)
    composed_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["inbox", "on", "part"], name="one_mail_for_an_inbox_day_and_part"
            ),
            one_of_two("inbox", "person", name="a_mail_goes_to_an_inbox_or_to_a_person"),
            # Without an end to the claim, nobody would ever take it up again.
            models.CheckConstraint(
                condition=~Q(state__in=["claimed", "handing_over"]) | Q(lease_until__isnull=False),
                name="a_claimed_mail_has_a_lease",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "next_attempt_at"],
                name="mail_unfinished",
                condition=Q(state__in=["owed", "claimed", "handing_over"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.on} ({self.state})"

    @property
    def is_stuck(self) -> bool:
        return self.state in STUCK

    @property
    def recipient(self) -> str:
        return str(self.inbox or self.person)


UNFINISHED = (Mail.State.OWED, Mail.State.CLAIMED, Mail.State.HANDING_OVER)
# Left to a person: it goes no further by itself.
STUCK = (Mail.State.PARKED, Mail.State.UNDELIVERABLE)


class MailSwitch(models.Model):
    """Global mail hold: while it is set nothing leaves, whatever MAIL_LIVE says."""

    is_held = models.BooleanField(default=False)
    reason = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="there_is_one_mail_switch"),
        ]

    def __str__(self) -> str:
        return "held" if self.is_held else "open"


class TickRun(models.Model):
    """One run of the tick: for which day, what it wrote and sent, and what went wrong."""

    on = models.DateField()
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    # Where the history stood before a tick that left nothing undone, and until when that says
    # that nothing new is owed.
    heads = models.CharField(max_length=64, blank=True)
    quiet_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["ended_at"], name="tick_ended"),
            models.Index(fields=["on"], name="tick_on"),
        ]

    def __str__(self) -> str:
        return f"tick for {self.on}"


class Heartbeat(models.Model):
    """The last moment at which a worker was at work."""

    WORKER = "worker"

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
