"""Stores each customer's bin in every attribute (one byte each, in the customers' order) and sums per bin.

They are written together with the customers. A page with groups reads only these files. Sums are stored per block of
equal size, so that the customers above a threshold are several complete blocks and a part of one. Contributions of
attributes are summed over the whole run.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.ipc
from numpy.typing import NDArray

from adapters.durable import publish
from adapters.results.files.layout import StoredAttribute
from adapters.results.reading.stored_run import StoredRun
from adapters.results.writing import batch_buffer
from adapters.results.writing.batch_buffer import FixedBlocks
from adapters.results.writing.binning_plan import (
    BinningPlan,
    Floats,
    LevelsSeen,
    NumbersSeen,
    Slots,
    from_document,
    to_document,
)
from adapters.results.writing.contributions import ContributionSums
from adapters.results.writing.group_totals import CUSTOMERS, GroupTotals, each_alone
from adapters.results.writing.text_dictionary import TextDictionary

Explain = Callable[[pa.Table], NDArray[np.float32] | None]
"""Stored customers → their SHAP values (n × attributes), or always None."""

SLOTS, SUMS, CONTRIBUTIONS = "slots.arrow", "sums.npy", "contributions.npy"
CUTS, SIZE = b"cuts", b"block"


class AttributesSeen:
    """Collects the values of all attributes of a run while its customers are scored."""

    def __init__(self, attributes: Sequence[StoredAttribute]) -> None:
        self._numbers = {a.column: NumbersSeen(a) for a in attributes if a.numeric}
        self._levels = {a.column: LevelsSeen(a) for a in attributes if not a.numeric}

    def add(self, columns: Mapping[str, Any]) -> None:
        """Numbers as an Arrow array, texts as codes."""
        for name, numbers in self._numbers.items():
            numbers.add(floats(columns[name]))
        for name, levels in self._levels.items():
            levels.add(columns[name])

    def cuts(self, texts: Mapping[str, Sequence[str]]) -> tuple[BinningPlan, ...]:
        """`texts` by code, for each column of text."""
        cuts = [numbers.cut() for numbers in self._numbers.values()]
        return (*cuts, *(levels.cut(texts[name]) for name, levels in self._levels.items()))


class SlotsWriter:
    """Receives the customers as they are written. Writes two files, or three if there are SHAP values."""

    def __init__(self, folder: Path, cuts: Sequence[BinningPlan], texts: Mapping[str, Sequence[str]]) -> None:
        self._folder, self._cuts, self._texts = folder, cuts, texts
        self._blocks = FixedBlocks()
        self._sums: list[Floats] = []
        self._contributions: ContributionSums | None = None
        metadata = {CUTS: json.dumps([to_document(cut) for cut in cuts]), SIZE: str(batch_buffer.BLOCK)}
        self._schema = pa.schema([(cut.column, pa.uint8()) for cut in cuts], metadata=metadata)
        options = pa.ipc.IpcWriteOptions(compression="zstd")
        self._file = pa.ipc.new_file(str(folder / SLOTS), self._schema, options=options)

    def __enter__(self) -> SlotsWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(
        self, columns: Any, *, revenue: Floats, left: Floats, contributions: NDArray[np.float32] | None = None
    ) -> None:
        """Add a table or arrays by name: probabilities, numbers, and texts as codes. NaN means unknown.

        Pass `contributions` (n × attributes) in every call or in none.
        """
        slots = [self._slots(cut, columns[cut.column]) for cut in self._cuts]
        given: list[NDArray[Any]] = [floats(columns["probability"]), revenue, left, *slots]
        if contributions is not None:
            self._contributions = self._contributions or ContributionSums(self._cuts)
            given.append(contributions)
        for block in self._blocks.add(*given):
            self._write(*block)

    def _slots(self, cut: BinningPlan, column: Any) -> Slots:
        texts = self._texts.get(cut.column)
        return cut.of_numbers(floats(column)) if texts is None else cut.of_codes(np.asarray(column), texts)

    def _write(self, probability: Floats, revenue: Floats, left: Floats, *others: NDArray[Any]) -> None:
        slots = others[: len(self._cuts)]
        if self._contributions is not None:
            self._contributions.add(others[-1], slots)
        self._file.write_batch(pa.RecordBatch.from_arrays([pa.array(column) for column in slots], schema=self._schema))
        self._sums.append(each_alone(self._cuts, slots, GroupTotals.of(probability, revenue, left)))

    def finish(self) -> None:
        for block in self._blocks.rest():
            self._write(*block)
        slots = sum(cut.slots for cut in self._cuts)
        sums = np.array(self._sums).reshape(len(self._sums), 7, slots)
        np.save(self._folder / SUMS, sums, allow_pickle=False)
        if self._contributions is not None:
            np.save(self._folder / CONTRIBUTIONS, self._contributions.sums, allow_pickle=False)


@dataclass(frozen=True, slots=True)
class SlotsFile:
    """One run's bin codes and sums (blocks × 7 × bins of all attributes); `size` is the number of customers per block.

    `contributions` (2 × bins of all attributes) are Σ SHAP and Σ SHAP²; None for a run of a version without them.
    """

    path: Path
    size: int
    cuts: Mapping[str, BinningPlan]
    places: Mapping[str, int]
    sums: Floats
    contributions: Floats | None

    @classmethod
    def open(cls, folder: Path) -> SlotsFile:
        """Raises FileNotFoundError if the files do not exist."""
        with pa.OSFile(str(folder / SLOTS)) as source, pa.ipc.open_file(source) as file:
            schema = file.schema
        cuts = [from_document(document) for document in json.loads(schema.metadata[CUTS])]
        places = {name: place for place, name in enumerate(schema.names)}
        sums = np.load(folder / SUMS, allow_pickle=False)
        has_contributions = (folder / CONTRIBUTIONS).is_file()
        contributions = np.load(folder / CONTRIBUTIONS, allow_pickle=False) if has_contributions else None
        by_column = {cut.column: cut for cut in cuts}
        return cls(folder / SLOTS, int(schema.metadata[SIZE]), by_column, places, sums, contributions)

    def column(self, name: str) -> Slots:
        """The bin codes of all customers (n)."""
        with pa.OSFile(str(self.path)) as source, self._reading(source, name) as file:
            slots: Slots = file.read_all().column(0).to_numpy()
            return slots

    def block(self, name: str, block: int) -> Slots:
        with pa.OSFile(str(self.path)) as source, self._reading(source, name) as file:
            slots: Slots = file.get_batch(block).column(0).to_numpy()
            return slots

    def _reading(self, source: Any, name: str) -> Any:
        options = pa.ipc.IpcReadOptions(use_threads=False, included_fields=[self.places[name]])
        return pa.ipc.open_file(source, options=options)

    def sums_of(self, name: str, first: int, last: int) -> Floats:
        """Sums of one attribute (7 × bins) over the blocks [first, last)."""
        totals: Floats = self.sums[first:last, :, self._side(name)].sum(axis=0)
        return totals

    def contributions_of(self, name: str) -> Floats | None:
        """Sums of one attribute (3 × bins) over all customers: count, Σ SHAP, Σ SHAP²."""
        if self.contributions is None:
            return None
        customers = self.sums[:, CUSTOMERS, self._side(name)].sum(axis=0)
        return np.stack([customers, *self.contributions[:, self._side(name)]])

    def _side(self, name: str) -> slice:
        start = sum(cut.slots for cut in list(self.cuts.values())[: self.places[name]])
        return slice(start, start + self.cuts[name].slots)


def slots_of(stored: StoredRun) -> SlotsFile:
    """A run's bin codes. Creates them from its customers if they do not exist."""
    folder = stored.parquet.parent
    try:
        return SlotsFile.open(folder)
    except FileNotFoundError:
        make_slots(stored)
        return SlotsFile.open(folder)


