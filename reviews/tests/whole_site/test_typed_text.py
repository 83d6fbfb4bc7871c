"""Every long form, lost in every way: the words come back to whoever typed them, and to no other.

Switched off by hand to see it red: keeping in the middleware (every form, every way), and the
comparison of the person in `restore` (the stranger and the colleague read them).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from directory.models import KeptText, Session, User
from directory.services.people import end_sessions
from reviews.tests.whole_site.house import House
from reviews.tests.whole_site.routes import Row
from reviews.tests.whole_site.sheets import Sheet, sheet, sheets

LONG = "“I want to stay.” Zoë 🦘 <b>&amp;\r\n\r\n" + "What the family told us. " * 400
SHORT = "Zoë 🦘 <b>&amp;"

# Route, about what, and the field into which the words are typed.
FORMS: tuple[tuple[str, str, str], ...] = (
    ("new-consultation", "PSP", "question"),
    ("edit-consultation", "PSP", "reasons"),
    ("edit-consultation", "PSP draft", "question"),
    ("edit-goal-change", "PSP endorsed", "reasons"),
    ("take-step", "PSP endorse", "reasons"),
    ("take-step", "PSP not_endorse", "reasons"),
    ("take-step", "PSP ask_for_more", "reasons"),
    ("take-step", "PSP withdraw", "reasons"),
    ("new-review", "PSP", "barriers"),
    ("new-review", "PSP no", "not_held_reasons"),
    ("correct-review", "PSP", "progress_reasons"),
    ("new-extension", "PSP", "reasons"),
    ("mark-intensive", "PSP", "reasons"),
    ("record-achievement", "PSP", "note"),
    ("new-child", "-", "first_name"),
    ("edit-child", "PSP", "caseworker"),
    ("open-goal", "PSP", "source_note"),
    ("edit-court-order", "PSP", "note"),
    ("edit-care-episode", "PSP", "entered_on_day"),
)
AGAIN = "This is what you had typed"
Lose = Callable[[Client, str, Sheet], int]


def session_deleted(client: Client, address: str, filled: Sheet) -> int:
    end_sessions(User.objects.get(name="Pat Coordinator"))
    return _post(client, address, filled)


def session_expired(client: Client, address: str, filled: Sheet) -> int:
    past = "2020-01-01T00:00:00Z"
    Session.objects.update(began_at=past, seen_at=past, expire_date=past)
    return _post(client, address, filled)


def signed_in_elsewhere(client: Client, address: str, filled: Sheet) -> int:
    """Rotate the token, as signing in in another tab does."""
    checking = Client(enforce_csrf_checks=True)
    checking.cookies = client.cookies
    checking.cookies[settings.CSRF_COOKIE_NAME] = "A" * 32
    return _post(checking, address, filled)


def too_much_at_once(client: Client, address: str, filled: Sheet) -> int:
    """Send more than a page takes, after the words were kept while they were typed."""
    assert client.post(reverse("keep-typed"), filled).status_code == 204
    return _post(client, address, {**filled, "more": ["x" * 2_700_000]})


def web_stopped(client: Client, address: str, filled: Sheet) -> int:
    """Be killed in the middle of the act: nothing after the words were kept is reached."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("directory.services.typed.use", _raise(SystemExit))
        with pytest.raises(SystemExit):
            client.post(address, filled)
    return 0


def database_restarted(client: Client, address: str, filled: Sheet) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("directory.services.typed.settle", _raise(OperationalError))
        patch.setattr("directory.services.typed.use", _raise(OperationalError))
        client.raise_request_exception = False
        status = _post(client, address, filled)
    client.raise_request_exception = True
    return status


def _raise(error: type[BaseException]) -> Callable[..., None]:
    def fail(*args: object, **kwargs: object) -> None:
        raise error

    return fail


def _post(client: Client, address: str, filled: Sheet) -> int:
    return int(client.post(address, filled).status_code)


