"""Second factors: enrolling them, using them, losing them, and what is refused.

Negative controls, each tried by switching the guard off and seeing the test named here turn red:
the counter of the last code (`test_a_code_opens_one_door`), the count of wrong codes
(`test_guessing_codes_is_stopped_after_five`), the middleware
(`test_without_a_second_factor_there_is_one_page`). That a passkey asks who holds the device is held
twice as one is added, by the library as well: `test_a_passkey_that_asks_nobody_is_refused` is red
with both off.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from directory import clock
from directory.accounts import mfa, mfa_required
from directory.accounts.allauth_internals import format_hotp_value, hotp_value
from directory.accounts.mfa import decrypt, encrypt
from directory.errors import StepNotAllowedError
from directory.models import HistoryEntry, User
from directory.tests.people import PASSWORD, last_entry
from directory.tests.soft_passkey import SoftPasskey, passkey_options

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STEP = "/accounts/second-step/"
ACCOUNT = "/account/"


def code(periods: int = 0) -> str:
    """Return what an authenticator app shows now, or some periods later."""
    now = int(clock.now().timestamp()) // mfa.PERIOD
    shown: str = format_hotp_value(hotp_value(SECRET, now + periods))
    return shown


def give_app(person: User) -> None:
    """Add an authenticator app that has not been used."""
    mfa.add_app(secret=SECRET, counter=0, by=person, on=clock.today(), session="none")


def give_codes(person: User) -> list[str]:
    """Return the recovery codes that a person has just made."""
    return mfa.renew_codes(by=person, on=clock.today())


def enrol(client: Client, passkey: SoftPasskey, name: str = "Laptop") -> Any:
    """Return the answer to a signed-in person who adds this passkey."""
    url = reverse("add-passkey")
    typed = {"name": name, "credential": passkey.made(passkey_options(client, url))}
    return client.post(url, typed, secure=True)


def give_passkey(person: User) -> SoftPasskey:
    """Return a passkey that a person has added."""
    browser, passkey = Client(), SoftPasskey()
    browser.force_login(person)
    assert enrol(browser, passkey).status_code == 302
    return passkey


def type_password(client: Client, person: User) -> Any:
    """Return the answer to the right password."""
    typed = {"login": person.email, "password": PASSWORD}
    return client.post("/accounts/login/", typed, secure=True)


def is_signed_in(client: Client) -> bool:
    """Say whether this browser holds a session of somebody."""
    return "_auth_user_id" in client.session


# The authenticator app


def test_a_right_password_alone_begins_no_session(client: Client, coordinator: User) -> None:
    give_app(coordinator)
    assert type_password(client, coordinator)["Location"] == STEP
    assert not is_signed_in(client)
    assert client.get("/contacts/").status_code == 302
    before = client.session.session_key
    answer = client.post(STEP, {"code": code()}, secure=True)
    assert answer["Location"] == reverse("my-work")
    assert is_signed_in(client)
    assert client.session.session_key != before


def test_the_page_asked_for_comes_after_the_second_step(client: Client, coordinator: User) -> None:
    give_app(coordinator)
    typed = {"login": coordinator.email, "password": PASSWORD}
    client.post("/accounts/login/?next=/contacts/", typed)
    assert client.post(STEP, {"code": code()})["Location"] == "/contacts/"


@pytest.mark.parametrize("typed", ["", "000000x", "12345", "abc", "\uff19" * 6, "\x00", "1" * 41])
def test_a_wrong_code_begins_no_session(client: Client, coordinator: User, typed: str) -> None:
    give_app(coordinator)
    type_password(client, coordinator)
    answer = client.post(STEP, {"code": typed})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"code"}
    assert not is_signed_in(client)


def test_the_second_step_is_for_those_who_typed_a_password(client: Client, db: None) -> None:
    assert client.get(STEP)["Location"] == reverse("sign-in")
    assert client.post(STEP, {"code": "123456"})["Location"] == reverse("sign-in")


def test_whoever_was_disabled_in_between_gets_no_session(client: Client, coordinator: User) -> None:
    give_app(coordinator)
    type_password(client, coordinator)
    User.objects.filter(pk=coordinator.pk).update(is_active=False)
    assert client.post(STEP, {"code": code()})["Location"] == reverse("sign-in")
    assert not is_signed_in(client)


def test_starting_again_forgets_the_password_that_was_typed(
    client: Client, coordinator: User
) -> None:
    give_app(coordinator)
    type_password(client, coordinator)
    client.post("/accounts/logout/")
    assert client.post(STEP, {"code": code()})["Location"] == reverse("sign-in")


def test_a_code_opens_one_door(client: Client, coordinator: User) -> None:
    give_app(coordinator)
    type_password(client, coordinator)
    used = code()
    client.post(STEP, {"code": used})
    second = Client()
    type_password(second, coordinator)
    assert second.post(STEP, {"code": used}).status_code == 422
    assert second.post(STEP, {"code": code(-1)}).status_code == 422, "an older one neither"
    assert second.post(STEP, {"code": code(1)}).status_code == 302, "the next one does"


@pytest.mark.parametrize(("periods", "opens"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(coordinator: User, periods: int, opens: bool) -> None:
    give_app(coordinator)
    at = clock.now()
    shown = format_hotp_value(hotp_value(SECRET, int(at.timestamp()) // 30 + periods))
    found = mfa.accept_code(coordinator, shown, at=at, on=clock.today())
    assert (found is not None) == opens


def test_guessing_codes_is_stopped_after_five(coordinator: User, settings: LazySettings) -> None:
    give_app(coordinator)
    at, on = clock.now(), clock.today()
    for _ in range(settings.GUESSES_PER_ACCOUNT):
        assert mfa.accept_code(coordinator, "000000", at=at, on=on) is None
    with pytest.raises(mfa.TooManyWrongCodesError):
        mfa.accept_code(coordinator, code(), at=at, on=on)
    later = at + settings.GUESS_WINDOW
    shown = format_hotp_value(hotp_value(SECRET, int(later.timestamp()) // 30))
    assert mfa.accept_code(coordinator, shown, at=later, on=on) is not None


def test_the_page_says_when_to_try_again(
    client: Client, coordinator: User, settings: LazySettings
) -> None:
    give_app(coordinator)
    type_password(client, coordinator)
    for _ in range(settings.GUESSES_PER_ACCOUNT):
        client.post(STEP, {"code": "000000"})
    answer = client.post(STEP, {"code": code()})
    assert "Wait 15 minutes" in answer.text
    assert not is_signed_in(client)


def test_the_secret_of_an_app_cannot_be_read_in_the_database(coordinator: User) -> None:
    give_app(coordinator)
    row = Authenticator.objects.get()
    assert SECRET not in json.dumps(row.data)
    assert decrypt(row.data["secret"]) == SECRET


def test_an_older_key_still_opens_what_it_sealed(settings: LazySettings) -> None:
    sealed = encrypt("words")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "x" * 40, [settings.SECRET_KEY]
    assert decrypt(sealed) == "words"


def test_somebody_adds_an_app_with_the_code_that_it_shows(
    client: Client, coordinator: User
) -> None:
    client.force_login(coordinator)
    url = reverse("add-app")
    shown = client.get(url)
    secret = shown.context["secret"].replace(" ", "")
    now = int(clock.now().timestamp()) // 30
    wrong = client.post(url, {"code": "12"})
    assert wrong.status_code == 422
    assert wrong.context["secret"] == shown.context["secret"]
    answer = client.post(url, {"code": format_hotp_value(hotp_value(secret, now))})
    assert answer["Location"] == reverse("recovery-codes")
    assert mfa.factors_of(coordinator).app is not None
    assert HistoryEntry.objects.filter(verb="added an authenticator app", by=coordinator).exists()
    other = Client()
    type_password(other, coordinator)
    again = other.post(STEP, {"code": format_hotp_value(hotp_value(secret, now))})
    assert again.status_code == 422, "the code that added the app is used up"


# Recovery codes


def test_a_recovery_code_works_once(client: Client, coordinator: User) -> None:
    give_app(coordinator)
    codes = give_codes(coordinator)
    assert len(set(codes)) == mfa.CODES
    type_password(client, coordinator)
    assert client.post(STEP, {"code": codes[3].lower()}).status_code == 302
    assert last_entry().verb == "used a recovery code"
    assert last_entry().after == {"left": 9}
    second = Client()
    type_password(second, coordinator)
    assert second.post(STEP, {"code": codes[3]}).status_code == 422
    assert second.post(STEP, {"code": codes[4].replace("-", " ")}).status_code == 302


def test_recovery_codes_cannot_be_read_in_the_database(coordinator: User) -> None:
    give_app(coordinator)
    codes = give_codes(coordinator)
    kept = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    for each in codes:
        assert each not in kept
        assert each.replace("-", "") not in kept


def test_new_recovery_codes_take_the_place_of_the_old(coordinator: User) -> None:
    give_app(coordinator)
    old = give_codes(coordinator)
    give_codes(coordinator)
    assert mfa.accept_code(coordinator, old[0], at=clock.now(), on=clock.today()) is None


def test_recovery_codes_are_shown_once(client: Client, coordinator: User) -> None:
    give_app(coordinator)
    client.force_login(coordinator)
    url = reverse("recovery-codes")
    made = client.post(url).context["made"]
    assert len(made) == mfa.CODES
    assert made[0] not in client.get(url).text


def test_there_are_no_recovery_codes_for_nothing(client: Client, coordinator: User) -> None:
    client.force_login(coordinator)
    assert client.get(reverse("recovery-codes")).status_code == 200
    assert client.post(reverse("recovery-codes")).status_code == 409
    assert not Authenticator.objects.exists()


# Passkeys


def test_a_passkey_is_the_second_step(client: Client, coordinator: User) -> None:
    passkey = give_passkey(coordinator)
    type_password(client, coordinator)
    before = client.session.session_key
    answer = client.post(
        STEP, {"credential": passkey.used(passkey_options(client, STEP))}, secure=True
    )
    assert answer["Location"] == reverse("my-work")
    assert client.session.session_key != before
    assert Authenticator.objects.get().last_used_at


def options_to_sign_in(client: Client) -> dict[str, Any]:
    """Return what the browser is asked by the button on the sign-in page."""
    options: dict[str, Any] = client.get("/accounts/passkey/", secure=True).json()
    return options


def test_a_passkey_alone_signs_in(client: Client, coordinator: User) -> None:
    passkey = give_passkey(coordinator)
    answer = passkey.used(options_to_sign_in(client))
    led = client.post("/accounts/passkey/?next=/contacts/", {"credential": answer}, secure=True)
    assert led["Location"] == "/contacts/"
    assert client.session["_auth_user_id"] == str(coordinator.pk)


def test_an_answer_of_a_passkey_cannot_be_sent_again(client: Client, coordinator: User) -> None:
    passkey = give_passkey(coordinator)
    answer = passkey.used(options_to_sign_in(client))
    client.post("/accounts/passkey/", {"credential": answer}, secure=True)
    client.post("/accounts/logout/", secure=True)
    options_to_sign_in(client)
    led = client.post("/accounts/passkey/", {"credential": answer}, secure=True)
    assert led["Location"] == reverse("sign-in")
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "false",
    [
        pytest.param({"origin": "https://elsewhere.example"}, id="made for another address"),
        pytest.param({"host": "elsewhere.example"}, id="bound to another host"),
        pytest.param({"verifies": False}, id="asked nobody"),
        pytest.param({"handle": "Nzc3Nzc"}, id="of nobody"),
        pytest.param({"handle": "////"}, id="of no number"),
        pytest.param({"handle": "enp6enp6enp6enp6eg"}, id="of too large a number"),
    ],
)
def test_a_false_passkey_signs_nobody_in(
    client: Client, coordinator: User, false: dict[str, Any]
) -> None:
    passkey = give_passkey(coordinator)
    for name, value in false.items():
        setattr(passkey, name, value)
    answer = passkey.used(options_to_sign_in(client))
    led = client.post("/accounts/passkey/", {"credential": answer}, secure=True)
    assert led["Location"] == reverse("sign-in")
    assert not is_signed_in(client)


def test_a_passkey_of_a_disabled_person_signs_nobody_in(client: Client, cfdu: User) -> None:
    passkey = give_passkey(cfdu)
    User.objects.filter(pk=cfdu.pk).update(is_active=False)
    answer = passkey.used(options_to_sign_in(client))
    client.post("/accounts/passkey/", {"credential": answer}, secure=True)
    assert not is_signed_in(client)


def test_somebody_elses_passkey_is_no_second_step(
    client: Client, coordinator: User, cfdu: User
) -> None:
    give_passkey(coordinator)
    theirs = give_passkey(cfdu)
    type_password(client, coordinator)
    answer = client.post(
        STEP, {"credential": theirs.used(passkey_options(client, STEP))}, secure=True
    )
    assert answer.status_code == 422
    assert not is_signed_in(client)


def test_a_passkey_that_asks_nobody_is_no_second_step(client: Client, coordinator: User) -> None:
    """`MFA_WEBAUTHN_USER_VERIFICATION` holds this alone: with "preferred" it is red."""
    passkey = give_passkey(coordinator)
    passkey.verifies = False
    type_password(client, coordinator)
    answer = passkey.used(passkey_options(client, STEP))
    assert client.post(STEP, {"credential": answer}, secure=True).status_code == 422
    assert not is_signed_in(client)


def test_a_passkey_that_asks_nobody_is_refused(client: Client, coordinator: User) -> None:
    client.force_login(coordinator)
    answer = enrol(client, SoftPasskey(verifies=False))
    assert answer.status_code == 422
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "nonsense",
        "null",
        "[]",
        "7",
        "{}",
        "[" * 9_000,
        '{"id": 1, "rawId": 2, "type": "public-key", "response": {}}',
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"userHandle": null}}',
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"userHandle": "AA", '
        '"clientDataJSON": "AA", "authenticatorData": "AA", "signature": "AA"}}',
        '{"id": "AA", "rawId": "AA", "response": {"attestationObject": "oA", '
        '"clientDataJSON": "e30"}}',
        "x" * 30_000,
    ],
)
def test_what_no_browser_answers_is_refused_quietly(
    client: Client, coordinator: User, sent: str
) -> None:
    options_to_sign_in(client)
    led = client.post("/accounts/passkey/", {"credential": sent}, secure=True)
    assert led["Location"] == reverse("sign-in")
    client.force_login(coordinator)
    url = reverse("add-passkey")
    client.get(url, secure=True)
    assert client.post(url, {"name": "x", "credential": sent}, secure=True).status_code == 422
    assert not Authenticator.objects.exists()


# Adding and removing


def test_adding_and_removing_stand_in_the_history_and_end_other_sessions(
    client: Client, coordinator: User
) -> None:
    other = Client()
    other.force_login(coordinator)
    client.force_login(coordinator)
    before = client.session.session_key
    enrol(client, SoftPasskey(), "Blue key")
    entry = last_entry()
    assert (entry.verb, entry.by, entry.after) == (
        "added a passkey",
        coordinator,
        {"passkey": "Blue key"},
    )
    assert client.get("/contacts/", secure=True).status_code == 200
    assert client.session.session_key != before
    assert other.get("/contacts/").status_code == 302
    other.force_login(coordinator)
    pk = Authenticator.objects.get().pk
    client.post(reverse("remove-factor", args=[pk]), secure=True)
    assert not Authenticator.objects.exists()
    assert last_entry().verb == "removed a passkey"
    assert last_entry().before == {"passkey": "Blue key"}
    assert other.get("/contacts/").status_code == 302


def test_recovery_codes_go_with_the_last_factor(client: Client, coordinator: User) -> None:
    give_app(coordinator)
    give_codes(coordinator)
    client.force_login(coordinator)
    pk = mfa.factors_of(coordinator).app.pk
    client.post(reverse("remove-factor", args=[pk]))
    assert not Authenticator.objects.exists()


def test_somebody_elses_factor_is_not_there(client: Client, coordinator: User, cfdu: User) -> None:
    give_app(cfdu)
    client.force_login(coordinator)
    theirs = reverse("remove-factor", args=[mfa.factors_of(cfdu).app.pk])
    nothing = reverse("remove-factor", args=[987_654])
    assert client.post(theirs).status_code == client.post(nothing).status_code == 404
    assert mfa.factors_of(cfdu).app is not None


def test_an_administrator_removes_the_factors_of_somebody_who_lost_them(
    client: Client, coordinator: User, administrator: User
) -> None:
    give_app(coordinator)
    theirs = Client()
    theirs.force_login(coordinator)
    client.force_login(administrator)
    answer = client.post(reverse("remove-factors", args=[coordinator.pk]))
    assert answer["Location"] == reverse("person", args=[coordinator.pk])
    assert not Authenticator.objects.exists()
    assert (last_entry().verb, last_entry().by) == ("removed all second factors", administrator)
    assert theirs.get("/contacts/").status_code == 302


def test_nobody_else_removes_them(client: Client, coordinator: User, mpp: User) -> None:
    give_app(coordinator)
    client.force_login(mpp)
    assert client.post(reverse("remove-factors", args=[coordinator.pk])).status_code == 403
    assert mfa.factors_of(coordinator).app is not None


def test_an_administrator_does_not_remove_their_own_in_this_way(administrator: User) -> None:
    give_app(administrator)
    with pytest.raises(StepNotAllowedError):
        mfa.remove_all_factors(administrator, by=administrator, on=clock.today())


# Required


@pytest.fixture
def required(settings: LazySettings) -> None:
    """Ask everybody for a second factor, as outside the demonstration."""
    settings.SECOND_FACTOR_REQUIRED = True


def test_without_a_second_factor_there_is_one_page(
    client: Client, coordinator: User, required: None
) -> None:
    type_password(client, coordinator)
    for path in ("/", "/children/", "/contacts/", "/outbox/"):
        assert client.get(path)["Location"].startswith(f"{ACCOUNT}?next="), path
    sent = client.post("/children/new/", {"first_name": "X"})
    assert sent["Location"].startswith(ACCOUNT)
    page = client.get(ACCOUNT)
    assert page.status_code == 200
    assert "Add a second factor before you go on" in page.text
    assert client.get("/health/").status_code != 302
    enrol(client, SoftPasskey())
    assert client.get("/children/", secure=True).status_code == 200


def test_an_approver_needs_a_passkey_in_this_session(
    client: Client, cfdu: User, required: None
) -> None:
    give_app(cfdu)
    type_password(client, cfdu)
    client.post(STEP, {"code": code()})
    assert is_signed_in(client)
    assert client.get("/approvals/")["Location"].startswith(ACCOUNT)
    passkey = SoftPasskey()
    enrol(client, passkey)
    assert client.get("/approvals/", secure=True).status_code == 200

    by_code = Client()
    type_password(by_code, cfdu)
    by_code.post(STEP, {"code": code(1)}, secure=True)
    proof = by_code.get("/approvals/", secure=True)["Location"]
    assert proof.startswith(reverse("account_reauthenticate"))
    assert by_code.post(proof, {"code": code(1)}, secure=True).status_code == 422
    assert by_code.post(proof, {"password": PASSWORD}, secure=True).status_code == 422
    before = by_code.session.session_key
    led = by_code.post(
        proof, {"credential": passkey.used(passkey_options(by_code, proof))}, secure=True
    )
    assert led["Location"] == "/approvals/"
    assert by_code.session.session_key != before, "a new key as rights rise"
    assert by_code.get("/approvals/", secure=True).status_code == 200


def _by_code(client: Client, person: User) -> int:
    """Sign in by password and app a person who has a passkey; return the number of the passkey."""
    give_passkey(person)
    give_app(person)
    type_password(client, person)
    client.post(STEP, {"code": code()}, secure=True)
    assert is_signed_in(client)
    return int(mfa.factors_of(person).passkeys[0].pk)


def test_a_code_adds_no_passkey_for_somebody_who_has_one(
    client: Client, cfdu: User, required: None
) -> None:
    """A code can be talked out of somebody: it must not serve to add a passkey of another."""
    passkey = _by_code(client, cfdu)
    for address in (
        reverse("add-passkey"),
        reverse("add-app"),
        reverse("recovery-codes"),
        reverse("remove-factor", args=[passkey]),
    ):
        for answer in (client.get(address, secure=True), client.post(address, secure=True)):
            assert answer.status_code == 302, address
            assert answer["Location"].startswith(reverse("account_reauthenticate")), address
    held = mfa.factors_of(cfdu)
    assert [each.pk for each in held.passkeys] == [passkey]
    assert held.codes is None


def test_the_guard_is_what_stops_a_code_from_adding_a_passkey(
    client: Client, cfdu: User, required: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With these pages open to everybody signed in, the code leads to the approvals."""
    monkeypatch.setattr(
        mfa_required, "OPEN_PAGES", mfa_required.OPEN_PAGES | mfa_required.FACTOR_PAGES
    )
    _by_code(client, cfdu)
    enrol(client, SoftPasskey(), "Of somebody else")
    assert client.get("/approvals/", secure=True).status_code == 200


