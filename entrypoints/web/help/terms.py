"""Which term of the glossary explains a figure. Hints on pages lead there; this is the only list."""

from __future__ import annotations

from flask import Flask, url_for

from domain.help_pages import GLOSSARY

TERMS = {
    "accuracy": "accuracy",
    "auc": "auc",
    "average_precision": "average-precision",
    "base_rate": "base-rate",
    "brier": "brier-score",
    "brier_skill": "brier-skill",
    "calibration": "calibration",
    "change": "change-of-risk",
    "contribution": "contribution",
    "control": "control",
    "driver": "driver",
    "ece": "ece",
    "effect": "effect",
    "empc": "empc",
    "empc_share": "empc",
    "expected_gain": "expected-gain",
    "expected_quality": "expected-quality",
    "f1": "f1",
    "interval": "interval",
    "label": "likely-to-leave",
    "lift_10": "lift",
    "log_loss": "log-loss",
    "log_odds": "log-odds",
    "money_at_risk": "money-at-risk",
    "out_of_fold": "out-of-fold",
    "precision": "precision",
    "psi": "psi",
    "recall": "recall",
    "roc": "roc-curve",
    "save_rate": "save-rate",
    "segment": "segment",
    "shap": "shap-value",
    "threshold": "threshold",
    "worth_contacting": "worth-contacting",
}
"""A figure's key, in code and templates, and the anchor of its term."""


def register(app: Flask) -> None:
    """Give templates `term_url(key)`."""
    app.add_template_global(term_url)


def term_url(key: str) -> str:
    """The URL of a figure's term. Raises KeyError for a figure without one."""
    return url_for("help.page", slug=GLOSSARY, _anchor=TERMS[key])
