"""Gradings: months, horizons, and the words for what was expected and what happened."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.formatting.babel_formats import formats_of
from domain.errors import FileRefused, InvalidInput
from domain.evaluation import ConfusionMatrix, Metric
from domain.formats import NO_CURRENCY
from domain.forward_validation import UnseenMonth
from domain.grading import (
    GradingId,
    GradingSource,
    Tenth,
    horizon_of,
    learned_until,
    model_age,
    must_be_gradable,
    must_be_horizon_later,
    must_be_known_ahead,
    newest_per_month,
)
from domain.grading_guards import GradingEvidence, doubts
from domain.grading_table import HEADER, grading_cells, grading_rows
from domain.grading_words import answer_sentences, auc_words, figure_lines, how_words, model_words
from domain.label_guards import Vanished
from domain.run import MonthSummary
from domain.run_month import month_of_run
from tests import builders as a
from tests.builders import at
from tests.builders.gradings import a_grading, graded_figures
from tests.builders.models import a_made_label

FORMATS = formats_of(NO_CURRENCY)


def test_the_answer_says_what_was_expected_and_what_happened() -> None:
    assert answer_sentences(a_grading(), FORMATS) == (
        "In October 2026 we expected 1,240 of 10,000 customers to leave (95% interval 1,170 to 1,311); 1,198 did.",
        "The riskiest tenth contained 41.0% of them; 37 left whom we had called safe.",
    )


def test_the_answer_says_when_the_interval_was_missed() -> None:
    many = a_grading(figures=graded_figures(left=1_400))
    few = a_grading(figures=graded_figures(left=900))
    assert answer_sentences(many, FORMATS)[0].endswith("; 1,400 did, more than the interval allows.")
    assert answer_sentences(few, FORMATS)[0].endswith("; 900 did, fewer than the interval allows.")


def test_without_leavers_nothing_is_said_about_them() -> None:
    nobody = a_grading(figures=graded_figures(left=0, expected=Metric(3.0)))
    assert answer_sentences(nobody, FORMATS) == ("In October 2026 we expected 3 of 10,000 customers to leave; 0 did.",)
    assert nobody.figures.lift_10 == 0.0


def test_the_ends_of_the_interval_are_inside() -> None:
    figures = graded_figures(expected=Metric(10.0, 5.0, 15.0))
    inside = [replace(figures, left=left).is_as_expected for left in (4, 5, 15, 16)]
    assert inside == [False, True, True, False]


def test_lift_is_the_churn_rate_of_a_tenth_over_that_of_all() -> None:
    figures = graded_figures(customers=200, left=20, tenths=(Tenth(20, 12, 9.0), *(Tenth(20, 1, 1.0),) * 9))
    assert figures.lift_10 == 6.0
    assert figures.lift(figures.tenths[1]) == 0.5
    assert figures.top_share == 0.6


def test_contacted_customers_are_named_with_the_figures_without_them() -> None:
    sentences = how_words(a_grading(), "Ana Moyo", FORMATS)
    assert sentences == (
        (
            "Graded by the file november.csv of November 2026 (SHA-256 9f86d081884c…), on 2 Nov 2026, for Ana Moyo, "
            "automatically when that file was scored."
        ),
        "Left means: missing in the file of the next month.",
        (
            "10,000 customers were graded; 12 rows were left out, because they repeat a customer or have no truth; 310 "
            "customers are in the later file only."
        ),
        (
            "55 of them were contacted by campaigns, and some of these may have stayed because of it. Without them, "
            "1,220 (1,150 to 1,290) of 9,945 were expected to leave and 1,190 did."
        ),
    )
    plain = how_words(a_grading(treated=0, untreated=None, new=0, left_out=0, automatic=False), "Ana Moyo", FORMATS)
    assert plain[0].endswith("on 2 Nov 2026, for Ana Moyo.")
    assert plain[2:] == ("10,000 customers were graded.",)
    everybody = how_words(a_grading(untreated=None), "Ana Moyo", FORMATS)
    assert everybody[3].endswith("Nobody else is left to grade.")


def test_the_quality_of_the_model_is_that_without_contacted_customers() -> None:
    assert a_grading().quality == a_grading().untreated
    few = a_grading(untreated=graded_figures(left=9))
    assert few.quality == few.figures
    assert a_grading(untreated=None).quality == a_grading().figures


def test_figures_are_shown_with_their_meaning() -> None:
    lines = {own.label: own.value for own in figure_lines(graded_figures(), 0.41, FORMATS)}
    assert lines == {
        "Customers graded": "10,000",
        "Expected to leave": "1,240 (1,170 to 1,311)",
        "Left": "1,198 (12.0%)",
        "AUC": "0.843 (0.831 to 0.855)",
        "Average precision": "0.300",
        "Log-loss": "0.290",
        "Brier score": "0.080",
        "Lift, top 10%": "4.10×",
        "Precision": "65.9%",
        "Recall": "96.9%",
        "Called and left": "1,161",
        "Called and stayed": "600",
        "Called safe and left": "37",
        "Called safe and stayed": "8,202",
    }
    assert auc_words(graded_figures(auc=None), FORMATS) == "–"
    assert auc_words(graded_figures(auc=Metric(0.5)), FORMATS) == "0.500"
    assert model_words(a_grading()) == "Model v3 (logistic regression), 2 months old"
    assert model_words(a_grading(model_age=0)).endswith(", new")
    assert model_words(a_grading(model_age=1)).endswith(", 1 month old")


def test_the_table_has_a_cell_for_each_column() -> None:
    cells = grading_cells(a_grading(), "october.csv", "Ana Moyo")
    assert tuple(cells) == HEADER
    assert (cells["expected"], cells["left"], cells["auc"], cells["false_negatives"]) == (1_240.4, 1_198, 0.843, 37)
    assert cells["lift_tenth_1"] == 491 * 10_000 / (1_000 * 1_198)
    assert (cells["graded_by_file"], cells["by"], cells["automatic"]) == ("november.csv", "Ana Moyo", "Yes")
    small = a_grading(figures=graded_figures(tenths=(Tenth(1, 1, 0.5),), auc=None), untreated=None)
    cells = grading_cells(small, "october.csv", "Ana Moyo")
    assert (cells["auc"], cells["lift_tenth_2"], cells["left_without_contacted"]) == (None, None, None)
    assert [len(line) for line in grading_rows([(small, "october.csv", "Ana Moyo")])] == [len(HEADER)]


@pytest.mark.parametrize(
    ("horizon", "months"),
    [
        ("the next month", 1),
        ("the next 2 months", 2),
        ("next quarter", 3),
        ("two months", 2),
        ("the next 30 days", 1),
        ("the next 90 days", 3),
        ("7 days", 1),
        ("8 weeks", 2),
        ("one year", 12),
        ("the summer", 1),
    ],
)
def test_the_horizon_is_read_from_the_words_of_the_model(horizon: str, months: int) -> None:
    assert horizon_of(a.a_model_version(horizon=horizon, label=None)) == months


def test_a_label_that_was_made_decides_about_horizon_and_age() -> None:
    model = a.a_model_version(label=a_made_label(), horizon="the next year")
    assert horizon_of(model) == a_made_label().rule.horizon
    assert learned_until(model) == a_made_label().last


def test_the_age_counts_from_the_last_month_that_was_learned_from() -> None:
    model = a.a_model_version(label=None, trained_at=at())
    model = replace(model, evaluation=replace(model.evaluation, months=()))
    assert (learned_until(model), model_age(model, "2027-01"), model_age(model, "2026-01")) == ("2026-11", 2, 0)
    months = (UnseenMonth("2026-03", 100, 5, 5.0, 1.0, 9.0, 5.0), UnseenMonth("2026-02", 100, 5, 5.0, 1.0, 9.0, 5.0))
    forward = replace(model, evaluation=replace(model.evaluation, months=months))
    assert model_age(forward, "2026-10") == 7


def test_the_month_of_a_run_is_its_newest_or_that_of_its_name() -> None:
    months = tuple(MonthSummary(month, 1, 0.1, 0, None, None) for month in ("2026-09", "2026-10", "2026-08"))
    assert month_of_run(a.a_finished_run(summary=a.a_summary(months=months))) == "2026-10"
    nameless = a.a_summary(months=())
    assert month_of_run(a.a_finished_run(summary=nameless, file_name="base 2026-05.csv")) == "2026-05"
    assert month_of_run(a.a_finished_run(summary=nameless, file_name="customers.csv")) is None


def test_runs_without_result_or_ids_cannot_be_graded() -> None:
    must_be_gradable(a.a_finished_run())
    with pytest.raises(InvalidInput, match="has no result"):
        must_be_gradable(a.a_run())
    with pytest.raises(InvalidInput, match="its rows are numbered"):
        must_be_gradable(a.a_finished_run(summary=a.a_summary(id_header="")))


def test_the_later_file_has_to_show_the_month_after_the_horizon() -> None:
    must_be_horizon_later("2026-10", ["2026-11"], 1)
    must_be_horizon_later("2026-10", ["2027-01", "2026-12"], 2)
    with pytest.raises(FileRefused) as gap:
        must_be_horizon_later("2026-10", ["2026-12"], 1)
    assert str(gap.value) == (
        "The prediction of October 2026 is about the next month, so the file of November 2026 shows who left; this "
        "file shows December 2026. Use the file of November 2026, or correct the month of a file."
    )
    with pytest.raises(FileRefused, match=r"the file of December 2026 .* shows September 2026 to March 2027\."):
        must_be_horizon_later("2026-10", ["2026-10", "2026-09", "2027-03"], 2)
    with pytest.raises(InvalidInput, match="12 months ahead; predictions of up to 3 months can be graded"):
        must_be_known_ahead(12)
    must_be_known_ahead(3)
    with pytest.raises(ValueError, match="is not 2 months after"):
        a_grading(horizon=2)


def test_each_month_has_one_grading_in_a_series() -> None:
    small = a_grading(id=GradingId("a"), figures=graded_figures(customers=900), at=at(minutes=9))
    old = a_grading(id=GradingId("b"))
    new = a_grading(id=GradingId("c"), at=at(minutes=1))
    source = GradingSource("may.csv", "0" * 64, "2026-05")
    april = a_grading(id=GradingId("d"), month="2026-04", source=source)
    assert [own.id for own in newest_per_month([small, new, old, april])] == ["d", "c"]


def evidence(**given: object) -> GradingEvidence:
    usual: dict[str, object] = {
        "month": "2026-10",
        "later": "2026-11",
        "customers": 10_000,
        "missing": 400,
        "expected_rate": 0.04,
    }
    return GradingEvidence(**(usual | given))  # type: ignore[arg-type]  # the values above have the fields' types


def test_files_that_lose_about_as_many_as_expected_are_sound() -> None:
    assert doubts(evidence(), (), FORMATS) == ()
    assert doubts(evidence(missing=799), (), FORMATS) == ()


def test_twice_as_many_missing_as_expected_are_doubtful() -> None:
    assert doubts(evidence(missing=800), (), FORMATS) == (
        (
            "8.0% of the customers of October 2026 are missing in the file of November 2026, and 4.0% were expected to "
            "leave: that file may lack customers."
        ),
    )
    assert doubts(evidence(missing=99, expected_rate=0.0), (), FORMATS) == ()  # less than a point
    assert doubts(evidence(customers=100, missing=8), (), FORMATS) == ()  # chance


def test_marked_and_missing_customers_together_are_doubtful() -> None:
    assert doubts(evidence(missing=19, marked=100, column="Churn"), (), FORMATS) == ()
    assert doubts(evidence(missing=20, marked=100, column="Churn"), (), FORMATS) == (
        (
            "In the file of November 2026, 20 customers are missing and 100 more are marked as having left by “Churn”. "
            "Both count as left; if the column says who will leave later, grade by missing customers alone."
        ),
    )


def test_own_leavers_and_vanished_values_are_doubtful() -> None:
    vanished = [Vanished("2026-10", "Region", "North", 50, 50)]
    found = doubts(evidence(own_leavers=7), vanished, FORMATS)
    assert found[0].startswith("The file of October 2026 marks 7 customers itself as having left.")
    assert found[1].startswith("All 50 customers of October 2026 with Region = “North” are missing")


def test_matrix_counts_of_the_answer() -> None:
    assert graded_figures(confusion=ConfusionMatrix(1, 2, 3, 4)).missed == 3
