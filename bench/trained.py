"""What scoring costs with models as they are trained by default, beside today's script, in one run.

    python -m bench.trained [--rows 1000000] [--effort normal]

It trains a model of IBM's file (where it is present) and of the generated files of which a blend is learned, repeats
their customers under new ids up to the rows asked for, and scores them. Today's script scores the same customers; its
cost per row is the slope between two sizes, so that its start does not count.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from bench.accuracy import IBM, ibm
from bench.churn_shapes import SHAPES
from bench.measuring import ENVIRONMENT, in_fresh_process
from bench.path import application_in
from bench.ports import ports_of
from bench.reference import LABELLED
from domain.model import Effort

SCRIPT_ROWS = (5_000, 25_000)
BLENDED = ("counts", "deep", "leaves")


def files() -> dict[str, Callable[[], pd.DataFrame]]:
    shapes: dict[str, Callable[[], pd.DataFrame]] = {name: SHAPES[name] for name in BLENDED}
    return ({"ibm": ibm} if IBM.exists() else {}) | shapes


def measured(folder: Path, frame: pd.DataFrame, *, rows: int, effort: Effort) -> dict[str, Any]:
    """µs per row, peak memory and what the model consists of; and today's script's µs per row if it reads the file."""
    if "customerID" not in frame:
        frame.insert(0, "customerID", [f"L{place:07d}" for place in range(len(frame))])
    labelled, unlabelled = folder / LABELLED, folder / "unlabelled.csv"
    frame.to_csv(labelled, index=False)
    _train(folder, labelled, effort)
    _repeated(frame, rows).to_csv(unlabelled, index=False)
    ours = in_fresh_process("bench.path", str(folder), str(unlabelled), "--champion")
    return {"us": ours["cpu_us_per_row"], "mb": ours["peak_mb"], "members": _members(folder)}


def script(folder: Path, frame: pd.DataFrame) -> float:
    """Today's script's µs per row."""
    took = []
    for rows in SCRIPT_ROWS:
        path = folder / f"script-{rows}.csv"
        _repeated(frame, rows).to_csv(path, index=False)
        took.append(in_fresh_process("bench.todays_script", str(folder), str(path))["cpu_s"])
    return float((took[1] - took[0]) / (SCRIPT_ROWS[1] - SCRIPT_ROWS[0]) * 1e6)


def _train(folder: Path, labelled: Path, effort: Effort) -> None:
    command = [sys.executable, "-m", "entrypoints.cli", "train", str(labelled), "--target", "Churn", "--promote"]
    command += ["--effort", effort.value]
    for column in pd.read_csv(labelled, nrows=0).columns:
        command += ["--known-before", column] if column not in {"Churn", "customerID"} else []
    environment = os.environ | ENVIRONMENT | {"NETONE_DATA_DIR": str(folder / "data")}
    subprocess.run(
        [sys.executable, "-m", "entrypoints.cli", *command], env=environment, check=True, capture_output=True
    )


def _repeated(frame: pd.DataFrame, rows: int) -> pd.DataFrame:
    """The customers again and again, without their truth and under new ids."""
    attributes = frame.drop(columns="Churn")
    again = attributes.iloc[[place % len(frame) for place in range(rows)]].reset_index(drop=True)
    return again.assign(customerID=[f"R{place:09d}" for place in range(rows)])


def _members(folder: Path) -> str:
    application = application_in(folder)
    with ports_of(application).new_reading() as uow:
        version = uow.models.champion()
    assert version is not None  # noqa: S101 - it was trained and promoted just now
    return "; ".join(f"{name} {value}" for name, value in version.parameters.items())


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--effort", type=Effort, default=Effort.NORMAL)
    arguments.add_argument("--only", help="one of the files")
    options = arguments.parse_args()
    for name, make in files().items():
        if options.only in {None, name}:
            with tempfile.TemporaryDirectory(prefix="netone-bench-") as folder:
                frame = make()
                figures = measured(Path(folder), frame, rows=options.rows, effort=options.effort)
                if name == "ibm":
                    figures["script_us"] = script(Path(folder), frame)
                print(name, json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
