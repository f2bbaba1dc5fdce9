"""Scoring from the command line: writes the customers to a table while they are scored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from application.ports.columns import CustomerBatch, RecommendedBatch, ScoredBatch
from application.ports.reports import ROW_NUMBER, StreamingTable, TableExporter, TableForm, TableOrigin
from application.use_cases.files.history import EarlierFile
from application.use_cases.predictions.batch_scoring import BatchListener
from application.use_cases.predictions.score_run import ScoreRun
from domain.export import ExportKind, ExportOptions
from domain.model import ModelVersion
from domain.playbook import Playbook
from domain.policy import InstallationPolicy
from domain.run import Run, RunId
from domain.schema import CustomerSchema

AS_CSV = ExportOptions(ExportKind.CSV)


@dataclass(frozen=True, slots=True)
class ScoreToTable:
    """Scores a queued run and writes its customers as CSV or Parquet, in file order.

    Text is unescaped, for programs, unless a style says that the CSV is for a spreadsheet program.
    """

    score_run: ScoreRun
    tables: TableExporter

    def __call__(
        self,
        run_id: RunId,
        write: Callable[[bytes], object],
        options: ExportOptions = AS_CSV,
        *,
        earlier: Sequence[Path] = (),
    ) -> Run | None:
        """As `ScoreRun`, with the paths of earlier months.

        If the run fails, the caller must discard what was already written.
        """
        tables: list[StreamingTable] = []

        def open_listener(
            run: Run, model: ModelVersion, playbook: Playbook, policy: InstallationPolicy
        ) -> BatchListener:
            table = self.tables.streaming(options.kind, _form(run, model, playbook, policy, options))
            tables.append(table)

            def on_batch(batch: CustomerBatch, scored: ScoredBatch, recommended: RecommendedBatch) -> None:
                for piece in table.pieces(batch, scored, recommended):
                    write(piece)

            return on_batch

        given = [EarlierFile(path, path.name, given=True) for path in earlier]
        ended = self.score_run(run_id, open_listener=open_listener, earlier=given)
        for piece in tables[-1].end() if tables else ():
            write(piece)
        return ended


def _form(
    run: Run, model: ModelVersion, playbook: Playbook, policy: InstallationPolicy, options: ExportOptions
) -> TableForm:
    return TableForm(
        schema=_schema_in_file(run, model),
        playbook=playbook,
        threshold=run.threshold,
        bands=policy.bands,
        currency=policy.currency,
        raw=options.style is None,
        style=options.style,
        with_input=options.with_input,
        id_name=_id_name(run, model),
        origin=TableOrigin.of(run, model),
    )


def _schema_in_file(run: Run, model: ModelVersion) -> CustomerSchema:
    """The schema without the target where the file does not say who left: no blank column is written for it."""
    columns = run.recognition.columns if run.recognition else None
    unlabelled = columns is not None and not columns.labelled
    return replace(model.schema, target_column=None) if unlabelled else model.schema


def _id_name(run: Run, model: ModelVersion) -> str:
    """The header of the ids, by the recognition of the run's file."""
    columns = run.recognition.columns if run.recognition else None
    if columns is not None and columns.id_header(model.schema) is None:
        return ROW_NUMBER
    return model.schema.id_column or (columns.id_column if columns else None) or ROW_NUMBER
