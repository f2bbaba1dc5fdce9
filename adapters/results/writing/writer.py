"""Writes a run's scored customers: buffers them in file order, sorts them by risk into one Parquet file, and sums
them."""

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

from adapters.formatting.babel_formats import formats_without_currency
from adapters.results.files.folders import CUSTOMERS, NOTES, ResultFolders
from adapters.results.files.layout import (
    CONTRIBUTIONS,
    LOWERS,
    RAISES,
    ResultNotes,
    driver_shares,
    stored_attribute,
)
from adapters.results.files.manifest import seal
from adapters.results.files.row_groups import row_groups
from adapters.results.grouping.joint_drift import joint_drift
from adapters.results.grouping.training_profile import Counts, counts_in, learned_codes, psi
from adapters.results.writing.batch_buffer import IN_MEMORY_ROWS, BatchBuffer, FixedBlocks, RiskOrderedBuffer
from adapters.results.writing.bin_codes import AttributesSeen, BinCodesWriter
from adapters.results.writing.contributions import unpacked
from adapters.results.writing.customer_columns import CustomerColumns
from adapters.results.writing.customer_sample import CustomerSample
from adapters.results.writing.run_totals import Columns, ContactingTotals, DriverTotals, PartTotals, RunTotals
from adapters.results.writing.score_totals import ScoreTotals
from adapters.storage.problems import storage_problems
from adapters.storage.room import UNLIMITED, DiskRoom
from application.ports.columns import CustomerBatch, InputColumn, RecommendedBatch, ScoredBatch
from application.ports.intake import IntakeReport
from application.ports.models import TruthEvaluator
from application.ports.results import ScoredCustomer
from domain.errors import ResultMissing
from domain.evaluation import Evaluation
from domain.expected_quality import expected_quality
from domain.joint_drift import JointDrift
from domain.playbook import Playbook
from domain.prediction import BandLimits
from domain.progress import SoFar
from domain.run import ColumnReport, Contacting, RunId, RunSummary, TruthMetrics
from domain.schema import CustomerSchema
from domain.shift import has_moved, psi_by_chance, shift_words
from domain.training_profile import TrainingProfile
from domain.vocabulary.tenure import TenureUnit

ReadBest = Callable[[Path, int, float, BandLimits], Iterator[ScoredCustomer]]
"""Reads the best contacts from a results folder: folder, limit, threshold, bands."""
FIGURES = ("probability", "action", "gain", "revenue", "actual", "month")
"""Columns that are summed, as in `Columns`."""


