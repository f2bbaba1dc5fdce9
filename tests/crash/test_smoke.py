"""A short pass of `make test-crash`: the drill itself works, and a few seeded kills leave nothing behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


def drill(*options: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, because it forks: a child must not inherit the test run's threads."""
    return subprocess.run(
        [sys.executable, "-m", "tests.crash", "--seed", "12", *options],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("operation", ["submit scoring", "train and promote", "delete predictions"])
def test_a_kill_within_an_operation_loses_nothing_and_leaves_nothing(operation: str) -> None:
    done = drill("--only", operation, "--most", "5", "--changes-only")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "injected: 5 kills, 0 violations" in done.stdout


def test_a_kill_of_the_running_server_loses_nothing_and_leaves_nothing() -> None:
    done = drill("--kills", "2", "--random-only")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "at random: 2 kills, 0 violations" in done.stdout
