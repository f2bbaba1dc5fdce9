"""Whatever writes a table that a person opens in a spreadsheet asks the one rule about formulas."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WRITES_A_TABLE = re.compile(
    r"\bcsv\.(?:Dict)?[wW]riter\(|\bfrom csv import\b|\bCSVWriter\b|\bwrite_csv\(|\bWorkbook\(|\bto_(?:csv|excel)\("
)
WITHOUT_TEXT_OF_OTHERS = {
    "adapters/ml/sample_customers.py": "writes made-up customers, and no text that anybody typed",
    "adapters/intake/erase_rows.py": "writes the rest of a list of rejected rows, safe already, or a person's own file",
    "adapters/records/reading.py": "writes a file for the reader of files alone, which is deleted once it is read",
    "adapters/snapshots/label_csv.py": "makes all texts safe by `as_cells`, as columns",
}


def writers() -> dict[str, str]:
    """Product modules that write CSV files or workbooks, with their source."""
    sources = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for layer in ("domain", "application", "adapters", "entrypoints")
        for path in (ROOT / layer).rglob("*.py")
    }
    return {name: source for name, source in sources.items() if WRITES_A_TABLE.search(source)}


def test_every_module_that_writes_a_table_makes_its_text_safe_for_spreadsheets() -> None:
    unsafe = {name for name, source in writers().items() if "from domain.spreadsheet import" not in source}

    assert unsafe == set(WITHOUT_TEXT_OF_OTHERS)


def test_tables_are_found_where_they_are_written() -> None:
    assert len(writers()) >= 6


@pytest.mark.parametrize(
    "source", ["from csv import writer", "csv.writer(file)", "pa_csv.CSVWriter(file, schema)", "Workbook(file)"]
)
def test_every_way_of_writing_a_table_is_found(source: str) -> None:
    assert WRITES_A_TABLE.search(source)


WRITERS = {
    "adapters/reporting/list_tables.py": ["Workbook"],
    "adapters/reporting/table_export.py": ["Workbook"],
    "adapters/ml/sample_customers.py": ["write_csv"],
    "domain/csv_text.py": ["writer"],
    "adapters/intake/erase_rows.py": ["writer"],
    "adapters/intake/rejected.py": ["writer", "writer"],
    "adapters/records/reading.py": ["writer"],
    "adapters/snapshots/label_csv.py": ["write_csv"],
}
"""The writers of each module. A further one in the same module has to be looked at, and entered here."""
NAMES = {"writer", "DictWriter", "CSVWriter", "write_csv", "Workbook", "to_csv", "to_excel"}


def writers_in(source: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name(node.func) in NAMES and not _is_port(node.func):
            yield node


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""


def _is_port(called: ast.expr) -> bool:
    """`self.results.writer(…)` makes the writer of a run's result, which is no table for a spreadsheet."""
    return isinstance(called, ast.Attribute) and _name(called.value) in {"self", "results", "store"}


def unsafe_rows(source: str) -> list[int]:
    """Lines that give rows to a `csv.writer` without `spreadsheet_safe`; a constant of the module is safe."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and _name(node.func) in {"writerow", "writerows", "writeheader"}
        and not (len(node.args) == 1 and isinstance(node.args[0], ast.Name) and node.args[0].id.isupper())
        and "spreadsheet_safe" not in ast.unparse(node)
    ]


def test_each_module_has_the_writers_that_were_looked_at() -> None:
    calls = {name: sorted(_name(call.func) for call in writers_in(source)) for name, source in writers().items()}
    assert calls == WRITERS


@pytest.mark.parametrize("name", sorted(set(WRITERS) - set(WITHOUT_TEXT_OF_OTHERS)))
def test_every_row_is_made_safe_where_it_is_written(name: str) -> None:
    assert unsafe_rows((ROOT / name).read_text(encoding="utf-8")) == []


def test_a_second_writer_in_a_safe_module_is_found() -> None:
    planted = """
from domain.spreadsheet import spreadsheet_safe
def safe(rows):
    csv.writer(text).writerow(HEADER)
    csv.writer(text).writerows(map(spreadsheet_safe, row) for row in rows)
def unsafe(rows):
    lines = csv.DictWriter(text, names)
    lines.writerows(rows)
"""
    assert sorted(_name(call.func) for call in writers_in(planted)) == ["DictWriter", "writer", "writer"]
    assert unsafe_rows(planted) == [8]
