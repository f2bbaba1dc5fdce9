"""Each customer's slot in every attribute, one byte each, beside the customers and in their order, and sums by slot.

Written in the pass that writes the customers: a page that adds up groups reads these alone. The sums are of blocks of
equal size, so that all customers before a threshold are some blocks and a part of one. What attributes contribute is
summed over the whole run.
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

from adapters.results import spool
from adapters.results.codes import Codes
from adapters.results.contributions import ContributionSums
from adapters.results.cutting import Cut, Floats, LevelsSeen, NumbersSeen, Slots, from_document, to_document
from adapters.results.layout import StoredAttribute
from adapters.results.spool import FixedBlocks
from adapters.results.stored import StoredRun
from adapters.results.tally import CUSTOMERS, Figures, each_alone

Explain = Callable[[pa.Table], NDArray[np.float32] | None]
"""Customers as they are stored → their SHAP values (n × attributes), or None each time."""

SLOTS, SUMS, CONTRIBUTIONS = "slots.arrow", "sums.npy", "contributions.npy"
CUTS, SIZE = b"cuts", b"block"


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
    """Takes the customers as they are written, and leaves two files in a folder; three where SHAP values are given."""

    def __init__(self, folder: Path, cuts: Sequence[Cut], texts: Mapping[str, Sequence[str]]) -> None:
        self._folder, self._cuts, self._texts = folder, cuts, texts
        self._blocks = FixedBlocks()
        self._sums: list[Floats] = []
        self._contributions: ContributionSums | None = None
        metadata = {CUTS: json.dumps([to_document(cut) for cut in cuts]), SIZE: str(spool.BLOCK)}
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
        """A table or arrays by name: probabilities, numbers, and texts as codes. NaN for what is unknown.

        `contributions` (n × attributes) are given each time or never.
        """
        slots = [self._slots(cut, columns[cut.column]) for cut in self._cuts]
        given = [floats(columns["probability"]), revenue, left, *slots]
        if contributions is not None:
            self._contributions = self._contributions or ContributionSums(self._cuts)
            given.append(contributions)
        for block in self._blocks.add(*given):
            self._write(*block)

    def _slots(self, cut: Cut, column: Any) -> Slots:
        texts = self._texts.get(cut.column)
        return cut.of_numbers(floats(column)) if texts is None else cut.of_codes(np.asarray(column), texts)

    def _write(self, probability: Floats, revenue: Floats, left: Floats, *others: NDArray[Any]) -> None:
        slots = others[: len(self._cuts)]
        if self._contributions is not None:
            self._contributions.add(others[-1], slots)
        self._file.write_batch(pa.RecordBatch.from_arrays([pa.array(column) for column in slots], schema=self._schema))
        self._sums.append(each_alone(self._cuts, slots, Figures.of(probability, revenue, left)))

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
    """One run's slots and sums (blocks × 7 × slots of all attributes side by side); `size`: customers in a block.

    `contributions` (2 × slots of all attributes): Σ SHAP and Σ SHAP²; None of a run scored before they were kept.
    """

    path: Path
    size: int
    cuts: Mapping[str, Cut]
    places: Mapping[str, int]
    sums: Floats
    contributions: Floats | None

    @classmethod
    def open(cls, folder: Path) -> SlotsFile:
        """Raises FileNotFoundError where there are none."""
        with pa.OSFile(str(folder / SLOTS)) as source, pa.ipc.open_file(source) as file:
            schema = file.schema
        cuts = [from_document(document) for document in json.loads(schema.metadata[CUTS])]
        places = {name: place for place, name in enumerate(schema.names)}
        sums = np.load(folder / SUMS, allow_pickle=False)
        kept = (folder / CONTRIBUTIONS).is_file()
        contributions = np.load(folder / CONTRIBUTIONS, allow_pickle=False) if kept else None
        by_column = {cut.column: cut for cut in cuts}
        return cls(folder / SLOTS, int(schema.metadata[SIZE]), by_column, places, sums, contributions)

    def column(self, name: str) -> Slots:
        """Of all customers (n)."""
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
        """7 × slots of one attribute, over the blocks [first, last)."""
        found: Floats = self.sums[first:last, :, self._side(name)].sum(axis=0)
        return found

    def contributions_of(self, name: str) -> Floats | None:
        """3 × slots of one attribute, over all customers: how many, Σ SHAP, Σ SHAP²."""
        if self.contributions is None:
            return None
        customers = self.sums[:, CUSTOMERS, self._side(name)].sum(axis=0)
        return np.stack([customers, *self.contributions[:, self._side(name)]])

    def _side(self, name: str) -> slice:
        start = sum(cut.slots for cut in list(self.cuts.values())[: self.places[name]])
        return slice(start, start + self.cuts[name].slots)


def slots_of(stored: StoredRun) -> SlotsFile:
    """A run's slots; made from its customers where there are none yet."""
    folder = stored.parquet.parent
    try:
        return SlotsFile.open(folder)
    except FileNotFoundError:
        make_slots(stored)
        return SlotsFile.open(folder)


def make_slots(stored: StoredRun, explain: Explain = lambda _: None) -> None:
    """Cut a run's customers anew, as they lie in its file; their SHAP values are not there, so `explain` gives them."""
    folder, attributes = stored.parquet.parent, stored.notes.attributes
    codes = {a.column: Codes() for a in attributes if not a.numeric}
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
    for name in (CONTRIBUTIONS, SUMS, SLOTS):  # the slots last: they are what is looked for
        if (draft / name).exists():
            (draft / name).replace(folder / name)
    draft.rmdir()


def _columns(stored: StoredRun, codes: Mapping[str, Codes]) -> Iterator[tuple[pa.Table, dict[str, Any]]]:
    """Pieces of the file; and their columns with texts as codes."""
    names = ["probability", "revenue", "actual", *(attribute.column for attribute in stored.notes.attributes)]
    for table in stored.slices(0, stored.notes.rows, columns=names, rows=spool.BLOCK):
        arrays = {name: table.column(name).unify_dictionaries().combine_chunks() for name in names}
        yield table, {name: codes[name].of(array) if name in codes else array for name, array in arrays.items()}


def floats(column: Any) -> Floats:
    """NaN where null."""
    return np.asarray(column.to_numpy(zero_copy_only=False), np.float64)
