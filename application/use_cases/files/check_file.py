"""Checks a file by its first part: matches its columns to the model's and decides whether it can be scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from application.ports.intake import CustomerFiles, FilePreview, Uploads
from application.ports.system import Ids
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.files.receive_file import temporary_upload
from application.use_cases.files.recognition import preview_to_score, with_units_recalled
from application.use_cases.files.value_check import ValueCheck, check_values
from application.use_cases.models.first_model import Pause, awaited_model
from application.use_cases.permissions import NewUnitOfWork, OwnerNames, owner_names
from domain.errors import DecimalUnclear
from domain.file_format import FormatChoice
from domain.formats import NO_CURRENCY, FormatsOf
from domain.header_matching import HeaderMatch, MatchKind
from domain.id_matching import missing_ids
from domain.intake_limits import answers_help
from domain.model import ModelVersion
from domain.recognition import ColumnRecognition
from domain.remembered_matches import RememberedMatch, RememberedUnit, matches_in_force


@dataclass(frozen=True, slots=True)
class FileCheck:
    """The result of checking a file's first part, before anything is queued."""

    preview: FilePreview
    model: ModelVersion
    match: HeaderMatch
    has_target: bool
    problem: str | None
    """Why the file cannot be scored as it is; None if it can."""
    id_header: str | None = None
    """The file's column of customer ids; None if rows are numbered."""
    missing_ids: str | None = None
    """What to tell about a file without recognised ids."""
    confirmed_by: Mapping[str, str] = field(default_factory=dict)
    """Who confirmed each remembered match, by the model's column."""
    units: tuple[RememberedUnit, ...] = ()
    """Questions about units that were answered as for an earlier file."""
    answers_help: bool = False
    """Whether answers about the waiting matches would make the file usable."""
    values: ValueCheck | None = None
    """What the first rows hold; None where it was not looked at."""


@dataclass(frozen=True, slots=True)
class Memory:
    """All remembered matches, and the names of people."""

    matches: Sequence[RememberedMatch]
    names: OwnerNames

    def names_for(self, match: HeaderMatch) -> dict[str, str]:
        people = {(own.key, own.attribute): own.by for own in reversed(matches_in_force(self.matches))}
        return {
            own.column: self.names[people[own.key, own.column]]
            for own in match.matches
            if own.kind is MatchKind.REMEMBERED and (own.key, own.column) in people
        }


@dataclass(frozen=True, slots=True)
class CheckFile:
    """Recognises a file and matches it to the model that would score it. Stores nothing."""

    new_uow: NewUnitOfWork
    files: CustomerFiles
    uploads: Uploads
    ids: Ids
    formats_of: FormatsOf
    pause: Pause | None = None
    """Waits between looks for the starter model, where it is still being made."""

    def __call__(
        self,
        stream: IO[bytes],
        *,
        model_id: str | None = None,
        column_positions: dict[str, int] | None = None,
        format_override: FormatChoice | None = None,
    ) -> FileCheck:
        model = awaited_model(self.new_uow, model_id, pause=self.pause)
        with self.new_uow() as uow:
            memory = _memory(uow)
        with temporary_upload(self.new_uow, self.uploads, self.ids, stream) as (path, _):
            return self._checked(path, model, memory, column_positions, format_override, whole=True)

    def of_path(
        self, path: Path, *, model_id: str | None = None, format_override: FormatChoice | None = None
    ) -> FileCheck:
        """Check a file on this machine, which is not uploaded first."""
        model = awaited_model(self.new_uow, model_id, pause=self.pause)
        with self.new_uow() as uow:
            memory = _memory(uow)
        return self._checked(path, model, memory, None, format_override, whole=False)

    def _checked(
        self,
        path: Path,
        model: ModelVersion,
        memory: Memory,
        column_positions: dict[str, int] | None,
        format_override: FormatChoice | None,
        *,
        whole: bool,
    ) -> FileCheck:
        """`whole`: questions about decimal marks and dates are raised, since the rest of the file is not there."""
        formats = self.formats_of(NO_CURRENCY)
        preview, columns, problem = preview_to_score(
            self.files,
            path,
            model,
            formats=formats,
            column_positions=column_positions,
            format_override=format_override,
            remembered=memory.matches,
        )
        try:
            preview, columns = with_units_recalled(
                self.files,
                path,
                preview,
                columns,
                model.schema,
                choice=format_override,
                remembered=memory.matches,
                whole=whole,
            )
        except DecimalUnclear:
            if whole:
                raise
        values = self._values(path, model, preview, columns, problem) if whole else None
        id_header = columns.id_header(model.schema)
        return FileCheck(
            preview=preview,
            model=model,
            match=columns.match,
            has_target=columns.labelled,
            problem=problem,
            id_header=id_header,
            missing_ids=missing_ids(preview.header, columns.id_candidates) if id_header is None else None,
            confirmed_by=memory.names_for(columns.match),
            units=columns.units,
            answers_help=answers_help(columns.match, model, formats),
            values=values,
        )

    def _values(
        self,
        path: Path,
        model: ModelVersion,
        preview: FilePreview,
        columns: ColumnRecognition,
        problem: str | None,
    ) -> ValueCheck | None:
        """Raises DatesUnclear. The values of a file that cannot be scored anyway are not looked at."""
        match, file_format = columns.match, preview.format
        self.files.check_dates(path, schema=model.schema, match=match, format=file_format, whole=False)
        if problem is not None:
            return None
        return check_values(self.files, path, schema=columns.schema_of(model.schema), match=match, format=file_format)


def _memory(uow: UnitOfWork) -> Memory:
    return Memory(uow.remembered_matches.all(), owner_names(uow))
