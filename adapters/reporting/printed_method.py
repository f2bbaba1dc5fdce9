"""Method and limits of a printed report, in plain words."""

from __future__ import annotations

from adapters.reporting.fitting import fit
from application.ports.reports import ReportContent
from domain.schema import plain_words

PROBABILITY = (
    "A risk of 70% means: of a hundred customers like this one, about seventy are expected to leave in {horizon}. "
    "It is what the model expects, not a promise, and says nothing certain about one person."
)
REASONS = (
    "Each risk is taken apart exactly (SHAP values) into what every attribute adds or takes away. A reason is what "
    "the model saw, which need not be the cause: changing it need not change the customer's mind."
)
GAIN = (
    "For an action: risk × [save rate × (customer's value − offer) − contact] − (1 − risk) × (offer + contact). The "
    "best action is the one with the highest expected gain; where none is above zero, the customer is left alone."
)
QUALITY = (
    "{method}. Intervals hold the true figure in 95 of 100 cases, as long as the customers scored are like those "
    "learned from."
)


def method(content: ReportContent) -> list[tuple[str, str]]:
    model, summary = content.model, content.run.summary
    said = [
        ("What a probability means", PROBABILITY.format(horizon=model.horizon)),
        ("Where reasons come from", REASONS),
        ("How the gain is reckoned", GAIN),
        ("How quality was measured", QUALITY.format(method=model.evaluation.method)),
        ("Limits", _limits(content)),
    ]
    if summary and (summary.rejected or summary.out_of_range or summary.columns_missing):
        said.append(("This file", _this_file(content)))
    return said


def _limits(content: ReportContent) -> str:
    model = content.model
    notes = " ".join(fit(note, 300) for note in model.notes)
    generated = "The model learned from generated customers. " if model.starter or model.sample else ""
    return (
        f"{generated}The model knows the {len(model.schema.columns)} attributes it was given and nothing else. New "
        f"offers, a competitor's campaign or an outage can make it wrong until it learns again. {notes}"
    ).strip()


def _this_file(content: ReportContent) -> str:
    summary = content.run.summary
    assert summary is not None  # noqa: S101 - asked by the caller
    said = []
    if summary.rejected:
        said.append(f"{summary.rejected:,} of {summary.rows:,} rows could not be read and are not in this report.")
    if summary.out_of_range:
        said.append(f"{summary.out_of_range:,} customers have a value outside what the model learned from.")
    if summary.columns_missing:
        names = ", ".join(fit(plain_words(name), 30) for name in summary.columns_missing[:8])
        said.append(f"The file lacks columns the model knows: {names}.")
    return " ".join(said)
