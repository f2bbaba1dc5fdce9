"""What a model cannot know."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.formatting.babel_formats import formats_without_currency
from domain.evaluation import Metric, SegmentQuality
from domain.model_limits import chance_sentence, limits_of
from tests.builders import a_model_version, a_schema, an_evaluation


def test_limits_say_what_follows_from_the_facts() -> None:
    weak = SegmentQuality("Contract", "Two year", 1695, 48, 0.03, 0.70)
    few = SegmentQuality("Contract", "One year", 37, 4, 0.1, None)
    columns = (replace(a_schema().columns[0], missing_rate=0.4), *a_schema().columns[1:])
    model = a_model_version(
        rows=500,
        churned=120,
        schema=a_schema(month_column=None, columns=columns),
        evaluation=an_evaluation(segments=(weak, few)),
    )
    limits = " ".join(limits_of(model, formats_without_currency()))

    assert "It predicts the next quarter only" in limits
    assert "One snapshot without months" in limits
    assert "Only 120 of its 500 customers left" in limits
    assert "Where contract is Two year it tells leavers apart less well: AUC 0.700" in limits
    assert "Only 37 customers had contract One year" in limits
    assert "Tenure was empty for 40% of customers" in limits
    assert "not what causes churn" in limits


def test_a_model_of_generated_customers_says_so_first() -> None:
    assert limits_of(a_model_version(starter=True), formats_without_currency())[0].startswith(
        "It learned from generated customers"
    )
    assert "generated" not in " ".join(limits_of(a_model_version(), formats_without_currency()))


@pytest.mark.parametrize(
    ("auc", "better"),
    [
        (Metric(0.6, 0.501, 0.7), True),
        (Metric(0.6, 0.5, 0.7), False),
        (Metric(0.4, 0.3, 0.45), False),
        (Metric(0.501), True),
        (Metric(0.5), False),
    ],
)
def test_a_model_beats_chance_if_its_whole_interval_does(auc: Metric, better: bool) -> None:
    assert an_evaluation(metrics={"auc": auc}).beats_chance is better


def test_a_model_no_better_than_chance_says_so() -> None:
    model = a_model_version(evaluation=an_evaluation(metrics={"auc": Metric(0.512, 0.478, 0.546)}, segments=()))
    sentence = (
        "It is no better than chance: among customers it did not learn from, it does not tell those who leave from "
        "those who stay (AUC 0.512, 95% interval 0.478 to 0.546; a coin toss has 0.5)."
    )
    assert chance_sentence(model.evaluation, formats_without_currency()) == sentence
    assert sentence in limits_of(model, formats_without_currency())
    assert chance_sentence(an_evaluation(), formats_without_currency()) is None
