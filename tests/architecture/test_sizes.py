"""Files and functions are short enough to read at once."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50
LAYERS = ("domain/", "application/", "adapters/", "entrypoints/", "bench/")
LONG_FUNCTIONS = {
    "entrypoints/wiring/": "one constructor call per use case, with every port by name",
}
"""Where functions of the product may be longer, and why."""


def own_files(*suffixes: str) -> list[str]:
    """Files of the repository that people write, by their path."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [
        name
        for name in listed.stdout.split("\0")
        if name.endswith(suffixes) and not name.startswith("vendor_static/") and (ROOT / name).is_file()
    ]


def long_functions(source: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            lines = node.end_lineno - node.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                yield node.name, lines


def test_no_file_is_long() -> None:
    names = own_files(".py", ".js", ".css", ".html", ".sh")
    assert len(names) > 550
    lines = {name: len((ROOT / name).read_text(encoding="utf-8").splitlines()) for name in names}
    assert {name: count for name, count in lines.items() if count > MAX_FILE_LINES} == {}


@pytest.mark.parametrize(("lines", "long"), [(MAX_FUNCTION_LINES, []), (MAX_FUNCTION_LINES + 1, [("long", 51)])])
def test_a_long_function_is_found(lines: int, long: list[tuple[str, int]]) -> None:
    planted = "class A:\n    def long(self):\n" + "        pass\n" * (lines - 1)
    assert list(long_functions(planted)) == long


def test_no_function_of_the_product_is_long() -> None:
    long = {
        f"{name}:{function}": lines
        for name in own_files(".py")
        if name.startswith(LAYERS) and not name.startswith(tuple(LONG_FUNCTIONS))
        for function, lines in long_functions((ROOT / name).read_text(encoding="utf-8"))
    }
    assert long == {}
