"""The words for ids, tenure, revenue, months, yes, no and missing are listed in `domain/vocabulary` alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.vocabulary import columns, months, values
from tests.architecture.every_file import for_every

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(
    path
    for layer in ("domain", "application", "adapters", "entrypoints")
    for path in (ROOT / layer).rglob("*.py")
    if "vocabulary" not in path.parts
)
AMBIGUOUS = frozenset(
    [
        "account",
        "client",
        "contract",
        "customer",
        "id",
        "index",
        "left",
        "label",
        "name",
        "no",
        "number",
        "outcome",
        "months",
        "open",
        "phone",
        "revenue",
        "row",
        "sex",
        "status",
        "subscriber",
        "target",
        "user",
        "y",
        "class",
        "email",
        "closed",
        "gone",
        "lost",
        "current",
        "kept",
        "active",
        "cancelled",
        "canceled",
        "on",
        "off",
    ]
)
"""Words that code uses for other things too."""
GROUPS: dict[str, frozenset[str]] = {
    "ids": frozenset((*columns.CUSTOMER_ID_NAMES, *columns.OTHER_ID_NAMES)),
    "tenure": frozenset(columns.TENURE_NAMES),
    "revenue": frozenset((*columns.MONTHLY_REVENUE_NAMES, *columns.PAID_SO_FAR_NAMES)),
    "target": frozenset(name for tier in columns.TARGET_NAMES for name in tier),
    "months": frozenset((*months.SNAPSHOT_MONTH_NAMES, *months.MONTH_ABBREVIATIONS)),
    "yes and no": (values.TRUE_WORDS | values.FALSE_WORDS) - {"0", "1"},
    "outcomes": (values.LEFT_WORDS | values.STAYED_WORDS) - values.TRUE_WORDS - values.FALSE_WORDS,
    "missing": frozenset(word for word in values.MISSING_WORDS if len(word) > 1),
}
ALLOWED = {"adapters/ml/sample_customers.py": "the columns of the file of generated customers"}
"""Modules that list such words for another purpose, with the reason."""


def listed_words(source: str) -> Iterator[tuple[int, list[str]]]:
    """Line and words of every collection of texts, and of every text that is split into words."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Set | ast.List | ast.Tuple):
            parts: list[ast.expr | None] = list(node.elts)
        elif isinstance(node, ast.Dict):
            parts = list(node.keys)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value:
            words = node.value.split()
            if all(word == word.casefold() for word in words):
                yield node.lineno, words
            continue
        else:
            continue
        yield (
            node.lineno,
            [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)],
        )


def second_lists(source: str) -> list[str]:
    repeated = []
    for line, words in listed_words(source):
        spelled = {word.replace("_", "").casefold() for word in words}
        for group, known in GROUPS.items():
            twice = sorted((spelled & known) - AMBIGUOUS)
            if len(twice) > 1:
                repeated.append(f"line {line} lists {group} again: {', '.join(twice)}")
    return repeated


@pytest.mark.parametrize(
    "planted",
    [
        'IDS = ("customer_id", "msisdn")',
        'TENURE = frozenset("tenure monthsonbook".split())',
        'BILLS = {"arpu": 1, "monthlyfee": 2}',
        'YES = frozenset({"yes", "true"})',
        'MISSING = ["nan", "null"]',
        'MONTHS = ("jan", "feb")',
        'LEFT = {"churned", "exited"}',
    ],
)
def test_a_second_list_of_vocabulary_is_found(planted: str) -> None:
    assert len(second_lists(planted)) >= 1


@for_every("path", MODULES)
def test_no_module_lists_words_of_the_vocabulary_again(path: Path) -> None:
    if str(path.relative_to(ROOT)) in ALLOWED:
        assert second_lists(path.read_text(encoding="utf-8")), "the exception is no longer needed"
        return
    assert second_lists(path.read_text(encoding="utf-8")) == []
