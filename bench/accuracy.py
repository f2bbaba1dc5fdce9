"""Compares the trainer's predictions with other libraries on identical held-out folds.

    python -m bench.accuracy [--file ibm|interactions|…|all] [--repeats 3] [--effort normal] [--only NAMES]
    python -m bench.accuracy --write-docs

The first command measures and stores the figures. The second writes `docs/accuracy.md` from the stored figures.
LightGBM, CatBoost and FLAML are included if they are installed; the product does not need them.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
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
from bench.contestants import Predict, contestants
from bench.measuring import machine
from domain.model import Effort

IBM = Path("../shared/data/ibm-telco/Telco-Customer-Churn.csv")
IBM_FOLDS, SHAPE_FOLDS = (5, 3), (3, 1)
"""Folds and repeats."""
DRAWS = {"interactions": 3, "bills": 3, "counts": 3, "deep": 3}
"""Files of each small shape. One file is not enough to compare contestants, because chance matters much."""
RESULTS = Path(__file__).parent / "results" / "accuracy"


@dataclass(frozen=True)
class Figures:
    """Means over files and repeats. `apart`: log-loss minus ours, paired by customer; `error`: its standard error."""

    name: str
    auc: float
    log_loss: float
    ece: float
    apart: float
    error: float
    apart_by_draw: list[float]
    cpu_s: float


def compare(
    frames: Sequence[pd.DataFrame], *, folds: int, repeats: int, effort: Effort, only: str | None = None
) -> list[Figures]:
    """Every contestant's figures on the same folds. Training and search use only the training part."""
    ours: list[Any] | None = None
    figures = []
    churned = [(frame["Churn"] == "Yes").to_numpy() for frame in frames]
    for name, predict in contestants(effort):
        if only is not None and not any(part in name for part in only.split(",")):
            continue
        started = time.process_time()
        theirs = [held_out(predict, frame, folds=folds, repeats=repeats) for frame in frames]
        ours = theirs if ours is None else ours
        seconds = (time.process_time() - started) / (folds * repeats * len(frames))
        figures.append(_figures(name, theirs, ours, churned, seconds))
        print(line(asdict(figures[-1])), flush=True)
    return figures


def held_out(predict: Predict, frame: pd.DataFrame, *, folds: int, repeats: int) -> Any:
    """Out-of-fold probabilities (repeats, n)."""
    from sklearn.model_selection import StratifiedKFold

    probabilities = np.empty((repeats, len(frame)))
    for repeat in range(repeats):
        for train, test in StratifiedKFold(folds, shuffle=True, random_state=1000 + repeat).split(frame, frame.Churn):
            probabilities[repeat, test] = predict(
                frame.iloc[train].reset_index(drop=True), frame.iloc[test].reset_index(drop=True)
            )
    return np.clip(probabilities, 1e-9, 1 - 1e-9)


def _auc(probability: NDArray[np.float64], churned: NDArray[np.bool_]) -> float:
    area = quality_metrics.auc(probability, churned)
    if area is None:
        raise ValueError("the AUC needs customers who left and customers who stayed")
    return area


def _figures(name: str, theirs: Any, ours: Any, churned: Any, seconds: float) -> Figures:
    def mean_of(metric: Callable[..., float]) -> float:
        return float(np.mean([metric(one, truth) for draw, truth in zip(theirs, churned, strict=True) for one in draw]))

    apart = [
        np.mean(
            [
                quality_metrics.row_log_loss(t, truth) - quality_metrics.row_log_loss(o, truth)
                for t, o in zip(their, our, strict=True)
            ],
            axis=0,
        )
        for their, our, truth in zip(theirs, ours, churned, strict=True)
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
    )


def _ibm() -> pd.DataFrame:
    return pd.read_csv(IBM, dtype=str, keep_default_na=False)


def makers(requested: str) -> dict[str, list[Callable[[], pd.DataFrame]]]:
    """Functions that create the files of each requested shape, by name."""
    by_name: dict[str, list[Callable[[], pd.DataFrame]]] = {
        name: [make, *(partial(make, seed=100 + draw) for draw in range(1, DRAWS.get(name, 1)))]
        for name, make in SHAPES.items()
    }
    if IBM.exists():
        by_name = {"ibm": [_ibm]} | by_name
    if requested == "all":
        return by_name
    if requested not in by_name:
        raise SystemExit(f"There is no file {requested!r}. Choose {', '.join(by_name)} or all.")
    return {requested: by_name[requested]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", default="all")
    parser.add_argument("--repeats", type=int, help="3 for the IBM file, 1 for the others, if not given")
    parser.add_argument("--effort", type=Effort, default=Effort.NORMAL)
    parser.add_argument("--only", help="parts of contestants' names, separated by commas; the figures are not stored")
    parser.add_argument("--write-docs", action="store_true")
    given = parser.parse_args()
    if given.write_docs:
        write_docs({file.stem: json.loads(file.read_text("utf-8")) for file in sorted(RESULTS.glob("*.json"))})
        return
    for name, draws in makers(given.file).items():
        frames, (folds, repeats) = [make() for make in draws], IBM_FOLDS if name == "ibm" else SHAPE_FOLDS
        frame, repeats = frames[0], given.repeats or repeats
        rate = float((frame["Churn"] == "Yes").mean())
        print(f"\n## {name}: {len(frames)} × {len(frame):,} rows, {folds} folds × {repeats}\n\n{HEADER}", flush=True)
        figures = compare(frames, folds=folds, repeats=repeats, effort=given.effort, only=given.only)
        if given.only is None:
            kept = {
                "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "machine": machine("lightgbm", "catboost", "flaml"),
                "rows": len(frame),
                "columns": frame.shape[1],
                "draws": len(frames),
                "churn": rate,
                "folds": folds,
                "repeats": repeats,
                "effort": given.effort.value,
                "figures": [asdict(one) for one in figures],
            }
            RESULTS.mkdir(parents=True, exist_ok=True)
            (RESULTS / f"{name}.json").write_text(json.dumps(kept, indent=1), "utf-8")


if __name__ == "__main__":
    main()
