"""`netone db check`, and starting with the wrong database, as they look on a terminal."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tests.integration.terminal import Terminal


def test_checking_an_empty_directory_creates_nothing(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    done = terminal.run("db", "check")
    assert done.returncode == 2
    assert "There is no database. Nothing was created." in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.rglob("*.db")) == []


def test_a_sound_installation_is_counted_and_a_damaged_one_is_named(
    terminal: Terminal, scored: tuple[dict[str, Any], Path]
) -> None:
    run = scored[0]["run"]
    report = terminal.json("db", "check")
    assert report["sound"] is True
    assert (report["results"], report["results_without_hash"], report["models"]) == (1, 0, 1)
    assert report["problems"] == []

    (parquet,) = terminal.folder.rglob(f"results/{run}/customers.parquet")
    content = bytearray(parquet.read_bytes())
    content[len(content) // 2] ^= 1
    parquet.write_bytes(content)
    done = terminal.run("db", "check")
    assert done.returncode == 2
    assert f"({run}) are damaged: customers.parquet" in done.stderr
    content[len(content) // 2] ^= 1
    parquet.write_bytes(content)


def test_a_backup_of_the_database_is_checked_by_its_hash(
    terminal: Terminal, scored: tuple[dict[str, Any], Path]
) -> None:
    backup = terminal.folder / "checked.db"
    assert terminal.run("db", "backup", backup).returncode == 0
    done = terminal.run("db", "check", backup)
    assert (done.returncode, "every byte verified" in done.stderr) == (0, True)
    backup.write_bytes(backup.read_bytes()[:-1] + b"!")
    done = terminal.run("db", "check", backup)
    assert (done.returncode, "damaged" in done.stderr) == (2, True)
    assert terminal.run("db", "check", terminal.folder / "none.db").returncode == 2


def test_no_command_starts_without_the_database_and_every_file_stays(
    terminal: Terminal, scored: tuple[dict[str, Any], Path]
) -> None:
    (database,) = terminal.folder.rglob("netone.db")
    data = database.parent
    moved = [file.rename(terminal.folder / file.name) for file in sorted(data.glob("netone.db*"))]
    before = {path for path in data.rglob("*") if path.is_file() and "tmp" not in path.parts}
    priority = os.nice(0) if hasattr(os, "nice") else 0
    for arguments in (
        ("serve", "--port", "1"),
        ("worker",),
        ("models",),
        ("runs", "delete", "x", "--yes"),
        ("db", "check"),
    ):
        done = terminal.run(*arguments)
        assert done.returncode == 2, (arguments, done.stderr)
        assert "Nothing was" in done.stderr
        assert "Traceback" not in done.stderr
    assert (os.nice(0) if hasattr(os, "nice") else 0) == priority, "all tests that follow would give way"
    assert {path for path in before if not path.exists()} == set()
    assert not database.exists()
    for file in moved:
        file.rename(data / file.name)
    assert terminal.json("db", "check")["sound"] is True
