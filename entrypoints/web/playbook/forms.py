"""The form of an action, and its way to and from the document that the domain checks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older than the class
from wtforms.validators import Length, Optional
from wtforms.widgets import HiddenInput

from domain.playbook import Action, Channel, Comparison, Condition
from domain.playbook_document import MAX_ID, MAX_MESSAGE, MAX_NAME, NotAPlaybook
from domain.playbook_versions import MAX_NOTE
from entrypoints.web.formats import input_number

CHANNELS = [SelectChoice(channel.value, channel.words) for channel in Channel]
TESTS = [
    SelectChoice(Comparison.ANY.value, "has any value"),
    SelectChoice(Comparison.IS.value, "is one of"),
    SelectChoice(Comparison.IS_NOT.value, "is none of"),
    SelectChoice(Comparison.AT_LEAST.value, "is at least"),
    SelectChoice(Comparison.AT_MOST.value, "is at most"),
]
BLANK_ROWS = 2
"""Empty conditions at the end of each list, to be filled in."""
MAX_ROWS = 60
NUMBER = re.compile(r"[-+]?[\d.]+")


class ConditionForm(Form):
    attributes = StringField("Columns", [Length(max=2_000)])
    test = SelectField("Test", choices=TESTS, default=Comparison.ANY.value)
    values = StringField("Values", [Length(max=2_000)])

    @property
    def document(self) -> dict[str, Any] | None:
        """The condition as a document; None for a row that was left empty."""
        names, values = _listed(self.attributes.data), _listed(self.values.data)
        if not names and not values:
            return None
        test = self.test.data
        if test == Comparison.ANY.value:
            return {"attributes": names}
        numeric = test in (Comparison.AT_LEAST.value, Comparison.AT_MOST.value)
        return {"attributes": names, test: (self.values.data or "").strip() or "nothing" if numeric else values}


class ActionForm(FlaskForm):
    """An action. The numbers are texts here: the domain checks them, with the same words as for a file."""

    based_on = IntegerField(widget=HiddenInput())
    name = StringField("Name", [Length(max=MAX_NAME)])
    message = TextAreaField("What to say", [Length(max=MAX_MESSAGE)])
    channel = SelectField("Channel", choices=CHANNELS)
    offer_fixed = StringField("Fixed cost", [Length(max=40)])
    offer_share = StringField("Share of the bill", [Length(max=40)])
    offer_months = StringField("For so many months", [Length(max=40)])
    contact_cost = StringField("Cost of a contact", [Length(max=40)])
    save_rate = StringField("Save rate", [Length(max=40)])
    pause_days = StringField("Pause after a contact", [Length(max=40)])
    valid_from = DateField("First day", [Optional()])
    valid_until = DateField("Last day", [Optional()])
    switched_on = BooleanField("Recommend this action")
    answers = FieldList(FormField(ConditionForm), max_entries=MAX_ROWS)
    requires = FieldList(FormField(ConditionForm), max_entries=MAX_ROWS)
    why = StringField("Why this change", [Length(max=MAX_NOTE)])

    def document(self, action_id: str, confirmed: bool) -> dict[str, Any]:
        """The action as a document. Percentages are entered without the sign."""
        return {
            "id": action_id,
            "name": self.name.data,
            "message": " ".join((self.message.data or "").split()),
            "channel": self.channel.data,
            "answers": _rows(self.answers),
            "requires": _rows(self.requires),
            "offer": {
                "fixed": self.offer_fixed.data,
                "share": _percentage(self.offer_share.data),
                "months": self.offer_months.data,
            },
            "contact_cost": self.contact_cost.data,
            "save_rate": _percentage(self.save_rate.data),
            "pause_days": self.pause_days.data,
            "valid_from": self.valid_from.data,
            "valid_until": self.valid_until.data,
            "switched_on": self.switched_on.data,
            "confirmed": confirmed,
        }

    def show(self, wrong: NotAPlaybook) -> None:
        """Show each problem at its field, and those of no field above the form."""
        for where, what in wrong.problems:
            field = self._field_of(where)
            if field is None:
                self.form_errors.append(what)
            else:
                field.errors = [*field.errors, what]

    def _field_of(self, where: str) -> Any:
        group, _, inner = where.partition(".")
        if group in ("answers", "requires"):
            rows = [row for row in self[group] if row.form.document is not None]
            return rows[int(inner)].form.attributes if inner.isdigit() and int(inner) < len(rows) else None
        name = f"offer_{inner}" if group == "offer" else group
        fields: dict[str, Any] = self._fields
        return fields.get(name)


class ImportForm(FlaskForm):
    based_on = IntegerField(widget=HiddenInput())
    file = FileField("Playbook as YAML")


def shown(action: Action, version: int) -> dict[str, Any]:
    """The values of the form for an action."""
    return {
        "based_on": version,
        "name": action.name,
        "message": action.message,
        "channel": action.channel.value,
        "offer_fixed": input_number(action.offer_fixed),
        "offer_share": input_number(100 * action.offer_share),
        "offer_months": input_number(action.offer_months),
        "contact_cost": input_number(action.contact_cost),
        "save_rate": input_number(100 * action.save_rate),
        "pause_days": str(action.pause_days),
        "valid_from": action.valid_from,
        "valid_until": action.valid_until,
        "switched_on": action.switched_on,
        "answers": [*map(_row, action.answers), *({} for _ in range(BLANK_ROWS))],
        "requires": [*map(_row, action.requires), *({} for _ in range(BLANK_ROWS))],
    }


def blank(version: int) -> dict[str, Any]:
    """The values of the form for a new action."""
    rows: list[Mapping[str, str]] = [{} for _ in range(BLANK_ROWS)]
    return {"based_on": version, "switched_on": True, "contact_cost": "1", "pause_days": "90"} | {
        "answers": rows,
        "requires": rows,
    }


def id_of(name: str, taken: set[str]) -> str:
    """A new action's id, from its name."""
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[: MAX_ID - 4] or "action"
    free = (own for own in (words, *(f"{words}-{number}" for number in range(2, 1_000))) if own not in taken)
    return next(free)


def _row(condition: Condition) -> dict[str, str]:
    values = ", ".join(condition.levels) if condition.limit is None else input_number(condition.limit)
    return {"attributes": ", ".join(condition.attributes), "test": condition.test.value, "values": values}


def _rows(listed: Any) -> list[dict[str, Any]]:
    return [row.form.document for row in listed if row.form.document is not None]


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _percentage(text: str | None) -> str:
    stripped = (text or "").strip().rstrip("%").strip()
    return f"{stripped}%" if NUMBER.fullmatch(stripped) else stripped