WAYS: tuple[tuple[Lose, int], ...] = (
    (session_deleted, 302),
    (session_expired, 302),
    (signed_in_elsewhere, 403),
    (too_much_at_once, 413),
    (web_stopped, 0),
    (database_restarted, 503),
)


def words_for(field: str, way: int) -> str:
    """Return words that say in which way they were lost."""
    if field.endswith("_day"):
        return str(20 + way)
    is_long = field not in {"first_name", "caseworker", "note", "source_note"}
    return f"{LONG if is_long else SHORT}{way}"


def opened(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return str(answer.content.decode())


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.slow
def test_no_way_to_lose_it_loses_a_word_of_any_long_form(
    house: House, people: dict[str, User]
) -> None:
    wrong = []
    addresses = {form: house.address(Row(form[0], form[1], "GET", {})) for form in FORMS}
    first = signed_in(people["coordinator"])
    pages = {form: opened(first, address) for form, address in addresses.items()}
    for number, (lose, status) in enumerate(WAYS):
        for form, address in addresses.items():
            told, field = f"{lose.__name__}: {form}", form[2]
            typed = [words_for(field, number)]
            filled = {**sheet(pages[form]), field: typed}
            if (got := lose(signed_in(people["coordinator"]), address, filled)) != status:
                wrong.append(f"{told} answered with {got}")
            pages[form] = opened(signed_in(people["coordinator"]), address)
            if sheet(pages[form]).get(field) != typed or AGAIN not in pages[form]:
                wrong.append(f"{told} is lost")
    others = [signed_in(people[who]) for who in ("mpp", "stranger")]
    for form, address in addresses.items():
        for other in others:
            if AGAIN in other.get(address).content.decode():
                wrong.append(f"{form}: another person is shown it")
    assert not wrong, "\n".join(["", *wrong])
    assert KeptText.objects.count() == len(FORMS)
    assert set(KeptText.objects.values_list("person__name", flat=True)) == {"Pat Coordinator"}


def test_rows_of_a_formset_come_back_as_they_were_typed(
    house: House, people: dict[str, User]
) -> None:
    client = Client()
    client.force_login(people["coordinator"])
    address = house.address(Row("new-review", "PSP", "GET", {}))
    filled = sheet(opened(client, address))
    filled |= {"actions-TOTAL_FORMS": ["3"], "actions-2-what": [SHORT], "actions-2-who": ["Jo"]}
    filled |= {"actions-0-what": ["Visit"], "actions-0-is_mine": ["on"], "progress": ["at_risk"]}
    assert client.post(reverse("keep-typed"), filled).status_code == 204
    again = sheet(opened(client, address))
    kept = {name: again[name] for name in filled if name.startswith("actions-")}
    assert kept == {name: texts for name, texts in filled.items() if name.startswith("actions-")}
    assert again["progress"] == ["at_risk"]


def test_the_page_of_a_change_brings_back_what_was_typed_into_each_of_its_steps(
    house: House, people: dict[str, User]
) -> None:
    client = Client()
    client.force_login(people["coordinator"])
    address = house.address(Row("goal-change", "PSP proposed", "GET", {}))
    for number, filled in enumerate(sheets(opened(client, address))):
        sent = {**filled, "reasons": [f"Words {number}"]}
        assert client.post(reverse("keep-typed"), sent).status_code == 204
    again = [filled.get("reasons") for filled in sheets(opened(client, address))]
    assert len(again) >= 3
    assert [texts for texts in again if texts] == [
        [f"Words {number}"] for number, texts in enumerate(again) if texts
    ]


def test_what_is_kept_opens_no_page_that_is_closed(house: House, people: dict[str, User]) -> None:
    client = Client()
    client.force_login(people["coordinator"])
    address = house.address(Row("edit-child", "PSP", "GET", {}))
    filled = {**sheet(opened(client, address)), "caseworker": [SHORT]}
    assert client.post(reverse("keep-typed"), filled).status_code == 204
    people["coordinator"].appointments.update(ends_on="2021-01-01")
    closed = client.get(address)
    assert closed.status_code == 404
    assert "Zoë" not in closed.content.decode()
