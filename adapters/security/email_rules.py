"""Validation of email addresses."""

from __future__ import annotations

import re

from domain.errors import InvalidInput

MAX_EMAIL_LENGTH = 254
COMMON = "Please enter an email address such as name@company.com."
_MESSAGES = (
    # Chosen by the text of the library's message, because the library has only one error class for syntax errors.
    ("must have an @", "An email address has an @, as in name@company.com."),
    ("should have a period", "The part after @ needs a dot, as in name@company.com."),
    ("something before the @", "The part before @ is missing, as in name@company.com."),
    ("something after the @", "The part after @ is missing, as in name@company.com."),
    ("too long", f"The address is too long: at most 64 characters before the @ and {MAX_EMAIL_LENGTH} in total."),
    ("two periods", "An email address cannot have two dots in a row."),
    ("period and a hyphen", "An email address cannot have a dot next to a hyphen after the @."),
    ("cannot end with", "The parts before and after @ cannot end with a dot or a hyphen."),
    ("cannot start with", "The parts before and after @ cannot start with a dot or a hyphen."),
    ("immediately after the @", "The part after @ must start with a letter or a digit, as in name@company.com."),
    ("invalid characters before", "The part before @ has a character that an email address cannot have."),
    ("after the @-sign contains invalid", "The part after @ has a character that an email address cannot have."),
    ("top-level domain", "The part after @ must end with letters, as in name@company.com."),
)


class OfflineEmailRules:
    """The email-validator library's syntax rules, without any network request.

    Accepts names of private networks (.local, .test, .internal) too, because the product runs offline.
    """

    def normalised(self, email: str) -> str:
        from email_validator import EmailNotValidError, validate_email

        stripped = email.strip()
        if not stripped:
            raise InvalidInput(COMMON, field="email")
        try:
            valid = validate_email(
                _with_public_domain(stripped),
                check_deliverability=False,
                test_environment=True,
                allow_smtputf8=False,
                strict=True,
            )
        except EmailNotValidError as error:
            raise InvalidInput(_message_for(str(error)), field="email") from error
        address = (
            valid.normalized.removesuffix(_PUBLIC_DOMAIN)
            if stripped != _with_public_domain(stripped)
            else valid.normalized
        )
        if "." not in address.rpartition("@")[2]:
            raise InvalidInput(_message_for("should have a period"), field="email")
        return address.lower()


_PRIVATE = re.compile(r"\.(local|localhost|invalid|onion|arpa)$", re.IGNORECASE)
_PUBLIC_DOMAIN = ".example.com"


def _with_public_domain(email: str) -> str:
    """The address with a public domain appended if it is private: the library accepts private ones in no other way."""
    return email + _PUBLIC_DOMAIN if _PRIVATE.search(email) else email


def _message_for(library_message: str) -> str:
    return next((words for sign, words in _MESSAGES if sign in library_message), COMMON)
