"""When a file has stopped growing, so that it can be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

EMPTY_SECONDS = 3600.0
"""An empty file is often one that a slow query will write: it is refused only if it is still empty after an hour."""


@dataclass(frozen=True, slots=True)
class FileMark:
    """What changes when a file is written or replaced: its size in bytes, and the time of the last write as stored.

    The time is only compared with itself, so a clock that is wrong or is set does not matter.
    """

    size: int
    written_ns: int


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file in a watched folder. `arrived_at` is when it came there or was last changed."""

    name: str
    mark: FileMark
    arrived_at: datetime


def has_stopped_growing(mark: FileMark, *, since: float, now: float, still_seconds: float) -> bool:
    """Whether a file that was seen with the same mark from `since` to `now` (seconds of a steady clock) can be read."""
    return now - since >= (still_seconds if mark.size else max(EMPTY_SECONDS, still_seconds))


@dataclass
class Sightings:
    """The files that one process saw, and since when each is unchanged."""

    still_seconds: float
    _seen: dict[tuple[str, str], tuple[FileMark, float]] = field(default_factory=dict)

    def finished(self, folder: str, files: Iterable[FoundFile], *, now: float) -> Sequence[FoundFile]:
        """Those of the files that have stopped growing. Files that are gone are forgotten."""
        before = {name: own for (place, name), own in self._seen.items() if place == folder}
        self._seen = {key: own for key, own in self._seen.items() if key[0] != folder}
        finished = []
        for file in files:
            mark, since = before.get(file.name, (file.mark, now))
            if mark != file.mark:
                since = now
            self._seen[folder, file.name] = file.mark, since
            if has_stopped_growing(file.mark, since=since, now=now, still_seconds=self.still_seconds):
                finished.append(file)
        return finished
