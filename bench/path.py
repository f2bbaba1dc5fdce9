"""The product's own path: a file as `netone score` takes it, with everything on. Prints one JSON object.

python -m bench.path FOLDER FILE [--champion]
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from application.ports.results import CustomerQuery
from application.use_cases.score_to_csv import ScoreToCsv
from bench.measuring import Stages, peak_mb
from bench.reference import scorer_of
from domain.account import system_account
from entrypoints.bootstrap import build_inline
from entrypoints.desk import Desk
from entrypoints.settings import Settings

CSV = "write the CSV"


@dataclass(frozen=True)
class Watched:
    """A port whose named calls are timed; all else is passed on."""

    inner: Any
    stages: Stages
    calls: dict[str, str]

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        return self.stages.timed(self.calls[name], found) if name in self.calls else found


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
        calls = {"append": "sort into stretches", "finish": "sum up and write Parquet"}
        return Watched(self.inner.writer(*given, **named), self.stages, calls)

    def best_contacts(self, *given: Any, **named: Any) -> Any:
        with self.stages.stage("find best contacts"):
            return iter(list(self.inner.best_contacts(*given, **named)))


@dataclass(frozen=True)
class WatchedTables(Watched):
    def csv_while_scoring(self, *given: Any, **named: Any) -> Any:
        return WatchedLines(self.inner.csv_while_scoring(*given, **named), self.stages, {})


@dataclass(frozen=True)
class WatchedLines(Watched):
    def pieces(self, *given: Any) -> Any:
        return self.stages.timed_iterator(CSV, self.inner.pieces(*given))


@dataclass(frozen=True)
class OneScorer(Watched):
    """A registry that has one model, loaded before the clock starts."""

    def scorer(self, _: str) -> Any:
        return self.inner


def desk_in(folder: Path) -> Desk:
    return build_inline(Settings(data_dir=folder / "data"))


def measured(folder: Path, file: Path, *, champion: bool) -> dict[str, Any]:
    desk = desk_in(folder)
    by = system_account(desk.clock.now())
    stages = Stages()
    with desk.new_reading() as uow:
        version = uow.models.champion()
    scorer = desk.score_run.registry.scorer(version.id) if champion else scorer_of(desk, folder)  # type: ignore[union-attr]
    use_case = replace(
        desk.score_run,
        files=WatchedFiles(desk.score_run.files, stages, {}),
        recommender=Watched(desk.score_run.recommender, stages, {"recommend": "recommend"}),
        results=WatchedResults(desk.score_run.results, stages, {}),
        registry=OneScorer(Watched(scorer, stages, {"score": "score and explain"}), stages, {}),
    )
    before = peak_mb()
    cpu, wall = time.process_time(), time.perf_counter()
    with stages.stage("receive"), file.open("rb") as stream:
        run = desk.submit_scoring(stream, file.name, by=by)
    to_csv = ScoreToCsv(use_case, WatchedTables(desk.score_to_csv.tables, stages, {}))
    with (folder / "out.csv").open("wb") as target:
        ended = to_csv(run.id, stages.timed(CSV, target.write))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    csv_cpu, cpu = stages.cpu[CSV], cpu - stages.cpu.pop(CSV)
    assert ended is not None and ended.summary is not None  # noqa: S101, PT018 - made-up customers are readable
    peak = peak_mb()
    csv = {
        "csv": csv_cpu,
        "csv_stored": _written(desk, by, run.id, run.threshold, folder / "out.csv", with_input=False),
        "csv_with_input": _written(desk, by, run.id, run.threshold, folder / "out.csv", with_input=True),
    }
    desk.delete_runs([run.id], by=by)
    return {
        "rows": ended.summary.scored,
        "cpu_s": cpu,
        "wall_s": wall,
        "cpu_us_per_row": cpu / ended.summary.scored * 1e6,
        "stages_cpu_s": stages.cpu | {"the rest (database, contact list)": cpu - sum(stages.cpu.values())},
        "peak_mb": peak,
        "started_at_mb": before,
        **csv,
        "peak_with_csv_mb": peak_mb(),
    }


def _written(desk: Desk, by: Any, run: Any, threshold: float, target: Path, *, with_input: bool) -> float:
    query = CustomerQuery(threshold=threshold, sort="row", descending=False)
    before = time.process_time()
    _, pieces = desk.export_table.csv(run, query, by=by, raw=True, with_input=with_input)
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
