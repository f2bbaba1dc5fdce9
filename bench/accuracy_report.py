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
}
PEERS = ("XGBoost", "LightGBM", "CatBoost", "FLAML")

INTRODUCTION = """\
# How well the trainer predicts

Written by `python -m bench.accuracy --write-docs` from what `make bench-accuracy` measured; no figure is typed in by
hand. Every contestant learns from all folds of a file but one and scores that one, on identical folds, with whatever it
searches inside the training part. The files but the first are made by `bench/churn_shapes.py`. Libraries are used as
`bench/contestants.py` shows: prepared with care, with their own defaults or search.

The column in the middle is a contestant's log-loss less ours, customer by customer, with its standard error: above
zero, ours is better. The last is the processor time that one fit with its predictions takes, all cores together.
"""

METHOD = """\
## What the trainer does with a file

1. **Columns.** Target, id and month are recognised by name and content; what gives the answer away, names customers, is
   constant, free text or a date is left out and named. Exact copies of a row, and one customer's rows, share a fold.
2. **Search.** A few settings known to do well on additive, mixed and interacting data, then points of a Sobol sequence
   over depth 2–7, learning rate, child weight, L1, L2, gamma, column and row sampling and the treatment of levels. All
   compete on two folds with early stopping, the best quarter on all five. Among those within one paired standard error
   of the best, the one that is cheapest to score wins. The work depends on the file and the effort alone, never on the
   clock.
3. **Evaluation.** New folds, the number of rounds fixed: every customer is scored by models that never saw them. From
   these scores come the figures, intervals, curves and the threshold, and three decisions, each taken only where
   held-out log-loss gains more than its paired standard error: five boosters averaged (which must also save half a per
   cent of the log-loss, because scoring costs five times as much), a share of the spline logistic, Platt scaling.
4. **Model.** Everything is learned once more from all rows.

## What to keep in mind

- The figures that a model shows of itself are from the customers that its settings were chosen on, although on other
  folds. The tables above have no such advantage.
- Blend and scaling are chosen on the evaluation's own scores (one share out of three; two numbers). Scaled figures are
  cross-fitted over the folds; the blend's advantage on thousands of customers is far below the interval.
- Published figures above 0.87 on the IBM file come from leaks, such as resampling before the split. A label with 2 %
  noise and a remark filled only for leavers, added to it, are named and left out, and the AUC stays what it was.
- Dates are left out: turn them into days or months first.
- FLAML's budget is wall time: the last column says how much processor time it got.
- What one small file says of two contestants is chance to a good part: the draws of one shape fall out differently,
  and are taken together for that reason.
- Two choices were made while looking at the first draw of a made-up file: that averaged boosters learn from all
  customers (decision 21; churn that depends on combinations), and settings with little restraint among those tried
  first (churn by rules). Those settings were then tried on three other draws of churn by rules: the log-loss of five
  averaged boosters fell each time by twice its error or more.
"""


def line(figures: dict[str, Any]) -> str:
    """One row of the table."""
    apart = f"{figures['apart']:+.4f} ± {figures['error']:.4f}" if figures["error"] else "—"
    return (
        f"| {figures['name']} | {figures['auc']:.4f} | {figures['log_loss']:.4f} | {apart} | {figures['ece']:.4f} | "
        f"{figures['cpu_s']:.1f} |"
    )


def _draws(measured: dict[str, Any]) -> str:
    return f"{measured['draws']} files of other seeds together, " if measured["draws"] > 1 else ""


def write_docs(kept: dict[str, dict[str, Any]]) -> None:
    """`kept`: what was measured last of each file, by its name."""
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
    """Whether a peer is better by more than one paired standard error, said outright."""
    better = [one["name"] for one in figures if one["name"].startswith(PEERS) and one["apart"] < -one["error"]]
    if better:
        return f"better than ours by more than one standard error: {', '.join(better)}."
    return "no peer is better than ours by more than one standard error."
