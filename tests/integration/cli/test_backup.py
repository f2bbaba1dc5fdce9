"""`netone backup` and `netone restore`."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.integration.terminal import LEFT_OPEN, Terminal

pytestmark = LEFT_OPEN
PASSWORD = "correct horse battery staple 9"


@pytest.fixture(scope="module")
def archive(terminal: Terminal, scored: tuple[dict[str, Any], Path]) -> Path:
    file = terminal.folder / "monday.tar"
    made = terminal.json("backup", file)
    assert (made["bytes"], made["with_key"]) == (file.stat().st_size, False)
    assert made["without_files"] == []
    return file


def test_a_backup_is_restored_elsewhere_with_models_results_and_uploads(
    terminal: Terminal, archive: Path, unlabelled: Path, tmp_path: Path
) -> None:
    other = Terminal(tmp_path)
    restored = other.json("restore", archive)
    assert (restored["before"], restored["accounts"]) == (None, "backup")
    runs = terminal.json("runs", "list")
    assert other.json("runs", "list") == runs
    run_id = terminal.sql("select id from runs where state = 'done'")[0][0]
    outs = []
    for place in (terminal, other):
        out = place.folder / "export.csv"
        assert place.run("runs", "export", run_id, "--format", "csv", "--out", out).returncode == 0
        scored = place.folder / "again.csv"
        assert place.run("score", unlabelled, "--out", scored).returncode == 0
        outs.append((out.read_bytes(), scored.read_bytes()))
    assert outs[0] == outs[1]


def test_a_backup_is_checked_without_a_data_directory(archive: Path, tmp_path: Path) -> None:
    other = Terminal(tmp_path)
    done = other.run("backup", archive, "--check")
    assert done.returncode == 0, done.stderr
    assert "every byte verified" in done.stderr
    assert json.loads(other.run("backup", archive, "--check", "--json").stdout)["version"] == "0.2.0"
    assert not other.data.exists()
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 1
    damaged = tmp_path / "damaged.tar"
    damaged.write_bytes(content)
    assert "is damaged" in other.mistake("backup", damaged, "--check")
    assert "is damaged" in other.mistake("restore", damaged)
    assert "not a backup" in other.mistake("restore", __file__)
    assert "no file" in other.mistake("restore", tmp_path / "none.tar")


def test_replacing_an_installation_needs_force_and_keeps_it_in_the_trash(archive: Path, tmp_path: Path) -> None:
    other = Terminal(tmp_path)
    add = ("user", "add", "later@telco.example.com", "--name", "Later", "--password-stdin")
    assert other.run(*add, standard_input=f"{PASSWORD}\n").returncode == 0
    assert "--force" in other.mistake("restore", archive)
    assert other.sql("select email from accounts") == [("later@telco.example.com",)]
    done = other.run("restore", archive, "--force")
    assert done.returncode == 0, done.stderr
    assert "The previous installation is in" in done.stderr
    assert "All users are logged out" in done.stderr
    assert other.sql("select count(*) from runs where state = 'done'") >= [(1,)]
    (before,) = (other.data / "trash").iterdir()
    assert (before / "netone.db").stat().st_size > 0
    assert other.run("db", "check").returncode == 0


def test_a_restore_that_resets_passwords_prints_links_for_administrators(tmp_path: Path) -> None:
    first = Terminal(tmp_path)
    add = ("user", "add", "admin@telco.example.com", "--name", "Admin", "--role", "admin", "--password-stdin")
    assert first.run(*add, standard_input=f"{PASSWORD}\n").returncode == 0
    assert first.run("backup", tmp_path / "one.tar").returncode == 0
    restored = first.json("restore", tmp_path / "one.tar", "--force", "--require-password-reset")
    assert list(restored["reset_links"]) == ["admin@telco.example.com"]
    assert restored["accounts"] == "present"
    assert first.sql("select password_hash from accounts") == [("!",)]


def test_mistakes_are_reported_in_one_line(terminal: Terminal, archive: Path, tmp_path: Path) -> None:
    assert "already" in terminal.mistake("backup", archive)
    assert "no folder" in terminal.mistake("backup", tmp_path / "none" / "one.tar")
    assert "folder" in terminal.mistake("backup", tmp_path)
    assert "folder" in terminal.mistake("restore", tmp_path)


def test_a_copy_of_the_database_is_checked_by_its_hash(archive: Path, terminal: Terminal, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert terminal.run("db", "backup", copy).returncode == 0
    assert (tmp_path / "copy.db.sha256").read_text().endswith("  copy.db\n")
    other = Terminal(tmp_path)
    for file, words in ((copy, "every byte verified"), (archive, "every byte verified")):
        done = other.run("db", "check", file)
        assert done.returncode == 0, done.stderr
        assert words in done.stderr
    content = bytearray(copy.read_bytes())
    for place in range(0, len(content), len(content) // 40):
        flipped = bytearray(content)
        flipped[place] ^= 1
        copy.write_bytes(flipped)
        assert "damaged" in other.mistake("db", "check", copy)
    assert "damaged" in other.mistake("db", "restore", copy)
    copy.write_bytes(content)
    (tmp_path / "copy.db.sha256").unlink()
    assert "there is no copy.db.sha256" in other.run("db", "check", copy).stderr
    assert "no file" in other.mistake("db", "check", tmp_path / "none.db")
    assert "netone restore" in other.mistake("db", "restore", archive)
    assert not other.data.exists() or not (other.data / "netone.db").exists()


def test_a_restored_copy_of_the_database_lets_nobody_in(tmp_path: Path) -> None:
    terminal, copy = Terminal(tmp_path), tmp_path / "copy.db"
    assert terminal.run("db", "upgrade").returncode == 0
    with sqlite3.connect(terminal.data / "netone.db") as connection:
        connection.execute(
            "insert into one_time_links values ('h', 'set_up', null, null, 'admin', '2026-01-01', '2099-01-01', null)"
        )
    connection.close()
    assert terminal.run("db", "backup", copy).returncode == 0
    assert terminal.run("db", "restore", copy).returncode == 0
    assert terminal.sql("select count(*) from one_time_links") == [(0,)]
    assert not (terminal.data / ".restore").exists()
