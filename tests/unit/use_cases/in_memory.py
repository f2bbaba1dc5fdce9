"""What use cases stand on, in memory but for the files in a folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from adapters.intake.uploads import FileUploads
from tests.fakes.jobs import RememberedJobs
from tests.fakes.models import InMemoryModelRegistry
from tests.fakes.persistence import FakeDatabase, FakeUnitOfWork
from tests.fakes.security import CountedIds, FixedClock


@dataclass
class InMemoryDesk:
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
    def files(self) -> list[Path]:
        """All that is stored."""
        return [path for path in self.folder.rglob("*") if path.is_file()]
