"""One schema of charts for Python and the scripts: each kind and key that one side makes, the other reads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from entrypoints.web.charts.specification import AXES, KINDS, PARTS, Axis, keys_of

WEB = Path(__file__).resolve().parents[2] / "entrypoints" / "web"
IMPORT = re.compile(r"^import .*$", re.MULTILINE)
SCRIPTS = "\n".join(
    IMPORT.sub("", path.read_text(encoding="utf-8")) for path in sorted(WEB.glob("static/js/charts/*.js"))
)
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in sorted(WEB.glob("charts/*.py")))
KEYS = frozenset(key for part in (*KINDS, *PARTS) for key in keys_of(part))
ARRAY_METHODS = {"filter", "flatMap", "map", "reduce", "some"}
TABLES_OF_KINDS = ("TABLES", "PICTURES", "CONFIGURATIONS")
CLASSES = {part.__name__: part for part in (*KINDS, *PARTS, Axis)}


def read_by(script: str) -> set[str]:
    """The keys of specifications that a script reads: as `spec.key`, or taken apart as `({ key }) =>`."""
    keys = re.findall(r"\b(?:spec|series|rule|ring|inner)\??\.([A-Za-z]+)", script)
    apart = [name for names in re.findall(r"\btable: \(\{ ([\w, ]+) \}\)", script) for name in names.split(", ")]
    assigned = re.findall(r"\{ ([\w, ]+) \} = (?:spec|series|rule|ring|inner)\b", script)
    return {*keys, *apart, *(name for names in assigned for name in names.split(", "))} - ARRAY_METHODS


def kinds_of(table: str) -> set[str]:
    """The kinds that a table of functions by kind, such as TABLES, has."""
    body = re.search(rf"const {table} = \{{(.*?)\n?\}};", SCRIPTS, re.DOTALL)
    assert body is not None
    return set(re.findall(r"(?:^|[\n,{])\s*(\w+): \w*\(?", body[1])) - {"columns", "rows"}


def given_in(source: str) -> Iterator[tuple[str, str]]:
    """Class and field of every argument with which a specification or a part of one is made."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            for keyword in node.keywords:
                yield node.func.id, keyword.arg or "**"
            if node.func.id in CLASSES:
                yield from zip(
                    [node.func.id] * len(node.args), [own.name for own in fields(CLASSES[node.func.id])], strict=False
                )


def test_the_scripts_read_no_key_that_python_cannot_make() -> None:
    assert read_by(SCRIPTS) - KEYS == set()


def test_no_other_script_reads_charts() -> None:
    """Only the modules in `charts/` take specifications, so the comparison above sees every key that is read."""
    others = [path for path in WEB.glob("static/js/**/*.js") if path.parent.name != "charts"]
    known = {"app.js", "check.js", "customers.js", "forms.js", "messages.js", "theme.js", "worklist.js", "shell.js"}
    assert {path.name for path in others} == known
    texts = {path.name: path.read_text(encoding="utf-8") for path in others}
    assert {name: keys for name, text in texts.items() if (keys := read_by(text) | takes_charts(text))} == {}


def takes_charts(script: str) -> set[str]:
    """What a script outside `charts/` would need for a specification: those modules, or JSON from the page."""
    return set(re.findall(r"charts/\w+\.js|JSON\.parse|chart-spec", script))


def test_a_script_that_takes_a_chart_is_found() -> None:
    assert takes_charts('import { specOf } from "./charts/specification.js";') == {"charts/specification.js"}
    assert takes_charts("const spec = JSON.parse(block.textContent)") == {"JSON.parse"}
    assert read_by("const { padRight, label } = spec;") == {"padRight", "label"}


def test_every_key_is_read_by_the_scripts() -> None:
    assert KEYS - read_by(SCRIPTS) == set()


def test_the_scripts_know_every_kind() -> None:
    kinds = {kind.kind for kind in KINDS}

    assert kinds == {"xy", "pie", "bars", "table"}
    assert kinds_of("TABLES") == kinds
    assert kinds_of("PICTURES") == kinds
    assert kinds_of("CONFIGURATIONS") == {"xy", "pie"}  # the page contains the others as HTML
    assert set(re.findall(r'kind [!=]== "(\w+)"', SCRIPTS)) <= kinds


def test_python_makes_every_field() -> None:
    """`replace` and helpers pass some fields on, so a name counts wherever it is given as an argument."""
    made = {field for _, field in given_in(SOURCES)}
    declared = {own.name for part in (*KINDS, *PARTS, Axis) for own in fields(part)}

    assert declared - made == set()


def test_no_specification_is_a_dictionary() -> None:
    """Only `as_json` makes the dictionary of a specification."""
    modules = [path for path in WEB.rglob("*.py") if path.name != "specification.py"]
    assert len(modules) > 80
    assert [path for path in modules if re.search(r'"(?:kind|series|xMin|yStep)":', path.read_text("utf-8"))] == []


def test_charts_are_built_in_one_package() -> None:
    assert [path for path in WEB.rglob("*.py") if "chart" in path.stem] == []
    users = [path for path in WEB.rglob("*.py") if "specification import" in path.read_text(encoding="utf-8")]
    assert {path.parent for path in users} == {WEB / "charts"}


def test_an_unknown_key_is_found() -> None:
    assert read_by("const a = spec.padRight; b = series?.label") == {"padRight", "label"}
    assert list(given_in("XY(pad_right=1); Rule(3, side='left')")) == [
        ("XY", "pad_right"),
        ("Rule", "side"),
        ("Rule", "at"),
    ]


def test_an_axis_gives_its_fields_the_letter_of_its_place() -> None:
    assert AXES == ("x", "y")
    assert {"xMin", "xMax", "xStep", "xUnit", "yMin", "yMax", "yStep", "yUnit"} <= keys_of(KINDS[0])
