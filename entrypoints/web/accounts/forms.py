"""Forms of people's accounts."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

PASSWORD_MOST = Length(max=256, message="A password has at most 256 characters.")


class LogInForm(FlaskForm):
    email = EmailField("Email", [InputRequired("Give your email."), Length(max=254)])
    password = PasswordField("Password", [InputRequired("Give your password."), PASSWORD_MOST])
    next = HiddenField()


class CodeForm(FlaskForm):
    code = StringField("Code", [InputRequired("Give the six digits that your app shows."), Length(max=20)])
    next = HiddenField()


class RecoveryCodeForm(CodeForm):
    code = StringField("Recovery code", [InputRequired("Give one of your recovery codes."), Length(max=100)])


class EnrolmentForm(FlaskForm):
    current_password = PasswordField("Current password", [InputRequired("Give your current password."), PASSWORD_MOST])
    code = StringField("Code", [InputRequired("Give the six digits that your app shows."), Length(max=20)])


class CurrentPasswordForm(FlaskForm):
    current_password = PasswordField("Current password", [InputRequired("Give your current password."), PASSWORD_MOST])


class NewAccountForm(FlaskForm):
    name = StringField("Full name", [InputRequired("Give your name."), Length(max=100)])
    email = EmailField("Email", [InputRequired("Give your email."), Length(max=254)])
    password = PasswordField("Password", [InputRequired("Choose a password."), PASSWORD_MOST])
    confirm = PasswordField(
        "Confirm password",
        [InputRequired("Repeat the password."), EqualTo("password", "The two passwords differ.")],
    )


class ResetForm(FlaskForm):
    new_password = PasswordField("New password", [InputRequired("Choose a password."), PASSWORD_MOST])
    confirm = PasswordField(
        "Confirm password",
        [InputRequired("Repeat the password."), EqualTo("new_password", "The two passwords differ.")],
    )


class ProfileForm(FlaskForm):
    name = StringField("Full name", [InputRequired("Give your name."), Length(max=100)])
    email = EmailField("Email", [InputRequired("Give your email."), Length(max=254)])
    current_password = PasswordField("Current password", [PASSWORD_MOST])


class PasswordForm(FlaskForm):
    current_password = PasswordField("Current password", [InputRequired("Give your current password."), PASSWORD_MOST])
    new_password = PasswordField("New password", [InputRequired("Choose a password."), PASSWORD_MOST])
    confirm = PasswordField(
        "Confirm password",
        [InputRequired("Repeat the password."), EqualTo("new_password", "The two passwords differ.")],
    )


class DeleteAccountForm(FlaskForm):
    current_password = PasswordField("Current password", [InputRequired("Give your current password."), PASSWORD_MOST])
    sure = BooleanField("I understand what goes", [InputRequired("Tick this to go on.")])
