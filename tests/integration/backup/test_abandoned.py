"""What a killed backup leaves next to its target is deleted by the next backup into that folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from adapters.backup.writing import remove_abandoned
from adapters.service_lock import is_locked, try_lock

ROOT = Path(__file__).resolve().parents[3]
DRAFT = ".netone.tar.4711-0123abcd.partial"
LOCKED = (
    "import os, sys, time\n"
    "from adapters.service_lock import try_lock\n"
    "assert try_lock(os.open(sys.argv[1], os.O_RDWR))\n"
    "print('locked', flush=True)\n"
    "time.sleep(60)\n"
)


def written(path: Path, *, seconds_ago: int) -> Path:
    path.write_bytes(b"customers")
    changed = path.stat().st_mtime - seconds_ago
    os.utime(path, (changed, changed))
    return path


def test_an_abandoned_archive_is_deleted_with_its_database_copy(tmp_path: Path) -> None:
    written(tmp_path / DRAFT, seconds_ago=61)
    for ending in (".snapshot", ".snapshot-wal", ".snapshot.partial"):
        written(tmp_path / DRAFT.replace(".partial", ending), seconds_ago=61)
    assert remove_abandoned(tmp_path) == 1
    assert list(tmp_path.iterdir()) == []


def test_an_abandoned_database_copy_without_archive_is_deleted(tmp_path: Path) -> None:
    written(tmp_path / DRAFT.replace(".partial", ".snapshot"), seconds_ago=61)
    assert remove_abandoned(tmp_path) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_recently_started_archive_is_kept(tmp_path: Path) -> None:
    draft = written(tmp_path / DRAFT, seconds_ago=50)
    assert remove_abandoned(tmp_path) == 0
    assert draft.exists()


def test_other_files_are_kept(tmp_path: Path) -> None:
    for name in ("netone.tar", ".netone.tar.partial", "netone.tar.4711-0123abcd.partial", ".hidden.partial"):
        written(tmp_path / name, seconds_ago=1000)
    assert remove_abandoned(tmp_path) == 0
    assert len(list(tmp_path.iterdir())) == 4


def test_a_missing_folder_has_no_abandoned_archives(tmp_path: Path) -> None:
    assert remove_abandoned(tmp_path / "none") == 0


def test_the_archive_of_a_running_process_is_kept_until_it_is_killed(tmp_path: Path) -> None:
    draft = written(tmp_path / DRAFT, seconds_ago=1000)
    with subprocess.Popen([sys.executable, "-c", LOCKED, str(draft)], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"locked\n"
        assert is_locked(draft)
        assert remove_abandoned(tmp_path) == 0
        process.send_signal(signal.SIGKILL)
    assert remove_abandoned(tmp_path) == 1


def test_a_file_has_one_owner_at_a_time(tmp_path: Path) -> None:
    file = written(tmp_path / "file", seconds_ago=0)
    first, second = os.open(file, os.O_RDWR), os.open(file, os.O_RDWR)
    try:
        assert try_lock(first)
        assert not try_lock(second)
    finally:
        os.close(first)
        os.close(second)
    assert not is_locked(file)
