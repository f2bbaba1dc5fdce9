"""Recognition of customer files. Checking, scoring, evaluating and training all use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from application.ports.intake import CustomerFiles, FilePreview, IntakeReport
from domain.errors import ColumnsUnknown, InvalidInput, UnitUnclear
from domain.file_format import FormatChoice
from domain.formats import Formats
from domain.header_matching import HeaderMatch, MatchKind, match_header, with_month_of
from domain.id_matching import (
    LEFT_OUT,
    NUMBERED,
    IdChoice,
    IdCount,
    choose_id,
    doubts_about_ids,
    ids_must_be_clear,
    missing_ids,
)
from domain.intake_limits import answers_help, problem_with
from domain.model import ModelVersion
from domain.number_marks import JudgedColumn, MarkEvidence, decimal_marks
from domain.percentages import SCALES, percent_reading
from domain.question import AS_WRITTEN
from domain.recognition import ColumnRecognition, FileRecognition
from domain.remembered_matches import (
    RememberedMatch,
    RememberedUnit,
    matches_in_force,
    origin_words,
    unit_in_force,
    unit_words,
)
from domain.run import Run
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.training import Training
from domain.unit_matching import chosen_units, refuse_other_units, refuse_unit_of_header


def remarks_on(columns: ColumnRecognition, schema: CustomerSchema, header: Sequence[str]) -> tuple[str, ...]:
    """Remarks on a usable header, for the data report."""
    remarks = []
    if columns.id_header(schema) is None:
        remarks.append(missing_ids(header, columns.id_candidates))
    if columns.match.repeated:
        names = ", ".join(f"“{name}”" for name in columns.match.repeated[:5])
        remarks.append(
            f"More than one column is called {names}. The model needs none of them, so it makes no difference."
        )
    return tuple(remarks)


def remarks_on_ids(
    columns: ColumnRecognition, schema: CustomerSchema, report: IntakeReport, formats: Formats
) -> tuple[str, ...]:
    """Remarks on the customers' ids once the whole file is read. A customer has several rows in a file of months."""
    header = columns.id_header(schema)
    if header is None:
        return ()
    kinds = {match.header: match.kind for match in columns.match.matches}
    assumed = kinds.get(header) is MatchKind.ASSUMED and not _has_months(columns)
    return doubts_about_ids(header, formats, repeated=report.duplicate_ids, blank=report.blank_ids, assumed=assumed)


def remarks_on_remembered(columns: ColumnRecognition, formats: Formats) -> tuple[str, ...]:
    """Which columns were used because a person confirmed them for an earlier file."""
    return (
        *(
            f"“{own.header}” is used as {own.column}, {origin_words(own.confirmed_at, own.confirmed_in, formats)}."
            for own in columns.match.matches
            if own.kind is MatchKind.REMEMBERED and own.confirmed_at is not None
        ),
        *(
            f"The numbers of “{own.header}” are read as {unit_words(own.unit)}, "
            f"{origin_words(own.confirmed_at, own.confirmed_in, formats)}."
            for own in columns.units
        ),
        *columns.match.doubts,
    )


def ids_must_be_known(
    columns: ColumnRecognition, schema: CustomerSchema, header: Sequence[str], report: IntakeReport, formats: Formats
) -> None:
    """Raises CustomerUnclear if the ids were chosen by the first rows, and the whole file contradicts them."""
    assumed_match = next((own for own in columns.match.matches if own.kind is MatchKind.ASSUMED), None)
    if assumed_match is None or _has_months(columns):
        return
    ids_must_be_clear(
        schema.id_column,
        header,
        assumed=IdCount(assumed_match.position, report.duplicate_ids, report.blank_ids),
        rivals=report.rival_ids,
        rows=report.rows,
        formats=formats,
    )


def _has_months(columns: ColumnRecognition) -> bool:
    month = columns.month_column
    return month is not None and columns.match.position_of(month) is not None


def match_preview(
    model: ModelVersion,
    preview: FilePreview,
    column_positions: dict[str, int] | None,
    remembered: Sequence[RememberedMatch] = (),
) -> ColumnRecognition:
    """Match the file's columns to the model's. The file's first values decide between similar names.

    The position NUMBERED says that no column holds the ids.

    Raises InvalidInput for a choice that names no column of the file.
    """
    return recognised_columns(model.schema, model.id, preview, column_positions, remembered)


