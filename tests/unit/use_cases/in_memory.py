"""The in-memory doubles that use cases are tested with; only uploaded files are real, in a folder."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from adapters.intake.reader import CsvCustomerFiles
from adapters.intake.uploads import FileUploads
from application.ports.intake import FilePreview
from domain.file_format import FormatChoice
from tests.fakes.jobs import RememberedJobs
from tests.fakes.models import InMemoryModelRegistry
from tests.fakes.persistence import FakeDatabase, FakeUnitOfWork
from tests.fakes.security import CountedIds, FixedClock


@dataclass(frozen=True)
class CountingFiles(CsvCustomerFiles):
    """Counts how often a file is recognised."""

    previewed: list[Path] = field(default_factory=list)

    def preview(self, path: Path, choice: FormatChoice | None = None, *, known: Collection[str] = ()) -> FilePreview:
        self.previewed.append(path)
        return super().preview(path, choice, known=known)


@dataclass
class InMemoryApplication:
    """The doubles that scoring and training share."""

    folder: Path
    database: FakeDatabase = field(default_factory=FakeDatabase)
    clock: FixedClock = field(default_factory=FixedClock)
    queue: RememberedJobs = field(default_factory=RememberedJobs)
    registry: InMemoryModelRegistry = field(default_factory=InMemoryModelRegistry)
    ids: CountedIds = field(default_factory=CountedIds)

    @property
    def uploads(self) -> FileUploads:
        return FileUploads(self.folder / "uploads")

    @property
    def new_uow(self) -> partial[FakeUnitOfWork]:
        return partial(FakeUnitOfWork, self.database)

    @property
    def new_reading(self) -> partial[FakeUnitOfWork]:
        return partial(FakeUnitOfWork, self.database, reading=True)

    @property
    def files(self) -> list[Path]:
        """All that is stored."""
        return [path for path in self.folder.rglob("*") if path.is_file()]
