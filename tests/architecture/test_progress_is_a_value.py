"""Progress is read from its fields: no module outside the domain repeats its words or takes them apart."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from domain.progress import STAGE_WORDS
from tests.architecture.every_file import for_every

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("domain", "application", "adapters", "entrypoints")
SOURCES = sorted(
    path
    for layer in PRODUCT
    for ending in ("*.py", "*.html")
    for path in (ROOT / layer).rglob(ending)
    if path != ROOT / "domain" / "progress.py"
)
UNMISTAKABLE = frozenset(words for words in STAGE_WORDS.values() if " " in words and words != "Under way")
_ATTRIBUTE = re.compile(r"\bprogress\.words\b")
_ALLOWED_USE = re.compile(r"\bprogress\.words(\|lower)?\s*\}\}")


def repeated_words(source: str) -> list[str]:
    """Words of stages that a source writes out itself."""
    return sorted(words for words in UNMISTAKABLE if re.search(rf"[\"'>]{re.escape(words)}", source))


def taken_apart(source: str) -> list[str]:
    """Uses of a progress's words, in Python, in a regular expression, a comparison or a method of text."""
    uses = []
    for node in ast.walk(ast.parse(source)) if "progress" in source else ():
        if isinstance(node, ast.Compare):
            parts: list[ast.expr] = [node.left, *node.comparators]
        elif isinstance(node, ast.Call):
            parts = [*node.args, *([node.func.value] if isinstance(node.func, ast.Attribute) else [])]
            if not _reads_text(node.func):
                continue
        else:
            continue
        uses += [ast.unparse(node) for part in parts if re.search(r"progress\.(words|stage)$", ast.unparse(part))]
    return [use for use in uses if " is " not in use]


def _reads_text(function: ast.expr) -> bool:
    names = {"search", "match", "fullmatch", "findall", "finditer", "sub", "split", "partition", "startswith"}
    return isinstance(function, ast.Attribute) and function.attr in names


@for_every("path", SOURCES)
def test_the_words_of_progress_are_written_once_and_shown_as_they_are(path: Path) -> None:
    source = path.read_text("utf-8")
    assert repeated_words(source) == []
    if path.suffix == ".py":
        assert taken_apart(source) == []
    else:
        assert len(_ATTRIBUTE.findall(source)) == len(_ALLOWED_USE.findall(source))


@pytest.mark.parametrize(
    "planted",
    [
        "counted = re.search(r'(\\d+) of (\\d+)', training.progress.words)",
        "counted = _COUNTED.search(training.progress.stage)",
        "now = run.progress.stage == 'scoring'",
        "first = progress.words.startswith('Trying')",
    ],
)
def test_progress_taken_apart_is_noticed(planted: str) -> None:
    assert taken_apart(planted) != []


def test_repeated_words_are_noticed_and_comparing_stages_is_allowed() -> None:
    assert repeated_words('stages = ["Recognising the columns"]') == ["Recognising the columns"]
    assert taken_apart("now = progress.stage is JobStage.STARTING") == []
