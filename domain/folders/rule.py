"""A rule: what is done with the files of a watched folder."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType

from domain.account import Account, Permission
from domain.errors import InvalidInput
from domain.export import ExportKind
from domain.folders.expected import Expectation
from domain.folders.names import Place
from domain.run import SYSTEM_OWNER

FolderRuleId = NewType("FolderRuleId", str)

MAX_FOLDER_LENGTH = 200
MAX_RULES = 100
RESULT_KINDS = (ExportKind.CSV, ExportKind.XLSX, ExportKind.PARQUET)
"""Kinds of result files that can be written next to a finished file."""
RESULT_NAMES = {ExportKind.CSV: "CSV", ExportKind.XLSX: "Excel", ExportKind.PARQUET: "Parquet"}


class Then(StrEnum):
    """What is done with a file."""

    PREDICT = "predict"
    TRAIN = "train"
    GRADE = "grade"

    @property
    def words(self) -> str:
        return {
            "predict": "Predict with the champion",
            "train": "Train a model",
            "grade": "Grade predictions and close campaigns",
        }[self.value]

    @property
    def permission(self) -> Permission:
        """What the account needs whose name the work is done in."""
        return Permission.TRAIN if self is Then.TRAIN else Permission.PREDICT


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderRule:
    """`owner` is the account in whose name the work is done.

    `folder` is a path below the installation's folders; of a rule of the command line, a path of the machine.
    """

    id: FolderRuleId
    folder: str
    then: Then
    owner: str
    created_at: datetime
    changed_at: datetime
    results: tuple[ExportKind, ...] = ()
    expected: Expectation | None = None
    paused: bool = False
    by_command: bool = False
    """Made by `netone watch FOLDER`, and looked at by that command alone."""
    problem: str = ""
    """Why the folder could not be looked at the last time, or its files wait; "" if all is well."""
    looked_at: datetime | None = None
    last_file_at: datetime | None = None
    """When the latest file came, whatever became of it."""
    waiting: int = 0
    """Files that were in the folder at the last look and were not taken yet, most often because they still grow."""

    def __post_init__(self) -> None:
        if not set(self.results) <= set(RESULT_KINDS):
            raise InvalidInput("Results are written as CSV, XLSX or Parquet.", field="results")
        if self.results and self.then is not Then.PREDICT:
            raise InvalidInput("Only predictions have results to write next to the file.", field="results")
        object.__setattr__(self, "results", tuple(kind for kind in RESULT_KINDS if kind in self.results))

    @property
    def result_names(self) -> str:
        return ", ".join(RESULT_NAMES[kind] for kind in self.results)

    def paused_by(self, *, at: datetime) -> FolderRule:
        return replace(self, paused=True, changed_at=at)

    def resumed(self, *, at: datetime) -> FolderRule:
        """What was due while it was paused is not missing."""
        return replace(self, paused=False, changed_at=at)

    def without_owner(self, *, at: datetime) -> FolderRule:
        """The account was deleted: paused until an administrator chooses another one."""
        return replace(self.paused_by(at=at), owner=SYSTEM_OWNER, problem=NO_OWNER)


NO_OWNER = "The account that owned the predictions was deleted. Choose another one, and let the rule go on."


def checked_folder(text: str) -> str:
    """A folder below the installation's folders, as a person wrote it: "crm-export", "warehouse/base".

    Raises InvalidInput for a path that leads elsewhere, or has a name that is hidden or reserved.
    """
    parts = [part.strip() for part in unicodedata.normalize("NFC", text).replace("\\", "/").strip("/ ").split("/")]
    if not any(parts):
        raise InvalidInput("Enter the name of a folder, such as crm-export.", field="folder")
    for part in parts:
        if not part or part.startswith((".", "~")) or not part.isprintable():
            raise InvalidInput(
                "A folder's name has letters, digits and signs, and does not begin with a dot. Enter a name such as "
                "crm-export.",
                field="folder",
            )
        if part.lower() in set(Place):
            raise InvalidInput(f"“{part}” is where finished files are moved to. Enter another name.", field="folder")
    folder = "/".join(parts)
    if len(folder.encode()) > MAX_FOLDER_LENGTH:
        raise InvalidInput(f"The path has more than {MAX_FOLDER_LENGTH} bytes. Enter a shorter one.", field="folder")
    return folder


def must_not_overlap(folder: str, others: Sequence[FolderRule]) -> None:
    """Raises InvalidInput if another rule has this folder."""
    if any(other.folder.casefold() == folder.casefold() for other in others):
        raise InvalidInput(f"There is a rule for {folder} already. Change that one.", field="folder")


def owner_problem(rule: FolderRule, owner: Account | None) -> str:
    """Why nothing can be done in the owner's name; "" if it can. None stands for a deleted account."""
    if owner is None:
        return NO_OWNER
    if owner.id != SYSTEM_OWNER and not owner.may_log_in:
        return f"{owner.name} may not log in. Allow it, or choose another account."
    if not owner.can(rule.then.permission):
        return f"The role of {owner.name} ({owner.role_label.lower()}) does not permit this. Choose another account."
    return ""
