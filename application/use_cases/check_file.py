"""What a file is, told by its first part: its columns against the model's, and whether that will do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from application.ports.intake import CustomerFiles, FilePreview, Uploads
from application.ports.system import Ids
from application.use_cases.access import NewUnitOfWork
from application.use_cases.models import champion_for
from application.use_cases.received import looked_at
from domain.errors import InvalidInput
from domain.file_format import FormatChoice
from domain.model import ModelVersion
from domain.schema import CustomerSchema, HeaderMatch, match_header

MISSING_REFUSED = 0.5
"""Share of the model's importance from which missing columns make a file unusable."""


@dataclass(frozen=True, slots=True)
class FileCheck:
    """What a file's first part tells before anything is queued."""

    preview: FilePreview
    model: ModelVersion
    match: HeaderMatch
    has_target: bool
    problem: str | None
    """Why the file cannot be scored as it is, in words; None where it can."""


def problem_with(match: HeaderMatch, model: ModelVersion, header: tuple[str, ...]) -> str | None:
    """Why a header does not do for a model, or None."""
    if match.ambiguous:
        names = ", ".join(f"“{name}”" for name in match.ambiguous)
        return f"The file has more than one column called {names}. Rename or remove all but the one that is meant."
    if len(match.missing) == len(model.schema.columns):
        known = ", ".join(model.schema.names[:4])
        return (
            f"None of the columns that {model.name.lower()} knows are in this file (it knows {known} …). "
            "Train a model on a labelled file with these columns, or rename them to match."
        )
    if match.missing_importance > MISSING_REFUSED:
        names = ", ".join(match.missing[:5])
        return (
            f"The file lacks columns that carry {match.missing_importance:.0%} of what the model knows ({names}). "
            "Add them, or train a model on this file's columns."
        )
    return None


def match_preview(schema: CustomerSchema, preview: FilePreview, chosen: dict[str, int] | None) -> HeaderMatch:
    """The file's header against the schema, guesses helped by its first values.

    Raises InvalidInput for a choice that names no column of the file.
    """
    known = {name: place for name, place in (chosen or {}).items() if name in schema.needed}
    if any(not 0 <= place < len(preview.header) for place in known.values()):
        raise InvalidInput("A chosen column is not in this file. Choose the file again.", field="file")
    if len(set(known.values())) < len(known):
        raise InvalidInput("One column of the file was chosen for two columns of the model.", field="file")
    return match_header(schema, preview.header, confirmed=known, sample=preview.sample)


def remarks_on(match: HeaderMatch) -> tuple[str, ...]:
    """What the data report says of a header that will do."""
    if not match.repeated:
        return ()
    names = ", ".join(f"“{name}”" for name in match.repeated[:5])
    return (f"More than one column is called {names}. The model needs none of them, so it makes no difference.",)


@dataclass(frozen=True, slots=True)
class CheckFile:
    """Recognise a file and match it to the model that would score it. Stores nothing."""

    new_uow: NewUnitOfWork
    files: CustomerFiles
    uploads: Uploads
    ids: Ids

    def __call__(
        self,
        stream: IO[bytes],
        *,
        model_id: str | None = None,
        chosen: dict[str, int] | None = None,
        written: FormatChoice | None = None,
    ) -> FileCheck:
        with self.new_uow() as uow:
            model = champion_for(uow, model_id)
        with looked_at(self.new_uow, self.uploads, self.ids, stream) as path:
            preview = self.files.preview(path, written)
        match = match_preview(model.schema, preview, chosen)
        target = model.schema.target_column
        return FileCheck(
            preview=preview,
            model=model,
            match=match,
            has_target=target is not None and match.position_of(target) is not None,
            problem=problem_with(match, model, preview.header),
        )
