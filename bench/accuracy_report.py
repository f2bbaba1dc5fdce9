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
    "months": "Made up: twelve months in which churn rises",
}
EARLIER = "Of an earlier trainer, before blends, and without AutoGluon and Perpetual. "
PEERS = ("XGBoost", "LightGBM", "CatBoost", "FLAML", "Perpetual", "AutoGluon")

INTRODUCTION = """\
# How well the trainer predicts

Written by `python -m bench.accuracy --write-docs` from the figures of `make bench-accuracy`; no figure is typed in by
hand. Every contestant learns from all folds of a file except one and scores that one; of months, it learns from all but
the newest and scores that one. The folds are identical for all, and searches use only the training part.
`bench/churn_shapes.py` generates all files except the first. `bench/contestants.py` shows how each library is used:
carefully prepared, with its own defaults or search. AutoGluon (`best_quality`) and FLAML get a fixed time of a clock;
of files with 20,000 rows or more they learn one fold only, and are compared with ours on the customers of that fold.
Ours is the product as it is installed by default, without CatBoost.

The middle column is the contestant's log-loss minus ours, paired by customer, with its standard error: above zero, ours
is better. The last column is the processor time of one fit with its predictions, summed over all cores.
"""

METHOD = """\
## What the trainer does with a file

1. **Columns.** Target, id and month are recognised by name and content; columns that are leakage, an id, constant, free
   text, dates or names of people are left out and listed. Exact copies of a row, and rows that share any id, are in the
   same fold.
2. **Search.** A few settings known to do well on additive, mixed and interacting data, then points of a Sobol sequence
   over depth 2–7, learning rate, child weight, L1, L2, gamma, column and row sampling and the treatment of levels; a
   few settings of trees that grow leaf by leaf, of LightGBM with best and with random thresholds, and of CatBoost if
   it is installed. All compete on two folds with early stopping, the best quarter and the best of each kind on all
   five (below 5,000 customers on two divisions into five). Up to 10,000 customers, boosters that a forest of fully
   grown trees taught join them if they save half a per cent of the log-loss in equal parts with the best. Of those
   within one paired standard error of the best, the one that is cheapest to score is chosen; members of a greedy blend
   are kept if the blend is worth its cost. The amount of work depends only on the file and the effort, never on the
   clock.
3. **Evaluation.** New folds, the number of rounds fixed: every customer is scored by models that never saw them. The
   figures, intervals, curves and the threshold are computed from these scores. So are the decisions, each taken only
   if the held-out log-loss improves by more than its paired standard error: several boosters averaged or several kinds
   blended (which must also save half a per cent of the log-loss, because scoring costs several times as much), a share
   of the spline logistic, Platt scaling. A file with three or more months is searched and evaluated forward in time
   instead (rolling origins): the newest four months with 20 leavers, each in three parts of the customers, predicted by
   models that saw earlier months and the other parts. Instead of Platt scaling, the month before recalibrates a tested
   month, and the newest month the model; a change that the last months show beyond chance is expected to go on.
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
- Blends average five boosters of each kind, since decision 121. It was decided on the files of deep interactions and
  of counts. The table of deep interactions was made with three; with five our log-loss there is 0.1065.
- Boosters that a forest taught (decision 123) were found with experiments on the two files of counts.
"""


def line(figures: dict[str, Any]) -> str:
    """One row of the accuracy table."""
    apart = f"{figures['apart']:+.4f} ± {figures['error']:.4f}" if figures["error"] else "—"
    return (
        f"| {figures['name']} | {figures['auc']:.4f} | {figures['log_loss']:.4f} | {apart} | {figures['ece']:.4f} | "
        f"{figures['cpu_s']:.1f} |"
    )


def _folds(measured: dict[str, Any]) -> str:
    return "the newest month" if measured["in_time"] else f"{measured['folds']} folds × {measured['repeats']}"


def _draws(measured: dict[str, Any]) -> str:
    return f"{measured['draws']} files of other seeds together, " if measured["draws"] > 1 else ""


def write_docs(kept: dict[str, dict[str, Any]], drift: dict[str, Any]) -> None:
    """`kept` are the last measured figures of each file, by name; `drift` those of `bench.drift`."""
    shown = {name: kept[name] for name in TITLES if name in kept}
    sections = [_section(name, measured) for name, measured in shown.items()]
    parts = [INTRODUCTION, *sections, _ranks(shown), _drift(drift), METHOD]
    DOCS.write_text("\n".join(parts), "utf-8")


def _section(name: str, measured: dict[str, Any]) -> str:
    machine = measured["machine"]
    libraries = ", ".join(f"{library} {version}" for library, version in machine["versions"].items())
    rows = "\n".join(line(one) for one in measured["figures"])
    earlier = EARLIER if measured.get("earlier") else ""
    return (
        f"## {TITLES[name]}, {measured['rows']:,} rows, {measured['churn']:.1%} churn\n\n"
        f"{_draws(measured)}{_folds(measured)}, effort {measured['effort']}; "
        f"{_verdict(measured['figures'])}\n\n"
        f"{HEADER}\n{rows}\n\n"
        f"{earlier}Taken {measured['taken_at']}, load average {machine['load_before'][0]}; {libraries}.\n"
    )


def _drift(measured: dict[str, Any]) -> str:
    rule = "|---" * (measured["header"].count("|") - 1) + "|"
    table = "\n".join([measured["header"], rule, *measured["lines"]])
    return (
        "## Months that are not seen, with and without drift\n\n"
        f"Figures of `python -m bench.drift`: for each drift {measured['files']} files of twelve months with "
        f"{measured['customers']:,} customers each, the logistic model at effort low. The sample has a season in every "
        "case ([drift](sample-data.md#drift)). Three months of each file are not seen; their number of leavers should "
        f"lie in its 95% interval 19 times in 20.\n\n{table}\n"
    )


def _ranks(kept: dict[str, dict[str, Any]]) -> str:
    """The mean place of each contestant by log-loss, over the files that it was tested on."""
    places: dict[str, list[int]] = {}
    for measured in kept.values():
        ordered = sorted(measured["figures"], key=lambda one: float(one["apart"]))
        for place, one in enumerate(ordered, 1):
            places.setdefault(one["name"], []).append(place)
    means = sorted((sum(own) / len(own), len(own), name) for name, own in places.items())
    rows = "\n".join(f"| {name} | {mean:.1f} | {files} |" for mean, files, name in means)
    return f"## Mean place by log-loss\n\n| | mean place | files |\n|---|---|---|\n{rows}\n"


def _verdict(figures: list[dict[str, Any]]) -> str:
    """States whether a contestant is better by more than one paired standard error."""
    better = [one["name"] for one in figures if one["name"].startswith(PEERS) and one["apart"] < -one["error"]]
    if better:
        return f"better than ours by more than one standard error: {', '.join(better)}."
    return "no peer is better than ours by more than one standard error."