def recognised_columns(
    schema: CustomerSchema,
    model_id: str,
    preview: FilePreview,
    column_positions: dict[str, int] | None,
    remembered: Sequence[RememberedMatch] = (),
) -> ColumnRecognition:
    """The same for a schema, which need not be a model's. `remembered` are all remembered matches."""
    schema = _with_chosen_id(schema, preview.header, column_positions)
    schema = with_month_of(schema, preview.header, preview.sample)
    numbered = NUMBERED in (column_positions or {}).values()
    if numbered:
        schema = replace(schema, id_column=None)
    chosen = {name: place for name, place in (column_positions or {}).items() if name in schema.needed}
    left_out = {name for name, place in chosen.items() if place == LEFT_OUT}
    known = {name: place for name, place in chosen.items() if name not in left_out}
    if any(not 0 <= place < len(preview.header) for place in known.values()):
        raise InvalidInput("A chosen column is not in this file. Choose the file again.", field="file")
    if len(set(known.values())) < len(known):
        raise InvalidInput("One column of the file was chosen for two columns of the model.", field="file")
    match = match_header(
        schema,
        preview.header,
        confirmed=known,
        sample=preview.sample,
        remembered=matches_in_force(remembered),
        left_out=left_out,
    )
    labelled = schema.target_column is not None and match.position_of(schema.target_column) is not None
    labels = (schema.negative_value, schema.positive_value) if labelled else None
    recognition = ColumnRecognition(model_id, match, schema.month_column, labels, schema.id_column)
    return recognition if numbered else _with_own_id(recognition, preview)


def _with_chosen_id(
    schema: CustomerSchema, header: Sequence[str], column_positions: dict[str, int] | None
) -> CustomerSchema:
    """The schema with the id column that a person chose, where the model was trained without one."""
    if schema.id_column is not None:
        return schema
    for name, place in (column_positions or {}).items():
        if name not in schema.needed and 0 <= place < len(header) and header[place].strip() == name:
            return replace(schema, id_column=name)
    return schema


def _with_own_id(recognition: ColumnRecognition, preview: FilePreview) -> ColumnRecognition:
    """The recognition with the only plausible id column of the file, where the model's has another name."""
    match, column = recognition.match, recognition.id_column
    if column is not None and (match.position_of(column) is not None or column in match.ambiguous):
        return recognition
    taken = {own.position for own in match.matches}
    free = {place: name.strip() for place, name in enumerate(preview.header) if place not in taken and name.strip()}
    choice = choose_id(free, preview.sample)
    if choice.position is None:
        return replace(recognition, id_candidates=choice.candidates)
    column = column or free[choice.position]
    match = match.with_id(column, preview.header, choice.position)
    return replace(recognition, match=match, id_column=column, id_rivals=choice.rivals)


def with_numbers_read(
    files: CustomerFiles,
    path: Path,
    preview: FilePreview,
    match: HeaderMatch,
    schema: CustomerSchema,
    *,
    choice: FormatChoice | None,
    whole: bool = True,
) -> FilePreview:
    """The preview with the decimal mark and the units of each column of numbers. A chosen mark applies to all of them.

    The first part of the file is examined, and all of it where that leaves a doubt about marks; columns whose marks
    begin later are watched while the file is read. Raises DecimalUnclear or UnitUnclear for a column that can be read
    in two ways, and FileRefused for one in other units than the model's or in several currencies.
    """
    choice = choice or FormatChoice()
    numeric = {
        position: column
        for column in schema.columns
        if column.kind is ColumnKind.NUMERIC and (position := match.position_of(column.name)) is not None
    }
    evidence = files.marks(path, format=preview.format, positions=sorted(numeric), whole=False)
    readings = {
        position: _units_of(preview.header[position].strip(), numeric[position], own, choice)
        for position, own in evidence.items()
    }
    units = tuple((position, *reading) for position, reading in sorted(readings.items()) if reading is not None)
    preview = replace(preview, format=replace(preview.format, units=units))
    if choice.decimal is not None:
        return preview
    if whole and any(own.ambiguous for own in evidence.values()):
        evidence = files.marks(path, format=preview.format, positions=sorted(numeric))
    judged = {
        position: JudgedColumn(preview.header[position], own, column.minimum, column.maximum, column.number_unit)
        for position, own in evidence.items()
        if (column := numeric[position])
    }
    decimal, marks = decimal_marks(judged, delimiter=preview.format.delimiter, usual=preview.format.decimal)
    return replace(preview, format=preview.format.with_marks(decimal, marks))


def with_units_recalled(
    files: CustomerFiles,
    path: Path,
    preview: FilePreview,
    columns: ColumnRecognition,
    schema: CustomerSchema,
    *,
    choice: FormatChoice | None,
    remembered: Sequence[RememberedMatch],
    whole: bool = True,
) -> tuple[FilePreview, ColumnRecognition]:
    """As `with_numbers_read`. A question about a unit is answered as for an earlier file with the same header.

    Where nothing is in doubt, nothing is recalled: what this file says is clearer.
    """
    while True:
        try:
            read = with_numbers_read(files, path, preview, columns.match, schema, choice=choice, whole=whole)
        except UnitUnclear as error:
            answer = _unit_before(error, columns, remembered)
            if answer is None:
                raise
            choice = (choice or FormatChoice()).with_units({answer.header: answer.unit})
            columns = replace(columns, units=(*columns.units, answer))
        else:
            return read, columns


def _unit_before(
    error: UnitUnclear, columns: ColumnRecognition, remembered: Sequence[RememberedMatch]
) -> RememberedUnit | None:
    question, answered = error.question, {own.header for own in columns.units}
    header = question.column if question is not None else None
    attribute = next((own.column for own in columns.match.matches if own.header == header), None)
    if question is None or header is None or attribute is None or header in answered:
        return None
    own = unit_in_force(header, attribute, remembered)
    if own is None or not question.accepts([own.unit]):
        return None
    return RememberedUnit(header, own.unit, own.at, own.file_name)


