"""Levels of months: what happened in them beyond what the customers' attributes explain."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.ml.training.month_levels import levels_of

CHURNED = np.array([True, False, False, False] * 100)


def test_a_level_is_the_log_odds_that_the_attributes_miss() -> None:
    months = np.array(["2026-02"] * 200 + ["2026-01"] * 200)
    log_odds = np.where(months == "2026-01", np.log(1 / 3), 0.0)
    first, second = levels_of(log_odds, CHURNED, months)
    assert (first.month, second.month) == ("2026-01", "2026-02")
    assert (first.level, second.level) == (pytest.approx(0.0, abs=1e-9), pytest.approx(-1.098612, abs=1e-6))
    assert (first.variance, second.variance) == (pytest.approx(1 / 37.5), pytest.approx(1 / 37.5))


def test_months_without_a_name_or_with_one_class_have_no_level() -> None:
    months = np.array(["2026-01"] * 200 + [""] * 100 + ["2026-02"] * 100)
    churned = CHURNED & (months != "2026-02")
    assert [own.month for own in levels_of(np.zeros(400), churned, months)] == ["2026-01"]
