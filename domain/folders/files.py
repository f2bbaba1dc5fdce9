"""A file of a watched folder, from its claim until it is moved away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType

from domain.errors import Conflict
from domain.folders.growth import FileMark, FoundFile
from domain.folders.names import Place
from domain.folders.rule import FolderRuleId

FolderFileId = NewType("FolderFileId", str)


class FileState(StrEnum):
    """Claimed: nothing else takes this content. Running: its job is stored. Then done, or refused with the reason."""

    CLAIMED = "claimed"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"

    @property
    def ended(self) -> bool:
        return self in (FileState.DONE, FileState.REFUSED)

    @property
    def label(self) -> str:
        return {"claimed": "Waiting", "running": "Under way", "done": "Done", "refused": "Refused"}[self.value]

    @property
    def place(self) -> Place:
        """Where a file in this state belongs."""
        return Place.DONE if self is FileState.DONE else Place.REFUSED


LEGAL_TRANSITIONS: dict[FileState, frozenset[FileState]] = {
    FileState.CLAIMED: frozenset({FileState.RUNNING, FileState.DONE, FileState.REFUSED}),
    FileState.RUNNING: frozenset({FileState.DONE, FileState.REFUSED}),
    FileState.DONE: frozenset(),
    FileState.REFUSED: frozenset({FileState.CLAIMED}),
}
"""A refused content may come again: the reason may be settled. One that is done never does."""

MAX_TRIES = 5
"""Attempts to receive a file. Each one that does not end stopped its process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderFile:
    """One content of one rule: there is one record for each SHA-256.

    `words` says what became of it. `target` is its name in done/ or refused/, chosen before anything is written there;
    it is `settled` once the file, its results and its note are in place.
    """

    id: FolderFileId
    rule_id: FolderRuleId
    name: str
    sha256: str
    mark: FileMark
    claimed_at: datetime
    state: FileState = FileState.CLAIMED
    job_id: str | None = None
    target: str | None = None
    words: str = ""
    ended_at: datetime | None = None
    settled: bool = False
    tries: int = 0
    """How often a process began to receive it. A file that stops the process each time must not do so for ever."""

    def is_of(self, file: FoundFile) -> bool:
        """Whether the file in the folder is the one that was claimed."""
        return (self.name, self.mark) == (file.name, file.mark)

    def running(self, job_id: str) -> FolderFile:
        return replace(self._moved(FileState.RUNNING), job_id=job_id)

    def done(self, words: str, *, at: datetime) -> FolderFile:
        return replace(self._moved(FileState.DONE), words=words, ended_at=at)

    def refused(self, words: str, *, at: datetime) -> FolderFile:
        return replace(self._moved(FileState.REFUSED), words=words, ended_at=at)

    def claimed_again(self, file: FoundFile, *, at: datetime) -> FolderFile:
        """A refused content that came again, perhaps under another name."""
        moved = self._moved(FileState.CLAIMED)
        return replace(
            moved,
            name=file.name,
            mark=file.mark,
            claimed_at=at,
            job_id=None,
            target=None,
            words="",
            ended_at=None,
            settled=False,
            tries=0,
        )

    def _moved(self, to: FileState) -> FolderFile:
        if to not in LEGAL_TRANSITIONS[self.state]:
            raise Conflict(f"This file is {self.state.value} and can no longer become {to.value}.")
        return replace(self, state=to)
