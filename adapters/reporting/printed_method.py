"""Method and limits of a printed report, in plain words."""

from __future__ import annotations

from adapters.formatting.babel_formats import formats_of
from adapters.reporting.text_fit import count, fit
from application.ports.reports import ReportContent
from domain.history import history_remark
from domain.vocabulary.spelling import plain_words

PROBABILITY = (
    "A risk of 70% means: of a hundred customers like this one, about seventy are expected to leave in {horizon}. "
    "It is a prediction of the model, not a certainty about one person."
)
REASONS = (
    "Each risk is divided exactly (SHAP values) into the contributions of all attributes. A reason is an association "
    "that the model found, not necessarily a cause: changing it may not change the customer's decision."
)
GAIN = (
    "For an action: risk × [save rate × (customer's value − offer) − contact] − (1 − risk) × (offer + contact). The "
    "best action is the one with the highest expected gain. If no gain is above zero, no action is recommended."
)
QUALITY = (
    "{method}. Intervals contain the true figure in 95 of 100 cases, as long as the scored customers are like those "
    "in training."
)


def method(content: ReportContent) -> list[tuple[str, str]]:
    model, summary = content.model, content.run.summary
    said = [
        ("What a probability means", PROBABILITY.format(horizon=model.horizon)),
        ("Where reasons come from", REASONS),
        ("How the gain is calculated", GAIN),
        ("How quality was measured", QUALITY.format(method=model.evaluation.method)),
        ("Limits", _limits(content)),
    ]
    if model.label is not None:
        said.insert(1, ("How the label was made", " ".join(fit(own, 300) for own in model.label.sentences())))
    if summary and (summary.rejected or summary.out_of_range or summary.columns_missing or summary.history):
        said.append(("This file", _this_file(content)))
    return said


def _limits(content: ReportContent) -> str:
    model = content.model
    notes = " ".join(fit(note, 300) for note in model.notes)
    generated = "The model learned from generated customers. " if model.starter or model.sample else ""
    return (
        f"{generated}The model uses only the {len(model.schema.columns)} attributes of its training data. New "
        f"offers, a competitor's campaign or an outage can make it wrong until it is trained again. {notes}"
    ).strip()


def _this_file(content: ReportContent) -> str:
    summary = content.run.summary
    assert summary is not None  # noqa: S101 - asked by the caller
    said = []
    if summary.rejected:
        said.append(
            f"{count(summary.rejected)} of {count(summary.rows)} rows could not be read and are not in this report."
        )
    if summary.out_of_range:
        said.append(f"{count(summary.out_of_range)} customers have a value outside the range of the training data.")
    if summary.columns_missing:
        absent = summary.unmatched.absent if summary.unmatched else summary.columns_missing
        if absent:
            names = ", ".join(fit(plain_words(name), 30) for name in absent[:8])
            said.append(f"The file lacks columns that the model uses: {names}.")
        said += [
            f"“{fit(own.header, 30)}” looks like {fit(plain_words(own.column), 30)} and was not used."
            for own in (summary.unmatched.waiting[:8] if summary.unmatched else ())
        ]
    if summary.history:
        said.append(history_remark(content.model.schema, summary.history, formats_of(content.policy.currency)))
    return " ".join(said)
