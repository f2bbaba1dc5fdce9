"""The store of scored customers: one immutable Parquet file per run, sorted by risk, and its readers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adapters.results.compared import ComparedResults
from adapters.results.files.damage import reports_damage
from adapters.results.files.erase_customer import erase_customer
from adapters.results.files.folders import ResultFolders
from adapters.results.files.layout import LOWERS, RAISES
from adapters.results.files.manifest import Signature, damaged_files, fingerprint, signature_of
from adapters.results.grouped import CustomerGroups
from adapters.results.grouping.groups import Groups, in_order
from adapters.results.reading.customer_ids import Ids
from adapters.results.reading.customer_locator import CustomerLocator
from adapters.results.reading.customer_rows import cells_of, chunks_of, customers_of
from adapters.results.reading.duckdb_queries import Database
from adapters.results.reading.lru_cache import LruCache
from adapters.results.reading.sample import sample_of
from adapters.results.reading.stored_run import Mark, StoredRun, mark_of, stored_run, written_columns
from adapters.results.reading.threshold_views import contacting_in, figures_at
from adapters.results.writing.batch_buffer import IN_MEMORY_ROWS
from adapters.results.writing.other_actions import PreparedActions, written_with
from adapters.results.writing.writer import ParquetResultWriter
from adapters.storage.room import UNLIMITED, DiskRoom
from application.ports.columns import CustomerColumns
from application.ports.models import TruthEvaluator
from application.ports.results import (
    Contribution,
    CustomerPage,
    Group,
    PreparedResult,
    Recommend,
    Rescore,
    ResultWriter,
    ScoredCustomer,
    ThresholdFigures,
)
from domain.customer_query import AttributeFilter, CustomerQuery
from domain.errors import ResultDamaged, ResultMissing
from domain.evaluation import Evaluation
from domain.playbook import Playbook
from domain.prediction import BandLimits
from domain.run import Contacting, RunId
from domain.schema import CustomerSchema
from domain.training_profile import TrainingProfile


class ParquetResults(ComparedResults, CustomerGroups):
    """Implements ResultStore under `root`. Opens files only when they are needed.

    While a run is written, up to `in_memory_rows` customers are in memory; more are buffered in a file.
    """

    def __init__(
        self,
        root: Path,
        evaluator: TruthEvaluator,
        *,
        in_memory_rows: int = IN_MEMORY_ROWS,
        room: DiskRoom = UNLIMITED,
    ) -> None:
        self._room = room
        self._folders = ResultFolders(root)
        self._evaluator = evaluator
        self._in_memory_rows = in_memory_rows
        self._runs, self._at_thresholds, self._probabilities, self._ids = LruCache(16), LruCache(64), LruCache(2), Ids()
        self._contacting, self._samples, self._reasons = LruCache(64), LruCache(1), LruCache(16)
        self._verified: dict[str, Signature] = {}
        self._finder = CustomerLocator(Database(root), self._probabilities, self._ids)
        self._groups = Groups(self._finder)

    def writer(
        self,
        run_id: RunId,
        *,
        schema: CustomerSchema,
        playbook: Playbook,
        training_profile: TrainingProfile | None = None,
        held_out: Evaluation | None = None,
        threshold: float = 0.5,
    ) -> ResultWriter:
        return ParquetResultWriter(
            self._folders,
            run_id,
            schema=schema,
            playbook=playbook,
            profile=training_profile,
            held_out=held_out,
            threshold=threshold,
            evaluator=self._evaluator,
            read_best=partial(self._best_in, run_id),
            in_memory_rows=self._in_memory_rows,
            room=self._room,
        )

    @reports_damage
    def page(self, run_id: RunId, query: CustomerQuery, *, bands: BandLimits) -> CustomerPage:
        stored = self._stored(run_id)
        cells, total = self._finder.page(stored, query, bands)
        return CustomerPage(tuple(customers_of(cells, stored.notes, threshold=query.threshold, bands=bands)), total)

    @reports_damage
    def stream(self, run_id: RunId, query: CustomerQuery, *, bands: BandLimits) -> Iterator[Sequence[ScoredCustomer]]:
        stored = self._stored(run_id)
        span = self._finder.span(stored, query, bands)
        tables = stored.slices(*span) if span else stored.gathered(self._finder.positions(stored, query, bands))
        yield from chunks_of(tables, stored.notes, threshold=query.threshold, bands=bands)

    @reports_damage
    def columns(
        self, run_id: RunId, query: CustomerQuery, *, bands: BandLimits, with_extra: bool = True
    ) -> Iterator[CustomerColumns]:
        """Columns of the customers, row group by row group, in the file's order."""
        stored = self._stored(run_id)
        notes = stored.notes
        fixed = ("row", "id", "month", "actual", "probability", "action", "gain", "revenue", *RAISES, *LOWERS)
        extra = notes.extra if with_extra else ()
        names = [*fixed, *(a.column for a in notes.attributes), *(f"x{place}" for place in range(len(extra)))]
        names += written_columns(stored) if with_extra else []
        for table, places in self._finder.stretches(stored, query, names, bands):
            yield CustomerColumns(
                rows=table.num_rows,
                data=table,
                attributes=tuple(attribute.name for attribute in notes.attributes),
                extra=extra,
                actions=tuple(action_id for action_id, _ in notes.actions),
                places=places,
                inputs=notes.inputs,
            )

    @reports_damage
    def sample(self, run_id: RunId, every: int) -> CustomerColumns:
        """Keeps the latest sample: about 100 bytes per customer in it."""
        stored = self._stored(run_id)
        sample: CustomerColumns = self._samples.get((stored.mark, every), lambda: sample_of(stored, every))
        return sample

    @reports_damage
    def input_headers(self, run_id: RunId) -> tuple[str, ...] | None:
        inputs = self._stored(run_id).notes.inputs
        return None if inputs is None else tuple(own.header for own in inputs)

    @reports_damage
    def customer(self, run_id: RunId, row: int, *, threshold: float, bands: BandLimits) -> ScoredCustomer:
        stored = self._stored(run_id)
        place = self._finder.place(stored, row)
        cells = cells_of(stored.slice(place, place + 1))
        return customers_of(cells, stored.notes, threshold=threshold, bands=bands)[0]

    @reports_damage
    def neighbours(self, run_id: RunId, row: int) -> tuple[int | None, int | None]:
        stored = self._stored(run_id)
        place = self._finder.place(stored, row)
        first = max(place - 1, 0)
        rows = stored.slice(first, min(place + 2, stored.notes.rows), columns=["row"]).column(0).to_pylist()
        here = place - first
        return (rows[here - 1] if here else None, rows[here + 1] if here + 1 < len(rows) else None)

    @reports_damage
    def rank(self, run_id: RunId, row: int) -> int:
        stored = self._stored(run_id)
        place = self._finder.place(stored, row)
        rising = self._finder.rising(stored)
        return int(np.searchsorted(rising, rising[len(rising) - 1 - place], side="left"))

    @reports_damage
    def at_threshold(self, run_id: RunId, threshold: float, *, bands: BandLimits) -> ThresholdFigures:
        stored = self._stored(run_id)
        rising = self._finder.rising(stored)
        at_threshold: ThresholdFigures = self._at_thresholds.get(
            (stored.mark, threshold, bands),
            lambda: figures_at(stored, rising, self.contacting(run_id), threshold=threshold, bands=bands),
        )
        return at_threshold

    @reports_damage
    def contacting(self, run_id: RunId) -> Contacting:
        stored = self._stored(run_id)
        contacting: Contacting = self._contacting.get((stored.mark,), lambda: contacting_in(stored))
        return contacting

    @reports_damage
    def groups(
        self,
        run_id: RunId,
        attribute: str,
        *,
        threshold: float,
        filters: Sequence[AttributeFilter] = (),
        likely: bool | None = None,
    ) -> tuple[Group, ...]:
        """Levels by size, numbers in ascending bins. Other levels and missing values come last."""
        _, cells = self._groups.grouped(
            self._stored(run_id), (attribute,), threshold=threshold, filters=filters, likely=likely
        )
        return tuple(cells[(place,)] for place in in_order([place for (place,) in cells]))

    @reports_damage
    def contributions(self, run_id: RunId, attribute: str) -> tuple[Contribution, ...] | None:
        return self._groups.contributions(self._stored(run_id), attribute)

    @reports_damage
    def cross(
        self,
        run_id: RunId,
        first: str,
        second: str,
        *,
        threshold: float,
        filters: Sequence[AttributeFilter] = (),
        likely: bool | None = None,
    ) -> tuple[tuple[str, ...], tuple[str, ...], dict[tuple[str, str], Group]]:
        axes, by_position = self._groups.grouped(
            self._stored(run_id), (first, second), threshold=threshold, filters=filters, likely=likely
        )
        rows, columns = axes
        labels = [
            tuple(axis.bin_at(place).label for place in in_order(list({key[side] for key in by_position})))
            for side, axis in enumerate(axes)
        ]
        cells = {(rows.bin_at(a).label, columns.bin_at(b).label): group for (a, b), group in by_position.items()}
        return labels[0], labels[1], cells

    @reports_damage
    def best_contacts(
        self, run_id: RunId, limit: int, *, threshold: float, bands: BandLimits
    ) -> Iterator[ScoredCustomer]:
        yield from self._best_of(self._stored(run_id), limit, threshold, bands)

    def _best_in(
        self, run_id: str, folder: Path, limit: int, threshold: float, bands: BandLimits
    ) -> Iterator[ScoredCustomer]:
        """The best contacts of a run that is not published yet, read from its folder."""
        yield from self._best_of(stored_run(folder, mark_of(run_id, folder)), limit, threshold, bands)

    def _best_of(self, stored: StoredRun, limit: int, threshold: float, bands: BandLimits) -> Iterator[ScoredCustomer]:
        query = CustomerQuery(threshold, sort="gain")
        positions = self._finder.positions(stored, query, bands, limit=max(0, limit))
        tables = stored.gathered(positions, _own_columns(stored))
        yield from _alone(tables, stored, threshold=threshold, bands=bands)

    @reports_damage
    def chosen(
        self, run_id: RunId, rows: Collection[int], *, threshold: float, bands: BandLimits
    ) -> Iterator[ScoredCustomer]:
        stored = self._stored(run_id)
        wanted = pa.array(sorted(rows), pa.int64())
        slices = stored.slices(0, stored.notes.rows, columns=_own_columns(stored))
        tables = (table.filter(pc.is_in(table.column("row"), value_set=wanted)) for table in slices)
        yield from _alone(tables, stored, threshold=threshold, bands=bands)

    @reports_damage
    def erase_customer(
        self,
        run_id: RunId,
        customer_id: str,
        *,
        rescore: Rescore | None = None,
        accept: Callable[[str], None] = lambda _: None,
    ) -> int:
        """Erase the customer from the run's files, and evict the run from the in-memory caches."""
        erased = erase_customer(self._folders, run_id, customer_id, rescore=rescore, accept=accept)
        self._forget(run_id)
        return erased

    def discard(self, run_id: RunId) -> None:
        """Delete the run's files, and evict the run from the in-memory caches."""
        self._folders.discard(run_id)
        self._forget(run_id)

    def _forget(self, run_id: RunId) -> None:
        caches = (self._runs, self._at_thresholds, self._contacting, self._probabilities, self._ids, self._samples)
        for kept in (*caches, self._reasons, self._groups):
            kept.forget(run_id)
        self._verified.pop(run_id, None)

    @reports_damage
    def with_actions(
        self,
        run_id: RunId,
        playbook: Playbook,
        recommend: Recommend,
        *,
        on_rows: Callable[[int], None] = lambda _: None,
    ) -> PreparedResult:
        def prepared(folder: Path, contacting: Contacting, sealed: str | None) -> PreparedActions:
            return PreparedActions(
                self._folders,
                run_id,
                folder,
                contacting,
                sealed,
                partial(self._best_in, run_id),
                partial(self._forget, run_id),
            )

        self._room.check(self.size(run_id))
        return written_with(self._folders, run_id, playbook, recommend, on_rows, prepared)

    def fingerprint(self, run_id: RunId) -> str | None:
        return fingerprint(self._folders.of(run_id))

    def damaged_files(self, run_id: RunId, accepted: Collection[str]) -> tuple[str, ...]:
        return damaged_files(self._folders.of(run_id), accepted=accepted)

    def size(self, run_id: RunId) -> int:
        return self._folders.size(run_id)

    def sweep_unfinished(self, writing: Sequence[RunId], *, before: datetime | None = None) -> int:
        return self._folders.sweep_unfinished(frozenset(writing), before=None if before is None else before.timestamp())

    def forget_unfinished(self) -> None:
        self._folders.forget_unfinished()

    def _stored(self, run_id: RunId) -> StoredRun:
        folder = self._folders.of(run_id)
        try:
            mark = mark_of(run_id, folder)
            stored: StoredRun = self._runs.get((mark,), lambda: self._open_run(folder, mark))
        except FileNotFoundError as error:
            raise ResultMissing(run_id) from error
        return stored

    def _open_run(self, folder: Path, mark: Mark) -> StoredRun:
        """Open a run's files. They are verified when this process first opens them, and again after a change."""
        signature = signature_of(folder)
        if self._verified.get(mark[0]) != signature:
            if damaged := damaged_files(folder):
                raise ResultDamaged(mark[0], damaged[0])
            self._verified[mark[0]] = signature
        return stored_run(folder, mark)


def _own_columns(stored: StoredRun) -> list[str]:
    """All columns but the file's other ones, which can be thousands."""
    others = {f"x{place}" for place in range(len(stored.notes.extra))} | set(written_columns(stored))
    with stored.open() as file:
        return [name for name in file.schema_arrow.names if name not in others]


def _alone(
    tables: Iterable[pa.Table], stored: StoredRun, *, threshold: float, bands: BandLimits
) -> Iterator[ScoredCustomer]:
    """The customers of these tables, without the file's other columns."""
    notes = replace(stored.notes, extra=(), inputs=None)
    for chunk in chunks_of(tables, notes, threshold=threshold, bands=bands):
        yield from chunk
