"""mypy checks every function of the product strictly; nothing is left out without a reason."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MYPY: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
UNCHECKED = {"tests", "build", "dist"}
"""Of the tests, the fakes and builders alone are checked; the others are what a build leaves."""
LOOSENED = {"module", "ignore_missing_imports", "disallow_subclassing_any"}
"""All that an override may change: what mypy cannot know of a package without types."""
UNEXPLAINED = re.compile(r"# type: ignore(?!\[[a-z, -]+\]  # \S)")


def with_code() -> set[str]:
    """Top-level files and folders that hold Python code."""
    folders = {path.relative_to(ROOT).parts[0] for path in ROOT.glob("[!.]*/*.py")}
    nested = {path.relative_to(ROOT).parts[0] for path in ROOT.glob("[!.]*/*/*.py")}
    return folders | nested | {path.name for path in ROOT.glob("*.py")}


def test_everything_but_the_tests_is_checked() -> None:
    assert with_code() - UNCHECKED <= set(MYPY["files"])
    assert {"tests/fakes", "tests/builders"} <= set(MYPY["files"])


def test_the_check_is_strict_and_overrides_concern_packages_without_types() -> None:
    assert MYPY["strict"] is True
    assert {key for override in MYPY["overrides"] for key in override} <= LOOSENED
    for override in MYPY["overrides"]:
        own = [name for name in override["module"] if name.split(".")[0] in with_code()]
        assert not (own and "ignore_missing_imports" in override)


def test_an_untyped_function_in_an_adapter_fails_the_check(tmp_path: Path) -> None:
    planted = tmp_path / "adapters" / "planted.py"
    planted.parent.mkdir()
    planted.write_text("def score(batch):\n    return batch\n", "utf-8")
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", "cache"]
    done = subprocess.run([*command, "adapters"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "[no-untyped-def]" in done.stdout


def test_an_ignore_without_a_reason_is_found() -> None:
    assert UNEXPLAINED.search("x = 1  # type: ignore")
    assert UNEXPLAINED.search("x = 1  # type: ignore[assignment]")
    assert not UNEXPLAINED.search("x = 1  # type: ignore[assignment]  # waitress has no types")


def test_every_ignore_names_its_code_and_its_reason() -> None:
    files = [
        path for name in MYPY["files"] for path in ((ROOT / name).rglob("*.py") if "." not in name else [ROOT / name])
    ]
    unexplained = {str(path.relative_to(ROOT)) for path in files if UNEXPLAINED.search(path.read_text("utf-8"))}
    assert unexplained == set()
