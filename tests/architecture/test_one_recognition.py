"""A file is recognised in one way, whether it is checked, scored, evaluated or learned from."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(
    path for layer in ("domain", "application", "adapters", "entrypoints") for path in (ROOT / layer).rglob("*.py")
)
RECOGNITION = "application/use_cases/files/recognition.py"
ONLY_IN = {
    "match_header": {RECOGNITION},
    "with_month_of": {RECOGNITION},
    "choose_id": {RECOGNITION},
    "match_preview": {RECOGNITION},
    "problem_with": {RECOGNITION},
    ".preview": {
        RECOGNITION,
        "application/use_cases/models/submit_training.py",  # names the columns of a file that has no target yet
        "application/use_cases/privacy/customer_data.py",  # the header of an upload from which a customer is erased
    },
}
"""Steps of the recognition, and the modules that call each."""


def calls_in(source: str) -> Iterator[str]:
    """Names of called functions and, after a point, methods; also of those that are handed on."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = [node.func, *node.args]
            yield from (own.id for own in called if isinstance(own, ast.Name))
            yield from (f".{own.attr}" for own in called if isinstance(own, ast.Attribute))


@cache
def calls_of(path: Path) -> frozenset[str]:
    """The calls in a module that names one of the steps at all. To parse the others would take most of the time."""
    source = path.read_text(encoding="utf-8")
    return frozenset(calls_in(source) if any(step.lstrip(".") in source for step in ONLY_IN) else ())


@pytest.mark.parametrize("step", ONLY_IN)
def test_a_step_of_the_recognition_is_taken_in_one_module(step: str) -> None:
    callers = {path.relative_to(ROOT).as_posix() for path in MODULES if step in calls_of(path)}
    assert callers == ONLY_IN[step]


@pytest.mark.parametrize(
    ("step", "planted"),
    [
        ("match_header", "match = match_header(schema, header)"),
        (".preview", "header = self.files.preview(path).header"),
        ("problem_with", "problems = list(map(problem_with, matches))"),
    ],
)
def test_a_second_recognition_is_found(step: str, planted: str) -> None:
    assert step in calls_in(planted)


@pytest.mark.parametrize(
    "use_case",
    [
        "files/check_file.py",
        "models/evaluate_model.py",
        "models/submit_training.py",
        "models/train_model.py",
        "predictions/scoring_pass.py",
        "predictions/submit_scoring.py",
    ],
)
def test_each_use_case_takes_the_one_recognition(use_case: str) -> None:
    source = (ROOT / "application" / "use_cases" / use_case).read_text(encoding="utf-8")
    assert "from application.use_cases.files.recognition import" in source
