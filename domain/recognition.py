"""The recognition of a customer file: its format, and which of its columns belong to the model."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from domain.curve_demand import CurveDemand
from domain.file_format import FileFormat
from domain.header_matching import HeaderMatch, MatchKind
from domain.model import LeftOut
from domain.remembered_matches import RememberedUnit
from domain.schema import CustomerSchema
from domain.vocabulary.tenure import TenureUnit


@dataclass(frozen=True, slots=True)
class ColumnRecognition:
    """A file's columns against a model's schema.

    `month_column` is the model's, else the file's own. `labels` are the words for stayed and for left where the file
    says who left. `id_column` is the model's, else the file's own; `id_candidates` are the positions of columns that
    may hold the ids where none is recognised. `id_rivals` are those of further ones, where the first rows decided.
    """

    model: str
    match: HeaderMatch
    month_column: str | None = None
    labels: tuple[str | None, str | None] | None = None
    id_column: str | None = None
    id_candidates: tuple[int, ...] = ()
    id_rivals: tuple[int, ...] = ()
    units: tuple[RememberedUnit, ...] = ()
    """Questions about units that were answered as for an earlier file."""

    def schema_of(self, schema: CustomerSchema) -> CustomerSchema:
        """The model's schema, with the id and month columns of the file where the model has none."""
        return replace(schema, month_column=self.month_column, id_column=self.id_column or schema.id_column)

    def id_header(self, schema: CustomerSchema) -> str | None:
        """The column of the file with the customers' ids; None where rows are numbered."""
        column = self.id_column or schema.id_column
        return next((own.header for own in self.match.matches if own.column == column), None)

    @property
    def chosen(self) -> dict[str, int]:
        """What a person chose: schema column → header position."""
        return {own.column: own.position for own in self.match.matches if own.kind is MatchKind.CONFIRMED}

    @property
    def remembered(self) -> dict[str, int]:
        """What a person chose for an earlier file: schema column → header position."""
        return {own.column: own.position for own in self.match.matches if own.kind is MatchKind.REMEMBERED}

    @property
    def labelled(self) -> bool:
        """Whether the file has the column that says who left."""
        return self.labels is not None


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a trainer recognised in a labelled file, for a person to confirm before the training."""

    target: str
    positive: str
    negative: str
    id_column: str | None
    month_column: str | None
    attributes: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    rows: int
    churned: int
    values: tuple[str, ...] = ()
    """Distinct values of the target."""
    further_positive: tuple[str, ...] = ()
    """Other values of the target that mean that a customer left."""
    tenure_column: str | None = None
    tenure_unit: TenureUnit | None = None
    numbers: tuple[str, ...] = ()
    """The attributes whose curves can be held to a direction."""
    demands: tuple[CurveDemand, ...] = ()
    """The demands of the request, with the file's own column names."""

    @property
    def positive_values(self) -> tuple[str, ...]:
        return (self.positive, *self.further_positive)

    @property
    def lacks_tenure_unit(self) -> bool:
        """Whether there is a tenure whose unit neither the file nor a person says."""
        return self.tenure_column is not None and self.tenure_unit is TenureUnit.UNKNOWN


@dataclass(frozen=True, slots=True)
class FileRecognition:
    """The recognition of a file at its arrival. It is valid only for a file with this SHA-256.

    `above` counts lines of titles above the header; `rows` estimates the data rows. `columns` is None for a file to
    train on: no model is concerned. `labelled` is known where all of a labelled file was recognised before it was
    queued, for the request that it is trained with.
    """

    sha256: str
    header: tuple[str, ...]
    format: FileFormat = field(default_factory=FileFormat)
    above: int = 0
    rows: int | None = None
    columns: ColumnRecognition | None = None
    labelled: Recognised | None = None

    def holds_for(self, sha256: str) -> bool:
        return self.sha256 == sha256

    @property
    def remembered(self) -> dict[str, int]:
        return self.columns.remembered if self.columns else {}

    @property
    def units(self) -> dict[str, str]:
        """Units by header that were answered as for an earlier file."""
        return {own.header: own.unit for own in self.columns.units} if self.columns else {}

    def columns_for(self, sha256: str, model: str) -> ColumnRecognition | None:
        """The columns where these bytes were matched to this model."""
        fits = self.holds_for(sha256) and self.columns is not None and self.columns.model == model
        return self.columns if fits else None
