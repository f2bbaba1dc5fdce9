"""Stores exports in their run's result folder, so that they are deleted, purged or rewritten together with it.

An order is one JSON file that never changes. Other files with the same name show its progress.
"""

from __future__ import annotations

import glob
import json
import os
import re
import secrets
import shutil
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters.durable import atomic_write, publish
from adapters.results.files.folders import ResultFolders
from adapters.storage.problems import storage_problems
from adapters.storage.room import UNLIMITED, DiskRoom
from application.ports.exports import ExportOrder, ExportRecord, ExportState
from domain.account import AccountId
from domain.csv_style import CsvStyle
from domain.customer_query import AttributeFilter, CustomerQuery
from domain.errors import ResultMissing
from domain.export import MAX_EXPORT_ATTEMPTS, ExportKind, ExportOptions
from domain.liveness import DEFAULT_LIVENESS, Liveness
from domain.prediction import RiskBand
from domain.run import RunId

EXPORTS = "exports"
OF_EARLIER_VERSIONS = "reports"
ORDER, CLAIM, DONE, FAILED = ".json", ".claim", ".done", ".failed"
BEATS_UNTIL_SILENT = 6
"""Heartbeats per period after which a claim's process counts as dead."""
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class FileExports:
    """Implements ExportStore under the root of the results, readable only by this user."""

    root: Path
    room: DiskRoom = UNLIMITED
    liveness: Liveness = DEFAULT_LIVENESS

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
        with atomic_write(self._file(order, ORDER), draft=self._draft(order)) as file:
            file.write(json.dumps(_document(order), ensure_ascii=False).encode())
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
        claimed = _is_alive(self._file(order, CLAIM), self.liveness)
        return ExportRecord(order, ExportState.MAKING if claimed else ExportState.WAITING)

    @contextmanager
    def making(self, order: ExportOrder) -> Iterator[Path | None]:
        record = self.find(order.run_id, order.id)
        if record is None or record.state is not ExportState.WAITING or not self._claim(order):
            yield None
            return
        draft = self._file(order, f".{secrets.token_hex(4)}.part")
        ended = threading.Event()
        threading.Thread(target=_beat, args=(self._file(order, CLAIM), ended, self.liveness), daemon=True).start()
        try:
            yield _drafted(draft)
        finally:
            ended.set()
            draft.unlink(missing_ok=True)

    def _claim(self, order: ExportOrder) -> bool:
        """Claim an order. Each claim adds a byte to the claim's file, to count attempts.

        Two workers that find the same dead claim can both create the export.
        """
        claim = self._file(order, CLAIM)
        try:
            if not claim.exists():
                _create(claim, "1")
                return True
            if claim.stat().st_size >= MAX_EXPORT_ATTEMPTS:
                stopped = f"the worker stopped {MAX_EXPORT_ATTEMPTS} times while creating it"
                self.fail(order, f"The {order.options.kind.noun} could not be created: {stopped}.")
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
            publish(draft, self._file(order, DONE))
        except FileNotFoundError:
            return False
        return True

    def fail(self, order: ExportOrder, problem: str) -> None:
        failed = self._file(order, FAILED)
        with (
            suppress(FileNotFoundError, FileExistsError),
            atomic_write(failed, draft=self._draft(order), replace=False) as file,
        ):
            file.write(problem.encode())

    def path(self, order: ExportOrder) -> Path:
        return self._file(order, DONE)

    def unfinished(self) -> Sequence[ExportRecord]:
        records = []
        for path in self.root.glob(f"*/{EXPORTS}/*{ORDER}"):
            ended = any(path.with_suffix(ending).exists() for ending in (DONE, FAILED))
            record = None if ended else self.find(RunId(path.parent.parent.name), path.stem)
            if record is not None and not record.state.ended:
                records.append(record)
        return sorted(records, key=lambda record: (record.order.at, record.order.id))

    def sweep(self, before: datetime) -> int:
        removed = 0
        folders = (EXPORTS, OF_EARLIER_VERSIONS)
        for path in (path for name in folders for path in self.root.glob(f"*/{name}/*{ORDER}")):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before.timestamp():
                    for part in path.parent.glob(f"{path.stem}.*"):
                        if part != path:
                            part.unlink(missing_ok=True)
                    path.unlink(missing_ok=True)  # the order last, so that an interrupted sweep can be repeated
                    removed += 1
        return removed

    def clear(self, run_id: RunId | None = None) -> None:
        for name in (EXPORTS, OF_EARLIER_VERSIONS):
            for folder in self.root.glob(f"{'*' if run_id is None else glob.escape(run_id)}/{name}"):
                shutil.rmtree(folder, ignore_errors=True)

    def _folder(self, run_id: RunId) -> Path | None:
        try:
            return ResultFolders(self.root).of(run_id) / EXPORTS
        except ResultMissing:
            return None

    def _draft(self, order: ExportOrder) -> Path:
        """The draft's path.

        Its name matches the order's other files, so that a sweep also deletes an abandoned draft.
        """
        return self._file(order, f".{secrets.token_hex(4)}.new")

    def _file(self, order: ExportOrder, ending: str) -> Path:
        return self.root / order.run_id / EXPORTS / f"{order.id}{ending}"


def _is_alive(claim: Path, liveness: Liveness) -> bool:
    """Whether the claim was touched recently. A time in the future (the clock was set back) counts as dead."""
    try:
        touched = datetime.fromtimestamp(claim.stat().st_mtime, UTC)
    except FileNotFoundError:
        return False
    return liveness.lives(touched, datetime.now(UTC))


def _beat(claim: Path, ended: threading.Event, liveness: Liveness) -> None:
    """Touch the claim until its export ends or its run is deleted."""
    while not ended.wait(liveness.silent_after.total_seconds() / BEATS_UNTIL_SILENT):
        try:
            os.utime(claim)
        except FileNotFoundError:
            return
        except OSError:  # the disk is full or slow; the claim stays valid until it expires
            continue


def _drafted(path: Path) -> Path | None:
    """Create the draft file with owner-only access; None if the run was deleted in the meantime."""
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


def _options(document: dict[str, Any]) -> ExportOptions:
    """Also of orders of earlier versions, which had a byte order mark as an option and no style."""
    known = {own.name for own in fields(ExportOptions)}
    style = document.get("style", CsvStyle.COMMA if document.get("bom") else None)
    typed = {"kind": ExportKind(document["kind"]), "style": None if style is None else CsvStyle(style)}
    return ExportOptions(**{name: value for name, value in document.items() if name in known} | typed)


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
                "reasons": tuple(query.get("reasons", ())),
            }
        ),
        options=_options(options),
        at=datetime.fromisoformat(document["at"]),
        address=document["address"],
    )