def _units_of(header: str, column: Column, own: MarkEvidence, choice: FormatChoice) -> tuple[str, str] | None:
    """The units of a column's values and of its plain numbers, where they are not simply the model's."""
    chosen = choice.unit_of(header)
    if chosen == AS_WRITTEN:
        return AS_WRITTEN, AS_WRITTEN
    if column.number_unit is None and (chosen is None or chosen in SCALES):
        own.currencies.must_be_one(header)
        refuse_other_units(header, None, own.units)
        reading = percent_reading(header, column, signed=[*own.signed], plain=[*own.plain], chosen=chosen)
        return None if reading is None else (reading.scale.value, reading.plain.value)
    if chosen is not None:
        unit, bare = chosen_units(column, chosen)
        refuse_other_units(header, unit, own.units)
        return unit.name, bare.name
    refuse_other_units(header, column.number_unit, own.units)
    refuse_unit_of_header(header, column, own.units)
    return None


def preview_for(files: CustomerFiles, path: Path, schema: CustomerSchema, choice: FormatChoice) -> FilePreview:
    """The beginning of a file that is neither scored nor trained on. Raises FileRefused."""
    return files.preview(path, choice, known=schema.texts_beyond_ascii)


def preview_to_score(
    files: CustomerFiles,
    path: Path,
    model: ModelVersion,
    *,
    formats: Formats,
    column_positions: dict[str, int] | None,
    format_override: FormatChoice | None,
    remembered: Sequence[RememberedMatch] = (),
) -> tuple[FilePreview, ColumnRecognition, str | None]:
    """The file's beginning, its columns matched to the model's, and why it cannot be scored; None if it can.

    Raises FileRefused, or InvalidInput as `match_preview`.
    """
    preview = files.preview(path, format_override, known=model.schema.texts_beyond_ascii)
    columns = match_preview(model, preview, column_positions, remembered)
    return preview, columns, problem_with(columns.match, model, formats)


def recognise_to_score(
    files: CustomerFiles,
    path: Path,
    model: ModelVersion,
    *,
    sha256: str,
    formats: Formats,
    column_positions: dict[str, int] | None = None,
    format_override: FormatChoice | None = None,
    remembered: Sequence[RememberedMatch] = (),
    ask_matches: bool = False,
) -> tuple[FileRecognition, ColumnRecognition]:
    """Recognise a file for a model. Raises FileRefused, ColumnsUnknown if columns are missing, or Unclear.

    `ask_matches`: raises MatchesUnclear for similar columns that a person has neither used nor left out.
    """
    preview, columns, problem = preview_to_score(
        files,
        path,
        model,
        formats=formats,
        column_positions=column_positions,
        format_override=format_override,
        remembered=remembered,
    )
    if ask_matches and answers_help(columns.match, model, formats):
        columns.match.must_be_decided()
    if problem:
        raise ColumnsUnknown(problem)
    preview, columns = with_units_recalled(
        files, path, preview, columns, model.schema, choice=format_override, remembered=remembered
    )
    files.check_dates(path, schema=model.schema, match=columns.match, format=preview.format, whole=True)
    return _recognition(preview, sha256, columns), columns


def recognise_to_train(
    files: CustomerFiles, path: Path, *, sha256: str, format_override: FormatChoice
) -> FileRecognition:
    """A whole labelled file. Raises FileRefused."""
    return _recognition(files.preview(path, format_override), sha256, None)


def _recognition(preview: FilePreview, sha256: str, columns: ColumnRecognition | None) -> FileRecognition:
    return FileRecognition(sha256, preview.header, preview.format, preview.above, preview.rows, columns)


def of_run(
    files: CustomerFiles, path: Path, run: Run, model: ModelVersion, formats: Formats
) -> tuple[FileRecognition, ColumnRecognition]:
    """The stored recognition of the run's file. Files of runs from earlier versions are recognised again."""
    stored = run.recognition
    columns = stored.columns_for(run.file_sha256, model.id) if stored else None
    if stored is not None and columns is not None:
        return stored, columns
    return recognise_to_score(
        files,
        path,
        model,
        sha256=run.file_sha256,
        formats=formats,
        column_positions=dict(run.matches),
        format_override=run.format_override,
    )


def of_training(files: CustomerFiles, path: Path, training: Training) -> FileRecognition:
    """As `of_run`, for a training."""
    stored = training.recognition
    if stored is not None and stored.holds_for(training.file_sha256):
        return stored
    choice = training.request.format_override
    return recognise_to_train(files, path, sha256=training.file_sha256, format_override=choice)


def id_choice(preview: FilePreview) -> IdChoice:
    """Which column of a file names the customers, where no model and no person says it."""
    named = {place: name.strip() for place, name in enumerate(preview.header) if name.strip()}
    return choose_id(named, preview.sample)
