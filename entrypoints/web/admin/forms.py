"""Forms of the admin area."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    EmailField,
    Form,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older than the class
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput

from domain.account import RegistrationPolicy, Role
from domain.economics import ThresholdStrategy
from domain.folders.expected import DAYS
from domain.folders.rule import RESULT_KINDS, RESULT_NAMES, Then
from entrypoints.web.field_rules import FOLDER
from entrypoints.web.place_form import PlaceForm

ROLES = [SelectChoice(role.value, role.label) for role in Role]
LEAST = Decimal("0.1")
SHARE = "From 0 to 100%%."  # WTForms formats the message with %
AMOUNT = "Enter an amount of 0 or more."
DOMAIN = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


class InviteForm(FlaskForm):
    email = EmailField("Email", [InputRequired("Enter the email of the person."), Length(max=254)])
    role = SelectField("Role", choices=ROLES, default=Role.ANALYST.value)


class RoleForm(FlaskForm):
    role = SelectField("Role", choices=ROLES)


def percent_field(label: str) -> DecimalField:
    return DecimalField(label, [InputRequired("Enter a percentage."), NumberRange(0, 100, SHARE)], places=None)


def amount_field(label: str, least: float = 0) -> DecimalField:
    return DecimalField(label, [InputRequired("Enter an amount."), NumberRange(least, 1e9, AMOUNT)], places=None)


class SettingsForm(PlaceForm):
    """All business settings except the economics."""

    medium = percent_field("Medium from")
    high = percent_field("High from")
    critical = percent_field("Critical from")
    registration = SelectField(
        "Who can create an account",
        choices=[
            SelectChoice("open", "Anyone who reaches this page"),
            SelectChoice("domains", "Addresses of certain domains"),
            SelectChoice("approval", "Anyone, after an administrator’s approval"),
            SelectChoice("invitation", "Only people who are invited"),
        ],
    )
    allowed_domains = StringField("Domains", [Length(max=1000)])
    second_factor_roles = SelectMultipleField(
        "Second factor required for",
        choices=[SelectChoice(role.value, f"{role.label}s") for role in reversed(Role)],
        option_widget=CheckboxInput(),
    )
    retention_days = IntegerField("Keep files for", [Optional(), NumberRange(1, 36_500, "At least one day.")])
    upload_megabytes = IntegerField(
        "Largest upload", [InputRequired("Enter a size."), NumberRange(1, 100_000, "From 1 to 100,000 MB.")]
    )
    contact_list_rows = IntegerField(
        "Contact list", [InputRequired("Enter a number."), NumberRange(1, 1_000_000, "From 1 to 1,000,000 customers.")]
    )
    threshold_strategy = SelectField(
        "Threshold of new models",
        choices=[SelectChoice(strategy.value, strategy.words) for strategy in ThresholdStrategy],
    )
    threshold_target = DecimalField("Share or value", [Optional(), NumberRange(0.1, 99.9, SHARE)], places=None)

    def validate_high(self, field: DecimalField) -> None:
        _must_rise(self.medium, field)

    def validate_critical(self, field: DecimalField) -> None:
        _must_rise(self.high, field)

    def validate_medium(self, field: DecimalField) -> None:
        if (number := _number(field)) is not None and number < LEAST:
            raise ValidationError("At least 0.1%, so that some customers are low.")

    def validate_allowed_domains(self, field: StringField) -> None:
        names = domains_in(field.data or "")
        wrong = [name for name in names if not DOMAIN.fullmatch(name)]
        if wrong:
            raise ValidationError(f"“{wrong[0]}” is not a domain, such as company.com.")
        if self.registration.data == RegistrationPolicy.DOMAINS.value and not names:
            raise ValidationError("Name at least one domain, such as company.com.")

    def validate_threshold_strategy(self, field: SelectField) -> None:
        if ThresholdStrategy(field.data).needs_target and self.threshold_target.data is None:
            raise ValidationError("This strategy needs a percentage in the next field.")


class EconomicsForm(FlaskForm):
    """The value of a customer and the costs of retention."""

    customer_value = amount_field("Value of a customer", 0.01)
    margin = percent_field("Margin")
    value_months = amount_field("Months counted", 0.1)
    offer_cost = amount_field("Cost of an offer")
    contact_cost = amount_field("Cost of a contact")
    save_rate = percent_field("Save rate")

    def validate_margin(self, field: DecimalField) -> None:
        if (number := _number(field)) is not None and number < LEAST:
            raise ValidationError("At least 0.1%.")


class AuditFilterForm(Form):
    """Filters of the audit log; dates are days in the installation's time zone."""

    q = StringField()
    action = StringField()
    since = DateField()
    until = DateField()


class CustomerForm(FlaskForm):
    customer_id = StringField(
        "Customer’s id", [InputRequired("Enter the customer’s id as in your files."), Length(max=500)]
    )


class FolderForm(FlaskForm):
    """A rule of a watched folder."""

    folder = StringField("Folder", [Length(max=500), FOLDER])
    then = SelectField("What to do with a file", choices=[SelectChoice(own.value, own.words) for own in Then])
    owner = SelectField("In whose name", choices=[])
    results = SelectMultipleField(
        "Results next to the file",
        choices=[SelectChoice(kind.value, RESULT_NAMES[kind]) for kind in RESULT_KINDS],
        option_widget=CheckboxInput(),
    )
    is_expected = BooleanField("A file is expected regularly")
    by = TimeField("At the latest by", [Optional()])
    days = SelectMultipleField(
        "On these days",
        choices=[SelectChoice(str(number), name) for number, name in enumerate(DAYS)],
        option_widget=CheckboxInput(),
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """The time is needed where a file is expected, which a validator of an optional field does not see."""
        is_valid: bool = super().validate(extra_validators)
        if not self.is_expected.data or self.by.data is not None:
            return is_valid
        self.by.errors = [*self.by.errors, "Enter the time by which the file is expected, such as 05:00."]
        return False

    def validate_days(self, field: SelectMultipleField) -> None:
        if self.is_expected.data and not field.data:
            raise ValidationError("Choose at least one day on which the file is expected.")

    def offer_owners(self, owners: list[tuple[str, str]]) -> None:
        """The accounts to choose from. One that is not among them has to be replaced."""
        self.owner.choices = [SelectChoice(account_id, name) for account_id, name in owners]


def domains_in(text: str) -> tuple[str, ...]:
    """Domain names separated by commas, semicolons or spaces; a leading @ is removed."""
    parts = (part.strip().lstrip("@").lower() for part in re.split(r"[,;\s]+", text))
    return tuple(dict.fromkeys(part for part in parts if part))


def _must_rise(lower: DecimalField, field: DecimalField) -> None:
    number, least = _number(field), _number(lower)
    if number is not None and least is not None and number < least + LEAST:
        raise ValidationError(f"More than “{lower.label.text.lower()}” ({lower.data:f}%).")
    if number is not None and number >= 100:
        raise ValidationError("Less than 100%.")


def _number(field: DecimalField) -> Decimal | None:
    """The entered number, or None if it cannot be compared: "NaN" is also a decimal."""
    number: Decimal | None = field.data
    return number if number is not None and number.is_finite() else None
