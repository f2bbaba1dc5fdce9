"""Forms for training a model and changing its threshold."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    Form,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older than the class
from wtforms.validators import InputRequired, Length, Optional

from application.use_cases.models.submit_training import LabelledCheck
from domain.curve_demand import CurveDemand, Direction, demands_on
from domain.economics import ThresholdStrategy
from domain.errors import ValueUnclear
from domain.file_format import FormatChoice
from domain.model import Algorithm, Effort
from domain.training import TrainingRequest
from domain.vocabulary.tenure import TenureUnit

MIN_SEVERAL = 2
"""Values of a target; where there are more, several may mean left."""
DETECT = SelectChoice("", "Detect automatically")
ALGORITHMS = [
    SelectChoice(Algorithm.XGBOOST.value, "Boosted trees: usually most accurate"),
    SelectChoice(Algorithm.LOGISTIC.value, "Logistic regression: simplest to explain"),
    SelectChoice(Algorithm.NEURAL.value, "Neural additive model: networks, with a curve for each attribute"),
]
NONE_OF_THEM = SelectChoice("", "Detect automatically; may be missing")


class TrainForm(FlaskForm):
    """Column choices come from the file's header, so the form accepts any name; the training checks it."""

    file = FileField("Customer file")
    target = SelectField("Column that tells who left", choices=[DETECT], validate_choice=False)
    positive = SelectField("Value that means “left”", choices=[DETECT], validate_choice=False)
    further = SelectMultipleField("Other values that mean “left” too", choices=[], validate_choice=False)
    id_column = SelectField("Customer id", choices=[NONE_OF_THEM], validate_choice=False)
    tenure_unit = SelectField(
        "Time as a customer is counted in",
        choices=[
            DETECT,
            *(
                SelectChoice(unit.value, unit.value.capitalize())
                for unit in TenureUnit
                if unit is not TenureUnit.UNKNOWN
            ),
        ],
        default="",
    )
    keep = SelectMultipleField("Use anyway", choices=[], validate_choice=False)
    algorithm = SelectField(
        "Algorithm",
        choices=ALGORITHMS,
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
        "The label means leaving in",
        [InputRequired("Enter the period that “left” refers to."), Length(max=60)],
        default="the next month",
    )
    never_lowers = TextAreaField("A rise never lowers the risk")
    never_raises = TextAreaField("A rise never raises the risk")
    """Columns, one per line, for a file that has not been recognised."""
    promote = BooleanField("Promote it when it is done")
    look_further = BooleanField("Check the whole file first")
    seen_target = StringField()
    seen = SelectMultipleField(choices=[], validate_choice=False)
    """The target and its values in the first rows, if those are not the whole file."""

    def mark_missing(self, missing: Collection[Algorithm]) -> None:
        """Show the algorithms whose libraries are not installed, so that nobody can choose them."""
        self.algorithm.choices = [
            replace(choice, label=f"{choice.label} (not installed)", render_kw={"disabled": True})
            if choice.value in missing
            else choice
            for choice in ALGORITHMS
        ]

    def request(
        self, format_override: FormatChoice, known: Mapping[str, str], directions: Sequence[CurveDemand]
    ) -> TrainingRequest:
        """`known` holds, by column, when it is known: before a customer leaves, or afterwards.

        `directions` are those that were chosen by column; columns that were typed are added.
        """
        request = TrainingRequest(
            target=self.target.data or None,
            id_column=self.id_column.data or None,
            algorithm=Algorithm(self.algorithm.data),
            effort=Effort(self.effort.data),
            keep=tuple(self.keep.data or ()),
            horizon=(self.horizon.data or "").strip(),
            tenure_unit=TenureUnit(self.tenure_unit.data) if self.tenure_unit.data else None,
            demands=tuple(dict.fromkeys((*directions, *self._typed_demands()))),
            format_override=format_override,
        ).with_positives(self._positives())
        for column, when in known.items():
            request = request.with_known(column, when)
        return request

    def _typed_demands(self) -> tuple[CurveDemand, ...]:
        return demands_on({own: (self[own.field].data or "").splitlines() for own in Direction})

    def type_demands(self, demands: Sequence[CurveDemand]) -> None:
        """Write demands as typed columns, so that they can be corrected."""
        for own in Direction:
            self[own.field].data = "\n".join(demand.column for demand in demands if demand.direction is own)

    def _positives(self) -> list[str]:
        """The chosen value and the further ones; none where the value is to be detected."""
        return [self.positive.data, *(self.further.data or ())] if self.positive.data else []

    def final_request(self, request: TrainingRequest) -> TrainingRequest:
        """The request for the training, which checks a value chosen from the first rows against the whole file."""
        seen = tuple(self.seen.data or ()) if self.seen_target.data == self.target.data else ()
        return replace(request, seen=seen)

    def offer(self, check: LabelledCheck | None) -> None:
        """Offer the columns and values of the checked file, and select the detected ones."""
        if check is None:
            self._keep_what_was_chosen()
            return
        detected = check.recognised
        columns = _as_choices([name for name in check.preview.header if name])
        self.target.choices = [DETECT, *columns]
        self.id_column.choices = [NONE_OF_THEM, *columns]
        if detected is None:
            self._ask(check)
            return
        self.target.data = detected.target
        self.id_column.data = detected.id_column or ""
        named = (detected.positive, detected.negative, *detected.further_positive)
        values = tuple(dict.fromkeys((*named, *detected.values, *check.values_of(detected.target))))
        self.positive.choices = _as_choices(values)
        self.positive.data = detected.positive
        self._offer_further(values, chosen=detected.further_positive)

    def _ask(self, check: LabelledCheck) -> None:
        """Offer the choices that resolve an ambiguous file."""
        if isinstance(check.problem, ValueUnclear):
            self.target.data = check.problem.column
        values = check.values_of(self.target.data)
        self.positive.choices = [DETECT, *_as_choices(values)]
        self._offer_further(values, chosen=self.further.data or ())

    def _offer_further(self, values: Sequence[str], *, chosen: Sequence[str]) -> None:
        """Offer the values that may mean left too, where there are more than two."""
        others = [value for value in values if value != self.positive.data]
        self.further.choices = _as_choices(others) if len(values) > MIN_SEVERAL else []
        self.further.data = [value for value in chosen if value in others]

    def _keep_what_was_chosen(self) -> None:
        """Keep the previous choices available after an error, when the file's header is unknown."""
        for field in (self.target, self.positive, self.id_column):
            if field.data:
                offered = field.choices if isinstance(field.choices, list) else []
                field.choices = [*offered, SelectChoice(field.data, field.data)]


class ThresholdForm(FlaskForm):
    """How the threshold is chosen; the use case validates the percentage."""

    strategy = SelectField(
        "Choose it by", choices=[SelectChoice(strategy.value, strategy.words) for strategy in ThresholdStrategy]
    )
    target = DecimalField("Share or value, in percent", [Optional()], places=None)

    @property
    def share(self) -> float | None:
        return None if self.target.data is None else float(self.target.data / 100)


class ChampionDateForm(Form):
    """A day of the installation's zone."""

    on = DateField("Champion on", [Optional()])


def _as_choices(values: Sequence[str]) -> list[SelectChoice]:
    return [SelectChoice(value, value) for value in values]
