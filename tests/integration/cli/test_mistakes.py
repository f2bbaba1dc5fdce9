"""The caller's mistakes, and ours: one line on stderr, and the code a program can go by."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.terminal import LEFT_OPEN, Terminal

pytestmark = LEFT_OPEN


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
    assert said.endswith("Set it with --target COLUMN.")
    asked = terminal.mistake("train", labelled, "--target", "Contract", "--json")
    assert "Month-to-month" in asked
    assert "--positive Month-to-month" in asked
    assert "--positive 'One year'" in asked
    assert "or --target COLUMN for another column." in asked


def test_an_algorithm_that_is_not_installed_ends_in_one_line_that_says_how_to_install_it(
    terminal: Terminal, trained: dict[str, Any], labelled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.ml.training.neural.keras_runtime.is_installed", lambda: False)
    before = terminal.json("models", "list")
    said = terminal.mistake("train", labelled, "--algorithm", "neural", "--json")
    assert said == (
        "Neural additive models need TensorFlow, which is not installed here. Install it with “make neural” (the extra "
        "netone-churn[neural]), and start the program again."
    )
    assert terminal.json("models", "list") == before


def test_unknown_names_are_reported(
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


def test_an_unknown_option_ends_with_the_exit_code_for_usage_errors(terminal: Terminal) -> None:
    done = terminal.run("score", "--no-such-option")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "no-such-option" in done.stderr


def test_an_internal_failure_is_one_line_with_its_own_exit_code(
    terminal: Terminal, trained: dict[str, Any], unlabelled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise RuntimeError("a wheel came off")

    monkeypatch.setattr("application.use_cases.predictions.score_run.ScoreRun.__call__", break_down)
    done = terminal.run("score", unlabelled, "--out", tmp_path / "out.csv", "--json")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("netone: an unexpected error occurred (RuntimeError: a wheel came off)")
    assert len(done.stderr.splitlines()) == 1


def test_a_separate_process_uses_the_same_output_streams(
    terminal: Terminal, trained: dict[str, Any], tmp_path: Path
) -> None:
    good = terminal.process("models", "show", trained["version"], "--json")
    assert (good.returncode, good.stderr) == (0, "")
    assert json.loads(good.stdout) == trained
    bad = terminal.process("score", tmp_path / "missing.csv", "--out", tmp_path / "out.csv", "--json")
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr == f"netone: There is no file {tmp_path / 'missing.csv'}.\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--never-lowers", "Contract"), "It cannot be demanded that “Contract” never lowers the risk: it holds words"),
        (("--never-raises", "Churn"), "it is the column that says who left"),
        (("--never-raises", "customerID"), "because it names the customer"),
        (("--never-lowers", "Monthly fees"), "The file has no column called “Monthly fees”"),
        (("--never-lowers", "tenure", "--never-raises", "Tenure"), "“tenure” is demanded in both directions"),
    ],
)
def test_an_impossible_demand_is_named_and_nothing_is_stored(
    terminal: Terminal, trained: dict[str, Any], labelled: Path, options: tuple[str, ...], message: str
) -> None:
    before = terminal.sql("select count(*) from trainings")
    assert message in terminal.mistake("train", labelled, *options)
    assert terminal.sql("select count(*) from trainings") == before
