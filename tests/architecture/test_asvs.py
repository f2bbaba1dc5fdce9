"""The table of OWASP ASVS 5.0 in the documentation: whole, counted right, and with evidence that exists."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from domain.account import CONTEXT_WORDS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
RULES = (ROOT / "docs" / "security-rules.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| ([^|]+) \| (pass|open|not applicable) \| ([^|]+) \|$", re.MULTILINE)
ROWS = ROW.findall(TEXT)
MIN_ROWS = 115
MIN_PASS = 110


def test_the_table_has_a_row_for_each_requirement_once() -> None:
    numbers = [row[0] for row in ROWS]
    assert len(numbers) >= MIN_ROWS
    assert len(set(numbers)) == len(numbers)
    assert numbers == sorted(numbers, key=lambda number: [int(part) for part in number.split(".")])
    assert TEXT.count("\n| ") == len(ROWS) + TEXT.count("\n| # |"), "a row that is not written as the others are"


def test_the_summary_counts_what_the_table_says() -> None:
    verdicts = Counter(row[3] for row in ROWS)
    summary = re.search(r"\*\*(\d+) requirements: (\d+) pass, (\d+) open, (\d+) not applicable\.\*\*", TEXT)
    assert summary is not None
    counted = (len(ROWS), verdicts["pass"], verdicts["open"], verdicts["not applicable"])
    assert tuple(map(int, summary.groups())) == counted
    assert verdicts["pass"] >= MIN_PASS


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_every_verdict_has_evidence_that_exists_or_a_reason(row: tuple[str, ...]) -> None:
    _, _, _, verdict, evidence = row
    named = [path for path in re.findall(r"`([^`]+)`", evidence) if "/" in path and "//" not in path]
    assert [path for path in named if not (ROOT / path).exists()] == []
    if verdict == "pass":
        assert re.search(r"`[^`]+\.(py|md|csv|json|html|js|lock|toml)`", evidence), "a pass names a file"
    else:
        assert len(evidence.split()) >= 2, "say why"


@pytest.mark.parametrize("word", CONTEXT_WORDS)
def test_the_documented_words_of_the_context_are_those_that_are_refused(word: str) -> None:
    assert f"*{word}*" in RULES