@pytest.mark.parametrize("who", ["cfdu", "casework_manager", "administrator"])
def test_who_decides_or_gives_rights_proves_by_passkey(
    who: str, request: pytest.FixtureRequest, required: None
) -> None:
    person = request.getfixturevalue(who)
    assert mfa.must_use_passkey(person, on=clock.today())
    assert not mfa.must_use_passkey(person, on=clock.today() - timedelta(days=365 * 20))


@pytest.mark.parametrize("who", ["coordinator", "district_manager", "mpp", "nobody"])
def test_the_others_may_use_a_code(
    who: str, request: pytest.FixtureRequest, client: Client, required: None
) -> None:
    person = request.getfixturevalue(who)
    give_app(person)
    type_password(client, person)
    client.post(STEP, {"code": code()})
    assert client.get("/contacts/").status_code == 200


def test_the_page_first_asked_for_comes_after_enrolling(
    client: Client, coordinator: User, required: None
) -> None:
    client.force_login(coordinator)
    assert client.get("/contacts/?q=hunter").status_code == 302
    assert client.get(ACCOUNT).context["next"] == "", "nothing was enrolled yet"
    assert enrol(client, SoftPasskey())["Location"] == reverse("recovery-codes")
    made = client.post(reverse("recovery-codes"), secure=True)
    assert 'href="/contacts/?q=hunter"' in made.text
    assert 'href="/contacts/?q=hunter"' in client.get(ACCOUNT, secure=True).text
    assert client.get("/contacts/?q=hunter", secure=True).status_code == 200
    assert client.get(ACCOUNT, secure=True).context["next"] == "", "it is said once"


