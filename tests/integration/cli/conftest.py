"""A folder with a small model and files to score, as the command line makes them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.terminal import Terminal


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    yield Terminal(tmp_path_factory.mktemp("cli"))
    gc.collect()  # what commands left open is closed here, not in somebody else's test


@pytest.fixture(scope="module")
def labelled(terminal: Terminal) -> Path:
    file = terminal.folder / "labelled.csv"
    done = terminal.run("sample", "--out", file, "--rows", 500, "--seed", 3)
    assert done.returncode == 0, done.stderr
    return file


@pytest.fixture(scope="module")
def unlabelled(terminal: Terminal) -> Path:
    file = terminal.folder / "customers.csv"
    done = terminal.run("sample", "--out", file, "--rows", 120, "--seed", 4, "--unlabelled")
    assert done.returncode == 0, done.stderr
    return file


@pytest.fixture(scope="module")
def trained(terminal: Terminal, labelled: Path) -> dict[str, Any]:
    """The first model of the folder, which is thereby its champion."""
    return terminal.json("train", labelled, "--target", "Churn", "--effort", "low", "--seed", 11)


@pytest.fixture(scope="module")
def scored(terminal: Terminal, trained: dict[str, Any], labelled: Path) -> tuple[dict[str, Any], Path]:
    """The labelled file scored by the model."""
    assert trained["stage"] == "champion"
    out = terminal.folder / "scored.csv"
    return terminal.json("score", labelled, "--out", out), out
