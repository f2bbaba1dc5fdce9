"""No file and no page makes the web process grow by 100 MB: bombs, one endless line, 2,500 columns, many customers."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.forking.process import run

ROOT = Path(__file__).parents[2]
ROWS = 120_000
"""A page that held an object for each customer, of at least a kilobyte, would grow by more than 120 MB."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="measures memory by Linux' /proc"),
]


def _run(*arguments: str) -> str:
    ended = run(
        [sys.executable, "-m", "tests.integration.web_memory", *arguments],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "2"},
        timeout=900,
    )
    assert ended.returncode == 0, ended.stderr[-4000:]
    return ended.stdout


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, float]]:
    folder = tmp_path_factory.mktemp("web-memory")
    _run("prepare", str(folder), str(ROWS))
    answers: dict[str, tuple[int, float]] = json.loads(_run("measure", str(folder)).splitlines()[-1])
    return answers


def test_every_request_is_answered(asked: dict[str, tuple[int, float]]) -> None:
    """An error page would use no memory and prove nothing."""
    hostile = ("bomb", "one-line", "quote", "wide", "long-cells")
    usual = {name: status for name, (status, _) in asked.items() if not any(word in name for word in hostile)}
    assert {name: status for name, status in usual.items() if status not in (200, 202, 303)} == {}
    assert {status for status, _ in asked.values()} <= {200, 202, 303, 422}
    assert len(asked) >= 65


def test_no_request_adds_100_mb(asked: dict[str, tuple[int, float]]) -> None:
    assert {name: growth for name, (_, growth) in asked.items() if growth >= 100.0} == {}


def test_all_requests_together_add_little_more(asked: dict[str, tuple[int, float]]) -> None:
    """What stays after a request is less than what it needed meanwhile."""
    assert sum(sorted((growth for _, growth in asked.values()), reverse=True)[:5]) < 400.0
