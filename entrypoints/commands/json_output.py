"""The documents that commands print as JSON."""

from __future__ import annotations

from dataclasses import asdict

from application.use_cases.predictions.open_result import RunView
from domain.answer import answer_text, save_rates_note
from domain.campaign import Campaign
from domain.campaign_effect import CampaignEffect
from domain.campaign_members import Outcome, Side, Status, Totals
from domain.curve_demand import Direction, KeptDemands
from domain.effect_lines import HEADER, effect_lines
from domain.effect_words import EffectAnswer
from domain.evaluation import Metric, RandomFolds
from domain.file_report import odd_columns
from domain.formats import Formats
from domain.forward_validation import UnseenMonth
from domain.history_kind import HistoryFound, HistoryGain
from domain.joint_drift import JointDrift
from domain.model import ModelVersion
from domain.model_comparison import ModelComparison
from domain.run import Run, RunSummary, TruthMetrics
from domain.schema import CustomerSchema

SHOWN_METRICS = ("auc", "log_loss", "brier", "accuracy", "precision", "recall", "f1", "ece", "lift_10")


def trained(version: ModelVersion) -> dict[str, object]:
    """The document that `train --json` and `models show --json` print."""
    return {
        "version": version.id,
        "stage": version.stage.value,
        "algorithm": version.algorithm.value,
        "rows": version.rows,
        "churned": version.churned,
        "columns_used": list(version.schema.names),
        "columns_left_out": [{"column": excluded.column, "why": excluded.why} for excluded in version.left_out],
        "notes": list(version.notes),
        "tenure": _tenure(version.schema),
        "dates": {name: form.value for name, form in version.schema.date_forms.items()},
        "reference_date": version.schema.reference_date,
        "target": version.schema.target_column,
        "positive": version.schema.positive_value,
        "positive_values": list(version.schema.positive_values),
        "negative": version.schema.negative_value,
        "id_column": version.schema.id_column,
        "month_column": version.schema.month_column,
        "threshold": version.threshold,
        "threshold_strategy": version.threshold_strategy,
        "beats_chance": version.evaluation.beats_chance,
        "metrics": {name: metric.value for name, metric in version.evaluation.metrics.items()},
        "intervals": {
            name: [metric.low, metric.high]
            for name, metric in version.evaluation.metrics.items()
            if metric.low is not None
        },
        "unseen_months": [_unseen_month(month) for month in version.evaluation.months],
        "random_folds": _random_folds(version.evaluation.random_folds),
        "compared": _compared(version.evaluation.compared),
        "history": _history(version.evaluation.history),
        "demands": _demands(version.evaluation.kept),
        "accuracy_if_everybody_stays": 1.0 - version.evaluation.base_rate,
        "method": version.evaluation.method,
        "parameters": version.parameters,
        "data_sha256": version.data_sha256,
        "seed": version.seed,
        "trained_at": version.trained_at.isoformat(),
        "seconds": version.seconds,
        "horizon": version.horizon,
        "label": _label(version),
    }


def _label(version: ModelVersion) -> dict[str, object] | None:
    """How the label was made, where the file had none."""
    made = version.label
    if made is None:
        return None
    return {
        "source": made.rule.source.value,
        "horizon_months": made.rule.horizon,
        "left_means": made.rule.left_words,
        "files": made.files,
        "first_month": made.first or None,
        "last_month": made.last or None,
        "sentences": list(made.sentences()),
    }


def _unseen_month(month: UnseenMonth) -> dict[str, object]:
    """Numbers of customers; `expected_interval` is for the number of leavers."""
    return {
        "month": month.month,
        "customers": month.customers,
        "churned": month.churned,
        "expected": month.expected,
        "expected_interval": [month.low, month.high],
        "expected_without_recalibration": month.expected_before,
    }


def _random_folds(folds: RandomFolds | None) -> dict[str, object] | None:
    """Figures of random folds of all months; None without a test forward in time."""
    if folds is None:
        return None
    return {
        "customers": folds.customers,
        "churned": folds.churned,
        "expected": folds.expected,
        "metrics": {name: metric.value for name, metric in folds.metrics.items()},
    }


def _compared(own: ModelComparison | None) -> dict[str, object] | None:
    """The comparison with the champion; log-loss differences below 0 are in favour of this version."""
    if own is None:
        return None
    figures = own.figures
    return {
        "learned_months": list(own.months.learned),
        "compared_months": list(own.months.compared),
        "champion": own.champion or None,
        "rows": figures.rows if figures else 0,
        "left": figures.left if figures else 0,
        "own": asdict(figures.candidate) if figures else None,
        "champions": asdict(figures.champion) if figures and figures.champion else None,
        "log_loss_difference": figures.difference if figures and figures.champion else None,
        "standard_error": figures.standard_error if figures and figures.champion else None,
        "better": own.is_better,
        "worse": own.is_worse,
        "problem": own.problem or None,
        "doubts": list(own.doubts),
    }


