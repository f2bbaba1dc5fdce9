"""JSON records."""

from __future__ import annotations

import json

import pytest

from adapters.intake.tables.kinds import TableKind
from domain.errors import FileRefused
from tests.unit.intake.tables.reading import Read, read


def read_json(text: str | bytes) -> Read:
    return read(text.encode() if isinstance(text, str) else text, TableKind.JSON)


def test_lines_and_lists_are_the_same_table() -> None:
    records = [
        {"id": "A", "bill": 29.85, "plan": {"name": "Gold, new", "price": 7.0}, "left": None},
        {"id": "B", "bill": 1.234, "active": True, "plan": {}},
        {"active": False, "id": "C", "bill": 12},
    ]
    expected = [
        "id,bill,plan.name,plan.price,left,active,plan",
        'A,29.85,"Gold, new",7,,,',
        "B,1.2340,,,,TRUE,",
        "C,12,,,,FALSE,",
    ]
    assert read_json("\n".join(map(json.dumps, records))).lines == expected
    assert read_json(json.dumps(records)).lines == expected
    assert read_json(json.dumps(records, indent=2)).lines == expected
    assert read_json("\ufeff" + json.dumps(records)).lines == expected


def test_digits_stay_as_written() -> None:
    assert read_json('{"id": 12345678901234567890, "x": 1E2}').lines[1] == "12345678901234567890,100"


def test_records_longer_than_what_is_read_at_once() -> None:
    long = "x" * 300_000
    assert read_json("\n".join(json.dumps({"id": n, "note": long}) for n in range(3))).lines[2] == f"1,{long}"


def test_fields_that_come_late_are_left_out_and_reported() -> None:
    text = '{"id": 1, "a": 2}\n' * 5_000 + '{"id": 2, "b": 3}\n'
    table = read_json(text)
    assert table.lines[-1] == "2,"
    assert table.remarks == ["The field “b” first appears in record 5,001 and was not read."]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"id": 1}\n{"id": ', "Record 2 is not complete JSON"),
        ('[{"id": 1}', "The list is not closed after record 1."),
        ('[{"id": 1}] x', "Something follows the end of the list."),
        ('{"id": 1}\n7\n', "Record 2 is no object with named fields."),
        ('{"id": [1, 2]}', "The field “id” of record 1 holds a list or a deeper record, not a plain value."),
        ('{"a": {"b": {"c": 1}}}', "The field “a.b” of record 1 holds a list or a deeper record, not a plain value."),
        ('{"a": ' * 100_000, "Record 1 is nested too deeply."),
        ('{"a": "' + "x" * 1_500_000, "Record 1 is longer than 1 MiB, or is no JSON."),
        (b'{"id": "\xff"}', "The JSON file is not in UTF-8."),
        ("{" + ",".join(f'"c{n}": 1' for n in range(5_001)) + "}", "The records have 5,001 fields"),
    ],
)
def test_what_is_no_list_of_records_is_refused(text: str | bytes, sentence: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_json(text)
    assert str(refused.value).startswith(sentence)
    assert refused.value.advice
