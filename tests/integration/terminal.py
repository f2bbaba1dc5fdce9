"""The command line as a program: what it says where, and the code it ends with."""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from entrypoints.cli import main

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = [
    *("customerID", "churn_probability", "churn_prediction", "risk_band"),
    *("reason_1", "reason_2", "reason_3", "recommendation", "expected_gain"),
    *("worth_contacting", "message", "offer_cost", "contact_cost"),
]
LEFT_OPEN = pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning")
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
        """The command within this process: libraries are loaded once for all of them.

        A worker would lower the priority of this process, and of all tests that follow, which nothing can raise again.
        """
        said, complained = io.StringIO(), io.StringIO()
        with (
            redirect_stdout(said),
            redirect_stderr(complained),
            mock.patch.object(sys, "stdin", io.StringIO(standard_input)),
            mock.patch.dict(os.environ, {"NETONE_BCRYPT_COST": "4", "NETONE_WORKER_NICENESS": "0"}),
            pytest.raises(SystemExit) as ended,
        ):
            main(["--data-dir", str(self.data), *map(str, arguments)])
        return Done(int(ended.value.code or 0), said.getvalue(), complained.getvalue())

    def process(self, *arguments: object) -> Done:
        """The command as a separate process."""
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
