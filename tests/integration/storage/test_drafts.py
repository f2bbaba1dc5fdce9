"""Drafts of small files in the data directory: a killed process leaves one, and a later start removes it."""

from __future__ import annotations

import os
from pathlib import Path

from adapters.durable import draft_of
from adapters.storage.directory import LocalDirectory, remove_old_drafts
from domain.installation import InstallationId
from entrypoints.settings import Settings
from entrypoints.wiring.first_start import prepare_folder, secret_key

HOUR = 3600


def left(path: Path, *, seconds_ago: int) -> Path:
    draft = draft_of(path)
    draft.write_text("half", "ascii")
    changed = draft.stat().st_mtime - seconds_ago
    os.utime(draft, (changed, changed))
    return draft


def test_old_drafts_are_deleted_when_the_folder_is_prepared(tmp_path: Path) -> None:
    drafts = [
        left(tmp_path / name, seconds_ago=HOUR + 60) for name in ("secret.key", "bcrypt-cost", "installation.mark")
    ]
    prepare_folder(Settings(data_dir=tmp_path))
    assert [draft.name for draft in drafts if draft.exists()] == []


def test_a_recent_draft_is_kept(tmp_path: Path) -> None:
    draft = left(tmp_path / "installation.json", seconds_ago=HOUR - 60)
    assert remove_old_drafts(tmp_path) == 0
    assert draft.exists()


def test_only_drafts_are_deleted(tmp_path: Path) -> None:
    for name in (".netone.lock", "secret.key", ".notes.2026-11-29", "installation.json"):
        (tmp_path / name).write_text("kept", "ascii")
        os.utime(tmp_path / name, (0, 0))
    (tmp_path / ".folder.0123abcd").mkdir()
    os.utime(tmp_path / ".folder.0123abcd", (0, 0))
    assert remove_old_drafts(tmp_path) == 0


def test_what_is_written_leaves_no_draft(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    prepare_folder(settings)
    key = secret_key(settings)
    LocalDirectory(tmp_path).give(InstallationId("one"))
    LocalDirectory(tmp_path).raise_mark(1)
    assert secret_key(settings) == key
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        "installation.json",
        "installation.mark",
        "secret.key",
    ]
