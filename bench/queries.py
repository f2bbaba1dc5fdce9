"""Measures the server's cost of a page on a large run with warm caches. Prints one JSON object: CPU milliseconds.

python -m bench.queries FOLDER FILE [--repeats 15]
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from application.use_cases.predictions.score_run import ScoreRun
from bench.path import application_in
from bench.reference import scorer_of
from domain.account import system_account
from domain.actor import Actor
from domain.customer_query import AttributeFilter, CustomerQuery
from domain.policy import InstallationPolicy
from domain.prediction import RiskBand
from entrypoints.application import Application


def measured(folder: Path, file: Path, *, repeats: int) -> dict[str, Any]:
    application = application_in(folder)
    by = system_account(application.now())
    scorer = scorer_of(application, folder)
    with file.open("rb") as stream:
        run = application.predictions.submit_scoring(stream, file.name, by=Actor(by))
    _scoring_with(application, scorer)(run.id)
    bands, t = InstallationPolicy().bands, run.threshold
    store = application.predictions.score_run.results

    def page(**asked: Any) -> Callable[[], object]:
        return lambda: store.page(run.id, CustomerQuery(t, **asked), bands=bands)

    # Thresholds that were not requested before, so that no cache is used.
    unasked = iter(np.linspace(0.2, 0.6, 10_000).tolist())
    some_id = str(store.page(run.id, CustomerQuery(t, offset=1_000), bands=bands).customers[0].customer.id)
    contract = (AttributeFilter("Contract", level="Month-to-month"),)
    both = (*contract, AttributeFilter("tenure", low=12, high=24))
    filtered = {"bands": (RiskBand.LOW, RiskBand.HIGH), "action": "welcome-call", "attributes": both}
    asked: dict[str, Callable[[], object]] = {
        "first page by risk": page(),
        "next page by risk": page(offset=25),
        "deep page (offset 500,000)": page(offset=500_000),
        "one band": page(bands=(RiskBand.HIGH,)),
        "first page by gain": page(sort="gain"),
        "one attribute": page(attributes=contract),
        "bands, action and two attributes": page(**filtered),
        "the same at offset 1,000": page(**filtered, offset=1_000),
        "id begins with": page(search=some_id[:4]),
        "id in full": page(search=some_id),
        "answer at another threshold": lambda: store.at_threshold(run.id, next(unasked), bands=bands),
        "histogram of a number": lambda: store.groups(run.id, "MonthlyCharges", threshold=next(unasked)),
        "group by a level": lambda: store.groups(run.id, "Contract", threshold=next(unasked)),
        "two attributes crossed": lambda: store.cross(run.id, "Contract", "tenure", threshold=next(unasked)),
    }
    times = {name: [] for name in asked}  # type: dict[str, list[float]]
    for round_ in range(repeats + 1):
        for name, ask in asked.items():
            before = time.process_time()
            ask()
            if round_:
                times[name].append((time.process_time() - before) * 1e3)
    application.predictions.delete_runs([run.id], by=Actor(by))
    return {name: _quantiles(taken) for name, taken in times.items()}


def _quantiles(taken: list[float]) -> dict[str, float]:
    return {"p50_ms": float(np.median(taken)), "p95_ms": float(np.quantile(taken, 0.95))}


def _scoring_with(application: Application, scorer: Any) -> ScoreRun:
    """The use case with this scorer, independent of the run's model."""
    score_run = application.predictions.score_run
    scoring_pass = replace(score_run.scoring_pass, registry=_Registry(scorer))  # type: ignore[arg-type]  # only `scorer` is called
    return replace(score_run, scoring_pass=scoring_pass)


class _Registry:
    def __init__(self, scorer: Any) -> None:
        self._scorer = scorer

    def scorer(self, _: str) -> Any:
        return self._scorer


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("file", type=Path)
    arguments.add_argument("--repeats", type=int, default=15)
    options = arguments.parse_args()
    print(json.dumps(measured(options.folder, options.file, repeats=options.repeats)))


if __name__ == "__main__":
    main()
