"""Forms for log-in, registration and the user's own account."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older than the class
from wtforms.validators import EqualTo, InputRequired, Length

from entrypoints.web.field_rules import EMAIL, NAME, PASSWORD
from entrypoints.web.place_form import PlaceForm

MAX_PASSWORD = Length(max=256, message="A password has at most 256 characters.")


class LogInForm(FlaskForm):
    email = EmailField("Email", [InputRequired("Enter your email."), Length(max=254)])
    password = PasswordField("Password", [InputRequired("Enter your password."), MAX_PASSWORD])
    next = HiddenField()


class CodeForm(FlaskForm):
    code = StringField("Code", [InputRequired("Enter the six digits that your app shows."), Length(max=20)])
    next = HiddenField()


class RecoveryCodeForm(CodeForm):
    code = StringField("Recovery code", [InputRequired("Enter one of your recovery codes."), Length(max=100)])


class EnrolmentForm(FlaskForm):
    current_password = PasswordField("Current password", [InputRequired("Enter your current password."), MAX_PASSWORD])
    code = StringField("Code", [InputRequired("Enter the six digits that your app shows."), Length(max=20)])


class CurrentPasswordForm(FlaskForm):
    current_password = PasswordField("Current password", [InputRequired("Enter your current password."), MAX_PASSWORD])


class NewAccountForm(FlaskForm):
    name = StringField("Full name", [InputRequired("Enter your name."), Length(max=100), NAME])
    email = EmailField("Email", [InputRequired("Enter your email."), Length(max=254), EMAIL])
    password = PasswordField("Password", [InputRequired("Choose a password."), MAX_PASSWORD, PASSWORD])
    confirm = PasswordField(
        "Confirm password",
        [InputRequired("Repeat the password."), EqualTo("password", "The two passwords differ.")],
    )


class SetUpForm(NewAccountForm, PlaceForm):
    """The first administrator's account, and where the installation is used."""


class ResetForm(FlaskForm):
    new_password = PasswordField("New password", [InputRequired("Choose a password."), MAX_PASSWORD, PASSWORD])
    confirm = PasswordField(
        "Confirm password",
        [InputRequired("Repeat the password."), EqualTo("new_password", "The two passwords differ.")],
    )


class ProfileForm(FlaskForm):
    name = StringField("Full name", [InputRequired("Enter your name."), Length(max=100), NAME])
    email = EmailField("Email", [InputRequired("Enter your email."), Length(max=254), EMAIL])
    current_password = PasswordField("Current password", [MAX_PASSWORD])


class PasswordForm(FlaskForm):
    current_password = PasswordField("Current password", [InputRequired("Enter your current password."), MAX_PASSWORD])
    new_password = PasswordField("New password", [InputRequired("Choose a password."), MAX_PASSWORD, PASSWORD])
    confirm = PasswordField(
        "Confirm password",
        [InputRequired("Repeat the password."), EqualTo("new_password", "The two passwords differ.")],
    )


class DeleteAccountForm(FlaskForm):
    current_password = PasswordField("Current password", [InputRequired("Enter your current password."), MAX_PASSWORD])
    sure = BooleanField("I understand what will be deleted", [InputRequired("Tick this to go on.")])


class TokenForm(FlaskForm):
    """A token for programs. The page has a check box for each scope."""

    name = StringField("Name", [InputRequired("Say which program will use it."), Length(max=60)])
    days = SelectField(
        "Works for",
        choices=[SelectChoice(str(days), f"{days} days") for days in (7, 30, 90, 180, 366)],
        default="90",
    )
    current_password = PasswordField("Current password", [InputRequired("Enter your current password."), MAX_PASSWORD])
