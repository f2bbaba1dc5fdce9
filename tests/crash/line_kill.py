"""Kills the process at a chosen line of the product, or just before a chosen change on disk, without any hook in it.

A kill point is a line (file, number, the how-manieth time it is reached) or a change (the how-manieth). Changes are
seen by Python's audit events: files opened to write, renamed, removed, folders made and removed, within one folder;
and the database's commits.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

ROOT = Path(__file__).resolve().parents[2]
_WATCHED = ("application/use_cases/", "adapters/", "entrypoints/wiring/", "entrypoints/worker.py", "migrations/")
_PURE = ("adapters/ml/", "adapters/reporting/", "adapters/security/", "adapters/intake/")
"""Packages that compute: a kill there is a kill at the line that called them."""
_IMPURE = ("adapters/ml/registry/registry.py", "adapters/intake/uploads.py", "adapters/intake/erase_rows.py")
_CHANGES = frozenset({"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate"})
_TO_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
CHANGE = "change"


@dataclass(frozen=True, slots=True)
class KillPoint:
    """`file` is relative to the repository, or CHANGE; `nth` counts from 1."""

    file: str
    line: int
    nth: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.nth}"

    @staticmethod
    def parse(text: str) -> KillPoint:
        file, line, nth = text.rsplit(":", 2)
        return KillPoint(file, int(line), int(nth))


@dataclass
class Watch:
    """Follows one operation of this process; kills it at `point`, if one is given.

    Without `lines` it sees changes alone. Following lines makes an operation several times slower.
    """

    folder: Path
    point: KillPoint | None = None
    lines: bool = True
    seen: list[tuple[KillPoint, int]] = field(default_factory=list)
    """Every line in its order, with the number of changes before it."""
    changes: list[str] = field(default_factory=list)
    _counts: Counter[tuple[str, int]] = field(default_factory=Counter)
    _on: bool = False

    def start(self) -> None:
        self._on = True
        sys.addaudithook(self._audit)
        event.listen(Engine, "commit", lambda _connection: self._change("commit"))
        if self.lines:
            threading.settrace(self._call)
            sys.settrace(self._call)

    def stop(self) -> None:
        self._on = False
        sys.settrace(None)
        threading.settrace(None)

    def _call(self, frame: FrameType, _kind: str, _argument: Any) -> Any:
        return self._line if _name_of(frame.f_code.co_filename) else None

    def _line(self, frame: FrameType, kind: str, _argument: Any) -> Any:
        if kind == "line" and self._on:
            name = _name_of(frame.f_code.co_filename) or ""
            place = (name, frame.f_lineno)
            self._counts[place] += 1
            self._reached(KillPoint(*place, self._counts[place]))
        return self._line

    def _reached(self, point: KillPoint) -> None:
        if point == self.point:
            die()
        if self.point is None:
            self.seen.append((point, len(self.changes)))

    def _audit(self, name: str, arguments: tuple[Any, ...]) -> None:
        if not self._on:
            return
        if name in _CHANGES and self._is_within(arguments):
            self._change(f"{name} {arguments[0]}")
        elif (
            name == "open" and isinstance(arguments[2], int) and arguments[2] & _TO_WRITE and self._inside(arguments[0])
        ):
            self._change(f"open {arguments[0]}")

    def _change(self, words: str) -> None:
        if not self._on:
            return
        self.changes.append(words)
        self._reached(KillPoint(CHANGE, 0, len(self.changes)))

    def _is_within(self, arguments: tuple[Any, ...]) -> bool:
        relative = any(isinstance(argument, int) and argument >= 0 for argument in arguments[1:])
        return relative or any(self._inside(argument) for argument in arguments[:2])

    def _inside(self, path: object) -> bool:
        return isinstance(path, str | bytes | os.PathLike) and os.fsdecode(path).startswith(str(self.folder))


def _writes(flags: object) -> bool:
    return isinstance(flags, int) and bool(flags & _TO_WRITE)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


_names: dict[str, str | None] = {}


def _name_of(file: str) -> str | None:
    """The file's name in the repository if its lines are watched."""
    if file not in _names:
        inside = file.startswith(f"{ROOT}{os.sep}")
        name = Path(file).relative_to(ROOT).as_posix() if inside else ""
        watched = name.startswith(_WATCHED) and (name in _IMPURE or not name.startswith(_PURE))
        _names[file] = name if watched else None
    return _names[file]


def points_of(watch: Watch, *, every_line: bool) -> list[KillPoint]:
    """Where to kill: before each change, and at each line that is reached after the first change.

    Without `every_line`, only before each change: between two changes the disk stays as it is. For the same reason
    a line is taken once: what a loop changes in its later rounds are other changes.
    """
    chosen = [point for point, _ in watch.seen if point.file == CHANGE]
    if not every_line:
        return chosen
    lines: dict[tuple[str, int], KillPoint] = {}
    for point, changes in watch.seen:
        if changes and point.file != CHANGE:
            lines.setdefault((point.file, point.line), point)
    return [*chosen, *lines.values()]
