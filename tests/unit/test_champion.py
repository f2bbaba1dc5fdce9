"""When a newly trained model takes over by itself."""

from __future__ import annotations

import pytest

from adapters.formatting.babel_formats import formats_without_currency
from domain.champion import must_be_promotable, reason_to_take_over
from domain.errors import Conflict
from domain.evaluation import Metric
from domain.model import STARTER_ID, ModelVersion, is_starter
from tests.builders import a_model_version, an_evaluation

OWN, STARTER = a_model_version(id="v2"), a_model_version(id="v0", starter=True)
CHANCE = a_model_version(id="v3", evaluation=an_evaluation(metrics={"auc": Metric(0.52, 0.5, 0.54)}))
FIRST = "the first model of this installation"


@pytest.mark.parametrize(
    ("version", "champion", "asked", "why"),
    [
        (OWN, None, False, FIRST),
        (STARTER, None, False, FIRST),
        (OWN, STARTER, False, FIRST),
        (OWN, STARTER, True, FIRST),
        (STARTER, STARTER, False, None),
        (STARTER, a_model_version(id="v1"), False, None),
        (OWN, a_model_version(id="v1"), False, None),
        (OWN, a_model_version(id="v1"), True, "asked for with the training"),
        (CHANCE, None, False, FIRST),
        (CHANCE, STARTER, False, None),
        (CHANCE, OWN, True, None),
    ],
)
def test_the_first_model_and_the_first_own_model_become_champion(
    version: ModelVersion, champion: ModelVersion | None, asked: bool, why: str | None
) -> None:
    assert reason_to_take_over(version, champion, asked=asked) == why


def test_the_starter_model_is_v0() -> None:
    assert STARTER_ID == "v0"
    assert [is_starter(version) for version in ("v0", "v1", "v00", "")] == [True, False, False, False]


def test_a_model_no_better_than_chance_is_promoted_only_with_a_reason() -> None:
    formats = formats_without_currency()
    with pytest.raises(Conflict, match=r"Model v3: It is no better than chance.*AUC 0\.520, 95% interval 0\.500 to 0"):
        must_be_promotable(CHANCE, STARTER, force=False, reason="", formats=formats)
    with pytest.raises(Conflict):
        must_be_promotable(CHANCE, STARTER, force=True, reason=" ", formats=formats)
    must_be_promotable(CHANCE, STARTER, force=True, reason="to compare it", formats=formats)