def _history(gain: HistoryGain | None) -> dict[str, object] | None:
    """The attributes of earlier months that are used, and by how much each lowered the forward log-loss."""
    return None if gain is None else {"tried": gain.tried, "kept": [asdict(own) for own in gain.kept]}


def _demands(kept: KeptDemands | None) -> dict[str, object] | None:
    """Columns by demanded direction, and by how much that raises the held-out log-loss; None without demands."""
    if kept is None:
        return None
    return {
        **{own.field: [demand.column for demand in kept.demands if demand.direction is own] for own in Direction},
        "log_loss": kept.log_loss,
        "standard_error": kept.standard_error,
        "within_chance": kept.is_within_chance,
    }


def _tenure(schema: CustomerSchema) -> dict[str, str] | None:
    """The tenure column and its unit, "unknown" where nothing says it; None without such a column."""
    if schema.tenure_column is None:
        return None
    return {"column": schema.tenure_column, "unit": schema.unit_of(schema.tenure_column).value}


def figure(metric: Metric, formats: Formats) -> str:
    value = formats.number(metric.value, decimals=4)
    if metric.low is None or metric.high is None:
        return value
    low, high = (formats.number(end, decimals=4) for end in (metric.low, metric.high))
    return f"{value}  (95% interval {low} to {high})"


def unseen_month(month: UnseenMonth, formats: Formats) -> str:
    """Expected and observed churn of a month that the model was tested on."""
    low, high = formats.percent(month.low_rate), formats.percent(month.high_rate)
    return (
        f"{formats.percent(month.expected_rate)} expected (95% interval {low} to {high}), "
        f"{formats.percent(month.churn_rate)} of {formats.number(month.customers)} customers left"
    )


def scored(run: Run) -> dict[str, object]:
    """The document that `score --json` and `runs show --json` print for a finished run."""
    summary = run.summary
    document: dict[str, object] = {
        "run": run.id,
        "file": run.file_name,
        "state": run.state.value,
        "model": run.model_version,
        "threshold": run.threshold,
        "seconds": run.seconds,
    }
    if summary is None:
        return document | {"error": run.error}
    contacting = summary.contacting
    document |= {
        "rows": summary.rows,
        "scored": summary.scored,
        "rejected": summary.rejected,
        "predicted_churn": summary.likely_to_leave,
        "mean_probability": summary.mean_probability,
        "out_of_range": summary.out_of_range,
        "duplicate_ids": summary.duplicate_ids,
        "money_at_risk": summary.money_at_risk,
        "worth_contacting": contacting.customers if contacting else None,
        "expected_gain": contacting.expected_gain if contacting else None,
        "bands": {band.value: count for band, count in summary.bands.items()},
        "actions": [
            {"action": total.action_id, "customers": total.customers, "expected_gain": total.expected_gain}
            for total in (contacting.actions if contacting else ())
        ],
        "columns_missing": list(summary.columns_missing),
        "columns_similar": {own.column: own.header for own in summary.unmatched.waiting} if summary.unmatched else {},
        "id_column": summary.id_header or None,
        "columns": column_figures(summary),
        "rows_numbered": summary.numbered,
        "joint_drift": joint_drift(summary.joint_drift),
        "remarks": list(summary.remarks),
    }
    document |= truth_rows(summary)
    return document | measured(summary) | estimated(summary)


def joint_drift(drift: JointDrift | None) -> dict[str, object] | None:
    """How well the customers can be distinguished from those of the training; None where it is not known."""
    if drift is None:
        return None
    return {
        "auc": drift.auc.value,
        "interval": [drift.auc.low, drift.auc.high],
        "distinguishable": drift.is_distinguishable,
        "differing": list(drift.differing),
        "customers": drift.scored,
        "customers_of_training": drift.learned,
    }


def column_figures(summary: RunSummary) -> list[dict[str, object]]:
    """Columns that need a look, as on the result page."""
    return [
        {
            "column": column.column,
            "missing": column.missing,
            "unknown": column.unknown,
            "unknown_examples": list(column.unknown_examples),
            "out_of_range": column.out_of_range,
            "out_of_range_example": column.out_of_range_example,
            "not_a_number": column.unreadable,
            "psi": column.psi,
            "psi_by_chance": column.psi_by_chance,
            "drift": column.state,
        }
        for column in odd_columns(summary)
    ]


