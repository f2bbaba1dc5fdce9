"""Forms of the do-not-contact list."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from domain.customer import MAX_ID_LENGTH
from domain.do_not_contact import MAX_NOTE

ID_NEEDED = "Enter the customer’s id."


class CustomerIdForm(FlaskForm):
    customer_id = StringField("Customer’s id", [InputRequired(ID_NEEDED), Length(max=MAX_ID_LENGTH)])


class AddForm(CustomerIdForm):
    note = StringField("Note", [Length(max=MAX_NOTE)])


class FileForm(FlaskForm):
    file = FileField("File with ids")
