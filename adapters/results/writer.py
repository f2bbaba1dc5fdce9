"""Writes a run's scored customers: spooled in file order, then sorted by risk into one Parquet file, and summed up."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from adapters.results.codes import Codes, unlisted_of
from adapters.results.contributions import packed, unpacked
from adapters.results.folders import CUSTOMERS, NOTES, ResultFolders
from adapters.results.layout import (
    CONTRIBUTIONS,
    LOWERS,
    RAISES,
    VALUE,
    ResultNotes,
    driver_shares,
    stored_attribute,
)
from adapters.results.manifest import seal
from adapters.results.profile import Counts, TrainingProfile, psi
from adapters.results.row_groups import row_groups
from adapters.results.slots import AttributesSeen, SlotsWriter
from adapters.results.spool import IN_MEMORY_ROWS, FixedBlocks, RiskSpool, Spool
from adapters.results.totals import Columns, DriverTotals, RunTotals
from adapters.storage.problems import storage_problems
from adapters.storage.room import UNLIMITED, DiskRoom
from application.ports.columns import CustomerBatch, RecommendedBatch, ScoredBatch
from application.ports.intake import IntakeReport
from application.ports.models import TruthJudge
from application.ports.results import ScoredCustomer
from domain.errors import ResultMissing
from domain.prediction import BandLimits
from domain.recommendation import Playbook
from domain.run import ColumnReport, RunId, RunSummary, TruthMetrics
from domain.schema import CustomerSchema
from domain.shift import PSI_MOVED, shift_words

ReadBest = Callable[[Path, int, float, BandLimits], Iterator[ScoredCustomer]]
"""Reads the best contacts from a folder of results: folder, limit, threshold, bands."""
FIGURES = ("probability", "action", "gain", "revenue", "actual", "month")
"""Columns that are summed up, as `Columns` has them."""
UNLISTED_TEXT = "_text"
"""Suffix of a spooled column that holds an attribute's texts that are not listed; only batches with such have it."""
ALL_MONTHS = 12 * 10_000
MOST_ENCODED = 5_000
"""Distinct texts up to which a column is written by dictionary in every row group."""


