"""Compares the trainer's predictions with other libraries on identical held-out folds.

    python -m bench.accuracy [--file ibm|interactions|…|all] [--repeats 3] [--only NAMES]
    python -m bench.accuracy --write-docs

The first command measures and stores the figures of each file. The second writes `docs/accuracy.md` from the stored
figures. Contestants that are not installed are left out; the product needs none of them but LightGBM.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from adapters.ml.training import quality_metrics
from bench.accuracy_report import HEADER, line, write_docs
from bench.churn_shapes import SHAPES
from bench.contestants import MONTH, Predict, contestants
from bench.drift import RESULTS as DRIFT
from bench.measuring import machine
from domain.model import Effort

IBM = Path("../shared/data/ibm-telco/Telco-Customer-Churn.csv")
IBM_FOLDS, SHAPE_FOLDS = (5, 3), (3, 1)
"""Folds and repeats."""
DRAWS = {"counts": 2, "deep": 2, "months": 3}
"""Files of each small shape. One file is not enough to compare contestants, because chance matters much."""
LARGE = 20_000
"""Rows from which contestants whose time is limited are tested on the first fold only."""
RESULTS = Path(__file__).parent / "results" / "accuracy"
"""Part of the repository, so that one file can be measured again without the others."""


@dataclass(frozen=True)
class Figures:
    """Means over files and repeats. `apart`: log-loss minus ours, paired by customer; `error`: its standard error.

    `tested` customers: fewer than those of the files where a contestant was tested on one fold only.
    """

    name: str
    auc: float
    log_loss: float
    ece: float
    apart: float
    error: float
    apart_by_draw: list[float]
    cpu_s: float
    tested: int


@dataclass(frozen=True)
class Test:
    """`folds` and `repeats` of random folds; `in_time`: instead, the newest month is scored after the others."""

    folds: int
    repeats: int
    in_time: bool = False


def compare(frames: Sequence[pd.DataFrame], test: Test, *, only: str | None = None) -> list[Figures]:
    """Every contestant's figures on the same folds. Training and search use only the training part."""
    ours: list[Any] | None = None
    figures = []
    churned = [(frame["Churn"] == "Yes").to_numpy() for frame in frames]
    for contestant in contestants():
        if only is not None and not any(part in contestant.name for part in only.split(",")):
            continue
        started = _cpu_seconds()
        first_only = contestant.boxed and len(frames[0]) >= LARGE
        theirs, fits = [], 0
        for frame in frames:
            probabilities, own = held_out(contestant.predict, frame, test, first_only=first_only)
            theirs.append(probabilities)
            fits += own
        ours = theirs if ours is None else ours
        figures.append(_figures(contestant.name, theirs, ours, churned, (_cpu_seconds() - started) / fits))
        print(line(asdict(figures[-1])), flush=True)
    return figures


