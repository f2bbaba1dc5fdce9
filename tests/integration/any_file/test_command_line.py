"""What the command line says of a file, takes of it, and leaves alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from application.ports.runs import RunQuery
from bench.ports import ports_of
from entrypoints.application import Application
from tests.builders import contacts_in
from tests.integration.any_file.conftest import Rows
from tests.integration.any_file.scoring import as_csv, written
from tests.integration.terminal import Terminal, rows_of


@pytest.fixture
def terminal(application: Application, folder: Path) -> Terminal:
    """On the installation that has a model already, and remembers nothing of other tests' files."""
    assert (folder / "data").is_dir()
    with ports_of(application).new_uow() as uow:
        for match in uow.remembered_matches.all():
            uow.remembered_matches.remove(match.id)
        uow.commit()
    return Terminal(folder)


def renamed(table: Rows, **names: str) -> Rows:
    return [[names.get(name, name) for name in table[0]], *table[1:]]


def test_a_suggested_match_is_listed_and_used_only_with_permission(
    terminal: Terminal, table: Rows, tmp_path: Path
) -> None:
    file = written(tmp_path / "renamed.csv", as_csv(renamed(table, Contract="Contract type", tenure="TENURE")))
    plain = written(tmp_path / "plain.csv", as_csv(table))
    left, taken, usual = tmp_path / "left.csv", tmp_path / "taken.csv", tmp_path / "usual.csv"

    without = terminal.run("score", file, "--out", left)
    allowed = terminal.run("score", file, "--out", taken, "--accept-similar-columns")
    terminal.run("score", plain, "--out", usual)

    assert "“TENURE” is used as tenure." in without.stderr
    assert "“Contract type” may be Contract; it is not used." in without.stderr
    assert "Not in the file: Contract; " in without.stderr
    assert "“Contract type” is used as Contract, because of --accept-similar-columns." in allowed.stderr
    assert "Not in the file" not in allowed.stderr
    assert taken.read_bytes() == usual.read_bytes() != left.read_bytes()


def test_a_file_with_only_suggested_matches_is_rejected_with_advice(
    terminal: Terminal, table: Rows, tmp_path: Path
) -> None:
    rows = [[f"{name} x" for name in table[0]], *table[1:]]
    file = written(tmp_path / "guesses.csv", as_csv(rows))
    said = terminal.mistake("score", file, "--out", tmp_path / "out.csv")
    assert "To use columns with similar names, add --accept-similar-columns." in said
    assert not (tmp_path / "out.csv").exists()


def test_too_many_rejected_rows_leave_only_their_list(
    terminal: Terminal, application: Application, table: Rows, tmp_path: Path
) -> None:
    file = written(tmp_path / "bad.csv", as_csv([table[0], *table[1:41], *(row[:3] for row in table[41:])]))
    out, rejected = tmp_path / "out.csv", tmp_path / "rejected.csv"
    said = terminal.mistake("score", file, "--out", out, "--rejected", rejected, "--json")
    assert said.startswith("20 of 60 rows could not be read, for example line 42 has 3 columns instead of 20.")
    assert said.strip().endswith(f"They are listed in {rejected}.")
    assert [row["line"] for row in rows_of(rejected)] == [str(line) for line in range(42, 62)]
    assert not out.exists()
    with ports_of(application).new_reading() as uow:
        (run,) = uow.runs.find(RunQuery(search="bad.csv")).runs
        assert uow.uploads.get(run.id) is None
        assert contacts_in(uow, run.id) == 0
    assert [path.name for path in terminal.data.rglob(f"*{run.id}*")] == [f"{run.id}.rejected.csv"]