def test_the_page_first_asked_for_waits_for_the_factor_that_the_role_asks_for(
    client: Client, cfdu: User, required: None
) -> None:
    client.force_login(cfdu)
    client.get("/approvals/")
    url = reverse("add-app")
    secret = client.get(url).context["secret"].replace(" ", "")
    now = int(clock.now().timestamp()) // 30
    client.post(url, {"code": format_hotp_value(hotp_value(secret, now))})
    assert "/approvals/" not in client.post(reverse("recovery-codes")).context["next"]
    assert enrol(client, SoftPasskey())["Location"] == "/approvals/"


def test_the_only_factor_is_not_removed_where_one_is_required(
    client: Client, cfdu: User, required: None
) -> None:
    client.force_login(cfdu)
    enrol(client, SoftPasskey())
    give_app(cfdu)
    client.force_login(cfdu)
    pk = mfa.factors_of(cfdu).passkeys[0].pk
    with pytest.raises(StepNotAllowedError, match="only one"):
        mfa.remove_factor(pk, by=cfdu, on=clock.today(), session="none")
    assert mfa.factors_of(cfdu).passkeys


def test_whoever_has_a_factor_proves_again_with_it_and_not_with_a_password(
    client: Client, coordinator: User
) -> None:
    give_app(coordinator)
    client.force_login(coordinator)
    again = reverse("account_reauthenticate")
    assert client.post(again, {"password": PASSWORD}).status_code == 422
    assert client.post(f"{again}?next=/contacts/", {"code": code()})["Location"] == "/contacts/"
