"""Measures the product's path: `netone score` with everything enabled. Prints one JSON object.

python -m bench.path FOLDER FILE [--champion]
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from application.use_cases.predictions.score_to_table import ScoreToTable
from bench.measuring import Stages, peak_mb
from bench.ports import ports_of
from bench.reference import scorer_of
from domain.account import system_account
from domain.actor import Actor
from domain.customer_query import CustomerQuery
from domain.export import ExportKind, ExportOptions
from domain.run import Run
from entrypoints.application import Application
from entrypoints.bootstrap import build_inline
from entrypoints.settings import Settings

CSV = "write the CSV"
EXPORTS = (
    ("csv_stored", ExportKind.CSV, True, False),
    ("csv_with_input", ExportKind.CSV, True, True),
    ("parquet_stored", ExportKind.PARQUET, False, False),
    ("parquet_with_input", ExportKind.PARQUET, False, True),
)
"""Exports of the stored run: name of the figure, kind, whether text is unchanged, whether the input is repeated."""


@dataclass(frozen=True)
class Watched:
    """Wraps a port and times the named calls."""

    inner: Any
    stages: Stages
    calls: dict[str, str]

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self.inner, name)
        return self.stages.timed(self.calls[name], attribute) if name in self.calls else attribute


@dataclass(frozen=True)
class WatchedFiles(Watched):
    def read(self, *given: Any, **named: Any) -> Any:
        return WatchedReading(self.inner.read(*given, **named), self.stages, {})


@dataclass(frozen=True)
class WatchedReading(Watched):
    def batches(self) -> Any:
        return self.stages.timed_iterator("parse and cast", self.inner.batches())


@dataclass(frozen=True)
class WatchedResults(Watched):
    def writer(self, *given: Any, **named: Any) -> Any:
        calls = {"append": "sort into stretches", "prepare": "sum up and write Parquet"}
        return WatchedWriter(self.inner.writer(*given, **named), self.stages, calls)


@dataclass(frozen=True)
class WatchedWriter(Watched):
    def best_contacts(self, *given: Any, **named: Any) -> Any:
        with self.stages.stage("find best contacts"):
            return iter(list(self.inner.best_contacts(*given, **named)))


@dataclass(frozen=True)
class WatchedTables(Watched):
    def streaming(self, *given: Any, **named: Any) -> Any:
        return WatchedLines(self.inner.streaming(*given, **named), self.stages, {})


@dataclass(frozen=True)
class WatchedLines(Watched):
    def pieces(self, *given: Any) -> Any:
        return self.stages.timed_iterator(CSV, self.inner.pieces(*given))


@dataclass(frozen=True)
class OneScorer(Watched):
    """A registry with one model, which is loaded before the measurement."""

    def scorer(self, _: str) -> Any:
        return self.inner


def application_in(folder: Path) -> Application:
    return build_inline(Settings(data_dir=folder / "data"))


def measured(folder: Path, file: Path, *, champion: bool) -> dict[str, Any]:
    application = application_in(folder)
    by = Actor(system_account(application.now()))
    stages = Stages()
    with ports_of(application).new_reading() as uow:
        version = uow.models.champion()
    if champion and version is None:
        raise SystemExit("There is no champion to measure.")
    scoring_pass = application.predictions.score_run.scoring_pass
    registry = scoring_pass.registry
    scorer = registry.scorer(version.id) if champion and version else scorer_of(application, folder)
    results = WatchedResults(scoring_pass.results, stages, {})
    watched = replace(
        scoring_pass,
        files=WatchedFiles(scoring_pass.files, stages, {}),
        recommender=Watched(scoring_pass.recommender, stages, {"recommend": "recommend"}),
        results=results,
        registry=OneScorer(Watched(scorer, stages, {"score": "score and explain"}), stages, {}),
    )
    use_case = replace(application.predictions.score_run, scoring_pass=watched, results=results)
    before = peak_mb()
    cpu, wall = time.process_time(), time.perf_counter()
    with stages.stage("receive"), file.open("rb") as stream:
        run = application.predictions.submit_scoring(stream, file.name, by=by)
    to_csv = ScoreToTable(use_case, WatchedTables(application.predictions.score_to_table.tables, stages, {}))
    with (folder / "out.csv").open("wb") as target:
        ended = to_csv(run.id, stages.timed(CSV, target.write))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    csv_cpu, cpu = stages.cpu[CSV], cpu - stages.cpu.pop(CSV)
    assert ended is not None and ended.summary is not None  # noqa: S101, PT018 - generated customers are readable
    peak = peak_mb()
    tables = {
        name: _written(application, by, run, folder / "out", ExportOptions(kind, raw=raw, with_input=with_input))
        for name, kind, raw, with_input in EXPORTS
    }
    application.predictions.delete_runs([run.id], by=by)
    return {
        "rows": ended.summary.scored,
        "cpu_s": cpu,
        "wall_s": wall,
        "cpu_us_per_row": cpu / ended.summary.scored * 1e6,
        "stages_cpu_s": stages.cpu | {"the rest (database, contact list)": cpu - sum(stages.cpu.values())},
        "peak_mb": peak,
        "started_at_mb": before,
        "csv": csv_cpu,
        **tables,
        "peak_with_csv_mb": peak_mb(),
    }


def _written(application: Application, by: Actor, run: Run, target: Path, options: ExportOptions) -> float:
    query = CustomerQuery(threshold=run.threshold, sort="row", descending=False)
    before = time.process_time()
    _, pieces = application.reports.export_table.streamed(run.id, query, options, by=by)
    with target.open("wb") as file:
        file.writelines(pieces)
    target.unlink()
    return time.process_time() - before


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("file", type=Path)
    arguments.add_argument("--champion", action="store_true", help="The starter model in place of the reference model.")
    options = arguments.parse_args()
    print(json.dumps(measured(options.folder, options.file, champion=options.champion)))


if __name__ == "__main__":
    main()
