"""Exports in their run's result folder, so that they go with it: deleted, purged, or rewritten.

An order is one JSON file that never changes; the other files of its name say how far it is.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.results.folders import ResultFolders
from adapters.storage.problems import storage_problems
from adapters.storage.room import UNLIMITED, DiskRoom
from application.ports.exports import ExportOrder, ExportRecord, ExportState
from application.ports.results import AttributeFilter, CustomerQuery
from domain.account import AccountId
from domain.errors import ResultMissing
from domain.export import ExportKind, ExportOptions
from domain.prediction import RiskBand
from domain.run import RunId

EXPORTS = "exports"
OF_EARLIER_VERSIONS = "reports"
ORDER, CLAIM, DONE, FAILED = ".json", ".claim", ".done", ".failed"
MAX_CLAIMS = 3
BEAT_SECONDS = 5.0
STALE_SECONDS = 30.0
"""A claim that was not touched for so long belongs to a process that died."""
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class FileExports:
    """Implements ExportStore under the root of the results, readable by this account alone."""

    root: Path
    room: DiskRoom = UNLIMITED

    @storage_problems()
    def put(self, order: ExportOrder) -> ExportRecord:
        folder = ResultFolders(self.root).of(order.run_id) / EXPORTS
        folder.mkdir(mode=0o700, exist_ok=True)
        existing = self.find(order.run_id, order.id)
        if existing is not None and existing.state is not ExportState.FAILED:
            return existing
        self.room.check()
        for ending in (CLAIM, FAILED):
            self._file(order, ending).unlink(missing_ok=True)
        temporary = self._file(order, f".{secrets.token_hex(4)}.new")
        try:
            _create(temporary, json.dumps(_document(order), ensure_ascii=False))
            temporary.replace(self._file(order, ORDER))
        finally:
            temporary.unlink(missing_ok=True)
        return ExportRecord(order, ExportState.WAITING)

    def find(self, run_id: RunId, export_id: str) -> ExportRecord | None:
        folder = self._folder(run_id)
        if folder is None or not _ID.fullmatch(export_id):
            return None
        try:
            order = _order(json.loads((folder / f"{export_id}{ORDER}").read_text("utf-8")))
        except FileNotFoundError:
            return None
        return self._record(order)

    def _record(self, order: ExportOrder) -> ExportRecord:
        if self._file(order, DONE).is_file():
            return ExportRecord(order, ExportState.DONE)
        with suppress(FileNotFoundError):
            return ExportRecord(order, ExportState.FAILED, self._file(order, FAILED).read_text("utf-8"))
        claimed = _is_alive(self._file(order, CLAIM))
        return ExportRecord(order, ExportState.MAKING if claimed else ExportState.WAITING)

    @contextmanager
    def making(self, order: ExportOrder) -> Iterator[Path | None]:
        record = self.find(order.run_id, order.id)
        if record is None or record.state is not ExportState.WAITING or not self._claim(order):
            yield None
            return
        draft = self._file(order, f".{secrets.token_hex(4)}.part")
        ended = threading.Event()
        threading.Thread(target=_beat, args=(self._file(order, CLAIM), ended), daemon=True).start()
        try:
            yield _drafted(draft)
        finally:
            ended.set()
            draft.unlink(missing_ok=True)

    def _claim(self, order: ExportOrder) -> bool:
        """Each claim adds a byte to its file. Two workers that find the same dead claim may both make the export."""
        claim = self._file(order, CLAIM)
        try:
            if not claim.exists():
                _create(claim, "1")
                return True
            if claim.stat().st_size >= MAX_CLAIMS:
                noun = order.options.kind.noun
                self.fail(order, f"The {noun} could not be made: the worker stopped three times while making it.")
                return False
            with claim.open("a") as file:
                file.write("1")
        except (FileExistsError, FileNotFoundError):
            return False
        return True

    @storage_problems()
    def write(self, draft: Path, pieces: Iterable[bytes]) -> None:
        with draft.open("wb") as file:
            for piece in pieces:
                self.room.check(len(piece))
                file.write(piece)

    @storage_problems()
    def publish(self, order: ExportOrder, draft: Path) -> bool:
        try:
            draft.replace(self._file(order, DONE))
        except FileNotFoundError:
            return False
        return True

    def fail(self, order: ExportOrder, problem: str) -> None:
        with suppress(FileNotFoundError, FileExistsError):
            _create(self._file(order, FAILED), problem)

    def path(self, order: ExportOrder) -> Path:
        return self._file(order, DONE)

    def unfinished(self) -> Sequence[ExportRecord]:
        found = []
        for path in self.root.glob(f"*/{EXPORTS}/*{ORDER}"):
            ended = any(path.with_suffix(ending).exists() for ending in (DONE, FAILED))
            record = None if ended else self.find(RunId(path.parent.parent.name), path.stem)
            if record is not None and not record.state.ended:
                found.append(record)
        return sorted(found, key=lambda record: (record.order.at, record.order.id))

    def sweep(self, before: datetime) -> int:
        removed = 0
        folders = (EXPORTS, OF_EARLIER_VERSIONS)
        for path in (path for name in folders for path in self.root.glob(f"*/{name}/*{ORDER}")):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before.timestamp():
                    for part in path.parent.glob(f"{path.stem}.*"):
                        if part != path:
                            part.unlink(missing_ok=True)
                    path.unlink(missing_ok=True)  # the order last, so that a sweep cut short is taken up again
                    removed += 1
        return removed

    def clear(self) -> None:
        for name in (EXPORTS, OF_EARLIER_VERSIONS):
            for folder in self.root.glob(f"*/{name}"):
                shutil.rmtree(folder, ignore_errors=True)

    def _folder(self, run_id: RunId) -> Path | None:
        try:
            return ResultFolders(self.root).of(run_id) / EXPORTS
        except ResultMissing:
            return None

    def _file(self, order: ExportOrder, ending: str) -> Path:
        return self.root / order.run_id / EXPORTS / f"{order.id}{ending}"


def _is_alive(claim: Path) -> bool:
    """Touched lately. A time in the future, as after a clock was set back, counts as long ago."""
    try:
        return abs(time.time() - claim.stat().st_mtime) < STALE_SECONDS
    except FileNotFoundError:
        return False


def _beat(claim: Path, ended: threading.Event) -> None:
    """Touch the claim until its maker ends, or its run goes."""
    while not ended.wait(BEAT_SECONDS):
        try:
            os.utime(claim)
        except FileNotFoundError:
            return
        except OSError:  # a full or slow disk is no reason to lose the claim before it runs out
            continue


def _drafted(path: Path) -> Path | None:
    """The file to write into, its owner's alone from the first byte; None where the run went meanwhile."""
    try:
        _create(path, "")
    except FileNotFoundError:
        return None
    return path


def _create(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _document(order: ExportOrder) -> dict[str, Any]:
    return asdict(order) | {"at": order.at.isoformat()}


def _order(document: dict[str, Any]) -> ExportOrder:
    query, options = document["query"], document["options"]
    return ExportOrder(
        id=document["id"],
        run_id=RunId(document["run_id"]),
        owner=AccountId(document["owner"]),
        query=CustomerQuery(
            **query
            | {
                "bands": tuple(RiskBand(band) for band in query["bands"]),
                "attributes": tuple(AttributeFilter(**own) for own in query["attributes"]),
            }
        ),
        options=ExportOptions(**options | {"kind": ExportKind(options["kind"])}),
        at=datetime.fromisoformat(document["at"]),
        address=document["address"],
    )
