"""How well the trainer predicts beside others, on identical held-out folds.

    python -m bench.accuracy [--file ibm|interactions|…|all] [--repeats 3] [--effort normal] [--only NAMES]
    python -m bench.accuracy --write-docs

The first measures and keeps the figures, the second writes `docs/accuracy.md` from those kept last.
LightGBM, CatBoost and FLAML take part where they are installed; the product doesn't need them.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from adapters.ml import metrics
from bench.accuracy_report import HEADER, line, write_docs
from bench.churn_shapes import SHAPES
from bench.contestants import contestants
from bench.measuring import machine
from domain.model import Effort

IBM = Path("../shared/data/ibm-telco/Telco-Customer-Churn.csv")
IBM_FOLDS, SHAPE_FOLDS = (5, 3), (3, 1)
"""Folds and repeats."""
RESULTS = Path(__file__).parent / "results" / "accuracy"


@dataclass(frozen=True)
class Figures:
    """Means over the repeats. `apart` is the log-loss less ours, paired by customer, `error` its standard error."""

    name: str
    auc: float
    log_loss: float
    ece: float
    apart: float
    error: float
    cpu_s: float


def compare(frame: pd.DataFrame, *, folds: int, repeats: int, effort: Effort, only: str | None = None) -> list[Figures]:
    """Every contestant's figures on the same folds; all learning and searching is done inside the training part."""
    from sklearn.model_selection import StratifiedKFold

    churned, ours, found = (frame["Churn"] == "Yes").to_numpy(), None, []
    for name, predict in contestants(effort):
        if only is not None and not any(part in name for part in only.split(",")):
            continue
        started, held_out = time.process_time(), np.empty((repeats, len(frame)))
        for repeat in range(repeats):
            split = StratifiedKFold(folds, shuffle=True, random_state=1000 + repeat).split(frame, churned)
            for train, test in split:
                held_out[repeat, test] = predict(
                    frame.iloc[train].reset_index(drop=True), frame.iloc[test].reset_index(drop=True)
                )
        held_out = np.clip(held_out, 1e-9, 1 - 1e-9)
        ours = held_out if ours is None else ours
        found.append(_figures(name, held_out, ours, churned, (time.process_time() - started) / (folds * repeats)))
        print(line(asdict(found[-1])), flush=True)
    return found


def _figures(name: str, held_out: Any, ours: Any, churned: Any, seconds: float) -> Figures:
    def mean_of(metric: Callable[..., float]) -> float:
        return float(np.mean([metric(one, churned) for one in held_out]))

    apart = np.mean(
        [
            metrics.row_log_loss(t, churned) - metrics.row_log_loss(o, churned)
            for t, o in zip(held_out, ours, strict=True)
        ],
        axis=0,
    )
    return Figures(
        name=name,
        auc=mean_of(metrics.auc),
        log_loss=mean_of(metrics.log_loss),
        ece=mean_of(metrics.ece),
        apart=float(apart.mean()),
        error=float(apart.std() / np.sqrt(len(apart))),
        cpu_s=seconds,
    )


def frames(asked: str) -> dict[str, Callable[[], pd.DataFrame]]:
    """Makers of the files asked for, by name."""
    makers: dict[str, Callable[[], pd.DataFrame]] = dict(SHAPES)
    if IBM.exists():
        makers = {"ibm": lambda: pd.read_csv(IBM, dtype=str, keep_default_na=False)} | makers
    if asked == "all":
        return makers
    if asked not in makers:
        raise SystemExit(f"There is no file {asked!r}: {', '.join(makers)} or all.")
    return {asked: makers[asked]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", default="all")
    parser.add_argument("--repeats", type=int, help="3 for the IBM file, 1 for the others, if not given")
    parser.add_argument("--effort", type=Effort, default=Effort.NORMAL)
    parser.add_argument("--only", help="contestants by parts of their names, with commas; nothing is kept")
    parser.add_argument("--write-docs", action="store_true")
    given = parser.parse_args()
    if given.write_docs:
        write_docs({file.stem: json.loads(file.read_text("utf-8")) for file in sorted(RESULTS.glob("*.json"))})
        return
    for name, make in frames(given.file).items():
        frame, (folds, repeats) = make(), IBM_FOLDS if name == "ibm" else SHAPE_FOLDS
        repeats = given.repeats or repeats
        rate = float((frame["Churn"] == "Yes").mean())
        print(f"\n## {name}: {len(frame):,} rows, {rate:.1%} churn, {folds} folds × {repeats}\n\n{HEADER}", flush=True)
        figures = compare(frame, folds=folds, repeats=repeats, effort=given.effort, only=given.only)
        if given.only is None:
            kept = {
                "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "machine": machine("lightgbm", "catboost", "flaml"),
                "rows": len(frame),
                "columns": frame.shape[1],
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
