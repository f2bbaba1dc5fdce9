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
    BinCodes,
    BinningPlan,
    Floats,
    LevelsSeen,
    NumbersSeen,
    from_document,
    to_document,
)
from adapters.results.writing.contributions import ContributionSums
from adapters.results.writing.group_totals import CUSTOMERS, GroupTotals, each_alone
from adapters.results.writing.text_dictionary import TextDictionary

Explain = Callable[[pa.Table], NDArray[np.float32] | None]
"""Stored customers → their SHAP values (n × attributes), or always None."""

BIN_CODES, SUMS, CONTRIBUTIONS = "slots.arrow", "sums.npy", "contributions.npy"  # names that stored runs have
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

    def plans(self, texts: Mapping[str, Sequence[str]]) -> tuple[BinningPlan, ...]:
        """`texts` by code, for each column of text."""
        plans = [numbers.plan() for numbers in self._numbers.values()]
        return (*plans, *(levels.plan(texts[name]) for name, levels in self._levels.items()))


class BinCodesWriter:
    """Receives the customers as they are written. Writes two files, or three if there are SHAP values."""

    def __init__(self, folder: Path, plans: Sequence[BinningPlan], texts: Mapping[str, Sequence[str]]) -> None:
        self._folder, self._plans, self._texts = folder, plans, texts
        self._blocks = FixedBlocks()
        self._sums: list[Floats] = []
        self._contributions: ContributionSums | None = None
        metadata = {CUTS: json.dumps([to_document(plan) for plan in plans]), SIZE: str(batch_buffer.BLOCK)}
        self._schema = pa.schema([(plan.column, pa.uint8()) for plan in plans], metadata=metadata)
        options = pa.ipc.IpcWriteOptions(compression="zstd")
        self._file = pa.ipc.new_file(str(folder / BIN_CODES), self._schema, options=options)

    def __enter__(self) -> BinCodesWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(
        self, columns: Any, *, revenue: Floats, left: Floats, contributions: NDArray[np.float32] | None = None
    ) -> None:
        """Add a table or arrays by name: probabilities, numbers, and texts as codes. NaN means unknown.

        Pass `contributions` (n × attributes) in every call or in none.
        """
        bin_codes = [self._codes(plan, columns[plan.column]) for plan in self._plans]
        given: list[NDArray[Any]] = [floats(columns["probability"]), revenue, left, *bin_codes]
        if contributions is not None:
            self._contributions = self._contributions or ContributionSums(self._plans)
            given.append(contributions)
        for block in self._blocks.add(*given):
            self._write(*block)

    def _codes(self, plan: BinningPlan, column: Any) -> BinCodes:
        texts = self._texts.get(plan.column)
        return plan.of_numbers(floats(column)) if texts is None else plan.of_codes(np.asarray(column), texts)

    def _write(self, probability: Floats, revenue: Floats, left: Floats, *others: NDArray[Any]) -> None:
        bin_codes = others[: len(self._plans)]
        if self._contributions is not None:
            self._contributions.add(others[-1], bin_codes)
        self._file.write_batch(
            pa.RecordBatch.from_arrays([pa.array(column) for column in bin_codes], schema=self._schema)
        )
        self._sums.append(each_alone(self._plans, bin_codes, GroupTotals.of(probability, revenue, left)))

    def finish(self) -> None:
        for block in self._blocks.rest():
            self._write(*block)
        fine_bins = sum(plan.fine_bins for plan in self._plans)
        sums = np.array(self._sums).reshape(len(self._sums), 7, fine_bins)
        np.save(self._folder / SUMS, sums, allow_pickle=False)
        if self._contributions is not None:
            np.save(self._folder / CONTRIBUTIONS, self._contributions.sums, allow_pickle=False)


@dataclass(frozen=True, slots=True)
class BinCodesFile:
    """One run's bin codes and sums (blocks × 7 × bins of all attributes); `size` is the number of customers per block.

    `contributions` (2 × bins of all attributes) are Σ SHAP and Σ SHAP²; None for a run of a version without them.
    """

    path: Path
    size: int
    plans: Mapping[str, BinningPlan]
    places: Mapping[str, int]
    sums: Floats
    contributions: Floats | None

    @classmethod
    def open(cls, folder: Path) -> BinCodesFile:
        """Raises FileNotFoundError if the files do not exist."""
        with pa.OSFile(str(folder / BIN_CODES)) as source, pa.ipc.open_file(source) as file:
            schema = file.schema
        plans = [from_document(document) for document in json.loads(schema.metadata[CUTS])]
        places = {name: place for place, name in enumerate(schema.names)}
        sums = np.load(folder / SUMS, allow_pickle=False)
        has_contributions = (folder / CONTRIBUTIONS).is_file()
        contributions = np.load(folder / CONTRIBUTIONS, allow_pickle=False) if has_contributions else None
        by_column = {plan.column: plan for plan in plans}
        return cls(folder / BIN_CODES, int(schema.metadata[SIZE]), by_column, places, sums, contributions)

    def column(self, name: str) -> BinCodes:
        """The bin codes of all customers (n)."""
        with pa.OSFile(str(self.path)) as source, self._reading(source, name) as file:
            bin_codes: BinCodes = file.read_all().column(0).to_numpy()
            return bin_codes

    def block(self, name: str, block: int) -> BinCodes:
        with pa.OSFile(str(self.path)) as source, self._reading(source, name) as file:
            bin_codes: BinCodes = file.get_batch(block).column(0).to_numpy()
            return bin_codes

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
        start = sum(plan.fine_bins for plan in list(self.plans.values())[: self.places[name]])
        return slice(start, start + self.plans[name].fine_bins)


def bin_codes_of(stored: StoredRun) -> BinCodesFile:
    """A run's bin codes. Creates them from its customers if they do not exist."""
    folder = stored.parquet.parent
    try:
        return BinCodesFile.open(folder)
    except FileNotFoundError:
        write_bin_codes(stored)
        return BinCodesFile.open(folder)


def write_bin_codes(stored: StoredRun, explain: Explain = lambda _: None) -> None:
    """Create the bin codes again from a run's file. SHAP values are not stored, so `explain` calculates them."""
    folder, attributes = stored.parquet.parent, stored.notes.attributes
    codes = {a.column: TextDictionary() for a in attributes if not a.numeric}
    seen = AttributesSeen(attributes)
    for _, columns in _columns(stored, codes):
        seen.add(columns)
    texts = {name: own.texts() for name, own in codes.items()}
    draft = folder / f".slots.{secrets.token_hex(4)}"
    draft.mkdir(mode=0o700)
    with BinCodesWriter(draft, seen.plans(texts), texts) as writer:
        for table, columns in _columns(stored, codes):
            left = columns["actual"].cast(pa.int8()).cast(pa.float64())
            writer.add(columns, revenue=floats(columns["revenue"]), left=floats(left), contributions=explain(table))
        writer.finish()
    for name in (CONTRIBUTIONS, SUMS, BIN_CODES):  # the bin codes last, because readers check for this file
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
