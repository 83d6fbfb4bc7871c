"""Addresses of the directory pages."""

from django.urls import URLPattern, path

from directory.accounts import views as accounts
from directory.accounts.mfa import views as mfa
from directory.accounts.sso import views as sso
from directory.mail import views as mail
from directory.people.views import appointments, front_page, people
from directory.places import views as places
from directory.web import views as web


def retiring_paths(kind: str, noun: str) -> list[URLPattern]:
    row, named = f"directory/{kind}/<int:pk>", {"kind": kind}
    return [
        path(f"{row}/retire/", places.retire, named, name=f"retire-{noun}"),
        path(f"{row}/bring-back/", places.bring_back, named, name=f"bring-back-{noun}"),
    ]


urlpatterns: list[URLPattern] = [
    # Sign-in
    path("accounts/login/", accounts.sign_in, name="sign-in"),
    path("accounts/login/", accounts.sign_in, name="account_login"),  # as allauth calls it
    path("accounts/logout/", accounts.sign_out, name="sign-out"),
    path("accounts/stay/", web.stay_signed_in, name="stay-signed-in"),
    # What is typed and not saved yet
    path("typed/keep/", web.keep_draft, name="keep-typed"),
    path("typed/discard/", web.discard_draft, name="discard-typed"),
    path("accounts/forgot/", accounts.forgot_password, name="forgot-password"),
    path("accounts/link/<int:pk>/<str:token>/", accounts.open_link, name="open-link"),
    path("accounts/choose/", accounts.choose_password, name="choose-password"),
    path("account/password/", accounts.own_password, name="own-password"),
    path("accounts/passkey/", mfa.passkey_sign_in, name="passkey-sign-in"),
    path("accounts/second-step/", mfa.second_step, name="mfa_authenticate"),
    path("accounts/reauthenticate/", mfa.prove_again, name="account_reauthenticate"),
    path("accounts/agency/", sso.single_sign_on, name="single-sign-on"),
    path(
        "accounts/agency/prove/",
        sso.prove_by_single_sign_on,
        name="prove-by-single-sign-on",
    ),
    path(
        "accounts/agency/answer/",
        sso.single_sign_on_answer,
        name="single-sign-on-answer",
    ),
    # Your account
    path("account/", mfa.your_account, name="your-account"),
    path("account/passkeys/new/", mfa.add_passkey, name="add-passkey"),
    path("account/authenticator-app/new/", mfa.add_app, name="add-app"),
    path("account/recovery-codes/", mfa.recovery_codes, name="recovery-codes"),
    path("account/factors/<int:pk>/remove/", mfa.remove_factor, name="remove-factor"),
    path(
        "account/agency/connect/",
        sso.connect_single_sign_on,
        name="connect-single-sign-on",
    ),
    path(
        "account/agency/disconnect/",
        sso.disconnect_single_sign_on,
        name="disconnect-single-sign-on",
    ),
    # Contacts
    path("contacts/", places.contacts, name="contacts"),
    # Calendar links
    path("calendar/", web.calendar, name="calendar"),
    path("calendar/new/", web.make_calendar, name="make-calendar"),
    path("calendar/<int:pk>/revoke/", web.revoke_calendar, name="revoke-calendar"),
    # Mail and health
    path("outbox/", mail.outbox, name="outbox"),
    path("outbox/release/", mail.release_mail, name="release-mail"),
    path("outbox/<int:pk>/", mail.mail, name="mail"),
    path("outbox/<int:pk>/retry/", mail.retry_mail, name="retry-mail"),
    path("health/", mail.health, name="health"),
    # The directory
    path("directory/", front_page.directory, name="directory"),
    # People
    path("directory/people/", people.people, name="people"),
    path("directory/people/new/", people.new_person, name="new-person"),
    path("directory/people/<int:pk>/", people.person, name="person"),
    path("directory/people/<int:pk>/edit/", people.edit_person, name="edit-person"),
    path("directory/people/<int:pk>/password/", people.new_password, name="new-password"),
    path("directory/people/<int:pk>/factors/", people.remove_factors, name="remove-factors"),
    path(
        "directory/people/<int:pk>/agency/",
        people.remove_single_sign_on,
        name="remove-single-sign-on",
    ),
    path("directory/people/<int:pk>/disable/", people.disable_person, name="disable-person"),
    path("directory/people/<int:pk>/enable/", people.enable_person, name="enable-person"),
    path("directory/people/<int:pk>/link/", people.send_link, name="send-link"),
    path("directory/people/<int:pk>/unlock/", people.unlock_person, name="unlock-person"),
    path("directory/people/<int:pk>/reading/", front_page.person_reading, name="person-reading"),
    # Appointments and allocations
    path(
        "directory/people/<int:pk>/appointments/new/",
        appointments.new_appointment,
        name="new-appointment",
    ),
    path(
        "directory/appointments/<int:pk>/end/",
        appointments.end_appointment,
        name="end-appointment",
    ),
    path(
        "directory/appointments/<int:pk>/cancel/",
        appointments.cancel_appointment,
        name="cancel-appointment",
    ),
    path(
        "directory/people/<int:pk>/allocations/new/",
        appointments.new_allocation,
        name="new-allocation",
    ),
    path("directory/allocations/<int:pk>/end/", appointments.end_allocation, name="end-allocation"),
    # Places
    path("directory/districts/", places.districts, name="districts"),
    path("directory/districts/<int:pk>/edit/", places.edit_district, name="edit-district"),
    path("directory/inboxes/", places.inboxes, name="inboxes"),
    path("directory/inboxes/new/", places.new_inbox, name="new-inbox"),
    path("directory/inboxes/<int:pk>/edit/", places.edit_inbox, name="edit-inbox"),
    path("directory/offices/", places.offices, name="offices"),
    path("directory/offices/new/", places.new_office, name="new-office"),
    path("directory/offices/<int:pk>/edit/", places.edit_office, name="edit-office"),
    path("directory/providers/", places.providers, name="providers"),
    path("directory/providers/new/", places.new_provider, name="new-provider"),
    path("directory/providers/<int:pk>/edit/", places.edit_provider, name="edit-provider"),
    *retiring_paths("inboxes", "inbox"),
    *retiring_paths("offices", "office"),
    *retiring_paths("providers", "provider"),
]
