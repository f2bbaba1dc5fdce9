"""Printed reports beside the results they tell of, so that they go with them: deleted, purged, or rewritten.

An order is one JSON file that never changes; how far it is, the other files of its name say.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.results.folders import ResultFolders
from application.ports.results import AttributeFilter, CustomerQuery
from application.ports.shelf import KeptReport, ReportOrder, ReportState
from domain.account import AccountId
from domain.errors import ResultMissing
from domain.prediction import RiskBand
from domain.run import RunId

REPORTS = "reports"
ORDER, TAKEN, DRAFT, DONE, FAILED = ".json", ".taken", ".part", ".pdf", ".failed"
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class FiledReports:
    """Implements ReportShelf under the root of the results, readable by this account alone."""

    root: Path

    def put(self, order: ReportOrder) -> None:
        folder = ResultFolders(self.root).of(order.run_id) / REPORTS
        folder.mkdir(mode=0o700, exist_ok=True)
        temporary = self._file(order, ".new")
        _create(temporary, json.dumps(_document(order), ensure_ascii=False))
        temporary.rename(self._file(order, ORDER))

    def find(self, run_id: RunId, report_id: str) -> KeptReport | None:
        folder = self._folder(run_id)
        if folder is None or not _ID.fullmatch(report_id):
            return None
        try:
            order = _order(json.loads((folder / f"{report_id}{ORDER}").read_text("utf-8")))
        except FileNotFoundError:
            return None
        return self._kept(order)

    def _kept(self, order: ReportOrder) -> KeptReport:
        if self._file(order, DONE).is_file():
            return KeptReport(order, ReportState.DONE)
        failed = self._file(order, FAILED)
        if failed.is_file():
            return KeptReport(order, ReportState.FAILED, failed.read_text("utf-8"))
        begun = self._file(order, TAKEN).is_file()
        return KeptReport(order, ReportState.MAKING if begun else ReportState.WAITING)

    def take(self, order: ReportOrder) -> bool:
        try:
            _create(self._file(order, TAKEN), "")
        except (FileExistsError, FileNotFoundError):
            return False
        return True

    def draft(self, order: ReportOrder) -> Path:
        """Made here, so that it is its owner's alone from the first byte. Raises ResultMissing where the run went."""
        path = self._file(order, DRAFT)
        try:
            _create(path, "")
        except FileNotFoundError as error:
            raise ResultMissing(order.run_id) from error
        return path

    def publish(self, order: ReportOrder) -> bool:
        try:
            self._file(order, DRAFT).rename(self._file(order, DONE))
        except FileNotFoundError:
            return False
        return True

    def fail(self, order: ReportOrder, problem: str) -> None:
        self._file(order, DRAFT).unlink(missing_ok=True)
        with suppress(FileNotFoundError, FileExistsError):
            _create(self._file(order, FAILED), problem)

    def path(self, order: ReportOrder) -> Path:
        return self._file(order, DONE)

    def sweep(self, before: datetime) -> int:
        removed = 0
        for path in self.root.glob(f"*/{REPORTS}/*{ORDER}") if self.root.is_dir() else ():
            if path.stat().st_mtime < before.timestamp():
                for part in _parts(path):
                    part.unlink(missing_ok=True)
                removed += 1
        return removed

    def clear(self) -> None:
        for folder in self.root.glob(f"*/{REPORTS}"):
            shutil.rmtree(folder, ignore_errors=True)

    def _folder(self, run_id: RunId) -> Path | None:
        try:
            return ResultFolders(self.root).of(run_id) / REPORTS
        except ResultMissing:
            return None

    def _file(self, order: ReportOrder, ending: str) -> Path:
        return self.root / order.run_id / REPORTS / f"{order.id}{ending}"


def _parts(order: Path) -> Iterator[Path]:
    """The files of an order; the order itself last, so that a sweep cut short is taken up again."""
    return (order.with_suffix(ending) for ending in (TAKEN, DRAFT, DONE, FAILED, ORDER))


def _create(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _document(order: ReportOrder) -> dict[str, Any]:
    return asdict(order) | {"at": order.at.isoformat()}


def _order(document: dict[str, Any]) -> ReportOrder:
    query = document["query"]
    return ReportOrder(
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
        customers=document["customers"],
        at=datetime.fromisoformat(document["at"]),
        address=document["address"],
    )