def make_slots(stored: StoredRun, explain: Explain = lambda _: None) -> None:
    """Create the bin codes again from a run's file. SHAP values are not stored, so `explain` calculates them."""
    folder, attributes = stored.parquet.parent, stored.notes.attributes
    codes = {a.column: TextDictionary() for a in attributes if not a.numeric}
    seen = AttributesSeen(attributes)
    for _, columns in _columns(stored, codes):
        seen.add(columns)
    texts = {name: own.texts() for name, own in codes.items()}
    draft = folder / f".slots.{secrets.token_hex(4)}"
    draft.mkdir(mode=0o700)
    with SlotsWriter(draft, seen.cuts(texts), texts) as writer:
        for table, columns in _columns(stored, codes):
            left = columns["actual"].cast(pa.int8()).cast(pa.float64())
            writer.add(columns, revenue=floats(columns["revenue"]), left=floats(left), contributions=explain(table))
        writer.finish()
    for name in (CONTRIBUTIONS, SUMS, SLOTS):  # the bin codes last, because readers check for this file
        if (draft / name).exists():
            publish(draft / name, folder / name)
    draft.rmdir()


def _columns(stored: StoredRun, codes: Mapping[str, TextDictionary]) -> Iterator[tuple[pa.Table, dict[str, Any]]]:
    """Pieces of the file, and their columns with texts as codes."""
    names = ["probability", "revenue", "actual", *(attribute.column for attribute in stored.notes.attributes)]
    for table in stored.slices(0, stored.notes.rows, columns=names, rows=batch_buffer.BLOCK):
        arrays = {name: table.column(name).unify_dictionaries().combine_chunks() for name in names}
        yield table, {name: codes[name].of(array) if name in codes else array for name, array in arrays.items()}


def floats(column: Any) -> Floats:
    """The column as float64, NaN for null."""
    return np.asarray(column.to_numpy(zero_copy_only=False), np.float64)