def answered(view: RunView, formats: Formats) -> dict[str, object]:
    """The same document with the answer in words, and what its expected gain assumes."""
    document = scored(view.run)
    figures = view.answer_figures
    if figures is None:
        return document
    return document | {
        "answer": answer_text(figures, view.model.horizon, formats),
        "assumption": assumption_of(view, formats),
        "history": _found(view.run.summary.history if view.run.summary else None),
    }


def _found(own: HistoryFound | None) -> dict[str, object] | None:
    """The earlier months that the run was scored with; None where the model needs none."""
    return None if own is None else asdict(own)


def assumption_of(view: RunView, formats: Formats) -> str | None:
    """The save rates behind a run's expected gains; None where no gain is shown."""
    contacting = view.run.summary.contacting if view.run.summary else None
    return save_rates_note(view.playbook, formats) if contacting and contacting.customers else None


def truth_rows(summary: RunSummary) -> dict[str, object]:
    """Rows of a labelled file by how their truth is read."""
    reading = summary.truth_reading
    if reading is None:
        return {}
    return {
        "truth_understood": reading.understood,
        "truth_not_understood": reading.not_understood,
        "truth_empty": reading.empty,
        "truth_examples": [{"value": value, "rows": rows} for value, rows in reading.examples],
    }


def measured(summary: RunSummary) -> dict[str, object]:
    """The model's quality, and where it comes from: the file's outcomes, or cross-validation if it learned from them.

    Nothing without outcomes.
    """
    if summary.quality is None:
        return {}
    overlap = summary.overlap
    return {
        "metrics": truth(summary.quality),
        "metrics_from": "cross-validation" if overlap else "file",
        "share_learned_from": overlap.share if overlap else None,
    }


def estimated(summary: RunSummary) -> dict[str, object]:
    """The quality to be expected from the probabilities alone, with 95% intervals; nothing where it is not known."""
    expected = summary.estimate
    if expected is None:
        return {}
    return {
        "estimate": {
            "customers": expected.customers,
            "threshold": expected.threshold,
            "metrics": {name: metric.value for name, metric in expected.metrics.items()},
            "intervals": {name: [metric.low, metric.high] for name, metric in expected.metrics.items()},
        }
    }


def truth(metrics: TruthMetrics) -> dict[str, object]:
    counts = metrics.confusion
    return {
        "customers": metrics.customers,
        "churned": metrics.churned,
        **{name: getattr(metrics, name) for name in SHOWN_METRICS},
        "confusion": {
            "true_positive": counts.true_positive,
            "false_positive": counts.false_positive,
            "false_negative": counts.false_negative,
            "true_negative": counts.true_negative,
        },
    }


def campaign_document(campaign: Campaign, totals: Totals) -> dict[str, object]:
    """The document that `campaign show --json` prints. It counts members and names none."""
    contacted, control = totals.of(Side.CONTACT), totals.of(Side.CONTROL)
    return {
        "campaign": campaign.id,
        "name": campaign.name,
        "state": campaign.state.value,
        "run": campaign.run_id,
        "created_at": campaign.created_at.isoformat(),
        "started_at": campaign.started_at.isoformat() if campaign.started_at else None,
        "closed_at": campaign.closed_at.isoformat() if campaign.closed_at else None,
        "members": totals.members,
        "to_contact": contacted.members,
        "left_alone": control.members,
        "contacted": contacted.contacted,
        "accepted": contacted.count(Status.ACCEPTED),
        "outcomes_unknown": totals.with_outcome(Outcome.UNKNOWN),
        "spent": contacted.spent,
        "expected_gain": contacted.expected_gain,
    }


def effect_document(campaign: Campaign, effect: CampaignEffect, answer: EffectAnswer) -> dict[str, object]:
    """The document that `campaign effect --json` prints. Differences are shares from −1 to 1."""
    money = effect.money
    return {
        "campaign": campaign.id,
        "name": campaign.name,
        "final": effect.final,
        "at": effect.at.isoformat(),
        "finding": answer.finding.value,
        "answer": answer.text,
        "outcomes": effect.outcomes,
        "outcomes_unknown": effect.unknown,
        "spent": effect.spent,
        "value_of_a_kept_customer": effect.value,
        "kept": [money.kept, money.kept_low, money.kept_high],
        "gain": [money.gain, money.gain_low, money.gain_high],
        "leave_alone": [group.name for group in effect.harmed],
        "effects": [dict(zip(HEADER, line.cells, strict=True)) for line in effect_lines(effect)],
    }
