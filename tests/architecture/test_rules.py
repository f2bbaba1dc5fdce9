"""A business rule has one place: its number stands nowhere else in the product."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = [
    path for layer in ("domain", "application", "adapters", "entrypoints") for path in (ROOT / layer).rglob("*.py")
]
ONLY_IN = {
    "v0": {"domain/model.py"},
    1.96: set(),
    1.959964: {"domain/intervals.py"},
}
"""Values of rules, and the modules in which each may be written."""


@dataclass(frozen=True)
class Facts:
    """What the tests of this file ask of a module, from one parse."""

    constants: tuple[object, ...]
    rules: dict[str, list[int]]
    limits: dict[int, object]
    """Line and value of each constant `limit` of a call."""


@cache
def facts_of(path: Path) -> Facts:
    nodes = tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    return Facts(
        constants=tuple(node.value for node in nodes if isinstance(node, ast.Constant)),
        rules=second_rules(nodes),
        limits={
            node.value.lineno: node.value.value
            for node in nodes
            if isinstance(node, ast.keyword) and node.arg == "limit" and isinstance(node.value, ast.Constant)
        },
    )


def modules_with(value: object) -> Iterator[str]:
    for path in PRODUCT:
        for own in facts_of(path).constants:
            if type(own) is type(value) and own == value:
                yield path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("value", ONLY_IN, ids=str)
def test_the_value_of_a_rule_is_written_in_one_module(value: object) -> None:
    assert set(modules_with(value)) == ONLY_IN[value]  # type: ignore[index]


SILENCE_IN = {
    "domain/liveness.py",
    "domain/backup.py",  # the process that makes a nightly backup, which has no worker's heartbeat
    "adapters/results/files/exports.py",  # how often a claim is touched, as a part of the limit of `liveness.py`
}
GROUP_SIZES_IN = {
    "domain/segments.py",
    "domain/model_limits.py",  # compares with the limit of `segments.py`
    "domain/export.py",  # how many customers a report lists
}
INTERVALS_IN = {
    "domain/intervals.py",
    "adapters/ml/training/evaluation.py",  # a mean over bootstrap histories, not a rate
}


def second_rules(nodes: Iterable[ast.AST]) -> dict[str, list[int]]:
    """Lines on which a module decides silence, the size of a shown group or a 95 % interval itself."""
    lines: dict[str, list[int]] = {"silence": [], "group size": [], "interval": []}
    for node in nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [own.id for own in targets if isinstance(own, ast.Name) and own.id.isupper()]
            if any(word in name for name in names for word in ("SILEN", "STALE")) and _has_number(node.value):
                lines["silence"].append(node.lineno)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
            if _names(node) & {"heartbeat_at", "heartbeat", "last_seen", "last_beat"}:
                lines["silence"].append(node.lineno)
        elif isinstance(node, ast.Compare):
            ordered = any(isinstance(own, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for own in node.ops)
            sides = [node.left, *node.comparators]
            fixed = any((isinstance(own, ast.Name) and own.id.isupper()) or _is_count(own) for own in sides)
            if ordered and fixed and any(isinstance(own, ast.Attribute) and own.attr == "customers" for own in sides):
                lines["group size"].append(node.lineno)
        if isinstance(node, ast.Name | ast.Attribute | ast.alias) and _names(node) & {"Z_95", "inv_cdf"}:
            lines["interval"].append(getattr(node, "lineno", 0))
    return lines


def _names(node: ast.AST) -> set[str]:
    parts = list(ast.walk(node))
    return (
        {own.id for own in parts if isinstance(own, ast.Name)}
        | {own.attr for own in parts if isinstance(own, ast.Attribute)}
        | {own.name for own in parts if isinstance(own, ast.alias)}
    )


def _has_number(value: ast.expr | None) -> bool:
    return value is not None and any(
        isinstance(own, ast.Constant) and isinstance(own.value, int | float) for own in ast.walk(value)
    )


def _is_count(value: ast.expr) -> bool:
    """Whether a number could be the size of a group; 0, 1 and 2 ask whether there are customers at all."""
    return isinstance(value, ast.Constant) and isinstance(value.value, int) and value.value > 2


@pytest.mark.parametrize(
    ("rule", "planted"),
    [
        ("silence", "MAX_SILENCE = timedelta(seconds=30)"),
        ("silence", "SILENT_AFTER: float = 45.0"),
        ("silence", "late = now - run.heartbeat_at > limit"),
        ("group size", "shown = [own for own in segments if own.customers >= 45]"),
        ("group size", "if group.customers < MIN_SHOWN: pass"),
        ("group size", "if 30 <= group.customers: pass"),
        ("interval", "from domain.intervals import Z_95"),
        ("interval", "z = NormalDist().inv_cdf(0.975)"),
    ],
)
def test_a_second_rule_is_found(rule: str, planted: str) -> None:
    assert second_rules(ast.walk(ast.parse(planted)))[rule] != []


@pytest.mark.parametrize(
    ("rule", "places"), [("silence", SILENCE_IN), ("group size", GROUP_SIZES_IN), ("interval", INTERVALS_IN)]
)
def test_a_rule_is_decided_in_its_module(rule: str, places: set[str]) -> None:
    copies = {path.relative_to(ROOT).as_posix(): lines for path in PRODUCT if (lines := facts_of(path).rules[rule])}
    assert {place: lines for place, lines in copies.items() if place not in places} == {}


def test_queries_for_all_runs_use_no_limit() -> None:
    """`limit=None` means all of them. A large number instead would leave some out one day."""
    numbers = {
        f"{path.relative_to(ROOT)}:{line}": limit for path in PRODUCT for line, limit in facts_of(path).limits.items()
    }
    assert {place: number for place, number in numbers.items() if isinstance(number, int) and number > 1_000} == {}
