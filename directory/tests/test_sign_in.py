"""Signing in and out."""

import re
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from directory.accounts.demo_people import DEMO_PASSWORD, DEMO_PEOPLE
from directory.accounts.forms import NO_MATCH
from directory.models import Session, User
from directory.tests.people import PASSWORD, sign_in

URL = "/accounts/login/"


def test_a_person_signs_in_with_any_case_and_goes_to_my_work(
    client: Client, coordinator: User
) -> None:
    response = client.post(URL, {"login": coordinator.email.upper(), "password": PASSWORD})
    assert response.status_code == 302
    assert response["Location"] == reverse("my-work")
    assert client.session["_auth_user_id"] == str(coordinator.pk)


def test_the_sign_in_page_shows_to_everybody(client: Client, db: None) -> None:
    response = client.get(URL)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]


def answer_to(client: Client, email: str, password: str) -> tuple[int, str]:
    """Return status and page, without what differs by chance and without what was typed."""
    response = client.post(URL, {"login": email, "password": password})
    page = re.sub(r'(name="csrfmiddlewaretoken" value=)"\w+"', r"\1", response.text)
    assert f'value="{email}"' in page
    assert password not in page
    return response.status_code, page.replace(email, "")


def test_unknown_disabled_and_wrong_get_one_and_the_same_answer(
    client: Client, coordinator: User, cfdu: User
) -> None:
    cfdu.is_active = False
    cfdu.save(update_fields=["is_active"])
    unknown = answer_to(client, "who@example.org", PASSWORD)
    disabled = answer_to(client, cfdu.email, PASSWORD)
    wrong = answer_to(client, coordinator.email, "not the password at all")
    assert unknown == disabled == wrong
    assert unknown[0] == 422
    assert NO_MATCH in unknown[1]
    assert not client.session.keys()


def test_empty_fields_are_named(client: Client, db: None) -> None:
    response = client.post(URL, {"login": "", "password": ""})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"login", "password"}


@pytest.mark.parametrize("typed", ["%00", "a" * 500, "<script>", "' OR 1=1 --"])
def test_odd_input_is_refused_quietly(client: Client, db: None, typed: str) -> None:
    response = client.post(URL, {"login": typed, "password": "x"})
    assert response.status_code == 422


