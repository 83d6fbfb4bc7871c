"""Addresses of the directory pages."""

from django.urls import URLPattern, URLResolver, include, path

from directory.accounts.views import second_factors, sign_in
from directory.mail import views as mail
from directory.people.views import appointments, people
from directory.places import views as places
from directory.web import views as web


def retiring_paths(kind: str, noun: str) -> list[URLPattern]:
    row, named = f"directory/{kind}/<int:pk>", {"kind": kind}
    return [
        path(f"{row}/retire/", places.retire, named, name=f"retire-{noun}"),
        path(f"{row}/bring-back/", places.bring_back, named, name=f"bring-back-{noun}"),
    ]


agency = [
    path("", sign_in.single_sign_on, name="single-sign-on"),
    path("prove/", sign_in.prove_by_single_sign_on, name="prove-by-single-sign-on"),
    path("answer/", sign_in.single_sign_on_answer, name="single-sign-on-answer"),
]
own_agency = [
    path("connect/", sign_in.connect_single_sign_on, name="connect-single-sign-on"),
    path("disconnect/", sign_in.disconnect_single_sign_on, name="disconnect-single-sign-on"),
]
one_person = [
    path("", people.person, name="person"),
    path("edit/", people.edit_person, name="edit-person"),
    path("password/", people.new_password, name="new-password"),
    path("factors/", people.remove_factors, name="remove-factors"),
    path("agency/", people.remove_single_sign_on, name="remove-single-sign-on"),
    path("disable/", people.disable_person, name="disable-person"),
    path("enable/", people.enable_person, name="enable-person"),
    path("link/", people.send_link, name="send-link"),
    path("unlock/", people.unlock_person, name="unlock-person"),
    path("reading/", people.person_reading, name="person-reading"),
    path("appointments/new/", appointments.new_appointment, name="new-appointment"),
    path("allocations/new/", appointments.new_allocation, name="new-allocation"),
]
one_appointment = [
    path("end/", appointments.end_appointment, name="end-appointment"),
    path("cancel/", appointments.cancel_appointment, name="cancel-appointment"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    # Sign-in
    path("accounts/login/", sign_in.sign_in, name="sign-in"),
    path("accounts/login/", sign_in.sign_in, name="account_login"),  # as allauth calls it
    path("accounts/logout/", sign_in.sign_out, name="sign-out"),
    path("accounts/stay/", web.stay_signed_in, name="stay-signed-in"),
    # What is typed and not saved yet
    path("typed/keep/", web.keep_draft, name="keep-typed"),
    path("typed/discard/", web.discard_draft, name="discard-typed"),
    path("accounts/forgot/", sign_in.forgot_password, name="forgot-password"),
    path("accounts/link/<int:pk>/<str:token>/", sign_in.open_link, name="open-link"),
    path("accounts/choose/", sign_in.choose_password, name="choose-password"),
    path("account/password/", sign_in.own_password, name="own-password"),
    path("accounts/passkey/", second_factors.passkey_sign_in, name="passkey-sign-in"),
    path("accounts/second-step/", second_factors.second_step, name="mfa_authenticate"),
    path("accounts/reauthenticate/", second_factors.prove_again, name="account_reauthenticate"),
    path("accounts/agency/", include(agency)),
    # Your account
    path("account/", second_factors.your_account, name="your-account"),
    path("account/passkeys/new/", second_factors.add_passkey, name="add-passkey"),
    path("account/authenticator-app/new/", second_factors.add_app, name="add-app"),
    path("account/recovery-codes/", second_factors.recovery_codes, name="recovery-codes"),
    path("account/factors/<int:pk>/remove/", second_factors.remove_factor, name="remove-factor"),
    path("account/agency/", include(own_agency)),
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
    path("directory/", people.directory, name="directory"),
    # People
    path("directory/people/", people.people, name="people"),
    path("directory/people/new/", people.new_person, name="new-person"),
    path("directory/people/<int:pk>/", include(one_person)),
    # Appointments and allocations
    path("directory/appointments/<int:pk>/", include(one_appointment)),
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
