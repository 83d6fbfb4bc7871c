"""What is used of allauth beyond its public interface: a release may change any of it."""

from allauth.account.internal.flows.login import (
    perform_login,
    perform_password_login,
    record_authentication,
)
from allauth.account.internal.flows.logout import logout
from allauth.account.internal.stagekit import clear_login
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.webauthn.internal.auth import (
    begin_authentication,
    begin_registration,
    complete_authentication,
    complete_registration,
    parse_authentication_response,
    parse_registration_response,
)

__all__ = [
    "begin_authentication",
    "begin_registration",
    "clear_login",
    "complete_authentication",
    "complete_registration",
    "format_hotp_value",
    "generate_totp_secret",
    "hotp_value",
    "logout",
    "parse_authentication_response",
    "parse_registration_response",
    "perform_login",
    "perform_password_login",
    "record_authentication",
]