@pytest.mark.parametrize(
    ("wanted", "destination"),
    [
        ("/contacts/?area=goals", "/contacts/?area=goals"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_next_leads_only_to_our_own_pages(
    client: Client, coordinator: User, wanted: str, destination: str
) -> None:
    response = client.post(
        URL, {"login": coordinator.email, "password": PASSWORD}, query_params={"next": wanted}
    )
    assert response["Location"] == (destination if destination != "/" else reverse("my-work"))


def test_a_page_asked_for_without_signing_in_comes_after_it(
    client: Client, coordinator: User
) -> None:
    asked = client.get("/contacts/")
    assert asked["Location"] == "/accounts/login/?next=/contacts/"
    response = client.post(
        asked["Location"], {"login": coordinator.email, "password": PASSWORD}, follow=True
    )
    assert response.redirect_chain[-1][0] == "/contacts/"


def test_whoever_is_signed_in_does_not_see_the_form(client: Client, coordinator: User) -> None:
    sign_in(client, coordinator)
    assert client.get(URL)["Location"] == reverse("my-work")


def test_the_session_gets_a_new_key_and_ends_within_twelve_hours(
    client: Client, coordinator: User, cfdu: User
) -> None:
    sign_in(client, cfdu)
    first = client.session.session_key
    client.post("/accounts/logout/")
    client.post(URL, {"login": coordinator.email, "password": PASSWORD})
    assert client.session.session_key != first
    assert not Session.objects.filter(session_key=first).exists()
    cookie = client.cookies["sessionid"]
    assert cookie["max-age"] == 12 * 60 * 60
    assert cookie["httponly"]
    session = Session.objects.get()
    assert session.person == coordinator
    assert session.expire_date - session.seen_at == timedelta(minutes=30)


def test_a_key_set_before_signing_in_is_not_kept(client: Client, coordinator: User) -> None:
    session = client.session
    session["planted"] = "before"
    session.save()
    planted = session.session_key
    client.post(URL, {"login": coordinator.email, "password": PASSWORD})
    assert client.session.session_key != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_signing_out_takes_a_post(client: Client, coordinator: User) -> None:
    sign_in(client, coordinator)
    assert client.get("/accounts/logout/").status_code == 405
    assert client.get("/contacts/").status_code == 200
    response = client.post("/accounts/logout/", follow=True)
    assert "You are signed out." in response.text
    assert client.get("/contacts/").status_code == 302


def test_signing_in_needs_the_token_of_the_form(coordinator: User) -> None:
    checking = Client(enforce_csrf_checks=True)
    response = checking.post(URL, {"login": coordinator.email, "password": PASSWORD})
    assert response.status_code == 403
    assert "_auth_user_id" not in checking.session


def test_the_demonstration_names_its_people_where_they_exist(
    client: Client, settings: LazySettings, db: None
) -> None:
    settings.DEMO = True
    assert client.get(URL).context["demo_people"] == []
    User.objects.create_user(email="pc.hunter@example.org", name="Priya")
    assert [email for email, _ in client.get(URL).context["demo_people"]] == [
        "pc.hunter@example.org"
    ]
    settings.DEMO = False
    assert client.get(URL).context["demo_people"] == []
    assert "pc.hunter" not in client.get(URL).text


AGAIN = "/accounts/reauthenticate/"


def test_a_fresh_proof_leads_back_and_changes_the_key(client: Client, coordinator: User) -> None:
    sign_in(client, coordinator)
    before = client.session.session_key
    response = client.post(AGAIN, {"password": PASSWORD}, query_params={"next": "/contacts/"})
    assert response["Location"] == "/contacts/"
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()
    assert client.get("/contacts/").status_code == 200


@pytest.mark.parametrize("typed", ["", "not my password at all"])
def test_a_wrong_password_is_no_fresh_proof(client: Client, coordinator: User, typed: str) -> None:
    sign_in(client, coordinator)
    before = client.session.session_key
    response = client.post(AGAIN, {"password": typed})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"password"}
    assert client.session.session_key == before


def test_somebody_elses_password_is_no_fresh_proof(
    client: Client, coordinator: User, cfdu: User
) -> None:
    cfdu.set_password("another long enough password")
    cfdu.save(update_fields=["password"])
    sign_in(client, coordinator)
    response = client.post(AGAIN, {"password": "another long enough password"})
    assert response.status_code == 422


def test_a_fresh_proof_leads_only_to_our_own_pages(client: Client, coordinator: User) -> None:
    sign_in(client, coordinator)
    response = client.post(
        AGAIN, {"password": PASSWORD}, query_params={"next": "https://elsewhere.example/"}
    )
    assert response["Location"] == reverse("my-work")


@pytest.mark.parametrize("path", ["signup/", "email/", "password/change/", "3rdparty/", "social/"])
def test_nobody_opens_an_account_or_changes_one_by_the_librarys_own_pages(
    client: Client, coordinator: User, path: str
) -> None:
    sign_in(client, coordinator)
    assert client.get(f"/accounts/{path}").status_code == 404


@pytest.mark.parametrize("is_demo", [True, False])
def test_a_sign_in_that_everybody_may_know_is_good_in_the_demonstration_alone(
    client: Client, coordinator: User, settings: LazySettings, is_demo: bool
) -> None:
    """Neither its people nor its password get in elsewhere, nor does a session from it go on."""
    settings.DEMO, settings.SECOND_FACTOR_REQUIRED = is_demo, False
    coordinator.set_password(DEMO_PASSWORD)
    coordinator.save()
    inside = 302 if is_demo else 422
    sent = {"login": coordinator.email, "password": DEMO_PASSWORD}
    assert client.post("/accounts/login/", sent).status_code == inside

    invented = DEMO_PEOPLE[0].email
    User.objects.filter(pk=coordinator.pk).update(email=invented)
    coordinator.refresh_from_db()
    coordinator.set_password(PASSWORD)
    coordinator.save()
    sent = {"login": invented, "password": PASSWORD}
    assert Client().post("/accounts/login/", sent).status_code == inside
    client.force_login(coordinator)
    assert (client.get("/").status_code == 200) is is_demo


def test_where_people_of_the_demonstration_cannot_sign_in_the_start_says_so(
    coordinator: User, settings: LazySettings, capsys: pytest.CaptureFixture[str]
) -> None:
    """By a check of the database, as `migrate` makes it with all others."""

    def said() -> str:
        call_command("check", tags=["database"], databases=["default"])
        return capsys.readouterr().err

    settings.DEMO = False
    assert "demonstration" not in said(), "nobody invented is here"
    User.objects.filter(pk=coordinator.pk).update(email=DEMO_PEOPLE[0].email)
    assert "1 of the people of the demonstration are in this database, and DEMO is not 1" in said()
    settings.DEMO = True
    assert "demonstration" not in said(), "here they can"
    settings.DEMO = False
    User.objects.filter(pk=coordinator.pk).update(is_active=False)
    assert "demonstration" not in said(), "nobody expects them to"
