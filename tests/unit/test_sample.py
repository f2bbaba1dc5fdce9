"""Made-up customers: shape, rules between columns, months, rates, and the same seed giving the same file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from adapters.ml.sample_customers import (
    COLUMNS,
    EXTRAS,
    MadeUpCustomers,
    churn_log_odds,
    customers_like_a_telecoms,
    identifiers,
    month_effect,
)
from domain.errors import InvalidInput


def written(path: Path, **asked: object) -> pd.DataFrame:
    MadeUpCustomers().write(path, **{"rows": 4000, "seed": 5, **asked})
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return written(tmp_path_factory.mktemp("sample") / "s.csv", rows=70_000)


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return written(tmp_path_factory.mktemp("sample") / "p.csv", rows=48_005, months=12, last_month="2026-03")


def test_a_snapshot_has_the_common_layout_and_exactly_the_rows_asked_for(snapshot: pd.DataFrame) -> None:
    assert list(snapshot.columns) == ["customerID", *COLUMNS, "Churn"]
    assert len(snapshot) == 70_000


def test_about_a_quarter_leave(snapshot: pd.DataFrame) -> None:
    assert 0.25 < (snapshot["Churn"] == "Yes").mean() < 0.275


def test_ids_look_real_and_are_unique(snapshot: pd.DataFrame) -> None:
    assert snapshot["customerID"].is_unique
    assert snapshot["customerID"].str.fullmatch(r"\d{4}-[B-DF-HJ-NP-TV-XZ]{5}").all()


def test_ids_are_unique_in_samples_of_any_size() -> None:
    numbers = np.concatenate([np.arange(200_000), np.arange(10**9, 10**9 + 200_000)])
    assert len(set(identifiers(numbers, 3).to_pylist())) == 400_000


def test_without_internet_there_are_no_extras_and_without_telephone_no_lines(snapshot: pd.DataFrame) -> None:
    offline = snapshot["InternetService"] == "No"
    for name in EXTRAS:
        assert ((snapshot[name] == "No internet service") == offline).all()
    silent = snapshot["PhoneService"] == "No"
    assert ((snapshot["MultipleLines"] == "No phone service") == silent).all()
    assert (snapshot.loc[silent, "InternetService"] == "DSL").all()


def test_total_charges_follow_tenure_and_are_blank_before_the_first_bill(snapshot: pd.DataFrame) -> None:
    unbilled = snapshot["tenure"] == 0
    assert unbilled.any()
    assert (snapshot["TotalCharges"].isna() == unbilled).all()
    billed = snapshot[~unbilled]
    expected = billed["tenure"] * billed["MonthlyCharges"]
    assert ((billed["TotalCharges"] / expected - 1).abs() < 0.11).all()
    first = billed[billed["tenure"] == 1]
    assert (first["TotalCharges"] == first["MonthlyCharges"]).all()


def test_values_lie_in_realistic_ranges(snapshot: pd.DataFrame) -> None:
    assert snapshot["tenure"].between(0, 72).all()
    assert snapshot["MonthlyCharges"].between(18, 125).all()
    assert set(snapshot["SeniorCitizen"]) == {0, 1}


def test_the_best_possible_auc_is_high_but_below_one() -> None:
    random = np.random.default_rng(1)
    log_odds = churn_log_odds(customers_like_a_telecoms(random, 60_000))
    left = random.random(60_000) < 1 / (1 + np.exp(-log_odds - random.normal(0, 0.35, 60_000)))
    assert 0.845 < roc_auc_score(left, log_odds) < 0.875


@pytest.mark.parametrize("months", [None, 3])
def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path, months: int | None) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        MadeUpCustomers().write(tmp_path / name, rows=2000, seed=seed, months=months)
    first, same, other = ((tmp_path / name).read_bytes() for name in "abc")
    assert first == same
    assert first != other


@pytest.mark.parametrize("months", [None, 3])
def test_an_unlabelled_file_is_the_labelled_one_without_its_last_column(tmp_path: Path, months: int | None) -> None:
    labelled = written(tmp_path / "l.csv", months=months)
    unlabelled = written(tmp_path / "u.csv", months=months, labelled=False)
    pd.testing.assert_frame_equal(labelled.drop(columns="Churn"), unlabelled)


def test_months_follow_one_another_up_to_the_last(panel: pd.DataFrame) -> None:
    assert list(panel.columns[:2]) == ["customerID", "SnapshotMonth"]
    sizes = panel.groupby("SnapshotMonth").size()
    assert len(panel) == 48_005
    assert list(sizes.index) == [f"2025-{m:02d}" for m in range(4, 13)] + ["2026-01", "2026-02", "2026-03"]
    assert sizes.max() - sizes.min() <= 1
    assert panel["SnapshotMonth"].is_monotonic_increasing


def test_a_customer_occurs_once_a_month_and_leavers_do_not_return(panel: pd.DataFrame) -> None:
    assert not panel.duplicated(["customerID", "SnapshotMonth"]).any()
    last_seen = panel.groupby("customerID")["SnapshotMonth"].transform("max")
    assert (panel.loc[panel["Churn"] == "Yes", "SnapshotMonth"] == last_seen[panel["Churn"] == "Yes"]).all()


def test_remaining_customers_are_a_month_older_and_have_paid_more(panel: pd.DataFrame) -> None:
    before, after = (panel[panel["SnapshotMonth"] == month] for month in ("2026-01", "2026-02"))
    both = before.merge(after, on="customerID", suffixes=("", "_later"))
    assert len(both) > 2500
    assert (both["tenure_later"] == both["tenure"] + 1).all()
    assert (both["TotalCharges_later"] > both["TotalCharges"].fillna(0)).all()


def test_drift_moves_the_churn_rate_further_from_month_to_month(tmp_path: Path) -> None:
    rates = {
        drift: written(tmp_path / f"{drift}.csv", rows=24_000, months=6, drift=drift)
        .assign(left=lambda frame: frame["Churn"] == "Yes")
        .groupby("SnapshotMonth")["left"]
        .mean()
        .tolist()
        for drift in (-0.2, 0.0, 0.2)
    }
    assert rates[-0.2][0] == rates[0.0][0] == rates[0.2][0]
    assert rates[-0.2][-1] < rates[0.0][-1] - 0.08
    assert rates[0.2][-1] > rates[0.0][-1] + 0.1


def test_a_sample_without_months_cannot_drift(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="Only a sample with months can drift"):
        MadeUpCustomers().write(tmp_path / "s.csv", rows=10, seed=1, drift=0.1)


def test_the_churn_rate_moves_with_the_months(panel: pd.DataFrame) -> None:
    rates = (panel["Churn"] == "Yes").groupby(panel["SnapshotMonth"]).mean()
    assert 0.20 < rates.min() < 0.25
    assert 0.27 < rates.max() < 0.32
    assert month_effect("2026-01", 0, 1) > 0 > month_effect("2026-07", 0, 1)


@pytest.mark.parametrize(
    "asked",
    [{"rows": 0}, {"rows": 3, "months": 4}, {"months": 0}, {"months": 2, "last_month": "2026-13"}],
)
def test_impossible_samples_are_rejected(tmp_path: Path, asked: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        written(tmp_path / "x.csv", **asked)
    assert not (tmp_path / "x.csv").exists()


def test_a_single_row_can_be_made(tmp_path: Path) -> None:
    assert len(written(tmp_path / "one.csv", rows=1)) == 1
    assert len(written(tmp_path / "two.csv", rows=2, months=2)) == 2