class ParquetResultWriter:
    """Takes one run's batches; nothing is visible until `publish`."""

    def __init__(
        self,
        folders: ResultFolders,
        run_id: RunId,
        *,
        schema: CustomerSchema,
        playbook: Playbook,
        profile: TrainingProfile | None,
        judge: TruthJudge,
        read_best: ReadBest,
        in_memory_rows: int = IN_MEMORY_ROWS,
        room: DiskRoom = UNLIMITED,
    ) -> None:
        self._folders, self._run_id, self._read_best, self._room = folders, run_id, read_best, room
        self._schema, self._playbook, self._judge = schema, playbook, judge
        self._attributes = tuple(
            stored_attribute(column, place, tenure=column.name == schema.tenure_column)
            for place, column in enumerate(schema.columns)
        )
        self._profile = profile
        self._in_memory_rows = in_memory_rows
        self._shift: dict[str, Counts] = {}
        self._codes = {a.column: Codes(a.levels) for a in self._attributes if not a.numeric}
        self._seen = AttributesSeen(self._attributes)
        self._months = Codes(most=ALL_MONTHS)
        self._drivers = DriverTotals(len(self._attributes))
        self._extra: tuple[str, ...] = ()
        self._has_month = self._has_actual = False
        self._blocks = FixedBlocks()
        self._folder: Path | None = None
        self._spool: RiskSpool | None = None
        self._figures: Spool | None = None

    @storage_problems()
    def append(self, batch: CustomerBatch, scored: ScoredBatch, recommended: RecommendedBatch) -> None:
        self._room.check()
        data = batch.data
        if self._spool is None:
            self._open(data.schema.names)
        self._watch(data)
        self._keep(self._spooled(data, scored, recommended), scored.contributions)

    def _open(self, names: list[str]) -> None:
        self._extra = tuple(name for name in names if name.startswith("x:"))
        self._has_month, self._has_actual = "month" in names, "actual" in names
        self._folder = self._folders.begin(self._run_id)
        self._spool = RiskSpool(self._folder / "spool.arrow", in_memory_rows=self._in_memory_rows)
        self._figures = Spool(self._folder / "figures.arrow", in_memory_rows=self._in_memory_rows)

    def _keep(self, columns: dict[str, Any], contributions: NDArray[np.float32]) -> None:
        assert self._spool is not None  # noqa: S101 - opened by now
        self._seen.add(columns)
        self._spool.append(pa.RecordBatch.from_pydict(columns))
        for block in self._blocks.add(contributions, *(columns[name] for name in FIGURES)):
            self._sum(*block)

    def _sum(self, contributions: NDArray[np.float32], *figures: NDArray[Any]) -> None:
        """Add up a block's SHAP values; its figures wait in file order for the threshold."""
        assert self._figures is not None  # noqa: S101 - opened by now
        self._drivers.add(figures[0], contributions)
        self._figures.append(pa.RecordBatch.from_arrays([pa.array(f) for f in figures], names=list(FIGURES)))

    def _watch(self, data: pa.RecordBatch) -> None:
        """Count how the batch falls into the bins of the training profile."""
        for column in self._profile.columns if self._profile else ():
            counts = column.count(data.column(f"a:{column.column}"))
            self._shift[column.column] = self._shift.get(column.column, 0) + counts

    def _spooled(self, data: pa.RecordBatch, scored: ScoredBatch, recommended: RecommendedBatch) -> dict[str, Any]:
        columns: dict[str, Any] = {
            "row": data.column("row"),
            "id": data.column("id"),
            "month": self._months.of(data.column("month")) if self._has_month else np.full(scored.rows, -1, np.int32),
            "actual": _truth(data.column("actual")) if self._has_actual else np.full(scored.rows, -1, np.int8),
            "probability": np.asarray(scored.probability, np.float64),
            "action": np.asarray(recommended.action, np.int16),
            "gain": np.asarray(recommended.gain, np.float64),
            "revenue": np.asarray(recommended.revenue, np.float64),
            **_reasons(RAISES, scored.raises, scored.contributions, sign=1.0),
            **_reasons(LOWERS, scored.lowers, scored.contributions, sign=-1.0),
            CONTRIBUTIONS: packed(scored.contributions),
        }
        for attribute in self._attributes:
            column = data.column(f"a:{attribute.name}")
            if attribute.numeric:
                columns[attribute.column] = column
                continue
            codes = columns[attribute.column] = self._codes[attribute.column].of(column)
            unlisted = unlisted_of(column, codes)
            if unlisted is not None:
                columns[attribute.column + UNLISTED_TEXT] = unlisted
        for place, name in enumerate(self._extra):
            columns[f"x{place}"] = data.column(name)
        return columns

    @storage_problems()
    def finish(
        self,
        report: IntakeReport,
        *,
        threshold: float,
        bands: BandLimits,
        written: Callable[[int], None] | None = None,
    ) -> RunSummary:
        """Raises ValueError where what was appended is not what the report says was read."""
        summary = self.prepare(report, threshold=threshold, bands=bands, written=written)
        self.publish()
        return summary

    def prepare(
        self,
        report: IntakeReport,
        *,
        threshold: float,
        bands: BandLimits,
        written: Callable[[int], None] | None = None,
    ) -> RunSummary:
        """Raises ValueError where what was appended is not what the report says was read."""
        if self._spool is None:
            self._open_empty()
        assert self._spool and self._figures and self._folder  # noqa: S101, PT018 - opened by now
        for block in self._blocks.rest():
            self._sum(*block)
        totals = RunTotals(threshold=threshold, bands=bands, actions=len(self._playbook.actions))
        for batch in self._figures.batches():
            totals.add(_columns_of(batch))
        summary = self._summary(report, totals, self._truth(self._figures, threshold))
        self._room.check()
        self._write(self._spool, self._folder / CUSTOMERS, written)
        (self._folder / NOTES).write_text(self._notes(totals).to_json(), encoding="utf-8")
        self._remove_spools()
        seal(self._folder)
        self._folders.flush(self._folder)
        return summary

    def best_contacts(self, limit: int, *, threshold: float, bands: BandLimits) -> Iterator[ScoredCustomer]:
        if self._folder is None:
            raise ResultMissing(self._run_id)
        yield from self._read_best(self._folder, limit, threshold, bands)

    def publish(self) -> None:
        if self._folder is None:
            raise ResultMissing(self._run_id)
        folder, self._folder = self._folder, None
        self._folders.publish(folder, self._run_id)

    def abandon(self) -> None:
        self._remove_spools()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = None

    def _remove_spools(self) -> None:
        for spool in (self._spool, self._figures):
            if spool is not None:
                spool.remove()
        self._spool = self._figures = None

    def _open_empty(self) -> None:
        """A run without one readable customer still has its (empty) result."""
        self._open([])
        nothing = pa.RecordBatch.from_pydict(
            {
                "row": pa.array([], pa.int64()),
                "id": pa.array([], pa.string()),
                **{f"a:{a.name}": pa.array([], pa.float64() if a.numeric else pa.string()) for a in self._attributes},
            }
        )
        none = np.empty(0)
        scored = ScoredBatch(0, 0.0, none, none, np.empty((0, len(self._attributes)), np.float32), *[_NO_REASONS] * 2)
        columns = self._spooled(nothing, scored, RecommendedBatch(0, none, none, none))
        self._keep(columns, scored.contributions)

    def _truth(self, figures: Spool, threshold: float) -> TruthMetrics | None:
        if not self._has_actual:
            return None
        known = [(p[actual >= 0], actual[actual >= 0]) for p, actual in map(_probability_and_truth, figures.batches())]
        if not any(len(p) for p, _ in known):
            return None
        probability, actual = (np.concatenate(parts) for parts in zip(*known, strict=True))
        return self._judge.judge(probability, actual == 1, threshold=threshold)

    def _summary(self, report: IntakeReport, totals: RunTotals, truth: TruthMetrics | None) -> RunSummary:
        columns = tuple(self._with_shift(column, totals.customers) for column in report.columns)
        sums, n = self._drivers.sums(), max(totals.customers, 1)
        return RunSummary(
            rows=report.rows,
            scored=totals.customers,
            rejected=report.rejected,
            likely_to_leave=totals.likely,
            mean_probability=totals.probability / n,
            money_at_risk=totals.money(totals.money_at_risk),
            revenue_likely=totals.money(totals.revenue_likely),
            revenue_total=totals.money(totals.revenue_total),
            expected_gain=totals.expected_gain,
            worth_contacting=totals.worth_contacting,
            bands=totals.bands,
            histogram=totals.histogram,
            drivers=driver_shares(
                [a.name for a in self._attributes],
                np.asarray(sums.absolute).sum(axis=0) / n,
                np.asarray(sums.signed).sum(axis=0) / n,
            ),
            actions=totals.actions(self._action_names()),
            columns=columns,
            duplicate_ids=report.duplicate_ids,
            out_of_range=sum(column.out_of_range for column in columns),
            months=totals.month_summaries(self._months.texts()),
            truth=truth,
        )

    def _with_shift(self, column: ColumnReport, customers: int) -> ColumnReport:
        """PSI, and words where it moved. Neither without a profile, for few customers, nor for an absent column."""
        expected = self._profile.of(column.column) if self._profile else None
        if expected is None or column.missing >= customers:
            return column
        counts = self._shift[column.column]
        index = psi(expected.counts, counts)
        words = None
        if index is not None and index >= PSI_MOVED:
            seen = tuple(map(int, counts))
            words = shift_words(column.column, expected.counts, seen, levels=expected.levels, edges=expected.edges)
        return replace(column, psi=index, shift=words)

    def _write(self, spool: RiskSpool, path: Path, written: Callable[[int], None] | None) -> None:
        """Highest probability first, equals in file order."""
        target = self._parquet_schema()
        rows = 0
        encoded = [name for name in target.names if pa.types.is_dictionary(target.field(name).type)]
        texts = {name: codes.texts() for name, codes in self._codes.items()}
        slots = SlotsWriter(path.parent, self._seen.cuts(texts), texts)
        with (
            slots,
            pq.ParquetWriter(
                path,
                target,
                compression="zstd",
                compression_level=1,
                use_dictionary=[*encoded, "action", *RAISES, *LOWERS],
                write_statistics=["row", "probability", "gain"],
                store_schema=True,
            ) as writer,
        ):
            for group in row_groups(spool.tables()):
                writer.write_table(self._for_parquet(group, target), row_group_size=group.num_rows)
                slots.add(group, **_known(group), contributions=unpacked(group.column(CONTRIBUTIONS)))
                rows += group.num_rows
                if written is not None:
                    written(rows)
            slots.finish()

    def _parquet_schema(self) -> pa.Schema:
        fields = [
            ("row", pa.int64()),
            ("id", pa.string()),
            ("month", _ENCODED),
            ("actual", pa.bool_()),
            ("probability", pa.float64()),
            ("action", pa.int16()),
            ("gain", pa.float64()),
            ("revenue", pa.float64()),
        ]
        for name in (*RAISES, *LOWERS):
            fields += [(name, pa.int16()), (name + VALUE, pa.float32())]
        fields += [(a.column, pa.float64() if a.numeric else self._text_type(a.column)) for a in self._attributes]
        return pa.schema(fields + [(f"x{place}", pa.string()) for place in range(len(self._extra))])

    def _text_type(self, column: str) -> pa.DataType:
        return _ENCODED if len(self._codes[column].texts()) <= MOST_ENCODED else pa.string()

    def _for_parquet(self, chunk: pa.Table, target: pa.Schema) -> pa.Table:
        columns = {name: chunk.column(name).combine_chunks() for name in chunk.column_names if name != CONTRIBUTIONS}
        columns["month"] = self._months.decoded(columns["month"].to_numpy())
        actual = columns["actual"].to_numpy()
        columns["actual"] = pa.array(actual == 1, mask=actual < 0)
        revenue = columns["revenue"].to_numpy()
        columns["revenue"] = pa.array(revenue, mask=~np.isfinite(revenue))
        for name, codes in self._codes.items():
            texts = codes.decoded(columns[name].to_numpy(), columns.get(name + UNLISTED_TEXT))
            columns[name] = texts.cast(target.field(name).type)
        return pa.table([columns[name] for name in target.names], schema=target)

    def _action_names(self) -> tuple[tuple[str, str], ...]:
        return tuple((action.id, action.name) for action in self._playbook.actions)

    def _notes(self, totals: RunTotals) -> ResultNotes:
        return ResultNotes(
            rows=totals.customers,
            attributes=self._attributes,
            extra=tuple(name.split(":", 2)[2] for name in self._extra),
            actions=self._action_names(),
            has_month=self._has_month,
            has_actual=self._has_actual,
            revenue_total=totals.money(totals.revenue_total),
            churned=totals.churned,
            stayed=totals.stayed,
            drivers=self._drivers.sums(),
        )


