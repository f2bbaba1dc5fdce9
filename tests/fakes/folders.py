"""Watched folders in memory."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING

from application.ports.folders import WatchedFolders
from domain.errors import FileGone, FolderUnavailable, NameTaken
from domain.folders.files import FolderFile
from domain.folders.growth import FileMark, FoundFile
from domain.folders.names import Place, is_ignored
from tests.builders.moments import NOON


@dataclass
class FoldersInMemory:
    """Fulfils WatchedFolders. `before` is called with the name of each method that changes or reads something."""

    kept: dict[str, dict[str, tuple[bytes, int]]] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    arrived_at: datetime = NOON
    before: Callable[[str], None] = lambda _: None
    writes: int = 0

    def put(self, folder: str, name: str, content: bytes) -> None:
        self.writes += 1
        self.kept.setdefault(folder, {})[name] = content, self.writes

    def inside(self, folder: str) -> dict[str, bytes]:
        """The contents of a folder or a place, by name."""
        return {name: content for name, (content, _) in self.kept.get(folder, {}).items()}

    def root(self) -> str:
        return "/folders"

    def choices(self) -> Sequence[str]:
        return sorted(name for name in self.kept if not name.endswith(tuple(f"/{place}" for place in Place)))

    def prepare(self, folder: str) -> None:
        if folder in self.away:
            raise FolderUnavailable(f"{folder} is not there. Make the folder, or mount the share that it is on.")
        self.kept.setdefault(folder, {})

    def files(self, folder: str) -> Sequence[FoundFile]:
        here = self._here(folder, "files")
        found = [
            FoundFile(name, FileMark(len(content), written), self.arrived_at.astimezone(UTC))
            for name, (content, written) in here.items()
            if not is_ignored(name)
        ]
        return sorted(found, key=lambda own: (own.mark.written_ns, own.name))

    def sha256(self, folder: str, file: FoundFile) -> str | None:
        content, written = self._here(folder, "sha256").get(file.name, (b"", -1))
        return hashlib.sha256(content).hexdigest() if FileMark(len(content), written) == file.mark else None

    @contextmanager
    def open(self, folder: str, name: str) -> Iterator[IO[bytes]]:
        here = self._here(folder, "open")
        if name not in here:
            raise FileGone(f"{name} is no longer there.")
        yield io.BytesIO(here[name][0])

    def names(self, folder: str, place: Place) -> frozenset[str]:
        self._here(folder, "names")
        return frozenset(self.kept.get(f"{folder}/{place}", {}))

    def move(self, folder: str, file: FolderFile, place: Place, name: str) -> bool:
        here, target = self._here(folder, "move"), self.kept.setdefault(f"{folder}/{place}", {})
        content, written = here.get(file.name, (b"", -1))
        if (FileMark(len(content), written), hashlib.sha256(content).hexdigest()) != (file.mark, file.sha256):
            return False
        if name in target:
            raise NameTaken(f"There is a file {name} already.")
        target[name] = here.pop(file.name)
        return True

    def write(self, folder: str, place: Place, name: str, pieces: Iterable[bytes]) -> None:
        self._here(folder, "write")
        self.put(f"{folder}/{place}", name, b"".join(pieces))

    def _here(self, folder: str, method: str) -> dict[str, tuple[bytes, int]]:
        self.before(method)
        if folder in self.away or folder not in self.kept:
            raise FolderUnavailable(f"{folder} is not there. Make the folder, or mount the share that it is on.")
        return self.kept[folder]


if TYPE_CHECKING:
    _folders: WatchedFolders = FoldersInMemory()
