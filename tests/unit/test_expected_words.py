"""Words for an estimated quality: figures, intervals, what happened, and what an estimate cannot see."""

from __future__ import annotations

from dataclasses import replace

from adapters.formatting.babel_formats import formats_without_currency
from domain.evaluation import ConfusionMatrix, Metric
from domain.expected_quality import ExpectedQuality
from domain.expected_words import ExpectedLine, estimate_note, estimate_sentence, expected_lines, observed_figures
from domain.run import TrainingOverlap
from tests.builders import a_summary

FORMATS = formats_without_currency()
EXPECTED = ExpectedQuality(
    98,
    0.3,
    {
        "churn_rate": Metric(0.2654, 0.2401, 0.2899),
        "auc": Metric(0.8523, 0.8317, 0.8704),
        "f1": Metric(0.6, None, None),
        "lift_10": Metric(2.987, 2.75, 3.245),
        "log_loss": Metric(0.4, 0.3, 0.5),
    },
)


def test_a_line_has_the_estimate_its_interval_and_what_was_observed() -> None:
    assert expected_lines(EXPECTED, {"churn_rate": 0.251, "auc": None}, FORMATS) == (
        ExpectedLine("Churn", "26.5%", "24.0% to 29.0%", "25.1%"),
        ExpectedLine("AUC", "0.852", "0.832 to 0.870"),
        ExpectedLine("F1", "0.600", "–"),
        ExpectedLine("Lift, top 10%", "2.99×", "2.75× to 3.25×"),
    )


def test_the_sentence_says_that_it_is_an_estimate() -> None:
    assert estimate_sentence(EXPECTED, FORMATS) == (
        "Estimate: 26.5% leave (95% interval 24.0% to 29.0%); AUC 0.852 (0.832 to 0.870)."
    )
    alone = replace(EXPECTED, metrics={"churn_rate": EXPECTED.metrics["churn_rate"]})
    assert estimate_sentence(alone, FORMATS) == "Estimate: 26.5% leave (95% interval 24.0% to 29.0%)."


def test_what_was_observed_has_the_labels_of_the_threshold_shown() -> None:
    truth = a_summary().truth
    assert observed_figures(None) == {}
    own = observed_figures(truth)
    assert (own["churn_rate"], own["precision"], own["auc"]) == (26 / 98, 14 / 22, 0.84)
    assert observed_figures(truth, ConfusionMatrix(20, 30, 6, 42))["precision"] == 0.4


def test_the_note_says_what_an_estimate_cannot_see_and_whose_outcome_is_known() -> None:
    truth = a_summary().truth
    assert truth is not None
    cannot = (
        "An estimate from the probabilities alone, without knowing who leaves: it cannot see a change in how "
        "attributes relate to leaving (concept drift), nor a wrongly calibrated model."
    )
    assert estimate_note(EXPECTED, None, FORMATS) == cannot
    assert estimate_note(EXPECTED, truth, FORMATS) == cannot
    assert estimate_note(replace(EXPECTED, customers=4000), truth, FORMATS) == (
        f"{cannot} It is about all 4,000 customers; the outcome is known of 98."
    )


def test_a_run_on_the_training_customers_has_no_estimate() -> None:
    summary = a_summary()
    assert summary.estimate == summary.expected
    assert summary.truth is not None
    assert replace(summary, overlap=TrainingOverlap(1.0, True, summary.truth)).estimate is None
