"""A short pass of `make test-crash`: the drill itself works, and a few seeded kills leave nothing behind."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = ("submit scoring", "train and promote", "delete predictions")


@pytest.fixture(scope="module")
def drill() -> subprocess.CompletedProcess[str]:
    """Both kinds of kills on one prepared installation.

    In a separate process, because it forks: a child must not inherit the test run's threads.
    """
    chosen = (f"--only={operation}" for operation in OPERATIONS)
    options = ("--seed=12", "--kills=2", *chosen, "--most=3", "--changes-only", "--forked", "--large=4000")
    return subprocess.run(
        [sys.executable, "-m", "tests.crash", *options],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=600,
        check=False,
    )


def test_a_kill_within_an_operation_loses_nothing_and_leaves_nothing(drill: subprocess.CompletedProcess[str]) -> None:
    assert drill.returncode == 0, drill.stdout + drill.stderr
    for operation in OPERATIONS:
        assert re.search(rf"^{operation} +3 points +3 kills +\d+ states +0 violations", drill.stdout, re.MULTILINE)
    assert "injected: 9 kills, 0 violations" in drill.stdout


def test_a_kill_of_the_running_server_loses_nothing_and_leaves_nothing(
    drill: subprocess.CompletedProcess[str],
) -> None:
    assert drill.returncode == 0, drill.stdout + drill.stderr
    assert "at random: 2 kills, 0 violations" in drill.stdout
