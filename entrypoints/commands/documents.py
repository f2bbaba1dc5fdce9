"""What the commands print as JSON."""

from __future__ import annotations

from domain.evaluation import Metric
from domain.model import ModelVersion
from domain.run import Run, TruthMetrics

SHOWN_METRICS = ("auc", "log_loss", "brier", "accuracy", "precision", "recall", "f1", "ece", "lift_10")


def trained(version: ModelVersion) -> dict[str, object]:
    """What `train --json` and `models show --json` print."""
    return {
        "version": version.id,
        "stage": version.stage.value,
        "algorithm": version.algorithm.value,
        "rows": version.rows,
        "churned": version.churned,
        "columns_used": list(version.schema.names),
        "columns_left_out": [{"column": left.column, "why": left.why} for left in version.left_out],
        "notes": list(version.notes),
        "target": version.schema.target_column,
        "positive": version.schema.positive_value,
        "threshold": version.threshold,
        "metrics": {name: metric.value for name, metric in version.evaluation.metrics.items()},
        "intervals": {
            name: [metric.low, metric.high]
            for name, metric in version.evaluation.metrics.items()
            if metric.low is not None
        },
        "method": version.evaluation.method,
        "parameters": version.parameters,
        "data_sha256": version.data_sha256,
        "seed": version.seed,
        "trained_at": version.trained_at.isoformat(),
        "seconds": version.seconds,
    }


def figure(metric: Metric) -> str:
    if metric.low is None or metric.high is None:
        return f"{metric.value:.4f}"
    return f"{metric.value:.4f}  (95 % interval {metric.low:.4f} to {metric.high:.4f})"


def scored(run: Run) -> dict[str, object]:
    """What `score --json` and `runs show --json` print of a finished run."""
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
    document |= {
        "rows": summary.rows,
        "scored": summary.scored,
        "rejected": summary.rejected,
        "predicted_churn": summary.likely_to_leave,
        "mean_probability": summary.mean_probability,
        "out_of_range": summary.out_of_range,
        "duplicate_ids": summary.duplicate_ids,
        "money_at_risk": summary.money_at_risk,
        "expected_gain": summary.expected_gain,
        "bands": {band.value: count for band, count in summary.bands.items()},
        "actions": [
            {"action": total.action_id, "customers": total.customers, "expected_gain": total.expected_gain}
            for total in summary.actions
        ],
        "columns_missing": list(summary.columns_missing),
    }
    return document | ({"metrics": truth(summary.truth)} if summary.truth else {})


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
