"""Commands, pages, exports, notes and messages write numbers with `domain.formats.Formats`: never by hand."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.every_file import for_every

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ("domain", "application", "adapters", "entrypoints")
WRITES_NUMBERS = ROOT / "adapters" / "formatting"
"""The package that implements `domain.formats.Formats`."""
MODULES = sorted(
    path for layer in LAYERS for path in (ROOT / layer).rglob("*.py") if not path.is_relative_to(WRITES_NUMBERS)
)
BY_HAND = re.compile(r"[,_](?:\.\d+)?[dfg]?$|\.\d+[fge%]?$|[dfge%]$")
"""The end of a format with separators, decimals or percent. Widths, alignment and parts of dates have other ends."""
ALLOWED = {
    "adapters/intake/tables/cells.py": (1, "a cell of the file, as its reader reads it"),
    "entrypoints/web/formats.py": (1, "the value of a form's field, as its parser reads it"),
    "entrypoints/web/admin/policy.py": (1, "the same"),
    "entrypoints/web/admin/forms.py": (1, "the number as the field has it, in a message below it"),
    "entrypoints/web/insights/routes.py": (1, "a number in an address"),
    "entrypoints/web/charts/risk.py": (2, "ends of the ranges of a histogram"),
    "adapters/intake/number_columns.py": (1, "a cell of the file, as its reader reads it"),
    "adapters/ml/detection/date_columns.py": (1, "an age as a cell of a column of texts"),
    "adapters/ml/training/learning_data.py": (1, "a typical value, stored as a cell of the template"),
    "domain/percentages.py": (2, "a cell of the file in a question, as the file has it"),
    "domain/template.py": (1, "a cell of the template"),
    "adapters/ml/sample_customers.py": (2, "a month as a cell of a file"),
    "domain/vocabulary/months.py": (1, "a month, YYYY-MM, as it is stored and compared"),
    "adapters/ml/training/logistic_trainer.py": (4, "parameters, stored with the model and exact"),
    "adapters/ml/training/catboost_member.py": (4, "the same"),
    "adapters/ml/training/lightgbm_member.py": (5, "the same"),
    "adapters/ml/training/training_notes.py": (4, "the same"),
    "adapters/ml/training/xgboost_member.py": (8, "the same"),
    "adapters/ml/training/neural_trainer.py": (6, "the same"),
    "adapters/results/writing/bin_edges.py": (3, "the label of a bin, by which stored results know it"),
}
"""How many numbers a module writes itself, and what they are."""


def numbers_by_hand(source: str) -> list[int]:
    """Lines with a number's format in an f-string, in `format(…)`, in `"…".format(…)` or in `"…" % …`."""
    return [node.lineno for node in ast.walk(ast.parse(source)) if isinstance(node, ast.expr) and _writes_number(node)]


def _writes_number(node: ast.expr) -> bool:
    if isinstance(node, ast.FormattedValue) and isinstance(node.format_spec, ast.JoinedStr):
        last = node.format_spec.values[-1]
        return isinstance(last, ast.Constant) and is_number_format(str(last.value))
    if isinstance(node, ast.Call):
        called, of = node.func, getattr(node.func, "value", None)
        if isinstance(called, ast.Name):
            return called.id == "format"
        return isinstance(called, ast.Attribute) and called.attr == "format" and _has_placeholder(of)
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and _has_placeholder(node.left)


def is_number_format(spec: str) -> bool:
    return BY_HAND.search(spec) is not None and "%Y" not in spec and "%H" not in spec


PLACEHOLDER = re.compile(r"\{\w*:[^}]*[,%f]\}|%[.\d]*[dfeg]")


def _has_placeholder(text: ast.expr | None) -> bool:
    return isinstance(text, ast.Constant) and PLACEHOLDER.search(str(text.value)) is not None


@pytest.mark.parametrize(
    "planted",
    [
        'f"{rows:,} rows"',
        'f"{share:.1%}"',
        'f"{share:.0%} of them"',
        'f"{auc:.3f}"',
        'f"{amount:,.2f}"',
        'f"{rows:>9,}"',
        'f"{rows:_d}"',
        'format(rows, ",")',
        '"{:,} rows".format(rows)',
        '"%.1f" % share',
    ],
)
def test_a_number_that_is_written_by_hand_is_found(planted: str) -> None:
    assert numbers_by_hand(planted) != []


@pytest.mark.parametrize("harmless", ['f"{name:<18}"', 'f"{at:%Y-%m-%d %H:%M}"', 'f"{leaving:>20}"', 'f"{words}"'])
def test_widths_and_dates_are_no_numbers(harmless: str) -> None:
    assert numbers_by_hand(harmless) == []


@for_every("path", MODULES)
def test_no_text_for_people_has_numbers_written_by_hand(path: Path) -> None:
    lines = numbers_by_hand(path.read_text(encoding="utf-8"))
    allowed, _ = ALLOWED.get(str(path.relative_to(ROOT)), (0, ""))
    assert len(lines) == allowed, f"lines {lines}"