def _cpu_seconds() -> float:
    """Of this process and of those that it started and that have ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def held_out(predict: Predict, frame: pd.DataFrame, test: Test, *, first_only: bool) -> tuple[Any, int]:
    """Out-of-fold probabilities (repeats, n), NaN for customers who were not scored; and the number of fits."""
    probabilities, fits = np.full((test.repeats, len(frame)), np.nan), 0
    for repeat in range(test.repeats):
        for inside, outside in _splits(frame, test, repeat):
            if not (first_only and fits):
                learned, scored = (frame.iloc[rows].reset_index(drop=True) for rows in (inside, outside))
                probabilities[repeat, outside] = predict(learned, scored)
                fits += 1
    return np.clip(probabilities, 1e-9, 1 - 1e-9), fits


def _splits(frame: pd.DataFrame, test: Test, repeat: int) -> Iterator[tuple[Any, Any]]:
    from sklearn.model_selection import StratifiedKFold

    if test.in_time:
        newest = (frame[MONTH] == frame[MONTH].max()).to_numpy()
        yield np.flatnonzero(~newest), np.flatnonzero(newest)
    else:
        yield from StratifiedKFold(test.folds, shuffle=True, random_state=1000 + repeat).split(frame, frame["Churn"])


def _auc(probability: NDArray[np.float64], churned: NDArray[np.bool_]) -> float:
    area = quality_metrics.auc(probability, churned)
    if area is None:
        raise ValueError("the AUC needs customers who left and customers who stayed")
    return area


def _figures(name: str, theirs: Any, ours: Any, churned: Any, seconds: float) -> Figures:
    scored = [~np.isnan(own[0]) for own in theirs]
    tested = [
        (their[:, rows], our[:, rows], truth[rows])
        for their, our, truth, rows in zip(theirs, ours, churned, scored, strict=True)
    ]

    def mean_of(metric: Callable[..., float]) -> float:
        return float(np.mean([metric(one, truth) for their, _, truth in tested for one in their]))

    apart = [
        np.mean(
            [
                quality_metrics.row_log_loss(t, truth) - quality_metrics.row_log_loss(o, truth)
                for t, o in zip(their, our, strict=True)
            ],
            axis=0,
        )
        for their, our, truth in tested
    ]
    everyone = np.concatenate(apart)
    return Figures(
        name=name,
        auc=mean_of(_auc),
        log_loss=mean_of(quality_metrics.log_loss),
        ece=mean_of(quality_metrics.ece),
        apart=float(everyone.mean()),
        error=float(everyone.std() / np.sqrt(len(everyone))),
        apart_by_draw=[float(one.mean()) for one in apart],
        cpu_s=seconds,
        tested=len(everyone),
    )


def ibm() -> pd.DataFrame:
    return pd.read_csv(IBM, dtype=str, keep_default_na=False)


def makers(requested: str) -> dict[str, list[Callable[[], pd.DataFrame]]]:
    """Functions that create the files of each requested shape, by name."""
    by_name: dict[str, list[Callable[[], pd.DataFrame]]] = {
        name: [make, *(partial(make, seed=100 + draw) for draw in range(1, DRAWS.get(name, 1)))]
        for name, make in SHAPES.items()
    }
    if IBM.exists():
        by_name = {"ibm": [ibm]} | by_name
    if requested == "all":
        return by_name
    if requested not in by_name:
        raise SystemExit(f"There is no file {requested!r}. Choose {', '.join(by_name)} or all.")
    return {requested: by_name[requested]}


def _test(name: str, repeats: int | None) -> Test:
    if name == "months":
        return Test(1, 1, in_time=True)
    folds, usual = IBM_FOLDS if name == "ibm" else SHAPE_FOLDS
    return Test(folds, repeats or usual)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", default="all")
    parser.add_argument("--repeats", type=int, help="3 for the IBM file, 1 for the others, if not given")
    parser.add_argument("--only", help="parts of contestants' names, separated by commas; the figures are not stored")
    parser.add_argument("--write-docs", action="store_true")
    given = parser.parse_args()
    if given.write_docs:
        kept = {file.stem: json.loads(file.read_text("utf-8")) for file in sorted(RESULTS.glob("*.json"))}
        write_docs(kept, json.loads(DRIFT.read_text("utf-8")))
        return
    for name, draws in makers(given.file).items():
        frames, test = [make() for make in draws], _test(name, given.repeats)
        frame = frames[0]
        rate = float((frame["Churn"] == "Yes").mean())
        print(f"\n## {name}: {len(frames)} × {len(frame):,} rows, {test}\n\n{HEADER}", flush=True)
        figures = compare(frames, test, only=given.only)
        if given.only is None:
            kept = {
                "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "machine": machine("lightgbm", "catboost", "flaml", "perpetual"),
                "rows": len(frame),
                "columns": frame.shape[1],
                "draws": len(frames),
                "churn": rate,
                **asdict(test),
                "effort": Effort.NORMAL.value,
                "figures": [asdict(one) for one in figures],
            }
            RESULTS.mkdir(parents=True, exist_ok=True)
            (RESULTS / f"{name}.json").write_text(json.dumps(kept, indent=1), "utf-8")


if __name__ == "__main__":
    main()
