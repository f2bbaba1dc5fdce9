"""The fields that say where an installation is used: at set-up and in the settings."""

from __future__ import annotations

from zoneinfo import available_timezones

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older than the class
from wtforms.validators import InputRequired, Regexp

from entrypoints.web.field_rules import CURRENCY


class PlaceForm(FlaskForm):
    """Currency and time zone."""

    currency = StringField(
        "Currency",
        [InputRequired("Enter a currency."), Regexp("^[A-Za-z]{3}$", message="Three letters, such as USD."), CURRENCY],
    )
    time_zone = SelectField(
        "Time zone", choices=lambda: [SelectChoice(name, name) for name in sorted(available_timezones())]
    )
