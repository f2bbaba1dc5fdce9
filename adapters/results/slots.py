"""Each customer's slot in every attribute, one byte each, beside the customers and in their order.

Written in the pass that writes the customers; a page that adds up groups reads these bytes alone.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.ipc
from numpy.typing import NDArray

from adapters.results.codes import Codes
from adapters.results.cutting import (
    Cut,
    Floats,
    LevelsSeen,
    NumbersSeen,
    Slots,
    from_document,
    to_document,
)
from adapters.results.layout import StoredAttribute
from adapters.results.spool import BLOCK, FixedBlocks
from adapters.results.stored import StoredRun

SLOTS = "slots.arrow"
CUTS = b"cuts"


class AttributesSeen:
    """All attributes of a run, looked at while its customers are scored."""

    def __init__(self, attributes: Sequence[StoredAttribute]) -> None:
        self._numbers = {a.column: NumbersSeen(a) for a in attributes if a.numeric}
        self._levels = {a.column: LevelsSeen(a) for a in attributes if not a.numeric}

    def add(self, columns: Mapping[str, Any]) -> None:
        """Numbers as an Arrow array, texts as codes."""
        for name, numbers in self._numbers.items():
            numbers.add(floats(columns[name]))
        for name, levels in self._levels.items():
            levels.add(columns[name])

    def cuts(self, texts: Mapping[str, Sequence[str]]) -> tuple[Cut, ...]:
        """`texts` by code, for each column of text."""
        cuts = [numbers.cut() for numbers in self._numbers.values()]
        return (*cuts, *(levels.cut(texts[name]) for name, levels in self._levels.items()))


class SlotsWriter:
    """Takes the customers as they are written."""

    def __init__(self, path: Path, cuts: Sequence[Cut], texts: Mapping[str, Sequence[str]]) -> None:
        self._cuts, self._texts = cuts, texts
        self._blocks = FixedBlocks()
        self._schema = pa.schema(
            [(cut.column, pa.uint8()) for cut in cuts], metadata={CUTS: json.dumps([to_document(cut) for cut in cuts])}
        )
        self._file = pa.ipc.new_file(str(path), self._schema, options=pa.ipc.IpcWriteOptions(compression="zstd"))

    def __enter__(self) -> SlotsWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, columns: Any) -> None:
        """A table, or arrays by name, of a length: numbers, and texts as codes."""
        slots = [self._slots(cut, columns[cut.column]) for cut in self._cuts]
        if slots:
            for block in self._blocks.add(*slots):
                self._write(block)

    def _slots(self, cut: Cut, column: Any) -> Slots:
        texts = self._texts.get(cut.column)
        return cut.of_numbers(floats(column)) if texts is None else cut.of_codes(np.asarray(column), texts)

    def _write(self, block: tuple[NDArray[Any], ...]) -> None:
        self._file.write_batch(pa.RecordBatch.from_arrays([pa.array(column) for column in block], schema=self._schema))

    def finish(self) -> None:
        for block in self._blocks.rest():
            self._write(block)


@dataclass(frozen=True, slots=True)
class SlotsFile:
    """One run's slots. Raises FileNotFoundError where there are none."""

    path: Path
    cuts: Mapping[str, Cut]
    places: Mapping[str, int]

    @classmethod
    def open(cls, path: Path) -> SlotsFile:
        with pa.OSFile(str(path)) as source, pa.ipc.open_file(source) as file:
            schema = file.schema
        cuts = [from_document(document) for document in json.loads(schema.metadata[CUTS])]
        return cls(path, {cut.column: cut for cut in cuts}, {name: place for place, name in enumerate(schema.names)})

    def column(self, name: str) -> Slots:
        options = pa.ipc.IpcReadOptions(use_threads=False, included_fields=[self.places[name]])
        with pa.OSFile(str(self.path)) as source, pa.ipc.open_file(source, options=options) as file:
            slots: Slots = file.read_all().column(0).to_numpy()
            return slots


def slots_of(stored: StoredRun) -> SlotsFile:
    """A run's slots; made from its customers where there are none yet."""
    path = stored.parquet.with_name(SLOTS)
    try:
        return SlotsFile.open(path)
    except FileNotFoundError:
        make_slots(stored)
        return SlotsFile.open(path)


def make_slots(stored: StoredRun) -> None:
    """Cut a run's customers anew, as they lie in its file."""
    attributes = stored.notes.attributes
    codes = {a.column: Codes() for a in attributes if not a.numeric}
    seen = AttributesSeen(attributes)
    for columns in _columns(stored, codes):
        seen.add(columns)
    texts = {name: own.texts() for name, own in codes.items()}
    draft = stored.parquet.with_name(f"{SLOTS}.{secrets.token_hex(4)}")
    with SlotsWriter(draft, seen.cuts(texts), texts) as writer:
        for columns in _columns(stored, codes):
            writer.add(columns)
        writer.finish()
    draft.replace(stored.parquet.with_name(SLOTS))


def _columns(stored: StoredRun, codes: Mapping[str, Codes]) -> Iterator[dict[str, Any]]:
    names = [attribute.column for attribute in stored.notes.attributes]
    for table in stored.slices(0, stored.notes.rows, columns=names, rows=BLOCK):
        arrays = {name: table.column(name).unify_dictionaries().combine_chunks() for name in names}
        yield {name: codes[name].of(array) if name in codes else array for name, array in arrays.items()}


def floats(column: Any) -> Floats:
    """NaN where null."""
    return np.asarray(column.to_numpy(zero_copy_only=False), np.float64)
