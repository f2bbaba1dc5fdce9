"""A disk that is full to the last byte: what fails says why, reading and deleting go on, and space brings all back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def _can_mount() -> bool:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    tried = subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False)
    return tried.returncode == 0


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    if not _can_mount():
        pytest.skip("needs root, to mount a small disk where only this test sees it")
    folder = tmp_path_factory.mktemp("small-disk")
    script = 'mount -t tmpfs -o size=64m tmpfs "$1" && exec "$2" -m tests.integration.full_disk "$1"'
    ended = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", str(folder), sys.executable],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": "/dev/shm"},  # noqa: S108 - forms are buffered there, not on the small disk
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-4000:]
    answers: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return answers


def test_space_is_reserved_while_there_is_enough(said: dict[str, Any]) -> None:
    assert said["reserve file"] == 4 * 1024**2
    assert said["reserve file is back"]


def test_a_run_that_meets_the_reserve_fails_with_the_cause_and_can_be_run_again(said: dict[str, Any]) -> None:
    assert said["stopped run"] == [
        "failed",
        "The disk of this installation is almost full; the rest is reserved for deletions.",
    ]
    assert said["reserve file is kept"]
    assert said["retry"] == 303
    assert said["run again"] == "done"


def test_an_upload_is_refused_with_the_cause_what_is_safe_and_what_to_do(said: dict[str, Any]) -> None:
    status, retry_after, page = said["upload"]
    assert (status, retry_after) == (507, "30")
    assert "The disk is full" in page
    assert "Nothing from this request was stored." in page
    assert "Delete predictions or uploads that are no longer needed" in page


def test_pages_and_small_downloads_work_on_a_full_disk(said: dict[str, Any]) -> None:
    assert (said["history"], said["csv"]) == (200, 200)


def test_requests_that_need_a_file_are_rejected_with_the_cause(said: dict[str, Any]) -> None:
    assert said["pdf"] == 507


def test_logging_in_and_deleting_work_on_a_full_disk(said: dict[str, Any]) -> None:
    assert (said["log in"], said["delete"]) == (303, 303)
    assert said["reserve file is released"]
    assert said["gone"] == 404
    assert said["left of it"] == []
