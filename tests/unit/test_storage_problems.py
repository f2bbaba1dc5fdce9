"""Errors of disks, SQLite and PostgreSQL in the domain's words."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import pytest

from adapters.storage.problems import problem_of, storage_problems
from adapters.storage.room import DiskRoom
from domain.errors import StorageBusy, StorageFailing, StorageFull, StorageProblem, StorageReadOnly


def of_sqlite(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("words")
    error.sqlite_errorcode = code
    return error


def of_postgres(state: str) -> Exception:
    error = RuntimeError("words")
    error.sqlstate = state  # type: ignore[attr-defined]
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), StorageFull),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), StorageFull),
        (OSError(errno.EFBIG, "File too large"), StorageFull),
        (OSError(errno.EROFS, "Read-only file system"), StorageReadOnly),
        (OSError(errno.EIO, "Input/output error"), StorageFailing),
        (OSError(errno.ENOENT, "No such file"), None),
        (ValueError("other"), None),
        (of_sqlite(13), StorageFull),
        (of_sqlite(5), StorageBusy),
        (of_sqlite(517), StorageBusy),  # SQLITE_BUSY_SNAPSHOT
        (of_sqlite(6), StorageBusy),
        (of_sqlite(8), StorageReadOnly),
        (of_sqlite(778), StorageFailing),  # SQLITE_IOERR_WRITE
        (of_sqlite(14), StorageFailing),
        (of_sqlite(19), None),  # SQLITE_CONSTRAINT
        (sqlite3.OperationalError("without a code"), None),
        (of_postgres("53100"), StorageFull),
        (of_postgres("57P01"), StorageBusy),
        (of_postgres("23505"), None),
    ],
)
def test_an_error_of_the_storage_is_named(error: Exception, kind: type[StorageProblem] | None) -> None:
    problem = problem_of(error)
    assert (type(problem) if problem else None) is kind


def test_only_errors_of_the_storage_are_translated() -> None:
    with pytest.raises(StorageFull) as caught, storage_problems():
        raise OSError(errno.ENOSPC, "No space left on device")
    assert isinstance(caught.value.__cause__, OSError)
    with pytest.raises(FileNotFoundError), storage_problems():
        raise FileNotFoundError(errno.ENOENT, "No such file")


def test_every_problem_says_what_to_do() -> None:
    for kind in (StorageFull, StorageBusy, StorageReadOnly, StorageFailing):
        assert str(kind()).endswith(".")
        assert kind.todo.endswith(".")


def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, free: int, reserve: int = 64 * 1024**2) -> DiskRoom:
    monkeypatch.setattr("adapters.storage.room.DiskRoom._free", lambda _: free)
    return DiskRoom(tmp_path, reserve)


def test_bulk_writes_fail_when_the_reserve_is_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room(tmp_path, monkeypatch, free=67_108_864).check()
    with pytest.raises(StorageFull, match="reserved for deletions"):
        room(tmp_path, monkeypatch, free=67_108_863).check()
    with pytest.raises(StorageFull):
        room(tmp_path, monkeypatch, free=67_108_864).check(1)


def test_the_reserve_file_takes_a_quarter_and_is_released_when_little_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room(tmp_path, monkeypatch, free=83_886_079).refill()
    assert not (tmp_path / "reserve").exists()
    room(tmp_path, monkeypatch, free=83_886_080).refill()
    stat = (tmp_path / "reserve").stat()
    assert (stat.st_size, stat.st_blocks * 512 >= 16_777_216, stat.st_mode & 0o777) == (16_777_216, True, 0o600)

    room(tmp_path, monkeypatch, free=2_097_152).release_when_low()
    assert (tmp_path / "reserve").exists()
    room(tmp_path, monkeypatch, free=2_097_151).release_when_low()
    assert not (tmp_path / "reserve").exists()
    room(tmp_path, monkeypatch, free=0).release_when_low()


def test_no_space_is_held_back_without_a_reserve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = room(tmp_path, monkeypatch, free=0, reserve=0)
    nothing.check()
    nothing.refill()
    nothing.release_when_low()
    assert list(tmp_path.iterdir()) == []
