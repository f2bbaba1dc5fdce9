"""The forms that train a model and choose its threshold anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, DecimalField, Form, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from application.use_cases.submit_training import LabelledCheck
from domain.economics import ThresholdStrategy
from domain.errors import ValueUnclear
from domain.model import Algorithm, Effort
from domain.training import TrainingRequest

DETECT = SelectChoice("", "Find it by itself")
NONE_OF_THEM = SelectChoice("", "Find it by itself, or go without")


class TrainForm(FlaskForm):
    """Choices of columns come from the chosen file's header, so any name is taken; the training checks it."""

    file = FileField("Customer file")
    target = SelectField("Column that tells who left", choices=[DETECT], validate_choice=False)
    positive = SelectField("Value that means “left”", choices=[DETECT], validate_choice=False)
    id_column = SelectField("Customer id", choices=[NONE_OF_THEM], validate_choice=False)
    keep = SelectMultipleField("Use all the same", choices=[], validate_choice=False)
    algorithm = SelectField(
        "Algorithm",
        choices=[
            SelectChoice(Algorithm.XGBOOST.value, "XGBoost: most accurate on most files"),
            SelectChoice(Algorithm.LOGISTIC.value, "Logistic regression: simplest to explain"),
        ],
        default=Algorithm.XGBOOST.value,
    )
    effort = SelectField(
        "Effort",
        choices=[
            SelectChoice(Effort.LOW.value, "Low: a first look"),
            SelectChoice(Effort.NORMAL.value, "Normal"),
            SelectChoice(Effort.HIGH.value, "High: searches longest"),
        ],
        default=Effort.NORMAL.value,
    )
    horizon = StringField(
        "A risk speaks of leaving in",
        [InputRequired("Say which period “left” stands for."), Length(max=60)],
        default="the next month",
    )
    promote = BooleanField("Promote it when it is done")
    look_further = BooleanField("Look through the whole file first")
    seen_target = StringField()
    seen = SelectMultipleField(choices=[], validate_choice=False)
    """The target and its values as the first rows showed them, where those are not all of the file."""

    def request(self) -> TrainingRequest:
        return TrainingRequest(
            target=self.target.data or None,
            positive=self.positive.data or None,
            id_column=self.id_column.data or None,
            algorithm=Algorithm(self.algorithm.data),
            effort=Effort(self.effort.data),
            keep=tuple(self.keep.data or ()),
            horizon=(self.horizon.data or "").strip(),
        )

    def final_request(self) -> TrainingRequest:
        """To train with: a value that was chosen among those of the first rows is checked against the whole file."""
        seen = tuple(self.seen.data or ()) if self.seen_target.data == self.target.data else ()
        return replace(self.request(), seen=seen)

    def offer(self, check: LabelledCheck | None) -> None:
        """Offer the columns and values of a file that was looked at, with what was recognised chosen."""
        if check is None:
            self._keep_what_was_chosen()
            return
        found = check.recognised
        columns = _as_choices([name for name in check.preview.header if name])
        self.target.choices = [DETECT, *columns]
        self.id_column.choices = [NONE_OF_THEM, *columns]
        if found is None:
            self._ask(check)
            return
        self.target.data = found.target
        self.id_column.data = found.id_column or ""
        values = (found.positive, found.negative, *check.values_of(found.target))
        self.positive.choices = _as_choices(tuple(dict.fromkeys(values)))
        self.positive.data = found.positive

    def _ask(self, check: LabelledCheck) -> None:
        """Offer what a person can choose from where the file was not understood by itself."""
        if isinstance(check.problem, ValueUnclear):
            self.target.data = check.problem.column
        self.positive.choices = [DETECT, *_as_choices(check.values_of(self.target.data))]

    def _keep_what_was_chosen(self) -> None:
        """After a refusal the header is not at hand: what was chosen stays on offer."""
        for field in (self.target, self.positive, self.id_column):
            if field.data:
                field.choices = [*field.choices, SelectChoice(field.data, field.data)]


class ThresholdForm(FlaskForm):
    """How the threshold is chosen from now on; the use case says what is wrong with a percentage."""

    strategy = SelectField(
        "Choose it by", choices=[SelectChoice(strategy.value, strategy.words) for strategy in ThresholdStrategy]
    )
    target = DecimalField("Share or value, in percent", [Optional()], places=None)

    @property
    def share(self) -> float | None:
        return None if self.target.data is None else float(self.target.data / 100)


class ChampionDateForm(Form):
    """A day of the installation's zone."""

    on = DateField("In charge on", [Optional()])


def _as_choices(values: Sequence[str]) -> list[SelectChoice]:
    return [SelectChoice(value, value) for value in values]
