"""What counts as an email address."""

from __future__ import annotations

import re

from domain.errors import InvalidInput

LONGEST = 254
COMMON = "Please enter an email address such as name@company.com."
_OUR_WORDS = (
    ("must have an @", "An email address has an @, as in name@company.com."),
    ("should have a period", "The part after @ needs a dot, as in name@company.com."),
    ("something before the @", "Something must stand before the @, as in name@company.com."),
    ("something after the @", "Something must stand after the @, as in name@company.com."),
    ("too long", f"The address is too long: at most 64 characters before the @ and {LONGEST} together."),
    ("two periods", "An email address has no two dots in a row."),
    ("period and a hyphen", "An email address has no dot next to a hyphen after the @."),
    ("cannot end with", "Neither part of an email address ends with a dot or a hyphen."),
    ("cannot start with", "Neither part of an email address starts with a dot or a hyphen."),
    ("immediately after the @", "The part after @ starts with a letter or a digit, as in name@company.com."),
    ("invalid characters before", "The part before @ has a character that an email address cannot have."),
    ("after the @-sign contains invalid", "The part after @ has a character that an email address cannot have."),
    ("top-level domain", "The part after @ ends with letters, as in name@company.com."),
)


class OfflineEmailRules:
    """The email-validator library's syntax rules, without asking the network anything.

    Names of closed networks (.local, .test, .internal) are addresses too: the product runs offline.
    """

    def normalised(self, email: str) -> str:
        from email_validator import EmailNotValidError, validate_email

        given = email.strip()
        if not given:
            raise InvalidInput(COMMON, field="email")
        try:
            valid = validate_email(
                _standing_in(given),
                check_deliverability=False,
                test_environment=True,
                allow_smtputf8=False,
                strict=True,
            )
        except EmailNotValidError as error:
            raise InvalidInput(_in_our_words(str(error)), field="email") from error
        address = valid.normalized.removesuffix(_STAND_IN) if given != _standing_in(given) else valid.normalized
        if "." not in address.rpartition("@")[2]:
            raise InvalidInput(_in_our_words("should have a period"), field="email")
        return address.lower()


_CLOSED = re.compile(r"\.(local|localhost|invalid|onion|arpa)$", re.IGNORECASE)
_STAND_IN = ".example.com"


def _standing_in(email: str) -> str:
    """The address with an open network's ending: the library knows no other way to take a closed network's."""
    return email + _STAND_IN if _CLOSED.search(email) else email


def _in_our_words(said: str) -> str:
    return next((words for sign, words in _OUR_WORDS if sign in said), COMMON)
