"""Inboxes of the tests, and what they were told."""

from directory.models import District, Inbox, Notice


def make_inbox(name: str, *districts: District) -> Inbox:
    """Return a new inbox that serves these districts."""
    address = f"{name.lower().replace(' ', '.')}@example.org"
    inbox = Inbox.objects.create(name=name, address=address)
    for district in districts:
        district.inbox = inbox
        district.save(update_fields=["inbox"])
    return inbox


def notice_kinds() -> list[tuple[str, str]]:
    """Return kind and threshold of every notice, in the order of writing."""
    return list(Notice.objects.order_by("pk").values_list("kind", "threshold"))
