"""Signs, decimals and separators of currencies come from Babel, through `adapters/formatting` alone."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel import Locale
from babel.core import get_global

from tests.architecture.every_file import for_every

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(
    path for layer in ("domain", "application", "adapters", "entrypoints") for path in (ROOT / layer).rglob("*.py")
)
PAGES = sorted(
    path
    for layer in ("adapters", "entrypoints")
    for path in (ROOT / layer).rglob("*")
    if path.suffix in {".html", ".md", ".js"} and path.parent.name != "vendor"
)
CODES = frozenset(get_global("all_currencies"))
SIGNS = (frozenset(sign for code, sign in Locale("en").currency_symbols.items() if sign != code) | set("₦₽₺₴฿")) - {"$"}
DOLLARS = re.compile(r"[A-Z]{0,3}[$]\s?")
"""Alone, since a dollar sign within a text is mostly the end of a regular expression."""
BABEL_IN = "adapters/formatting/babel_formats.py"
ALLOWED = {
    BABEL_IN: "the one place that writes them",
    "domain/vocabulary/money.py": "signs and names that files write beside a number: for reading, not for writing",
    "domain/plausibility.py": "a sign among the usual symbols of a text, to recognise encodings",
    "adapters/intake/numbers.py": "a full-width sign in files, read as the usual one",
}
"""Modules that name signs, with the reason."""
DEFAULTS = frozenset({"USD", "XXX"})
"""The currency of a new installation, and the code of no currency."""


def currency_rules(source: str) -> list[str]:
    """Signs of currencies in texts, and collections with more than one code; docstrings are left out."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Expr | ast.Constant)]
    prose = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    constants = [node for node in nodes if isinstance(node, ast.Constant) and id(node) not in prose]
    texts = [(node.lineno, node.value) for node in constants if isinstance(node.value, str)]
    rules = [f"line {line}: the code {text}" for line, text in texts if text in CODES - DEFAULTS]
    rules += [f"line {line}: a sign in {text!r}" for line, text in texts if writes_sign(text)]
    return rules


def writes_sign(text: str) -> bool:
    return DOLLARS.fullmatch(text) is not None or any(sign in text for sign in SIGNS)


def imports_babel(source: str) -> bool:
    names = [
        name
        for node in (ast.walk(ast.parse(source)) if "babel" in source else ())
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    ]
    return any(name.partition(".")[0] == "babel" for name in names)


@pytest.mark.parametrize(
    "planted",
    [
        'SIGNS = {"USD": "$", "GBP": "£"}',
        'def money(v): return f"${v:,.2f}"',
        'sign = "Z$"',
        'SIGNS = {"EUR": "\\u20ac"}',
        'DECIMALS = {"JPY": 0, "BHD": 3}',
        'ODD = ("KES", "ZWL")',
        'def money(v): return f"€{v:,.2f}"',
        'sign = "KSh" if currency == "KES" else currency',
    ],
)
def test_a_second_currency_table_is_found(planted: str) -> None:
    assert currency_rules(planted) != []


def test_prose_is_not_taken_for_a_currency_table() -> None:
    assert currency_rules('def f():\n    """ "$1,234.50" or "EUR"."""\nCURRENCY = "USD"') == []


@for_every("path", MODULES)
def test_no_module_knows_signs_or_codes_of_currencies(path: Path) -> None:
    rules = currency_rules(path.read_text(encoding="utf-8"))
    if str(path.relative_to(ROOT)) in ALLOWED:
        assert rules, "the exception is no longer needed"
    else:
        assert rules == []


@for_every("path", PAGES)
def test_no_template_writes_a_sign_of_a_currency(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [sign for sign in "€£¥₹₦" if sign in text] == []


def test_babel_is_used_in_one_module() -> None:
    assert imports_babel("from babel.numbers import format_currency")
    assert imports_babel("import babel")
    importing = [str(path.relative_to(ROOT)) for path in MODULES if imports_babel(path.read_text(encoding="utf-8"))]
    assert importing == [BABEL_IN]
