"""Watched folders: the files in them, and the records of rules and files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import IO, Protocol

from domain.folders.files import FolderFile, FolderFileId
from domain.folders.growth import FoundFile
from domain.folders.names import Place
from domain.folders.rule import FolderRule, FolderRuleId


class WatchedFolders(Protocol):
    """Folders of the machine in which other people and programs put files.

    `folder` is a path below the root, or an absolute path. Links are never followed, below the root at any level. Every
    method raises FolderUnavailable, with a sentence, where the system refuses.
    """

    def root(self) -> str:
        """The path of the folder below which people on the web choose folders."""

    def choices(self) -> Sequence[str]:
        """The folders that are below the root already, without those of finished files."""

    def prepare(self, folder: str) -> None:
        """Make the folder and the places of its finished files, and check that they can be written."""

    def files(self, folder: str) -> Sequence[FoundFile]:
        """Its files, oldest first. Ignored names, links, folders, pipes and devices are left out."""

    def sha256(self, folder: str, file: FoundFile) -> str | None:
        """The hash of its content. None if it is gone, changes meanwhile, or a program still has it open to write."""

    def open(self, folder: str, name: str) -> AbstractContextManager[IO[bytes]]:
        """The file's content. Raises FileGone."""

    def names(self, folder: str, place: Place) -> frozenset[str]:
        """The names of all that is in a place."""

    def move(self, folder: str, file: FolderFile, place: Place, name: str) -> bool:
        """Move a file away, if it is still the one that was claimed. Returns whether it was there.

        Raises NameTaken if the place has such a name; nothing is ever overwritten.
        """

    def write(self, folder: str, place: Place, name: str, pieces: Iterable[bytes]) -> None:
        """Write a file completely or not at all, in place of an earlier one of this name."""


class FolderRules(Protocol):
    """The rules. At most one process looks at a folder: the one that took it and still shows that it lives."""

    def add(self, rule: FolderRule) -> None:
        """Raises Conflict if there is a rule for this folder."""

    def get(self, rule_id: FolderRuleId) -> FolderRule:
        """Raises NotFound."""

    def save(self, rule: FolderRule) -> None:
        """Raises NotFound; Conflict as `add`. What `report` stores stays, except the problem."""

    def remove(self, rule_id: FolderRuleId) -> None:
        """Remove the rule with the records of its files. Raises NotFound."""

    def all(self) -> Sequence[FolderRule]:
        """In the order of the folders' names."""

    def take(self, rule_id: FolderRuleId, looker: str, *, now: datetime, stale_before: datetime) -> bool:
        """Whether this process looks at the folder from now on; False while another one does that lives."""

    def touch(self, looker: str, *, now: datetime) -> None:
        """Show that this process still looks at what it took."""

    def release(self, looker: str) -> None: ...
    def report(
        self,
        rule_id: FolderRuleId,
        *,
        at: datetime,
        problem: str,
        waiting: int,
        last_file_at: datetime | None = None,
    ) -> None:
        """Store what a look found. `last_file_at` None keeps the earlier one. Does nothing for a removed rule."""


class FolderFiles(Protocol):
    """The records of files. A rule has at most one of each content."""

    def add(self, file: FolderFile) -> None:
        """Raises Conflict if the rule has a record of this content, or was removed."""

    def get(self, file_id: FolderFileId) -> FolderFile:
        """Raises NotFound."""

    def save(self, file: FolderFile) -> None:
        """Raises NotFound."""

    def remove(self, file_id: FolderFileId) -> None: ...
    def of_content(self, rule_id: FolderRuleId, sha256: str) -> FolderFile | None: ...
    def unsettled(self, rule_id: FolderRuleId) -> Sequence[FolderFile]:
        """Those that are not in their place yet, in the order in which they were claimed."""

    def latest(self, rule_id: FolderRuleId, *, limit: int) -> Sequence[FolderFile]:
        """The latest claimed, newest first."""

    def erase_mentions(self, customer_id: str) -> None:
        """Redact an id in what records say."""
