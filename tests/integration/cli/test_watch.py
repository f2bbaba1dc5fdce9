"""`netone watch`: files of a folder become predictions with results next to them, and models."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.builders.months import monthly_files
from tests.integration.terminal import LEFT_OPEN, ROOT, Terminal

pytestmark = LEFT_OPEN


@pytest.fixture(autouse=True)
def _quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETONE_FOLDER_SECONDS", "0.05")


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    folder = tmp_path / "crm export"
    folder.mkdir()
    return folder


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_file_is_predicted_once_with_the_results_of_the_export(
    terminal: Terminal, trained: dict[str, Any], unlabelled: Path, exports: Path
) -> None:
    (exports / "customers.csv").write_bytes(unlabelled.read_bytes())
    (exports / "later.csv.part").write_bytes(b"half")
    (file,) = terminal.json("watch", exports, "--once", "--results", "csv,xlsx,parquet")["files"]
    assert (file["state"], file["moved_to"]) == ("done", "done/customers.csv")
    assert names(exports) == [
        "done/customers.csv",
        "done/customers.predictions.csv",
        "done/customers.predictions.parquet",
        "done/customers.predictions.xlsx",
        "later.csv.part",
    ]
    for kind in ("csv", "xlsx", "parquet"):
        out = terminal.folder / f"exported.{kind}"
        terminal.json("runs", "export", file["job"], "--format", kind, "--out", out)
        assert (exports / f"done/customers.predictions.{kind}").read_bytes() == out.read_bytes()
    (exports / "copy.csv").write_bytes(unlabelled.read_bytes())
    assert terminal.json("watch", exports, "--once")["files"] == []
    assert "done/copy.csv.txt" in names(exports)
    assert [own["run"] for own in terminal.json("runs", "list")["runs"]].count(file["job"]) == 1
    assert len(terminal.json("runs", "list")["runs"]) == 1


def test_a_refused_file_ends_the_command_with_2_and_a_note(
    terminal: Terminal, trained: dict[str, Any], exports: Path
) -> None:
    (exports / "=1+1.csv").write_text("a,b\n1,2\n")
    done = terminal.run("watch", exports, "--once")
    assert done.returncode == 2
    assert "/=1+1.csv: refused. None of the columns that model" in done.stderr
    assert names(exports) == ["refused/=1+1.csv", "refused/=1+1.csv.txt"]
    assert (exports / "refused/=1+1.csv.txt").read_text().startswith("=1+1.csv was not used.")


def test_a_labelled_file_trains_a_model(terminal: Terminal, trained: dict[str, Any], exports: Path) -> None:
    file = exports / "labelled.csv"
    assert terminal.run("sample", "--out", file, "--rows", 150, "--seed", 8).returncode == 0
    (file_done,) = terminal.json("watch", exports, "--then", "train", "--once")["files"]
    assert file_done["words"] == "Model v2, candidate was trained on it."
    assert names(exports) == ["done/labelled.csv", "done/labelled.csv.txt"]


def test_the_next_months_file_grades_a_prediction(
    terminal: Terminal, trained: dict[str, Any], exports: Path, tmp_path: Path
) -> None:
    first, second = monthly_files(tmp_path, "nightly", rows=200, seed=8, months=2, last_month="2026-08")
    run = terminal.json("score", first, "--out", tmp_path / "scored.csv")["run"]
    (exports / second.name).write_bytes(second.read_bytes())
    (file,) = terminal.json("watch", exports, "--then", "grade", "--once")["files"]
    assert file["words"] == f"Predictions graded: 1 ({first.name})."
    assert [own["run"] for own in terminal.json("runs", "gradings")["gradings"]] == [run]
    assert names(exports) == [f"done/{second.name}", f"done/{second.name}.txt"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("none",), "There is no folder none."),
        (("--json",), "it needs --once"),
        (("--results", "csv"), "belong to a FOLDER"),
        ((".", "--results", "pdf"), "'pdf' is not one of csv, xlsx, parquet"),
        ((".", "--then", "train", "--results", "csv"), "Only predictions have results"),
    ],
)
def test_a_mistake_is_one_line(terminal: Terminal, arguments: tuple[str, ...], words: str) -> None:
    done = terminal.run("watch", *arguments)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert words in done.stderr


def test_without_rules_it_says_what_to_do(terminal: Terminal) -> None:
    assert "There is no rule yet." in terminal.run("watch", "--once").stderr


def test_a_process_that_is_killed_is_carried_on_by_the_next(
    terminal: Terminal, trained: dict[str, Any], unlabelled: Path, exports: Path
) -> None:
    """The first one is killed while it works; Ctrl-C ends the second one with one line."""
    (exports / "customers.csv").write_bytes(unlabelled.read_bytes() + b"\n")
    given = {**os.environ, "NETONE_SILENT_SECONDS": "0.5", "NETONE_BEAT_SECONDS": "0.2"}
    command = [sys.executable, "-m", "entrypoints.cli", "--data-dir", str(terminal.data), "watch", str(exports)]

    def heeding() -> None:  # a shell's background jobs, and what they start, ignore Ctrl-C
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    def started() -> subprocess.Popen[str]:
        return subprocess.Popen(command, cwd=ROOT, env=given, stderr=subprocess.PIPE, text=True, preexec_fn=heeding)

    before = len(terminal.json("runs", "list")["runs"])
    first = started()
    while len(terminal.json("runs", "list")["runs"]) == before and first.poll() is None:
        time.sleep(0.05)
    first.kill()
    first.communicate()
    second = started()
    deadline = time.monotonic() + 60
    while names(exports) != ["done/customers.csv"] and time.monotonic() < deadline:
        time.sleep(0.1)
    second.send_signal(signal.SIGINT)
    try:
        _, said = second.communicate(timeout=30)
    finally:
        second.kill()
    assert (second.returncode, said.splitlines()[-1]) == (2, "netone: stopped.")
    assert names(exports) == ["done/customers.csv"]
    runs = terminal.json("runs", "list")["runs"]
    assert len(runs) == before + 1
