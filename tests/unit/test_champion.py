"""Which model versions become champion, and whose figures may be compared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.formatting.babel_formats import formats_without_currency
from domain.champion import comparison_words, must_be_promotable, reason_to_take_over
from domain.errors import Conflict
from domain.evaluation import Metric, RandomFolds
from domain.forward_validation import UnseenMonth
from domain.model import STARTER_ID, ModelVersion, is_starter
from tests.builders import a_model_version, an_evaluation

OWN, STARTER = a_model_version(id="v2"), a_model_version(id="v0", starter=True)
CHANCE = a_model_version(id="v3", evaluation=an_evaluation(metrics={"auc": Metric(0.52, 0.5, 0.54)}))
FIRST, OF_OWN = "the first model of this installation", "the first model of own customers"
AT_THE_START = "made at the first start, so that predictions are possible"


@pytest.mark.parametrize(
    ("version", "champion", "asked", "why"),
    [
        (OWN, None, False, FIRST),
        (STARTER, None, False, AT_THE_START),
        (OWN, STARTER, False, OF_OWN),
        (OWN, STARTER, True, OF_OWN),
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


def version_with(version: str, auc: float, *, random: float | None = None, sha: str = "same") -> ModelVersion:
    """A model with an AUC of unseen months and one of random folds, or with one of random folds only."""
    own = replace(an_evaluation(metrics={"auc": Metric(auc, auc - 0.01, auc + 0.01)}), months=(), random_folds=None)
    if random is not None:
        folds = RandomFolds({"auc": Metric(random, random - 0.01, random + 0.01)}, 100, 27, 27.0)
        own = replace(own, months=(UnseenMonth("2026-10", 100, 27, 29.0, 20.0, 38.0, 33.0),), random_folds=folds)
    return a_model_version(id=version, evaluation=own, data_sha256=sha)


def test_unseen_months_are_not_compared_with_random_folds() -> None:
    formats = formats_without_currency()
    champion = version_with("v1", 0.84)
    must_be_promotable(version_with("v2", 0.80, random=0.85), champion, force=False, reason="", formats=formats)
    with pytest.raises(Conflict, match=r"AUC 0\.820 against 0\.840"):
        must_be_promotable(version_with("v2", 0.86, random=0.82), champion, force=False, reason="", formats=formats)
    forward = version_with("v1", 0.84, random=0.70)
    with pytest.raises(Conflict, match=r"AUC 0\.800 against 0\.840"):
        must_be_promotable(version_with("v2", 0.80, random=0.85), forward, force=False, reason="", formats=formats)


@pytest.mark.parametrize(
    ("versions", "words"),
    [
        ([version_with("v1", 0.8)], "Train another to compare"),
        ([version_with("v1", 0.8), version_with("v2", 0.8)], "All from the same file, tested on the same customers"),
        (
            [version_with("v1", 0.8), version_with("v2", 0.8, sha="b")],
            "Figures from different files are not strictly comparable",
        ),
    ],
)
def test_whether_versions_are_comparable_is_said(versions: list[ModelVersion], words: str) -> None:
    assert comparison_words(versions) == words


def test_versions_of_one_file_that_were_tested_in_different_ways_are_not_comparable() -> None:
    words = comparison_words([version_with("v1", 0.8), version_with("v2", 0.8, random=0.8)])
    assert words.startswith("All from the same file. Figures of unseen months and of months that are mixed are not")
