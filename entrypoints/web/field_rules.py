"""Rules of the domain as validators of form fields, so that everything that is wrong with a form is said at once.

The use case checks them again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wtforms.validators import ValidationError

from domain.account import checked_name
from domain.errors import Busy, InvalidInput, TooManyAttempts
from domain.folders.rule import checked_folder
from entrypoints.web import access, formats
from entrypoints.web.access import application


@dataclass(frozen=True, slots=True)
class Rule:
    """`check` gets the form and the text of the field, and raises InvalidInput."""

    check: Callable[[Any, str], object]

    def __call__(self, form: Any, field: Any) -> None:
        try:
            self.check(form, field.data or "")
        except (Busy, TooManyAttempts):
            return  # the use case says so for the whole form
        except InvalidInput as error:
            raise ValidationError(str(error)) from error


def _email(_: Any, text: str) -> None:
    application().accounts.check_email(text)


def _password(form: Any, text: str) -> None:
    me = access.me()
    own = (me.name, me.email) if me else ()
    typed = tuple(form[name].data or "" for name in ("name", "email") if name in form)
    application().accounts.password_rules.must_hold(text, personal=typed or own, address=access.address())


def _currency(_: Any, text: str) -> None:
    application().administration.change_settings.must_know(text.upper(), stored=formats.policy().currency)


NAME = Rule(lambda _, text: checked_name(text))
EMAIL = Rule(_email)
PASSWORD = Rule(_password)
CURRENCY = Rule(_currency)
FOLDER = Rule(lambda _, text: checked_folder(text))
