"""What the command line says of a file, takes of it, and leaves alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from application.ports.persistence import RunQuery
from entrypoints.desk import Desk
from tests.integration.any_file.conftest import Rows
from tests.integration.any_file.scoring import as_csv, written
from tests.integration.terminal import Terminal, rows_of


@pytest.fixture
def terminal(desk: Desk, folder: Path) -> Terminal:
    """On the installation that has a model already."""
    assert (folder / "data").is_dir()
    return Terminal(folder)


def renamed(table: Rows, **names: str) -> Rows:
    return [[names.get(name, name) for name in table[0]], *table[1:]]


def test_a_guess_is_listed_and_taken_only_when_that_is_allowed(terminal: Terminal, table: Rows, tmp_path: Path) -> None:
    file = written(tmp_path / "renamed.csv", as_csv(renamed(table, Contract="Contract type", tenure="TENURE")))
    plain = written(tmp_path / "plain.csv", as_csv(table))
    left, taken, usual = tmp_path / "left.csv", tmp_path / "taken.csv", tmp_path / "usual.csv"

    without = terminal.run("score", file, "--out", left)
    allowed = terminal.run("score", file, "--out", taken, "--accept-matches")
    terminal.run("score", plain, "--out", usual)

    assert "“TENURE” is taken as tenure." in without.stderr
    assert "“Contract type” may be Contract; it is not used." in without.stderr
    assert "Not in the file: Contract; " in without.stderr
    assert "“Contract type” is taken as Contract, as you allowed." in allowed.stderr
    assert "Not in the file" not in allowed.stderr
    assert taken.read_bytes() == usual.read_bytes() != left.read_bytes()


def test_a_file_of_guesses_alone_is_refused_with_the_way_on(terminal: Terminal, table: Rows, tmp_path: Path) -> None:
    rows = [[f"{name} x" for name in table[0]], *table[1:]]
    file = written(tmp_path / "guesses.csv", as_csv(rows))
    said = terminal.mistake("score", file, "--out", tmp_path / "out.csv")
    assert "Columns that are only alike are taken with --accept-matches." in said
    assert not (tmp_path / "out.csv").exists()


def test_too_many_bad_rows_leave_the_list_of_them_and_nothing_else(
    terminal: Terminal, desk: Desk, table: Rows, tmp_path: Path
) -> None:
    file = written(tmp_path / "bad.csv", as_csv([table[0], *table[1:41], *(row[:3] for row in table[41:])]))
    out, rejected = tmp_path / "out.csv", tmp_path / "rejected.csv"
    said = terminal.mistake("score", file, "--out", out, "--rejected", rejected, "--json")
    assert said.startswith("20 of 60 rows could not be read, for example line 42 has 3 columns instead of 20.")
    assert said.strip().endswith(f"They are listed in {rejected}.")
    assert [row["line"] for row in rows_of(rejected)] == [str(line) for line in range(42, 62)]
    assert not out.exists()
    with desk.new_reading() as uow:
        (run,) = uow.runs.find(RunQuery(search="bad.csv")).runs
        assert uow.uploads.get(run.id) is None
        assert uow.predictions.count(run.id) == 0
    assert [path.name for path in terminal.data.rglob(f"*{run.id}*")] == [f"{run.id}.rejected.csv"]


def test_a_pipe_is_refused_in_words(terminal: Terminal, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    for command in (("score", pipe, "--out", tmp_path / "out.csv"), ("evaluate", pipe), ("train", pipe)):
        assert "no file but a pipe or a device" in terminal.mistake(*command, "--json")


def test_no_file_is_overwritten_by_what_is_made_of_it(terminal: Terminal, table: Rows, tmp_path: Path) -> None:
    file = written(tmp_path / "customers.csv", as_csv(table))
    before = file.read_bytes()
    (tmp_path / "again.csv").symlink_to(file)
    for out in (file, tmp_path / "again.csv", tmp_path / "." / "customers.csv"):
        assert "named twice" in terminal.mistake("score", file, "--out", out, "--json")
    out = tmp_path / "out.csv"
    assert "named twice" in terminal.mistake("score", file, "--out", out, "--rejected", out, "--json")
    assert file.read_bytes() == before


def test_what_is_recognised_is_said_and_can_be_corrected(terminal: Terminal, table: Rows, tmp_path: Path) -> None:
    at = table[0].index("MonthlyCharges")
    rows = [table[0], *([*row[:at], "1.234", *row[at + 1 :]] for row in table[1:])]
    file = written(tmp_path / "charges.csv", as_csv(rows))
    said = terminal.run("score", file, "--out", tmp_path / "plain.csv")
    corrected = terminal.run(
        "score",
        file,
        "--out",
        tmp_path / "comma.csv",
        "--decimal",
        "comma",
        "--delimiter",
        "comma",
        "--encoding",
        "cp1252",
    )
    assert "charges.csv is read as comma, UTF-8." in said.stderr
    assert "charges.csv is read as comma, Windows-1252, decimal comma." in corrected.stderr
    assert (tmp_path / "plain.csv").read_bytes() != (tmp_path / "comma.csv").read_bytes()
    wrong = terminal.mistake("score", file, "--out", tmp_path / "x.csv", "--delimiter", "tab", "--json")
    assert "None of the columns" in wrong
