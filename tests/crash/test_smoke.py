"""A short pass of `make test-crash`: the drill itself works, and a few seeded kills leave nothing behind."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


def drill(*options: str) -> subprocess.CompletedProcess[str]:
    """In a separate process, because it forks: a child must not inherit the test run's threads."""
    return subprocess.run(
        [sys.executable, "-m", "tests.crash", "--seed", "12", *options],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=300,
        check=False,
    )


def test_a_kill_within_an_operation_loses_nothing_and_leaves_nothing() -> None:
    operations = ("submit scoring", "train and promote", "delete predictions")
    done = drill(*(f"--only={operation}" for operation in operations), "--most", "5", "--changes-only")
    assert done.returncode == 0, done.stdout + done.stderr
    for operation in operations:
        assert re.search(rf"^{operation} +5 points +5 kills +\d+ states +0 violations", done.stdout, re.MULTILINE)
    assert "injected: 15 kills, 0 violations" in done.stdout


def test_a_kill_of_the_running_server_loses_nothing_and_leaves_nothing() -> None:
    done = drill("--kills", "2", "--random-only")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "at random: 2 kills, 0 violations" in done.stdout
