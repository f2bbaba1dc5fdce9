"""All whole files of the data directory by what they hold, and the trash folder beside them."""

from __future__ import annotations

import errno
import secrets
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from adapters.durable import flush, remove_tree
from adapters.intake.erasing import erase_or_delete
from adapters.results.erasing import erase_customer
from adapters.results.folders import ResultFolders
from adapters.results.manifest import damaged_files
from adapters.storage.trash import TRASH
from application.ports.leftovers import FileGroup, StoredItem, TrashedItem
from domain.errors import ChurnDeskError, Conflict, NotFound
from domain.run import RunId

DATABASES = ("netone.db", "queue.db")
"""Files that a restore puts into the trash beside the stored items."""
STAMP = "%Y%m%dT%H%M%SZ"
PLACES = {
    FileGroup.RESULTS: ("results", ""),
    FileGroup.UPLOAD: ("uploads", ".upload"),
    FileGroup.REJECTED: ("uploads", ".rejected.csv"),
    FileGroup.MODEL: ("models", ""),
}
"""The folder of each group, and how its names end; folders have no ending."""
DRAFT = "check-"
"""Uploads that are only looked at begin like this; they are unfinished work and no leftovers."""


@dataclass(frozen=True, slots=True)
class LocalLeftovers:
    """Implements Leftovers in a data directory. In the trash a path says when it was moved and where it came from:
    `trash/20261129T093900Z-1a2b3c4d/results/<id>`."""

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
        found = next((trashed for trashed in self.trash() if trashed.name == name), None)
        if found is None:
            raise NotFound("There is no such item in the trash.")
        target = _path(self.folder, found.item)
        if target.exists():
            raise Conflict(f"{target.name} is there already. Nothing was changed; move it away first.")
        _move(self.folder / TRASH / name, target)
        return found.item

    def expire(self, before: datetime) -> int:
        expired = [batch for batch, moved in _batches(self.folder) if moved < before]
        count = sum(1 for batch in expired for group in FileGroup for _ in _items(batch, group))
        for batch in expired:
            with suppress(OSError):  # the next pass tries again
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
    """Delete the databases that a restore put aside: they name customers, and nobody can erase one from a file that no
    program has open."""
    for database in DATABASES:
        for file in batch.glob(f"{database}*"):
            file.unlink(missing_ok=True)


def _items(root: Path, group: FileGroup) -> Iterator[StoredItem]:
    place, ending = PLACES[group]
    folder = root / place
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        whole = path.is_file() and path.name.endswith(ending) if ending else path.is_dir()
        if whole and not path.name.startswith((".", DRAFT)):
            with suppress(FileNotFoundError):  # it may go while it is looked at
                written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                yield StoredItem(group, path.name.removesuffix(ending), _size(path), written)


def _path(root: Path, item: StoredItem) -> Path:
    place, ending = PLACES[item.group]
    return root / place / f"{item.id}{ending}"


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else iter([path])
    return sum(file.stat().st_size for file in files if file.is_file())


def _batches(folder: Path) -> Iterator[tuple[Path, datetime]]:
    """Each batch of the trash and when it was made, oldest first."""
    trash = folder / TRASH
    for batch in sorted(trash.iterdir()) if trash.is_dir() else ():
        with suppress(ValueError):  # a folder of somebody else's
            yield batch, datetime.strptime(batch.name.partition("-")[0], STAMP).replace(tzinfo=UTC)


def _move(source: Path, target: Path) -> bool:
    """Whether it was moved; False where it is gone. Also between file systems, there by copying it first."""
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
        draft.rename(target)
        remove_tree(source)
    else:
        shutil.copy2(source, draft)
        draft.rename(target)
        source.unlink()


def _erase(root: Path, item: StoredItem, customer_id: str, id_columns: Sequence[str]) -> bool:
    if item.group is FileGroup.MODEL:
        return False
    if item.group is FileGroup.RESULTS:
        return _erase_from_results(root, item, customer_id)
    return erase_or_delete(_path(root, item), customer_id, id_columns)


def _erase_from_results(root: Path, item: StoredItem, customer_id: str) -> bool:
    """Exports of a run go in any case: they are made again in seconds where the run is still listed."""
    folders = ResultFolders(root / PLACES[FileGroup.RESULTS][0])
    for exports in ("reports", "exports"):
        remove_tree(_path(root, item) / exports)
    try:
        return erase_customer(folders, RunId(item.id), customer_id) > 0
    except (ChurnDeskError, OSError, ValueError):  # unreadable: nobody can tell whether it names the customer
        folders.discard(item.id)
        return True