class ParquetResultWriter:
    """Receives one run's batches. Nothing is visible until `publish`."""

    def __init__(
        self,
        folders: ResultFolders,
        run_id: RunId,
        *,
        schema: CustomerSchema,
        playbook: Playbook,
        profile: TrainingProfile | None,
        held_out: Evaluation | None,
        threshold: float,
        evaluator: TruthEvaluator,
        read_best: ReadBest,
        in_memory_rows: int = IN_MEMORY_ROWS,
        room: DiskRoom = UNLIMITED,
    ) -> None:
        self._folders, self._run_id, self._read_best, self._room = folders, run_id, read_best, room
        self._playbook, self._evaluator = playbook, evaluator
        self._attributes = tuple(
            stored_attribute(column, place, tenure=schema.known_unit(column.name) is TenureUnit.MONTHS)
            for place, column in enumerate(schema.columns)
        )
        self._profile, self._held_out = profile, held_out
        self._sample = CustomerSample(profile) if profile and profile.sample else None
        self._importance = {column.name: column.importance for column in schema.columns}
        self._in_memory_rows = in_memory_rows
        self._shift: dict[str, Counts] = {}
        self._columns = CustomerColumns(self._attributes)
        self._seen = AttributesSeen(self._attributes)
        self._drivers = DriverTotals(len(self._attributes))
        self._part = PartTotals(threshold)
        self._blocks = FixedBlocks()
        self._folder: Path | None = None
        self._customers: RiskOrderedBuffer | None = None
        self._figures: BatchBuffer | None = None

    @storage_problems()
    def append(self, batch: CustomerBatch, scored: ScoredBatch, recommended: RecommendedBatch) -> None:
        self._room.check()
        data = batch.data
        if self._customers is None:
            self._open(data.schema.names, batch.inputs)
        self._watch(data)
        self._part.add(scored.probability, recommended.revenue)
        self._keep(self._columns.buffered(data, scored, recommended), scored.contributions)

    def so_far(self, rejected: int) -> SoFar:
        return self._part.so_far(rejected)

    def _open(self, names: list[str], inputs: tuple[InputColumn, ...]) -> None:
        self._columns.begin(names, inputs)
        self._folder = self._folders.begin(self._run_id)
        self._customers = RiskOrderedBuffer(self._folder / "buffer.arrow", in_memory_rows=self._in_memory_rows)
        self._figures = BatchBuffer(self._folder / "figures.arrow", in_memory_rows=self._in_memory_rows)

    def _keep(self, columns: dict[str, Any], contributions: NDArray[np.float32]) -> None:
        assert self._customers is not None  # noqa: S101 - opened by now
        self._seen.add(columns)
        self._customers.append(pa.RecordBatch.from_pydict(columns))
        for block in self._blocks.add(contributions, *(columns[name] for name in FIGURES)):
            self._sum(*block)

    def _sum(self, contributions: NDArray[np.float32], *figures: NDArray[Any]) -> None:
        """Sum a block's SHAP values. Its figures are buffered in file order until the threshold is known."""
        assert self._figures is not None  # noqa: S101 - opened by now
        self._drivers.add(figures[0], contributions)
        self._figures.append(pa.RecordBatch.from_arrays([pa.array(f) for f in figures], names=list(FIGURES)))

    def _watch(self, data: pa.RecordBatch) -> None:
        """Count the batch's values in the bins of the training profile."""
        for column in self._profile.columns if self._profile else ():
            counts = counts_in(column, data.column(f"a:{column.column}"))
            self._shift[column.column] = self._shift.get(column.column, 0) + counts
        if self._sample is not None:
            self._sample.add(data)

    @storage_problems()
    def finish(
        self,
        report: IntakeReport,
        *,
        threshold: float,
        bands: BandLimits,
        on_rows_written: Callable[[int], None] | None = None,
    ) -> RunSummary:
        """Raises ValueError if the appended rows do not match the report's counts."""
        summary = self.prepare(report, threshold=threshold, bands=bands, on_rows_written=on_rows_written)
        self.publish()
        return summary

    def prepare(
        self,
        report: IntakeReport,
        *,
        threshold: float,
        bands: BandLimits,
        on_rows_written: Callable[[int], None] | None = None,
    ) -> RunSummary:
        """Raises ValueError if the appended rows do not match the report's counts."""
        if self._customers is None:
            self._open_empty()
        assert self._customers and self._figures and self._folder  # noqa: S101, PT018 - opened by now
        for block in self._blocks.rest():
            self._sum(*block)
        totals = RunTotals(threshold=threshold, bands=bands)
        contacting, scores = ContactingTotals(len(self._playbook.actions)), ScoreTotals(threshold)
        for batch in self._figures.batches():
            columns = _columns_of(batch)
            totals.add(columns)
            contacting.add(columns.action, columns.gain, columns.actual == 1)
            scores.add(columns.probability)
        summary = replace(
            self._summary(report, totals, self._truth(self._figures, threshold)),
            contacting=contacting.sums(self._action_names()),
            expected=expected_quality(scores.bins(), threshold=threshold, held_out=self._held_out),
        )
        self._room.check()
        self._write(self._customers, self._folder / CUSTOMERS, on_rows_written)
        (self._folder / NOTES).write_text(self._notes(totals, summary.contacting).to_json(), encoding="utf-8")
        self._remove_buffers()
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
        self._remove_buffers()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = None

    def _remove_buffers(self) -> None:
        for buffer in (self._customers, self._figures):
            if buffer is not None:
                buffer.remove()
        self._customers = self._figures = None

    def _open_empty(self) -> None:
        """Create an empty result for a run without readable customers."""
        self._open([], ())
        self._keep(self._columns.of_nobody(), np.empty((0, len(self._attributes)), np.float32))

    def _truth(self, figures: BatchBuffer, threshold: float) -> TruthMetrics | None:
        if not self._columns.has_actual:
            return None
        known = [(p[actual >= 0], actual[actual >= 0]) for p, actual in map(_probability_and_truth, figures.batches())]
        if not any(len(p) for p, _ in known):
            return None
        probability, actual = (np.concatenate(parts) for parts in zip(*known, strict=True))
        return self._evaluator.evaluate(probability, actual == 1, threshold=threshold)

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
            bands=totals.bands,
            histogram=totals.histogram,
            drivers=driver_shares(
                [a.name for a in self._attributes],
                np.asarray(sums.absolute).sum(axis=0) / n,
                np.asarray(sums.signed).sum(axis=0) / n,
            ),
            columns=columns,
            duplicate_ids=report.duplicate_ids,
            out_of_range=sum(column.out_of_range for column in columns),
            months=totals.month_summaries(self._columns.months()),
            truth=truth,
            joint_drift=self._joint_drift(report, totals.customers),
        )

    def _joint_drift(self, report: IntakeReport, customers: int) -> JointDrift | None:
        """None without a sample of the training. Attributes that the file lacks do not take part."""
        if self._sample is None or self._profile is None:
            return None
        absent = {column.column for column in report.columns if column.missing >= customers}
        names = [own.column for own in self._profile.columns]
        order = sorted(
            (place for place, name in enumerate(names) if name not in absent),
            key=lambda place: -self._importance.get(names[place], 0.0),
        )
        learned, scored = learned_codes(self._profile), self._sample.codes
        return joint_drift([names[place] for place in order], learned[:, order], scored[:, order])

    def _with_shift(self, column: ColumnReport, customers: int) -> ColumnReport:
        """Add PSI and a description of the shift.

        None without a profile, with few customers, or for an absent column.
        """
        expected = self._profile.of(column.column) if self._profile else None
        if expected is None or column.missing >= customers:
            return column
        counts = self._shift[column.column]
        index, seen = psi(expected.counts, counts), tuple(map(int, counts))
        measured = replace(column, psi=index, psi_by_chance=psi_by_chance(expected.counts, seen))
        words = None
        if has_moved(measured.state):
            words = shift_words(
                column.column,
                expected.counts,
                seen,
                levels=expected.levels,
                edges=expected.edges,
                formats=formats_without_currency(),
            )
        return replace(measured, shift=words)

    def _write(self, customers: RiskOrderedBuffer, path: Path, on_rows_written: Callable[[int], None] | None) -> None:
        """Write the customers, highest probability first, ties in file order."""
        target = self._columns.parquet_schema()
        rows = 0
        encoded = [name for name in target.names if pa.types.is_dictionary(target.field(name).type)]
        texts = self._columns.texts()
        bin_codes = BinCodesWriter(path.parent, self._seen.plans(texts), texts)
        with (
            bin_codes,
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
            for group in row_groups(customers.tables()):
                writer.write_table(self._columns.for_parquet(group, target), row_group_size=group.num_rows)
                bin_codes.add(group, **_known(group), contributions=unpacked(group.column(CONTRIBUTIONS)))
                rows += group.num_rows
                if on_rows_written is not None:
                    on_rows_written(rows)
            bin_codes.finish()

    def _action_names(self) -> tuple[tuple[str, str], ...]:
        return tuple((action.id, action.name) for action in self._playbook.actions)

    def _notes(self, totals: RunTotals, contacting: Contacting | None) -> ResultNotes:
        return ResultNotes(
            rows=totals.customers,
            attributes=self._attributes,
            extra=self._columns.extra_names,
            actions=self._action_names(),
            has_month=self._columns.has_month,
            has_actual=self._columns.has_actual,
            revenue_total=totals.money(totals.revenue_total),
            churned=totals.churned,
            stayed=totals.stayed,
            drivers=self._drivers.sums(),
            contacting=contacting,
            inputs=self._columns.stored_inputs(),
        )


def _known(group: pa.Table) -> dict[str, NDArray[np.float64]]:
    """Revenues and outcomes, NaN if unknown."""
    revenue, actual = group.column("revenue").to_numpy(), group.column("actual").to_numpy()
    return {
        "revenue": np.where(np.isfinite(revenue), revenue, np.nan),
        "left": np.where(actual < 0, np.nan, actual),
    }


def _probability_and_truth(batch: pa.RecordBatch) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    return batch.column("probability").to_numpy(), batch.column("actual").to_numpy()


def _columns_of(batch: pa.RecordBatch) -> Columns:
    return Columns(*(batch.column(name).to_numpy() for name in FIGURES))