_ENCODED = pa.dictionary(pa.int32(), pa.string())
_NO_REASONS = np.empty((0, len(RAISES)), np.int16)


def _truth(column: Any) -> NDArray[np.int8]:
    """1, 0, or −1 for unknown."""
    return column.cast(pa.int8()).fill_null(-1).to_numpy(zero_copy_only=False)


def _known(group: pa.Table) -> dict[str, NDArray[np.float64]]:
    """Revenues and outcomes, NaN where unknown."""
    revenue, actual = group.column("revenue").to_numpy(), group.column("actual").to_numpy()
    return {
        "revenue": np.where(np.isfinite(revenue), revenue, np.nan),
        "left": np.where(actual < 0, np.nan, actual),
    }


def _reasons(
    names: tuple[str, ...], positions: NDArray[np.int16], contributions: NDArray[np.float32], *, sign: float
) -> dict[str, Any]:
    """Columns of positions and SHAP values; a reason without a value of its sign is none (−1)."""
    if contributions.shape[1] == 0:
        positions, values = np.full(positions.shape, -1, np.int16), np.zeros(positions.shape, np.float32)
    else:
        values = np.take_along_axis(contributions, np.maximum(positions, 0).astype(np.int64), axis=1)
    positions = np.where((positions >= 0) & (values * sign > 0.0), positions, -1).astype(np.int16)
    columns: dict[str, Any] = {}
    for place, name in enumerate(names):
        columns[name] = np.ascontiguousarray(positions[:, place])
        columns[name + VALUE] = np.ascontiguousarray(values[:, place], dtype=np.float32)
    return columns


def _probability_and_truth(batch: pa.RecordBatch) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    return batch.column("probability").to_numpy(), batch.column("actual").to_numpy()


def _columns_of(batch: pa.RecordBatch) -> Columns:
    return Columns(*(batch.column(name).to_numpy() for name in FIGURES))
