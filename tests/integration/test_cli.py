"""The command line as a program: what it writes, what it says where, and the code it ends with."""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from sklearn import metrics as known

from application.ports.results import CustomerQuery
from domain.account import system_account
from entrypoints.bootstrap import build_inline
from entrypoints.cli import main
from entrypoints.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
REAL_FILE = ROOT.parent / "shared" / "data" / "ibm-telco" / "Telco-Customer-Churn.csv"
PASSWORD = "correct horse battery staple 9"
COLUMNS = [
    *("customerID", "churn_probability", "churn_prediction", "risk_band"),
    *("reason_1", "reason_2", "reason_3", "recommendation", "expected_gain"),
]

pytestmark = pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning")
"""Each command opens the database for itself and leaves closing it to the end of its process."""


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


class Terminal:
    """Runs `netone` on one data directory."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"

    def run(self, *arguments: object, standard_input: str = "") -> Done:
        """The command within this process: libraries are loaded once for all of them."""
        said, complained = io.StringIO(), io.StringIO()
        with (
            redirect_stdout(said),
            redirect_stderr(complained),
            mock.patch.object(sys, "stdin", io.StringIO(standard_input)),
            mock.patch.dict(os.environ, {"NETONE_BCRYPT_COST": "4"}),
            pytest.raises(SystemExit) as ended,
        ):
            main(["--data-dir", str(self.data), *map(str, arguments)])
        return Done(int(ended.value.code or 0), said.getvalue(), complained.getvalue())

    def process(self, *arguments: object) -> Done:
        """The command as a program of its own."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("NETONE_")}
        ended = subprocess.run(
            [sys.executable, "-m", "entrypoints.cli", "--data-dir", str(self.data), *map(str, arguments)],
            capture_output=True,
            text=True,
            env=kept | {"PYTHONPATH": str(ROOT)},
            cwd=self.folder,
            timeout=300,
            check=False,
        )
        return Done(ended.returncode, ended.stdout, ended.stderr)

    def json(self, *arguments: object) -> dict[str, Any]:
        """The one JSON object of a command that must succeed, and nothing else on stdout."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        lines = done.stdout.splitlines()
        assert len(lines) == 1, done.stdout
        document = json.loads(lines[0])
        assert isinstance(document, dict)
        return document

    def mistake(self, *arguments: object, standard_input: str = "") -> str:
        """The one line on stderr of a command that the caller got wrong: code 2, nothing on stdout."""
        done = self.run(*arguments, standard_input=standard_input)
        assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
        assert done.stdout == ""
        lines = done.stderr.strip().splitlines()
        assert len(lines) == 1, done.stderr
        assert lines[0].startswith("netone: ")
        assert "Traceback" not in lines[0]
        return lines[0].removeprefix("netone: ")

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.data / "netone.db")) as connection:
            return connection.execute(query).fetchall()


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    return Terminal(tmp_path_factory.mktemp("cli"))


@pytest.fixture(scope="module")
def labelled(terminal: Terminal) -> Path:
    file = terminal.folder / "labelled.csv"
    done = terminal.run("sample", "--out", file, "--rows", 500, "--seed", 3)
    assert done.returncode == 0, done.stderr
    return file


@pytest.fixture(scope="module")
def unlabelled(terminal: Terminal) -> Path:
    file = terminal.folder / "customers.csv"
    done = terminal.run("sample", "--out", file, "--rows", 120, "--seed", 4, "--unlabelled")
    assert done.returncode == 0, done.stderr
    return file


@pytest.fixture(scope="module")
def trained(terminal: Terminal, labelled: Path) -> dict[str, Any]:
    """The first model of the folder, which is thereby its champion."""
    return terminal.json("train", labelled, "--target", "Churn", "--effort", "low", "--seed", 11)


@pytest.fixture(scope="module")
def scored(terminal: Terminal, trained: dict[str, Any], labelled: Path) -> tuple[dict[str, Any], Path]:
    """The labelled file scored by the model."""
    assert trained["stage"] == "champion"
    out = terminal.folder / "scored.csv"
    return terminal.json("score", labelled, "--out", out), out


# ── Sample ────────────────────────────────────────────────────────────


def test_sample_writes_as_many_customers_as_asked_and_the_same_for_the_same_seed(
    terminal: Terminal, labelled: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again.csv"
    assert terminal.run("sample", "--out", again, "--rows", 500, "--seed", 3).returncode == 0
    assert again.read_bytes() == labelled.read_bytes()
    rows = rows_of(labelled)
    assert len(rows) == 500
    assert {row["Churn"] for row in rows} == {"Yes", "No"}


def test_sample_leaves_the_answer_out_and_adds_months_when_asked(
    terminal: Terminal, unlabelled: Path, tmp_path: Path
) -> None:
    assert "Churn" not in rows_of(unlabelled)[0]
    months = tmp_path / "months.csv"
    assert terminal.run("sample", "--out", months, "--rows", 50, "--months", 3).returncode == 0
    found = {row["SnapshotMonth"] for row in rows_of(months)}
    assert len(found) == 3
    assert all(len(month) == 7 and month[4] == "-" for month in found)


# ── Train ─────────────────────────────────────────────────────────────


def test_train_tells_all_that_the_design_promises(trained: dict[str, Any]) -> None:
    assert trained["version"] == "v1"
    assert trained["rows"] == 500
    assert {"auc", "log_loss", "brier", "accuracy", "precision", "recall", "f1", "ece", "lift_10"} <= set(
        trained["metrics"]
    )
    assert all(isinstance(value, float) for value in trained["metrics"].values())
    assert "customerID" not in trained["columns_used"]
    assert "Churn" not in trained["columns_used"]
    assert "Contract" in trained["columns_used"]
    assert any(left["column"] == "customerID" for left in trained["columns_left_out"])
    assert (trained["target"], trained["positive"]) == ("Churn", "Yes")
    assert trained["seconds"] > 0


def test_a_later_model_is_a_candidate_until_it_is_promoted(
    terminal: Terminal, trained: dict[str, Any], labelled: Path
) -> None:
    later = terminal.json("train", labelled, "--algorithm", "logistic", "--effort", "low")
    assert (later["algorithm"], later["stage"]) == ("logistic", "candidate")
    listed = terminal.json("models", "list")["models"]
    assert [model["version"] for model in listed] == [later["version"], trained["version"]]
    assert terminal.json("models", "show", later["version"])["metrics"] == later["metrics"]
    promoted = terminal.json("models", "promote", later["version"], "--insist", "--why", "to try it")
    assert promoted == {"version": later["version"], "stage": "champion"}
    stages = {model["version"]: model["stage"] for model in terminal.json("models", "list")["models"]}
    assert stages[later["version"]] == "champion"
    assert list(stages.values()).count("champion") == 1
    assert terminal.json("models", "champion")["version"] == later["version"]
    assert terminal.json("models", "champion", "--on", "1999-12-31")["version"] is None
    changed = terminal.json("models", "threshold", later["version"], "--strategy", "fixed", "--percent", "40")
    assert (changed["threshold"], changed["metrics"]["auc"]) == (0.4, later["metrics"]["auc"])
    refused = terminal.run("models", "threshold", later["version"], "--strategy", "share")
    assert refused.returncode == 2
    assert "percentage" in refused.stderr
    terminal.json("models", "promote", trained["version"], "--insist", "--why", "back again")


def test_a_person_reads_of_the_training_on_stderr(terminal: Terminal, trained: dict[str, Any]) -> None:
    shown = terminal.run("models", "show", trained["version"])
    assert shown.returncode == 0
    assert "auc" in shown.stdout
    listed = terminal.run("models")
    assert listed.returncode == 0
    assert trained["version"] in listed.stdout


# ── Score ─────────────────────────────────────────────────────────────


def test_score_writes_every_row_in_the_files_order_with_exactly_these_columns(
    scored: tuple[dict[str, Any], Path], labelled: Path
) -> None:
    document, out = scored
    with out.open(encoding="utf-8", newline="") as stream:
        assert next(csv.reader(stream)) == COLUMNS
    rows = rows_of(out)
    assert [row["customerID"] for row in rows] == [row["customerID"] for row in rows_of(labelled)]
    threshold = document["threshold"]
    for row in rows:
        probability = float(row["churn_probability"])
        assert 0.0 < probability < 1.0
        assert row["churn_prediction"] == ("Yes" if probability >= threshold else "No")
        band = "low" if probability < 0.25 else "medium" if probability < 0.5 else "high"
        assert row["risk_band"] == (band if probability < 0.75 else "critical")
        assert (float(row["expected_gain"]) > 0) == (row["recommendation"] != "Leave alone")


def test_score_tells_all_that_the_design_promises(scored: tuple[dict[str, Any], Path]) -> None:
    document, out = scored
    for key in (
        "run",
        "model",
        "rows",
        "scored",
        "rejected",
        "predicted_churn",
        "out_of_range",
        "threshold",
        "seconds",
    ):
        assert key in document, key
    assert document["rows"] == document["scored"] + document["rejected"] == 500
    rows = rows_of(out)
    assert document["predicted_churn"] == sum(row["churn_prediction"] == "Yes" for row in rows)
    assert sum(document["bands"].values()) == 500
    assert document["metrics"]["customers"] == 500


def test_rows_that_cannot_be_read_are_counted_and_listed(
    terminal: Terminal, trained: dict[str, Any], unlabelled: Path, tmp_path: Path
) -> None:
    lines = unlabelled.read_text(encoding="utf-8").splitlines()
    lines[10] += ",two,more"
    lines[20] = lines[20].rsplit(",", 3)[0]
    file, out, rejected = tmp_path / "bad rows.csv", tmp_path / "out.csv", tmp_path / "rejected.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    document = terminal.json("score", file, "--out", out, "--rejected", rejected)
    assert (document["rows"], document["scored"], document["rejected"]) == (120, 118, 2)
    assert "metrics" not in document
    assert len(rows_of(out)) == 118
    assert [row["line"] for row in rows_of(rejected)] == ["11", "21"]
    assert all(row["reason"] for row in rows_of(rejected))


def test_the_files_own_columns_are_repeated_behind_the_results_when_asked(
    terminal: Terminal, trained: dict[str, Any], unlabelled: Path, tmp_path: Path
) -> None:
    out = tmp_path / "with input.csv"
    terminal.json("score", unlabelled, "--out", out, "--with-input")
    given, written = rows_of(unlabelled), rows_of(out)
    assert list(written[0])[: len(COLUMNS)] == COLUMNS
    assert [row["Contract"] for row in written] == [row["Contract"] for row in given]
    assert [row["tenure"] for row in written] == [row["tenure"] for row in given]


@pytest.mark.parametrize("more", [(), ("--with-input",)])
def test_what_is_written_while_scoring_is_what_the_stored_run_gives(
    terminal: Terminal, trained: dict[str, Any], labelled: Path, tmp_path: Path, more: tuple[str, ...]
) -> None:
    """Extra columns, hostile texts, unknown levels, missing values, an absent attribute and repeated ids among them."""
    rows = rows_of(labelled)
    names = [name for name in rows[0] if name != "StreamingTV"]
    for number, row in enumerate(rows):
        row["note"] = ("=1+1", 'a "b", c', "", "two\nlines", "Ζωή")[number % 5]
        row["Contract"] = ("Two year", "Weekly", "", row["Contract"])[number % 4]
        row["MonthlyCharges"] = ("", row["MonthlyCharges"], "1e3")[number % 3]
        row["customerID"] = row["customerID"] if number % 7 else "same"
    file, out = tmp_path / "customers.csv", tmp_path / "scored.csv"
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, [*names, "note"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)

    document = terminal.json("score", file, "--out", out, *more)

    desk = build_inline(Settings(data_dir=terminal.data))
    query = CustomerQuery(threshold=document["threshold"], sort="row", descending=False)
    by = system_account(desk.clock.now())
    _, pieces = desk.export_table.csv(document["run"], query, by=by, raw=True, with_input=bool(more))
    assert out.read_bytes() == b"".join(pieces)


def test_a_file_of_an_earlier_run_stays_where_the_scoring_fails(
    terminal: Terminal, trained: dict[str, Any], labelled: Path, tmp_path: Path
) -> None:
    header, *lines = labelled.read_text(encoding="utf-8").splitlines()
    file, out = tmp_path / "broken.csv", tmp_path / "scored.csv"
    out.write_text("of an earlier run", encoding="utf-8")
    cut_short = [line if number % 2 else line[:20] for number, line in enumerate(lines)]
    file.write_text("\n".join([header, *cut_short]), encoding="utf-8")

    assert terminal.run("score", file, "--out", out).returncode == 2

    assert out.read_text(encoding="utf-8") == "of an earlier run"
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_a_chosen_model_scores_and_a_fresh_folder_makes_its_starter_model(
    terminal: Terminal, trained: dict[str, Any], unlabelled: Path, tmp_path: Path
) -> None:
    document = terminal.json("score", unlabelled, "--out", tmp_path / "a.csv", "--model", trained["version"])
    assert document["model"] == trained["version"]
    fresh = Terminal(tmp_path)
    document = fresh.json("score", unlabelled, "--out", tmp_path / "b.csv")
    assert document["model"] == "v0"
    assert len(rows_of(tmp_path / "b.csv")) == 120


# ── Evaluate ──────────────────────────────────────────────────────────


def figures_by_scikit_learn(rows: list[dict[str, str]], truth: list[bool]) -> dict[str, float]:
    probability = np.array([float(row["churn_probability"]) for row in rows])
    called = np.array([row["churn_prediction"] == "Yes" for row in rows])
    left = np.array(truth)
    best = np.argsort(-probability, kind="stable")[: -(-len(left) // 10)]
    return {
        "auc": known.roc_auc_score(left, probability),
        "log_loss": known.log_loss(left, probability),
        "brier": known.brier_score_loss(left, probability),
        "accuracy": known.accuracy_score(left, called),
        "precision": known.precision_score(left, called),
        "recall": known.recall_score(left, called),
        "f1": known.f1_score(left, called),
        "lift_10": float(left[best].mean() / left.mean()),
    }


def test_evaluate_agrees_with_scikit_learn_on_the_written_scores(
    terminal: Terminal, scored: tuple[dict[str, Any], Path], labelled: Path
) -> None:
    truth = [row["Churn"] == "Yes" for row in rows_of(labelled)]
    before = terminal.json("runs", "list")
    document = terminal.json("evaluate", labelled)
    assert (document["rows"], document["scored"], document["rejected"]) == (500, 500, 0)
    for name, value in figures_by_scikit_learn(rows_of(scored[1]), truth).items():
        assert document["metrics"][name] == pytest.approx(value, abs=1e-9), name
        assert scored[0]["metrics"][name] == pytest.approx(value, abs=1e-9), name
    assert terminal.json("runs", "list") == before, "evaluating stores no run"


@pytest.mark.slow
def test_the_real_file_is_learned_scored_in_order_and_judged_as_scikit_learn_does(tmp_path: Path) -> None:
    if not REAL_FILE.exists():
        pytest.skip("IBM's telecom sample is not beside the repository (../shared/data/ibm-telco).")
    terminal, out = Terminal(tmp_path), tmp_path / "scored.csv"
    rows = rows_of(REAL_FILE)
    bare = tmp_path / "without the answer.csv"
    with bare.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [name for name in rows[0] if name != "Churn"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    model = terminal.json("train", REAL_FILE, "--target", "Churn", "--promote", "--effort", "low")
    assert (model["rows"], model["stage"]) == (7043, "champion")
    document = terminal.json("score", bare, "--out", out)
    assert (document["rows"], document["scored"], document["rejected"]) == (7043, 7043, 0)
    written = rows_of(out)
    assert list(written[0]) == COLUMNS
    assert [row["customerID"] for row in written] == [row["customerID"] for row in rows]
    judged = terminal.json("evaluate", REAL_FILE)["metrics"]
    for name, value in figures_by_scikit_learn(written, [row["Churn"] == "Yes" for row in rows]).items():
        assert judged[name] == pytest.approx(value, abs=1e-9), name


# ── Runs ──────────────────────────────────────────────────────────────


def test_a_run_is_listed_shown_exported_and_deleted(
    terminal: Terminal, trained: dict[str, Any], unlabelled: Path, tmp_path: Path
) -> None:
    document = terminal.json("score", unlabelled, "--out", tmp_path / "out.csv")
    run = document["run"]
    assert terminal.json("runs", "show", run) == document
    assert run in [listed["run"] for listed in terminal.json("runs", "list")["runs"]]
    for kind, start in (("csv", b"customerID,"), ("xlsx", b"PK"), ("pdf", b"%PDF-")):
        out = tmp_path / f"export.{kind}"
        told = terminal.json("runs", "export", run, "--format", kind, "--out", out, "--customers", 5)
        assert told == {"run": run, "format": kind, "out": str(out), "bytes": out.stat().st_size}
        assert out.read_bytes().startswith(start), kind
    assert terminal.json("runs", "delete", run, "--yes") == {"deleted": run}
    assert run not in [listed["run"] for listed in terminal.json("runs", "list")["runs"]]
    assert [path for path in terminal.data.rglob("*") if run in path.name] == []
    assert "no" in terminal.mistake("runs", "show", run, "--json").lower()


# ── The caller's mistakes ─────────────────────────────────────────────


@pytest.fixture
def wrong(terminal: Terminal, labelled: Path, tmp_path: Path) -> Iterator[dict[str, Path]]:
    """Files that cannot be used; whatever is asked of them, no run and no training is left."""
    contents = {
        "empty": b"",
        "header": labelled.read_bytes().splitlines(keepends=True)[0],
        "picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
        "strange": b"dish,oven,minutes\nsoup,no,20\nbread,yes,45\n",
    }
    files = {"missing": tmp_path / "missing.csv", "folder": tmp_path}
    for name, content in contents.items():
        files[name] = tmp_path / f"{name}.csv"
        files[name].write_bytes(content)
    counts = "select (select count(*) from runs), (select count(*) from trainings where state != 'failed')"
    before = terminal.sql(counts)
    yield files
    assert terminal.sql(counts) == before


@pytest.mark.parametrize("name", ["missing", "folder", "empty", "header", "picture", "strange"])
def test_a_file_that_cannot_be_scored_ends_in_one_line(
    terminal: Terminal, trained: dict[str, Any], wrong: dict[str, Path], tmp_path: Path, name: str
) -> None:
    out = tmp_path / "out.csv"
    said = terminal.mistake("score", wrong[name], "--out", out, "--json")
    assert said.endswith((".", "…"))
    assert not out.exists()


@pytest.mark.parametrize("name", ["missing", "folder", "empty", "header", "picture", "strange"])
def test_a_file_that_cannot_train_ends_in_one_line(
    terminal: Terminal, trained: dict[str, Any], wrong: dict[str, Path], name: str
) -> None:
    before = terminal.json("models", "list")
    terminal.mistake("train", wrong[name], "--json")
    assert terminal.json("models", "list") == before


def test_a_wrong_target_is_named_with_the_columns_there_are(
    terminal: Terminal, trained: dict[str, Any], labelled: Path
) -> None:
    said = terminal.mistake("train", labelled, "--target", "Left", "--json")
    assert "Left" in said
    assert "customerID" in said
    assert "tenure" in terminal.mistake("train", labelled, "--target", "tenure", "--json")


def test_what_is_unknown_is_said_to_be_unknown(
    terminal: Terminal, trained: dict[str, Any], labelled: Path, tmp_path: Path
) -> None:
    for arguments in (
        ("score", labelled, "--out", tmp_path / "out.csv", "--model", "v99"),
        ("evaluate", labelled, "--model", "v99"),
        ("models", "show", "v99"),
        ("models", "promote", "v99"),
        ("runs", "show", "no-such-run"),
        ("runs", "export", "no-such-run", "--out", tmp_path / "out.csv"),
        ("runs", "delete", "no-such-run", "--yes"),
    ):
        terminal.mistake(*arguments, "--json")
    assert not (tmp_path / "out.csv").exists()


def test_evaluating_a_file_without_the_answer_and_writing_to_nowhere_are_mistakes(
    terminal: Terminal, trained: dict[str, Any], unlabelled: Path, tmp_path: Path
) -> None:
    assert "no column “Churn”" in terminal.mistake("evaluate", unlabelled, "--json")
    nowhere = tmp_path / "no such folder" / "out.csv"
    assert "no folder" in terminal.mistake("score", unlabelled, "--out", nowhere, "--json")
    assert "folder" in terminal.mistake("score", unlabelled, "--out", tmp_path, "--json")


def test_an_option_that_does_not_exist_ends_with_the_callers_code(terminal: Terminal) -> None:
    done = terminal.run("score", "--no-such-option")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "no-such-option" in done.stderr


def test_what_fails_on_our_side_is_one_line_and_another_code(
    terminal: Terminal, trained: dict[str, Any], unlabelled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise RuntimeError("a wheel came off")

    monkeypatch.setattr("application.use_cases.score_customers.ScoreRun.__call__", break_down)
    done = terminal.run("score", unlabelled, "--out", tmp_path / "out.csv", "--json")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("netone: something failed on our side (RuntimeError: a wheel came off)")
    assert len(done.stderr.splitlines()) == 1


def test_a_program_of_its_own_speaks_on_the_same_channels(
    terminal: Terminal, trained: dict[str, Any], tmp_path: Path
) -> None:
    good = terminal.process("models", "show", trained["version"], "--json")
    assert (good.returncode, good.stderr) == (0, "")
    assert json.loads(good.stdout) == trained
    bad = terminal.process("score", tmp_path / "missing.csv", "--out", tmp_path / "out.csv", "--json")
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr == f"netone: There is no file {tmp_path / 'missing.csv'}.\n"


# ── People and the database ───────────────────────────────────────────


def test_a_user_is_added_with_a_password_from_standard_input(terminal: Terminal, trained: dict[str, Any]) -> None:
    added = terminal.run(
        *("user", "add", "manager@telco.example.com", "--name", "New Manager", "--role", "manager"),
        *("--password-stdin", "--json"),
        standard_input=f"{PASSWORD}\n",
    )
    assert added.returncode == 0, added.stderr
    assert json.loads(added.stdout) == {"email": "manager@telco.example.com", "name": "New Manager", "role": "manager"}
    kept = terminal.sql("select email, name, role, password_hash from accounts")
    assert [row[:3] for row in kept] == [("manager@telco.example.com", "New Manager", "manager")]
    assert PASSWORD not in kept[0][3]
    again = ("user", "add", "manager@telco.example.com", "--name", "New Manager", "--password-stdin")
    terminal.mistake(*again, standard_input=f"{PASSWORD}\n")
    for email, password in (("not an address", PASSWORD), ("weak@telco.example.com", "password")):
        terminal.mistake("user", "add", email, "--name", "Nobody", "--password-stdin", standard_input=f"{password}\n")
    assert len(terminal.sql("select email from accounts")) == 1


def test_a_database_is_made_checked_copied_and_put_back(tmp_path: Path) -> None:
    terminal, copy = Terminal(tmp_path), tmp_path / "copy.db"
    for arguments in (("db", "upgrade"), ("db", "check"), ("db", "backup", copy)):
        done = terminal.run(*arguments)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert copy.stat().st_size > 0
    add = ("user", "add", "later@telco.example.com", "--name", "Later", "--password-stdin")
    assert terminal.run(*add, standard_input=f"{PASSWORD}\n").returncode == 0
    assert terminal.sql("select count(*) from accounts") == [(1,)]
    assert terminal.run("db", "restore", copy).returncode == 0
    assert terminal.sql("select count(*) from accounts") == [(0,)]
    assert terminal.run("db", "check").returncode == 0


def test_what_is_no_copy_of_a_database_is_not_put_in_its_place(tmp_path: Path) -> None:
    terminal, wrong = Terminal(tmp_path), tmp_path / "wrong.db"
    assert terminal.run("db", "upgrade").returncode == 0
    wrong.write_bytes(b"this is no database" * 100)
    before = terminal.sql("select version_num from alembic_version")
    terminal.mistake("db", "restore", wrong)
    terminal.mistake("db", "restore", tmp_path / "missing.db")
    assert terminal.sql("select version_num from alembic_version") == before
