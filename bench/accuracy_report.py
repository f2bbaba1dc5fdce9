"""The accuracy figures as a table for the terminal, and as docs/accuracy.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent.parent / "docs" / "accuracy.md"
HEADER = (
    "| | AUC | log-loss | log-loss less ours ± paired standard error | ECE | CPU s per fit |\n|---|---|---|---|---|---|"
)
TITLES = {
    "ibm": "IBM's sample telecom customers",
    "interactions": "Made up: churn that depends on combinations",
    "bills": "Made up: churn by rules on bills and calls",
    "numbers": "Made up: 70 numbers with gaps",
    "few-leavers": "Made up: few leavers",
    "levels": "Made up: text columns of 200 and 2,000 levels",
    "counts": "Made up: kinds of customers with nearly equal counts",
    "deep": "Made up: rules of four conditions each",
    "leaves": "Made up: few numbers, many regions",
}
PEERS = ("XGBoost", "LightGBM", "CatBoost", "FLAML", "Perpetual", "AutoGluon")

INTRODUCTION = """\
# How well the trainer predicts

Written by `python -m bench.accuracy --write-docs` from the figures of `make bench-accuracy`; no figure is typed in by
hand. Every contestant learns from all folds of a file except one and scores that one. The folds are identical for all,
and searches use only the training part. `bench/churn_shapes.py` generates all files except the first.
`bench/contestants.py` shows how each library is used: carefully prepared, with its own defaults or search.

The middle column is the contestant's log-loss minus ours, paired by customer, with its standard error: above zero, ours
is better. The last column is the processor time of one fit with its predictions, summed over all cores.
"""

METHOD = """\
## What the trainer does with a file

1. **Columns.** Target, id and month are recognised by name and content; columns that are leakage, an id, constant, free
   text or dates are left out and listed. Exact copies of a row, and one customer's rows, are in the same fold.
2. **Search.** A few settings known to do well on additive, mixed and interacting data, then points of a Sobol sequence
   over depth 2–7, learning rate, child weight, L1, L2, gamma, column and row sampling and the treatment of levels; a
   few settings of trees that grow leaf by leaf, of LightGBM with best and with random thresholds, and of CatBoost if it
   is installed. All compete on two folds with early stopping, the best quarter and the best of each kind on all five
   (below 5,000 customers on two divisions into five). Of those within one paired standard error of the best, the one
   that is cheapest to score is chosen; members of a greedy blend are kept if the blend is worth its cost. The amount of
   work depends only on the file and the effort, never on the clock.
3. **Evaluation.** New folds, the number of rounds fixed: every customer is scored by models that never saw them. The
   figures, intervals, curves and the threshold are computed from these scores. So are the decisions, each taken only
   if the held-out log-loss improves by more than its paired standard error: several boosters averaged or several kinds
   blended (which must also save half a per cent of the log-loss, because scoring costs several times as much), a share
   of the spline logistic, Platt scaling.
4. **Model.** The final model learns from all rows.

## What to keep in mind

- The figures on a model's page use the same customers as the choice of its settings, although on other folds. The
  tables above have no such advantage.
- Blend and scaling are chosen on the evaluation's own scores. Shares and scaling are cross-fitted over the folds.
- Published figures above 0.87 on the IBM file come from leakage, such as resampling before the split. A label with 2 %
  noise and a remark that is only filled for leavers, added to this file, are detected and left out, and the AUC is
  unchanged.
- Dates are left out: convert them to a number of days or months first.
- FLAML's budget is wall time: the last column shows the processor time that it used.
- On one small file, differences between two contestants are largely chance: the results differ between files of one
  shape, so the tables average over several files.
- Two choices were made after looking at the first generated file of a shape: averaged boosters learn from all customers
  (decision 21; churn that depends on combinations), and settings with weak regularisation are among those tried first
  (churn by rules). These settings were then tried on three other files of churn by rules: each time the log-loss of
  five averaged boosters fell by at least twice its error.
"""


def line(figures: dict[str, Any]) -> str:
    """One row of the accuracy table."""
    apart = f"{figures['apart']:+.4f} ± {figures['error']:.4f}" if figures["error"] else "—"
    return (
        f"| {figures['name']} | {figures['auc']:.4f} | {figures['log_loss']:.4f} | {apart} | {figures['ece']:.4f} | "
        f"{figures['cpu_s']:.1f} |"
    )


def _draws(measured: dict[str, Any]) -> str:
    return f"{measured['draws']} files of other seeds together, " if measured["draws"] > 1 else ""


def write_docs(kept: dict[str, dict[str, Any]]) -> None:
    """`kept` are the last measured figures of each file, by name."""
    parts = [INTRODUCTION, *(_section(name, kept[name]) for name in TITLES if name in kept), METHOD]
    DOCS.write_text("\n".join(parts), "utf-8")


def _section(name: str, measured: dict[str, Any]) -> str:
    machine = measured["machine"]
    libraries = ", ".join(f"{library} {version}" for library, version in machine["versions"].items())
    rows = "\n".join(line(one) for one in measured["figures"])
    return (
        f"## {TITLES[name]}, {measured['rows']:,} rows, {measured['churn']:.1%} churn\n\n"
        f"{_draws(measured)}{measured['folds']} folds × {measured['repeats']}, effort {measured['effort']}; "
        f"{_verdict(measured['figures'])}\n\n"
        f"{HEADER}\n{rows}\n\n"
        f"Taken {measured['taken_at']}, load average {machine['load_before'][0]}; {libraries}.\n"
    )


def _verdict(figures: list[dict[str, Any]]) -> str:
    """States whether a contestant is better by more than one paired standard error."""
    better = [one["name"] for one in figures if one["name"].startswith(PEERS) and one["apart"] < -one["error"]]
    if better:
        return f"better than ours by more than one standard error: {', '.join(better)}."
    return "no peer is better than ours by more than one standard error."
