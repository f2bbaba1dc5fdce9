"""Compares every stored file with the hash that was recorded when it was stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from application.ports.intake import Uploads
from application.ports.leftovers import FileGroup
from application.ports.models import ModelRegistry
from application.ports.results import ResultStore
from application.ports.runs import RunQuery
from application.ports.stored_files import FileKind, UploadRecord
from application.use_cases.maintenance.leftovers import FindLeftovers, LeftoverReport
from application.use_cases.permissions import NewUnitOfWork
from domain.errors import ModelNotFound, ModelUnreadable, ResultMissing
from domain.model import ModelVersion
from domain.run import JobState, Run


@dataclass(frozen=True, slots=True)
class StorageCheck:
    """How many files of each kind were verified, results that have no hash, and a sentence for each problem."""

    results: int
    without_hash: int
    uploads: int
    models: int
    problems: tuple[str, ...]
    leftovers: LeftoverReport


@dataclass(frozen=True, slots=True)
class CheckStorage:
    """Verifies every byte of results, uploads, models and the trash. Changes nothing."""

    new_uow: NewUnitOfWork
    results: ResultStore
    uploads: Uploads
    registry: ModelRegistry
    find: FindLeftovers

    def __call__(self) -> StorageCheck:
        with self.new_uow() as uow:
            runs = uow.runs.find(RunQuery(states=(JobState.DONE,), limit=None)).runs
            hashed = {run.id: uow.hashes.of(FileKind.RESULTS, run.id) for run in runs}
            received = [(record, uow.hashes.of(FileKind.UPLOAD, record.id)) for record in uow.uploads.all()]
            versions = uow.models.all()
        problems = [
            *(problem for run in runs for problem in self._of_result(run, hashed[run.id])),
            *(problem for record, expected in received for problem in self._of_upload(record, expected)),
            *(problem for version in versions for problem in self._of_model(version)),
            *(f"In the trash: {name} is damaged." for name in self._of_trash()),
        ]
        return StorageCheck(
            results=sum(bool(hashes) for hashes in hashed.values()),
            without_hash=sum(not hashed[run.id] and self.results.size(run.id) > 0 for run in runs),
            uploads=len(received),
            models=len(versions),
            problems=tuple(problems),
            leftovers=self.find(),
        )

    def _of_result(self, run: Run, accepted: frozenset[str]) -> Iterator[str]:
        name = f"Results of {run.file_name} ({run.id})"
        try:
            damaged = self.results.damaged_files(run.id, accepted)
        except ResultMissing:
            if accepted:
                yield f"{name} are missing. Restore results/{run.id} from a backup, or score the file again."
            return
        if damaged:
            yield (
                f"{name} are damaged: {', '.join(damaged)}. Every other prediction is unchanged. Restore "
                f"results/{run.id} from a backup, or score the file again."
            )

    def _of_upload(self, record: UploadRecord, expected: frozenset[str]) -> Iterator[str]:
        name = f"The upload {record.file_name} ({record.id})"
        try:
            actual = self.uploads.sha256(record.id)
        except OSError:
            yield (
                f"{name} is missing or unreadable. Results and models made from it are unchanged. Upload it again to "
                "reuse it."
            )
            return
        if actual not in {record.sha256, *expected}:
            yield (
                f"{name} is damaged: it differs from the file that was received. Results and models made from it are "
                f"unchanged. Restore uploads/{record.id}.upload from a backup, or upload the file again."
            )

    def _of_model(self, version: ModelVersion) -> Iterator[str]:
        try:
            self.registry.verify(version.id)
        except (ModelUnreadable, ModelNotFound) as problem:
            yield f"{problem} Restore models/{version.id} from a backup, or train again and promote the new version."

    def _of_trash(self) -> Iterator[str]:
        for trashed in self.find.leftovers.trash():
            if trashed.item.group is FileGroup.RESULTS and self.find.leftovers.is_damaged(trashed.name):
                yield trashed.name
