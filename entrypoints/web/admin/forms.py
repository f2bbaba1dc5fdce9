"""Forms of the admin area."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import EmailField, SelectField
from wtforms.validators import InputRequired, Length

from domain.account import Role

ROLES = [(role.value, role.label) for role in Role]


class InviteForm(FlaskForm):
    email = EmailField("Email", [InputRequired("Give the email of the person."), Length(max=254)])
    role = SelectField("Role", choices=ROLES, default=Role.ANALYST.value)


class RoleForm(FlaskForm):
    role = SelectField("Role", choices=ROLES)
