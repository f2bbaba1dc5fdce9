"""Finished files of the data directory, grouped by content, and its trash folder."""

from __future__ import annotations

import errno
import secrets
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from adapters.durable import flush, flush_tree, publish, remove_tree
from adapters.intake.erase_rows import erase_or_delete
from adapters.results.files.erase_customer import erase_customer
from adapters.results.files.folders import ResultFolders
from adapters.results.files.manifest import damaged_files
from adapters.storage.trash import TRASH
from application.ports.leftovers import FileGroup, StoredItem, TrashedItem
from domain.errors import Conflict, DomainError, NotFound
from domain.run import RunId

DATABASES = ("netone.db", "queue.db")
"""Databases that a restore moves to the trash together with the stored items."""
STAMP = "%Y%m%dT%H%M%SZ"
PLACES = {
    FileGroup.RESULTS: ("results", ""),
    FileGroup.UPLOAD: ("uploads", ".upload"),
    FileGroup.REJECTED: ("uploads", ".rejected.csv"),
    FileGroup.MODEL: ("models", ""),
}
"""The folder of each group and the suffix of its names. Folders have no suffix."""
DRAFT = "check-"
"""Prefix of uploads that are only checked. They are unfinished work and do not count as leftovers."""


@dataclass(frozen=True, slots=True)
class LocalLeftovers:
    """Implements Leftovers in a data directory.

    A path in the trash contains the time of the move and the origin: `trash/20261129T093900Z-1a2b3c4d/results/<id>`.
    """

    folder: Path

    def stored(self) -> Sequence[StoredItem]:
        return [item for group in FileGroup for item in _items(self.folder, group)]

    def move_to_trash(self, items: Collection[StoredItem], *, at: datetime) -> int:
        if not items:
            return 0
        batch = self.folder / TRASH / f"{at.astimezone(UTC):{STAMP}}-{secrets.token_hex(4)}"
        moved = sum(_move(_path(self.folder, item), _path(batch, item)) for item in items)
        if batch.is_dir():
            flush(batch)
        return moved

    def trash(self) -> Sequence[TrashedItem]:
        return [
            TrashedItem(f"{batch.name}/{_path(batch, item).relative_to(batch).as_posix()}", item, moved)
            for batch, moved in _batches(self.folder)
            for group in FileGroup
            for item in _items(batch, group)
        ]

    def is_damaged(self, name: str) -> bool:
        return bool(damaged_files(self.folder / TRASH / name))

    def restore(self, name: str) -> StoredItem:
        trashed_item = next((trashed for trashed in self.trash() if trashed.name == name), None)
        if trashed_item is None:
            raise NotFound("There is no such item in the trash.")
        target = _path(self.folder, trashed_item.item)
        if target.exists():
            raise Conflict(f"{target.name} already exists. Nothing was changed. Move it away first.")
        _move(self.folder / TRASH / name, target)
        return trashed_item.item

    def expire(self, before: datetime) -> int:
        expired = [batch for batch, moved in _batches(self.folder) if moved < before]
        count = sum(1 for batch in expired for group in FileGroup for _ in _items(batch, group))
        for batch in expired:
            with suppress(OSError):  # the next run tries again
                remove_tree(batch)
        return count

    def erase_customer(self, customer_id: str, unlisted: Collection[StoredItem], *, id_columns: Sequence[str]) -> int:
        named = sum(_erase(self.folder, item, customer_id, id_columns) for item in unlisted)
        for batch, _ in _batches(self.folder):
            for group in FileGroup:
                named += sum(_erase(batch, item, customer_id, id_columns) for item in _items(batch, group))
            _discard_databases(batch)
        return named


def _discard_databases(batch: Path) -> None:
    """Delete databases that a restore moved to the trash: they contain customers who cannot be erased from them."""
    for database in DATABASES:
        for file in batch.glob(f"{database}*"):
            file.unlink(missing_ok=True)


def _items(root: Path, group: FileGroup) -> Iterator[StoredItem]:
    place, ending = PLACES[group]
    folder = root / place
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        whole = path.is_file() and path.name.endswith(ending) if ending else path.is_dir()
        if whole and not path.name.startswith((".", DRAFT)):
            with suppress(FileNotFoundError):  # another process may delete it at the same time
                modified_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                yield StoredItem(group, path.name.removesuffix(ending), _size(path), modified_at)


def _path(root: Path, item: StoredItem) -> Path:
    place, ending = PLACES[item.group]
    return root / place / f"{item.id}{ending}"


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else iter([path])
    return sum(file.stat().st_size for file in files if file.is_file())


def _batches(folder: Path) -> Iterator[tuple[Path, datetime]]:
    """Each batch in the trash and its creation time, oldest first."""
    trash = folder / TRASH
    for batch in sorted(trash.iterdir()) if trash.is_dir() else ():
        with suppress(ValueError):  # not a folder of this program
            yield batch, datetime.strptime(batch.name.partition("-")[0], STAMP).replace(tzinfo=UTC)


def _move(source: Path, target: Path) -> bool:
    """Move a file or folder; between file systems, copy and delete it. Returns False if the source does not exist."""
    for missing in reversed([folder for folder in target.parents if not folder.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
    try:
        source.rename(target)
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy(source, target)
    return True


def _copy(source: Path, target: Path) -> None:
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    if source.is_dir():
        shutil.copytree(source, draft)
        flush_tree(draft)
        publish(draft, target)
        remove_tree(source)
    else:
        shutil.copy2(source, draft)
        publish(draft, target)
        source.unlink()


def _erase(root: Path, item: StoredItem, customer_id: str, id_columns: Sequence[str]) -> bool:
    if item.group is FileGroup.MODEL:
        return False
    if item.group is FileGroup.RESULTS:
        return _erase_from_results(root, item, customer_id)
    return erase_or_delete(_path(root, item), customer_id, id_columns)


def _erase_from_results(root: Path, item: StoredItem, customer_id: str) -> bool:
    """Erase a customer from a stored result. Always deletes its exports, which can be created again in seconds."""
    folders = ResultFolders(root / PLACES[FileGroup.RESULTS][0])
    for exports in ("reports", "exports"):
        remove_tree(_path(root, item) / exports)
    try:
        return erase_customer(folders, RunId(item.id), customer_id) > 0
    except (DomainError, OSError, ValueError):  # unreadable, so it may contain the customer: delete all of it
        folders.discard(item.id)
        return True
