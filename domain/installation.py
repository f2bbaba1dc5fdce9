"""Checks that a database and a data directory belong together and are safe to start with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

from domain.errors import InstallationMismatch
from domain.formats import Formats

InstallationId = NewType("InstallationId", str)

SAFE = "Nothing was changed."
PUT_BACK = (
    "Put the database of this directory back in place, or set NETONE_DATABASE_URL or NETONE_DATA_DIR to the two that "
    "belong together"
)
ADOPT = "to use these two together on purpose, run: netone db adopt"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database or a data directory holds.

    `files` are the ids of predictions, trainings and uploads, which are globally unique; `models` are the names of
    model versions, which every installation counts from v0.
    """

    installation: InstallationId | None = None
    files: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()

    @property
    def empty(self) -> bool:
        return not self.files and not self.models


def must_belong_together(directory: Contents, database: Contents, formats: Formats) -> None:
    """Raises InstallationMismatch if files would be treated as leftovers, or if files that pages need are missing.

    Where one side has no id yet (a new installation, an older version, a second machine), shared ids of predictions
    and uploads prove that the two belong together.
    """
    if directory.installation and database.installation:
        if directory.installation != database.installation:
            raise InstallationMismatch(
                f"The database and the data directory belong to two different installations. {SAFE} {PUT_BACK}; {ADOPT}"
            )
        return
    if directory.empty and database.empty and not directory.installation:
        return
    if database.empty:
        raise InstallationMismatch(
            "The database is new or empty, but the data directory belongs to an installation already "
            f"({_counted(directory, formats)}). {SAFE} {PUT_BACK}; {ADOPT}"
        )
    if directory.empty:
        raise InstallationMismatch(
            "The data directory is empty, but the database lists uploads or models whose files should be there. "
            f"{SAFE} Put the files back in place, mount the volume, or set NETONE_DATA_DIR to the directory of this "
            f"database; {ADOPT}"
        )
    if not _share_files(directory, database):
        raise InstallationMismatch(
            f"The database knows none of the files in the data directory ({_counted(directory, formats)}). {SAFE} "
            f"{PUT_BACK}; {ADOPT}"
        )


def _share_files(directory: Contents, database: Contents) -> bool:
    if directory.files:
        return bool(directory.files & database.files)
    return bool(directory.models & database.models)


def _counted(directory: Contents, formats: Formats) -> str:
    if directory.empty:
        return "without files so far"
    models = "1 model" if len(directory.models) == 1 else f"{formats.number(len(directory.models))} models"
    return f"predictions and trainings with files: {formats.number(len(directory.files))}; {models}"
