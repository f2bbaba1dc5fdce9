"""What an archive holds, and what happens when it cannot be made."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import stat
import tarfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from adapters.backup import writing
from adapters.backup.writing import ArchiveDraft
from adapters.persistence.engine import make_engine
from domain.backup import BackupPart, BackupState, PartKind
from domain.errors import BackupRefused, Conflict
from domain.run import RunId
from tests.integration.backup.installations import Installation, an_installation, write

EXPECTED = [
    "netone.db",
    "installation.json",
    "models/v1/model.json",
    "models/v1/trees.npz",
    "results/run-done/customers.parquet",
    "results/run-done/notes.json",
    "uploads/run-done.upload",
    "uploads/run-queued.upload",
    "uploads/run-done.rejected.csv",
    "manifest.json",
    "manifest.sha256",
]


def test_an_archive_holds_what_the_database_refers_to_and_nothing_else(archive: Path) -> None:
    with tarfile.open(archive) as tar:
        assert tar.getnames() == EXPECTED
        assert all(entry.isreg() and entry.mode == 0o600 for entry in tar)


def test_any_tar_program_and_sha256sum_can_check_an_archive(archive: Path, tmp_path: Path) -> None:
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path / "out", filter="data")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    listed = {file["name"]: (file["size"], file["sha256"]) for file in manifest["files"]}
    for name, (size, sha256) in listed.items():
        content = (tmp_path / "out" / name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (size, sha256)
    seal = (tmp_path / "out" / "manifest.sha256").read_text("ascii").split()
    assert seal == [hashlib.sha256((tmp_path / "out" / "manifest.json").read_bytes()).hexdigest(), "manifest.json"]


def test_the_manifest_says_what_was_backed_up_when_and_by_which_version(
    installation: Installation, tmp_path: Path
) -> None:
    stored = installation.back_up(tmp_path / "one.tar")
    manifest = installation.backups.check(tmp_path / "one.tar")
    assert manifest == stored.manifest
    assert (manifest.product, manifest.version, manifest.installation) == ("netone-churn", "0.2.0", "installation-1")
    assert manifest.schema >= "0005"
    assert manifest.missing == (BackupPart(PartKind.RESULTS, "run-purged"),)
    assert manifest.deleted == ()
    assert not manifest.with_key
    content = (tmp_path / "one.tar").read_bytes()
    assert (stored.size, stored.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_the_key_is_in_an_archive_on_request_only(installation: Installation, tmp_path: Path) -> None:
    assert installation.back_up(tmp_path / "with.tar", with_key=True).manifest.with_key
    with tarfile.open(tmp_path / "with.tar") as tar:
        assert "secret.key" in tar.getnames()


def test_only_the_owner_can_read_an_archive_and_no_other_file_is_left(
    archive: Path, installation: Installation
) -> None:
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert sorted(os.listdir(archive.parent)) == ["data", "one.tar"]


def test_the_database_in_an_archive_is_one_sound_file(archive: Path, tmp_path: Path) -> None:
    with tarfile.open(archive) as tar:
        tar.extract("netone.db", tmp_path / "out", filter="data")
    with closing(sqlite3.connect(f"file:{tmp_path / 'out' / 'netone.db'}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_an_existing_file_is_never_overwritten(installation: Installation, tmp_path: Path) -> None:
    taken = tmp_path / "taken.tar"
    taken.write_text("mine")
    with pytest.raises(Conflict, match="already"):
        installation.back_up(taken)
    dangling = tmp_path / "dangling.tar"
    dangling.symlink_to(tmp_path / "nowhere")
    with pytest.raises(Conflict, match="already"):
        installation.back_up(dangling)
    assert taken.read_text() == "mine"
    assert not (tmp_path / "nowhere").exists()


def test_a_file_that_appears_during_a_backup_is_not_overwritten(installation: Installation, tmp_path: Path) -> None:
    target = tmp_path / "one.tar"
    with pytest.raises(Conflict, match="already"):
        installation.back_up(target, heartbeat=lambda: target.write_text("mine") and None)
    assert target.read_text() == "mine"
    assert sorted(os.listdir(tmp_path)) == ["data", "one.tar"]


def test_a_backup_without_disk_space_is_rejected_before_writing(installation: Installation, tmp_path: Path) -> None:
    real = shutil.disk_usage(tmp_path)
    scarce = mock.Mock(return_value=mock.Mock(free=1_000_000, total=real.total))
    with (
        mock.patch.object(writing.shutil, "disk_usage", scarce),
        pytest.raises(BackupRefused, match="not enough space"),
    ):
        installation.back_up(tmp_path / "one.tar")
    assert os.listdir(tmp_path) == ["data"]


def test_a_disk_that_fills_up_during_a_backup_leaves_no_archive(installation: Installation, tmp_path: Path) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(BackupRefused, match="The disk is full"):
        installation.back_up(tmp_path / "one.tar", heartbeat=full)
    assert os.listdir(tmp_path) == ["data"]
    with installation.new_uow() as uow:
        assert uow.backups.latest() is None


def test_a_missing_folder_or_database_is_reported(installation: Installation, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="no folder"):
        installation.back_up(tmp_path / "none" / "one.tar")
    nothing = Installation(tmp_path / "new", make_engine(f"sqlite:///{tmp_path / 'new' / 'netone.db'}"))
    with pytest.raises(BackupRefused, match="nothing to back up"):
        nothing.back_up(tmp_path / "one.tar")
    assert not (tmp_path / "new").exists()


def test_a_backup_is_recorded_and_audited(installation: Installation, archive: Path) -> None:
    with installation.new_uow() as uow:
        record = uow.backups.latest(BackupState.DONE)
        assert record is not None
        assert (record.file, record.size) == (str(archive), archive.stat().st_size)
        assert "made a backup" in uow.audit.actions()


def test_two_archives_of_the_same_state_differ_only_in_their_times(installation: Installation, tmp_path: Path) -> None:
    names = []
    for file in (tmp_path / "a.tar", tmp_path / "b.tar"):
        manifest = installation.back_up(file).manifest
        names.append([(own.name, own.sha256) for own in manifest.files if own.name != "netone.db"])
    assert names[0] == names[1]


def during(installation: Installation, what: Any) -> Any:
    """Do something after the snapshot of the database, and before the files are copied."""
    real = ArchiveDraft.add

    def add(draft: ArchiveDraft, parts: Sequence[BackupPart]) -> Sequence[BackupPart]:
        what()
        return real(draft, parts)

    return mock.patch.object(ArchiveDraft, "add", add)


def delete_run(installation: Installation) -> None:
    with installation.new_uow() as uow:
        uow.runs.remove(RunId("run-done"))
        uow.uploads.remove("run-done")
        uow.commit()
    shutil.rmtree(installation.folder / "results" / "run-done")
    (installation.folder / "uploads" / "run-done.upload").unlink()


def test_what_is_deleted_during_a_backup_stays_deleted_after_a_restore(
    installation: Installation, tmp_path: Path
) -> None:
    with during(installation, lambda: delete_run(installation)):
        manifest = installation.back_up(tmp_path / "one.tar").manifest
    gone = (BackupPart(PartKind.RESULTS, "run-done"), BackupPart(PartKind.UPLOAD, "run-done"))
    assert manifest.deleted == gone
    assert manifest.missing == (BackupPart(PartKind.RESULTS, "run-purged"),)
    with an_installed_copy(tmp_path / "one.tar", tmp_path / "copy").new_uow() as uow:
        assert {run.id for run in uow.runs.unfinished()} == {"run-queued"}
        assert [record.id for record in uow.uploads.all()] == ["run-queued"]
    assert not [*(tmp_path / "copy").rglob("run-done*")]


def test_what_is_deleted_after_it_was_copied_stays_deleted_too(installation: Installation, tmp_path: Path) -> None:
    real = ArchiveDraft.add

    def add(draft: ArchiveDraft, parts: Sequence[BackupPart]) -> Sequence[BackupPart]:
        missing = real(draft, parts)
        delete_run(installation)
        return missing

    with mock.patch.object(ArchiveDraft, "add", add):
        installation.back_up(tmp_path / "one.tar")
    an_installed_copy(tmp_path / "one.tar", tmp_path / "copy").engine.dispose()
    assert not [*(tmp_path / "copy").rglob("run-done*")]


def test_results_that_are_replaced_during_a_backup_are_copied_from_one_version(
    installation: Installation, tmp_path: Path
) -> None:
    """As erasing a customer does: a new folder takes the name, the old one is deleted."""
    results = installation.folder / "results"

    def replace_results(*_: object) -> None:
        if (results / "run-done" / "notes.json").read_bytes() == b"{}":
            (results / "run-done").rename(results / ".old")
            write(results / "run-done" / "customers.parquet", b"PAR1 new PAR1")
            write(results / "run-done" / "notes.json", b'{"new": 1}')
            shutil.rmtree(results / ".old")

    real = os.listdir

    def listdir(path: Any) -> list[str]:
        names = real(path)
        if isinstance(path, int) and "notes.json" in names:
            replace_results()
        return names

    with mock.patch.object(os, "listdir", listdir):
        installation.back_up(tmp_path / "one.tar")
    with tarfile.open(tmp_path / "one.tar") as tar:
        tar.extractall(tmp_path / "out", filter="data")
    assert (tmp_path / "out/results/run-done/notes.json").read_bytes() == b'{"new": 1}'
    assert (tmp_path / "out/results/run-done/customers.parquet").read_bytes() == b"PAR1 new PAR1"


def an_installed_copy(file: Path, folder: Path) -> Installation:
    copy = Installation(folder, make_engine(f"sqlite:///{folder / 'netone.db'}"))
    folder.mkdir()
    copy.restore(file)
    return copy


def test_a_symbolic_link_in_the_data_directory_is_not_followed(installation: Installation, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("root's own")
    (installation.folder / "results" / "run-done" / "zz.json").symlink_to(secret)
    installation.back_up(tmp_path / "one.tar")
    assert b"root's own" not in (tmp_path / "one.tar").read_bytes()


def test_memory_stays_flat_for_large_files(installation: Installation, tmp_path: Path) -> None:
    import tracemalloc

    with (installation.folder / "uploads" / "run-done.upload").open("wb") as file:
        file.truncate(200_000_000)
    tracemalloc.start()
    installation.back_up(tmp_path / "one.tar")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000


def test_an_empty_installation_is_backed_up_too(tmp_path: Path) -> None:
    empty = an_installation(tmp_path / "data", empty=True)
    manifest = empty.back_up(tmp_path / "one.tar").manifest
    empty.engine.dispose()
    assert [file.name for file in manifest.files] == ["netone.db"]
    assert manifest.installation is None
