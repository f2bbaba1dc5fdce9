"""JSON records as rows: one object per line, or one list of objects. Numbers keep the digits that were written."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from adapters.formatting.figures import number as figure
from adapters.intake.limits import ReadingLimits, in_words
from adapters.intake.tables.cells import number_text
from adapters.intake.tables.packed import Bounded
from domain.errors import FileRefused

CHUNK = 256 * 1024
FIRST_RECORDS = 5_000
FIRST_CHARACTERS = 4 * 1024**2
"""Records, and characters, whose fields become the columns."""
_SPACE = re.compile(r"[ \t\r\n]*")
_BETWEEN = re.compile(r"[ \t\r\n]*,?[ \t\r\n]*")


class _Number(str):
    """The digits of a number, as written."""

    __slots__ = ()


class Records:
    """One pass over a file. Fields that appear only later are left out; `late` counts their values."""

    def __init__(self, stream: Bounded, limits: ReadingLimits) -> None:
        self.late: dict[str, int] = {}
        self._stream, self._limits = stream, limits
        self._text = _Buffer(stream, limits.row_bytes)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The columns' names, then the records. Raises FileRefused, with the record's number, for what is no record."""
        numbered = enumerate(self._objects(), 1)
        first: list[dict[str, str]] = []
        size = 0
        for number, record in numbered:
            first.append(_flat(record, number))
            size += sum(map(len, first[-1].values()))
            if len(first) >= FIRST_RECORDS or size > FIRST_CHARACTERS:
                break
        names = list(dict.fromkeys(name for record in first for name in record))
        if len(names) > self._limits.columns:
            raise FileRefused(
                f"The records have {figure(len(names))} fields; at most {figure(self._limits.columns)} can be read.",
                advice="Keep the fields that describe the customers.",
            )
        yield 1, names
        for number, flat in enumerate(first, 2):
            yield number, [flat.get(name, "") for name in names]
        known = set(names)
        for number, record in numbered:
            flat = _flat(record, number)
            yield number + 1, [flat.get(name, "") for name in names]
            if not flat.keys() <= known:
                for name in flat.keys() - known:
                    if name in self.late or len(self.late) < 20:
                        self.late.setdefault(name, number)

    def _objects(self) -> Iterator[Any]:
        text = self._text
        text.skip(_SPACE)
        listed = text.take("[")
        number = 0
        while True:
            text.skip(_BETWEEN if number else _SPACE)
            if listed and text.take("]"):
                text.skip(_SPACE)
                if text.next():
                    _no_records("Something follows the end of the list.")
                return
            if not text.next():
                if listed:
                    _no_records(f"The list is not closed after record {number}.")
                return
            number += 1
            yield text.value(number)


def remarks_of(late: dict[str, int]) -> list[str]:
    return [
        f"The field “{name[:60]}” first appears in record {figure(number)} and was not read."
        for name, number in late.items()
    ]


class _Buffer:
    """The text that is not yet parsed. It grows to the longest record."""

    def __init__(self, stream: Bounded, longest: int) -> None:
        self._stream, self._longest = stream, longest
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("strict")
        self._decoder = json.JSONDecoder(
            parse_float=_Number, parse_int=_Number, parse_constant=lambda _: None, object_pairs_hook=list
        )
        self._data, self._place, self._done = "", 0, False

    def _more(self) -> bool:
        if self._done:
            return False
        raw = self._stream.read(CHUNK)
        self._done = not raw
        try:
            decoded = self._decode.decode(raw, final=self._done)
        except UnicodeDecodeError as error:
            raise FileRefused("The JSON file is not in UTF-8.", advice="Export it again in UTF-8.") from error
        self._data, self._place = self._data[self._place :] + decoded, 0
        return True

    def skip(self, pattern: re.Pattern[str]) -> None:
        """Skip what matches at the current place."""
        while True:
            match = pattern.match(self._data, self._place)
            self._place = match.end() if match else self._place
            if self._place < len(self._data) or not self._more():
                return

    def next(self) -> str:
        return self._data[self._place : self._place + 1]

    def take(self, sign: str) -> bool:
        taken = self.next() == sign
        self._place += taken
        return taken

    def value(self, number: int) -> Any:
        while True:
            try:
                value, end = self._decoder.raw_decode(self._data, self._place)
            except RecursionError:
                _no_records(f"Record {figure(number)} is nested too deeply.")
            except ValueError as error:
                if len(self._data) - self._place > self._longest:
                    _no_records(f"Record {figure(number)} is longer than {in_words(self._longest)}, or is no JSON.")
                if not self._more():
                    _no_records(f"Record {figure(number)} is not complete JSON ({error.args[0].partition(':')[0]}).")
                continue
            if end == len(self._data) and not isinstance(value, list) and self._more():
                continue  # a number may go on
            self._place = end
            return value


def _no_records(why: str) -> NoReturn:
    raise FileRefused(
        why, advice="Export one JSON object per line, or a list of objects, with a customer in each, and nothing else."
    )


def _flat(record: Any, number: int) -> dict[str, str]:
    """Names and texts of a record. Fields of a record within it are named with a point: "plan.price"."""
    if not isinstance(record, list) or not all(isinstance(pair, tuple) for pair in record):
        _no_records(f"Record {figure(number)} is no object with named fields.")
    if len(record) > 1 and all(isinstance(value, list) and value and not _has_fields(value) for _, value in record):
        _no_records(f"Record {figure(number)} has a list in each field: the file holds columns, not customers.")
    flat: dict[str, str] = {}
    for name, value in _fields(record):
        if name in flat:
            _no_records(f"Record {figure(number)} has the field “{name[:60]}” twice.")
        flat[name] = _text(value, name, number)
    return flat


def _fields(record: list[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    for name, value in record:
        if _has_fields(value):
            yield from ((f"{name}.{inner}", own) for inner, own in value)
        else:
            yield name, value


def _has_fields(value: Any) -> bool:
    """Whether it is a record that is not empty."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], tuple)


def _text(value: Any, name: str, number: int) -> str:
    if value is None or value == []:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, _Number):
        return value if value.lstrip("-").isdigit() else number_text(value)
    if isinstance(value, str):
        return value
    if any(map(_has_fields, value)):
        raise FileRefused(
            f"The field “{name[:60]}” of record {figure(number)} holds a list of records, which may be the customers.",
            advice="Export that list alone, or leave the field out.",
        )
    raise FileRefused(
        f"The field “{name[:60]}” of record {figure(number)} holds a list or a deeper record, not a plain value.",
        advice="Leave it out, or make a field of each of its values.",
    )
