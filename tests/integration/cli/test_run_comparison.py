"""`netone runs compare`: a price rise that was planted in a file is found, and the same file twice gives zeros."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.terminal import LEFT_OPEN, Terminal, rows_of

pytestmark = LEFT_OPEN
Row = dict[str, str]


@pytest.fixture(scope="module")
def score(terminal: Terminal, trained: dict[str, Any]) -> Callable[..., str]:
    """Scores a file with the model, or with another one, and gives the run's id."""
    out = terminal.folder / "compared.csv"

    def scored(file: Path, model: str = str(trained["version"])) -> str:
        return str(terminal.json("score", file, "--model", model, "--out", out)["run"])

    return scored


@pytest.fixture(scope="module")
def other_model(terminal: Terminal) -> str:
    file = terminal.folder / "other.csv"
    assert terminal.run("sample", "--out", file, "--rows", 400, "--seed", 8).returncode == 0
    options = ("--target", "Churn", "--algorithm", "logistic", "--effort", "low", "--seed", 12)
    return str(terminal.json("train", file, *options)["version"])


@pytest.fixture(scope="module")
def dearer(terminal: Terminal, unlabelled: Path) -> Path:
    """The same customers with a bill that is $15 higher, without the first ten, and with five others."""
    rows = rows_of(unlabelled)
    kept = [row | {"MonthlyCharges": f"{float(row['MonthlyCharges']) + 15:.2f}"} for row in rows[10:]]
    joined = [row | {"customerID": f"NEW-{place}"} for place, row in enumerate(rows[:5])]
    file = terminal.folder / "dearer.csv"
    with file.open("w", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]))
        writer.writeheader()
        writer.writerows(kept + joined)
    return file


@pytest.fixture(scope="module")
def before(score: Callable[..., str], unlabelled: Path) -> str:
    return score(unlabelled)


@pytest.fixture(scope="module")
def after(score: Callable[..., str], before: str, dearer: Path) -> str:
    assert before
    return score(dearer)


def adds_up(split: dict[str, Any]) -> None:
    causes = split["causes"]
    assert sum(cause["change"] for cause in causes) == pytest.approx(split["change"], abs=1e-9)
    assert round(sum(cause["shown"] for cause in causes), 6) == split["shown"]
    for cause in causes:
        if cause["parts"]:
            assert sum(part["change"] for part in cause["parts"]) == pytest.approx(cause["change"], abs=1e-9)
            assert round(sum(part["shown"] for part in cause["parts"]), 6) == cause["shown"]


def test_a_planted_price_rise_is_named_first(terminal: Terminal, before: str, after: str) -> None:
    document = terminal.json("runs", "compare", after, before)
    assert document["customers"] == {"before": 120, "after": 115, "in_both": 110, "scored_again": 110}
    adds_up(document["split"])
    others, values = document["split"]["causes"]
    assert (others["name"], values["name"]) == ("other customers", "values")
    assert [part["name"] for part in others["parts"]] == ["joined", "left"]
    assert values["parts"][0]["name"] == "MonthlyCharges"
    assert values["parts"][0]["change"] != 0.0

    done = terminal.run("runs", "compare", before, after)
    assert done.returncode == 0
    assert done.stdout.startswith("The mean risk ")
    assert "Monthly charges (changed for 100.0%, on average up $15.00)" in done.stdout
    assert "Joined (5 customers only in the later prediction)" in done.stdout
    assert "No longer there (10 customers only in the earlier one)" in done.stdout


def test_the_same_file_twice_gives_zeros(
    terminal: Terminal, score: Callable[..., str], before: str, unlabelled: Path
) -> None:
    split = terminal.json("runs", "compare", before, score(unlabelled))["split"]
    assert [(cause["change"], cause["shown"], cause["parts"]) for cause in split["causes"]] == [(0.0, 0.0, [])] * 2


def test_another_model_on_the_same_file_is_all_of_the_change(
    terminal: Terminal, score: Callable[..., str], other_model: str, before: str, unlabelled: Path
) -> None:
    split = terminal.json("runs", "compare", before, score(unlabelled, other_model))["split"]
    adds_up(split)
    changes = {cause["name"]: cause["change"] for cause in split["causes"]}
    assert (changes["other customers"], changes["values"]) == (0.0, 0.0)
    assert changes["model"] == pytest.approx(split["change"], abs=1e-12)
    assert abs(changes["model"]) > 1e-4


def test_another_model_and_other_values_add_up(
    terminal: Terminal, score: Callable[..., str], other_model: str, before: str, dearer: Path, unlabelled: Path
) -> None:
    after = score(dearer, other_model)
    adds_up(terminal.json("runs", "compare", before, after)["split"])
    customer = rows_of(unlabelled)[20]
    own = terminal.json("runs", "compare", before, after, "--customer", customer["customerID"])
    adds_up(own["split"])
    bill = float(customer["MonthlyCharges"])
    assert own["values"] == {"MonthlyCharges": [bill, pytest.approx(bill + 15.0)]}
    shown = terminal.run("runs", "compare", before, after, "--customer", customer["customerID"])
    assert "monthly charges up $15.00" in shown.stdout
    assert "new model" in shown.stdout


def test_a_model_without_files_leaves_values_and_model_together(
    terminal: Terminal, score: Callable[..., str], other_model: str, before: str, dearer: Path
) -> None:
    after = score(dearer, other_model)
    folder = terminal.data / "models" / other_model
    folder.rename(folder.with_name(f".{other_model}"))
    try:
        document = terminal.json("runs", "compare", before, after)
    finally:
        folder.with_name(f".{other_model}").rename(folder)
    adds_up(document["split"])
    assert [cause["name"] for cause in document["split"]["causes"]] == ["other customers", "values and model"]
    assert document["problem"] == (
        f"Model {other_model} cannot be read any more, so the effects of other values and of another model cannot be "
        "separated."
    )


def test_mistakes_are_one_line(terminal: Terminal, before: str, after: str) -> None:
    for arguments, words in (
        ((before, before), "two different predictions"),
        ((before, "no-such-run"), "There is no such prediction"),
        ((before, after, "--customer", "nobody"), "no customer with this id"),
        ((before, after, "--customer", " "), "Enter the customer’s id"),
    ):
        done = terminal.run("runs", "compare", *arguments)
        assert done.returncode == 2
        assert words in done.stderr
        assert done.stderr.count("\n") == 1
