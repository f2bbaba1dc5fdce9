"""Every field that the code writes to the log is a listed one: others would be dropped without a word."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from entrypoints.observability.fields import FIELDS

ROOT = Path(__file__).resolve().parents[2]
METHODS = {"debug", "info", "warning", "error", "critical", "exception"}
OF_THE_CALL = {"exc_info", "stack_info", "stacklevel", "extra"}


def fields_written() -> Iterator[tuple[str, str]]:
    """(place, field) of every keyword in a call such as `log.warning("…", field=value)`."""
    for package in ("entrypoints", "adapters"):
        for file in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if _is_log_call(node):
                    for keyword in node.keywords:
                        if keyword.arg is not None:
                            yield f"{file.relative_to(ROOT)}:{node.lineno}", keyword.arg


def _is_log_call(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in METHODS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"log", "logger"}
    )


def test_every_field_that_is_written_is_listed() -> None:
    written = list(fields_written())
    assert len(written) > 10

    assert [f"{place}: {name}" for place, name in written if name not in FIELDS | dict.fromkeys(OF_THE_CALL)] == []
