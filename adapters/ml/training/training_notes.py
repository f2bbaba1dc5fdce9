"""Notes and parameters that a training adds to its figures."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.formatting.babel_formats import formats_without_currency
from adapters.formatting.figures import number, percent
from adapters.ml.training.calibration import Calibrated
from adapters.ml.training.ensemble import EnsemblePlan, Part
from adapters.ml.training.folds import Groups
from adapters.ml.training.learning_data import LearningData
from adapters.ml.training.validation import Division
from domain.curve_demand import kept_sentences
from domain.evaluation import Evaluation
from domain.forward_validation import MIN_MONTHS, MIN_OF_EACH, expected_change
from domain.forward_words import expected_sentence, recalibration_sentence
from domain.scoring_price import price_words


def method_words(division: Division) -> str:
    """How figures were tested. The part before the colon is a name for it."""
    if not division.months:
        return (
            f"{len(division.folds)}-fold cross-validation: every customer is scored by models that did not learn from "
            "them."
        )
    shown = division.months[1:]
    months = f"{len(shown)} unseen months" if len(shown) > 1 else "one unseen month"
    named = f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else shown[0]
    return (
        f"{months}: every customer of {named} is scored by models that learned from earlier months and other customers "
        "only, recalibrated on the month before."
    )


def testing_notes(data: LearningData, held_out: Calibrated, evaluation: Evaluation) -> Iterator[str]:
    """Which rows were kept together, what a test forward in time says, how the model was recalibrated, and what the
    demanded directions cost."""
    yield from _grouping_notes(data.groups, forward=held_out.is_forward)
    if held_out.is_forward:
        yield from _forward_notes(held_out, evaluation)
    elif data.months is not None and len(set(data.months.tolist()) - {""}) >= MIN_MONTHS:
        yield f"Too few customers left for a test forward in time: it needs two months with {MIN_OF_EACH} leavers each."
    kept = kept_sentences(evaluation.kept, formats_without_currency())
    if kept:
        yield " ".join(kept)


def _grouping_notes(groups: Groups, *, forward: bool) -> Iterator[str]:
    if groups.copies:
        yield f"{number(groups.copies)} rows repeat another row exactly; copies stay in one fold."
    if groups.repeated_ids:
        rows = number(groups.repeated_ids)
        stays = "no test learns from the customers it tests" if forward else "a customer stays in one fold"
        yield f"{rows} rows are further rows of the same customers; {stays}."


def _forward_notes(held_out: Calibrated, evaluation: Evaluation) -> Iterator[str]:
    formats, months = formats_without_currency(), evaluation.months
    yield expected_sentence(months, formats)
    newest = f"{held_out.division.months[-1]}, the newest month with outcomes"
    if (held_out.slope, held_out.shift) == (1.0, 0.0):
        yield f"Not recalibrated: in {newest}, as many left as were expected, but for chance."
    else:
        moved = f"log-odds are moved by {number(held_out.shift, decimals=3)}"
        scaled = "" if held_out.slope == 1.0 else f" and scaled by {number(held_out.slope, decimals=3)}"
        yield f"Recalibrated on {newest}: {moved}{scaled}."
    change = expected_change(held_out.division.levels)
    if change:
        said = f"by {number(abs(change), decimals=3)} a month"
        yield f"Churn has {'risen' if change > 0 else 'fallen'} {said} (log-odds); the model expects that to go on."
    yield recalibration_sentence(months, formats)


def platt_note(held_out: Calibrated) -> Iterator[str]:
    """How Platt's method scaled a model; nothing if it did not."""
    if held_out.is_scaled_by_platt:
        slope, shift = number(held_out.slope, decimals=3), number(held_out.shift, decimals=3)
        yield f"Log-odds are scaled by {slope} and moved by {shift}, which calibrates held-out customers better."


def ensemble_notes(plan: EnsemblePlan) -> Iterator[str]:
    """What was combined and why, how it was scaled by Platt's method, and what it costs."""
    gained = "held-out log-loss gained more than its standard error"
    if len(plan.parts) > 1:
        kinds = " and ".join(f"{_share(part.share)} {part.tuned.member.library}" for part in plan.parts)
        each = f", {plan.main.boosters} boosters of each" if plan.main.boosters > 1 else ""
        yield f"Several kinds of trees are blended in log-odds ({kinds}{each}): {gained} and half a percent."
    elif plan.main.boosters > 1:
        yield f"{plan.main.boosters} boosters are averaged: {gained}."
    if plan.splines:
        yield f"A logistic model with splines has {_share(plan.splines)} of the log-odds, the trees the rest: {gained}."
    yield from platt_note(plan.held_out)
    if plan.is_combined:
        yield price_words(plan.cost, plan.usual_cost, formats_without_currency())


def ensemble_parameters(plan: EnsemblePlan, *, trials: int) -> dict[str, str]:
    """The settings of the model for its page, by name. Those of a blend have one line per member."""
    settings = (
        _of_one(plan.main)
        if len(plan.parts) == 1
        else {"members": str(len(plan.parts))}
        | {f"member_{place}": _in_one_line(part) for place, part in enumerate(plan.parts, 1)}
    )
    return settings | {
        "boosters": str(sum(part.boosters for part in plan.parts)),
        "spline_share": f"{plan.splines:g}",
        "platt_slope": f"{plan.slope:.6g}",
        "platt_shift": f"{plan.shift:.6g}",
        "microseconds_per_customer": f"{plan.cost:.2g}",
        "trials": str(trials),
    }


def _of_one(part: Part) -> dict[str, str]:
    return {"library": part.tuned.member.library, "rounds": str(part.tuned.rounds)} | part.tuned.member.parameters()


def _in_one_line(part: Part) -> str:
    """Such as "40 % XGBoost: rounds 233, max depth 4, …"."""
    settings = {"rounds": str(part.tuned.rounds)} | part.tuned.member.parameters()
    listed = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in settings.items())
    return f"{_share(part.share)} {part.tuned.member.library}: {listed}"


def _share(share: float) -> str:
    return percent(share, decimals=0)