def test_a_pipe_is_rejected_with_a_message(terminal: Terminal, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    for command in (("score", pipe, "--out", tmp_path / "out.csv"), ("evaluate", pipe), ("train", pipe)):
        assert "a pipe or a device, not a file" in terminal.mistake(*command, "--json")


def test_an_output_never_overwrites_its_input(terminal: Terminal, table: Rows, tmp_path: Path) -> None:
    file = written(tmp_path / "customers.csv", as_csv(table))
    before = file.read_bytes()
    (tmp_path / "again.csv").symlink_to(file)
    for out in (file, tmp_path / "again.csv", tmp_path / "." / "customers.csv"):
        assert "given twice" in terminal.mistake("score", file, "--out", out, "--json")
    out = tmp_path / "out.csv"
    assert "given twice" in terminal.mistake("score", file, "--out", out, "--rejected", out, "--json")
    assert file.read_bytes() == before


def test_the_recognised_format_is_printed_and_can_be_corrected(terminal: Terminal, table: Rows, tmp_path: Path) -> None:
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


def test_a_file_is_evaluated_with_the_options_with_which_it_is_scored(
    terminal: Terminal, table: Rows, tmp_path: Path
) -> None:
    labelled = [[*table[0], "Churn"], *([*row, "Yes" if n % 3 else "No"] for n, row in enumerate(table[1:]))]
    plain = written(tmp_path / "plain.csv", as_csv(labelled))
    odd = written(tmp_path / "odd.csv", as_csv(renamed(labelled, Contract="Contract type"), delimiter="|"))
    usual = terminal.run("evaluate", plain, "--json").stdout
    without = terminal.run("evaluate", odd, "--json")
    allowed = terminal.run(
        "evaluate", odd, "--json", "--accept-similar-columns", "--delimiter", "bar", "--decimal", "point"
    )
    assert "“Contract type” may be Contract; it is not used." in without.stderr
    assert "“Contract type” is used as Contract, because of --accept-similar-columns." in allowed.stderr
    assert allowed.stdout == usual != without.stdout
    assert "None of the columns" in terminal.mistake("evaluate", odd, "--delimiter", "tab", "--json")


def repeating(table: Rows) -> Rows:
    """Customers under another name, who repeat after the first rows, next to a column that differs in every row."""
    at = table[0].index("customerID")
    header = [*(("Kundennummer" if place == at else name) for place, name in enumerate(table[0])), "Vorgang"]
    rows = [[*table[n + 1], f"V{70_000 + n}"] for n in range(60)]
    for n in range(30, 60):
        rows[n][at] = rows[n - 30][at]
    return [header, *rows]


@pytest.mark.parametrize("command", ["score", "evaluate"])
def test_ids_that_repeat_further_down_are_asked_for(
    terminal: Terminal, table: Rows, tmp_path: Path, command: str
) -> None:
    header, *rows = repeating(table)
    labelled = [[*header, "Churn"], *([*row, "Yes" if n % 3 else "No"] for n, row in enumerate(rows))]
    file, out = written(tmp_path / "repeating.csv", as_csv(labelled)), tmp_path / "out.csv"
    arguments = (command, file, *(("--out", out) if command == "score" else ()))
    said = terminal.mistake(*arguments)
    assert said.strip().endswith(
        "further down 30 rows repeat an id. “Vorgang” differs in every row. Answer with --id Vorgang or --id "
        "Kundennummer or --no-id."
    )
    assert not out.exists()
    for answer in (("--id", "Vorgang"), ("--id", "Kundennummer"), ("--no-id",)):
        done = terminal.run(*arguments, *answer)
        assert done.returncode == 0, done.stderr


def test_the_answer_about_the_ids_names_the_first_column_of_the_output(
    terminal: Terminal, table: Rows, tmp_path: Path
) -> None:
    file, out = written(tmp_path / "repeating.csv", as_csv(repeating(table))), tmp_path / "out.csv"
    terminal.run("score", file, "--out", out, "--id", "Vorgang")
    assert [row["customerID"] for row in rows_of(out)][:2] == ["V70000", "V70001"]
    terminal.run("score", file, "--out", out, "--no-id")
    assert [row["row"] for row in rows_of(out)][:2] == ["1", "2"]
    assert "contradict" in terminal.mistake("score", file, "--out", out, "--no-id", "--id", "Vorgang")


@pytest.mark.parametrize(
    ("column", "options"),
    [
        ("discount", "--unit discount=% or --unit discount=as-written"),
        ("Rabatt Prozent", "--unit 'Rabatt Prozent=%' or --unit 'Rabatt Prozent=as-written'"),
    ],
)
def test_percentages_for_a_model_of_shares_are_asked_about(
    terminal: Terminal, tmp_path: Path, column: str, options: str
) -> None:
    def customers(each: float, *more: str) -> Rows:
        rows = [[f"c{n:04d}", f"{n % 70}", f"{each * (1 + n * 7 % 99) / 100:g}"] for n in range(300)]
        return [["customerID", "tenure", column, *more], *rows]

    header, *rows = customers(1.0, "Churn")
    labelled = [header, *([*row, "Yes" if n * 7 % 99 < 30 else "No"] for n, row in enumerate(rows))]
    noisy = [row if n % 5 else [*row[:-1], "Yes"] for n, row in enumerate(labelled)]
    noisy[0] = header
    own = Terminal(tmp_path)
    version = own.json("train", written(tmp_path / "labelled.csv", as_csv(noisy)), "--effort", "low")["version"]
    shares, percentages = (written(tmp_path / f"{each:g}.csv", as_csv(customers(each))) for each in (1.0, 100.0))
    out, usual = tmp_path / "out.csv", tmp_path / "usual.csv"
    assert (
        own.mistake("score", percentages, "--out", out, "--model", version).strip().endswith(f"Answer with {options}.")
    )
    own.run("score", shares, "--out", usual)
    done = own.run("score", percentages, "--out", out, "--unit", f"{column}=%")
    assert done.returncode == 0, done.stderr
    assert out.read_bytes() == usual.read_bytes()
    own.run("score", percentages, "--out", out, "--unit", f"{column}=as-written")
    assert out.read_bytes() != usual.read_bytes()
    assert "COLUMN=UNIT" in own.mistake("score", percentages, "--out", out, "--unit", column)
