"""Splitting a change of risk into other customers, values and model."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.risk_split import (
    AttributeSums,
    BaseRisk,
    Cause,
    PartKind,
    PartSums,
    RiskSplit,
    SplitSums,
    causes_of_both,
    mean_slope,
    risk_split,
    split_of_base,
    split_of_customer,
    split_sample,
)


def sums(*changes: tuple[dict[str, float], float, float], changed: dict[str, int] | None = None) -> SplitSums:
    """Sums over customers, each with its parts by attribute, that of unchanged values, and that of the model."""
    totals = [sum(parts.values()) + unchanged + model for parts, unchanged, model in changes]
    names = sorted({name for parts, _, _ in changes for name in parts})

    def part(values: list[float]) -> PartSums:
        products = [value * total for value, total in zip(values, totals, strict=True)]
        return PartSums(math.fsum(values), math.fsum(value**2 for value in values), math.fsum(products))

    return SplitSums(
        len(changes),
        part(totals),
        {
            name: AttributeSums(part([own.get(name, 0.0) for own, _, _ in changes]), (changed or {}).get(name, 1))
            for name in names
        },
        part([unchanged for _, unchanged, _ in changes]),
        part([model for _, _, model in changes]),
    )


def adds_up(split: RiskSplit) -> None:
    assert sum(own.units for own in split.causes) == split.units
    assert math.fsum(own.value for own in split.causes) == pytest.approx(split.change, abs=1e-9)
    for own in split.causes:
        if own.parts:
            assert sum(part.units for part in own.parts) == own.units
            assert math.fsum(part.value for part in own.parts) == pytest.approx(own.value, abs=1e-9)


@pytest.mark.parametrize(
    ("start", "end", "slope"),
    [
        (0.0, 0.0, 0.25),
        (2.0, 2.0, 0.10499358540350652),  # p(1 − p) at 2
        (-math.log(3.0), math.log(3.0), 0.22755980665670933),  # (¾ − ¼) / 2·ln 3
        (0.0, 1e-12, 0.25),
        (50.0, 50.0, 0.0),
        (-800.0, 900.0, 1.0 / 1700.0),
        (-800.0, -799.0, 0.0),
    ],
)
def test_the_mean_slope_of_the_logistic_function(start: float, end: float, slope: float) -> None:
    assert mean_slope(start, end) == pytest.approx(slope, rel=1e-12, abs=1e-300)
    assert mean_slope(end, start) == mean_slope(start, end)


@given(st.floats(-39.0, 39.0), st.floats(-39.0, 39.0))
def test_the_slope_times_the_difference_is_the_change_of_the_probability(start: float, end: float) -> None:
    change = 1.0 / (1.0 + math.exp(-end)) - 1.0 / (1.0 + math.exp(-start))
    assert mean_slope(start, end) * (end - start) == pytest.approx(change, abs=1e-12)
    assert 0.0 < mean_slope(start, end) <= 0.25


def test_a_customers_parts_add_up_in_the_digits_shown() -> None:
    own = sums(({"Contract": 0.2214, "MonthlyCharges": 0.0904, "tenure": -0.0012}, 0.0004, 0.1209))
    split = split_of_customer(0.1822, 0.6141, own, same_model=False)
    adds_up(split)
    assert (split.units_before, split.units_after, split.units) == (182, 614, 432)
    assert [(part.name, part.units) for part in split.attributes] == [
        (
            "Contract",
            222,
        ),  # 221.4, 90.4, −1.2 and 0.4 units: after −1, the largest part takes one
        ("MonthlyCharges", 90),
        ("tenure", -1),
    ]
    assert [(own.cause, own.units) for own in split.causes] == [(Cause.VALUES, 311), (Cause.MODEL, 121)]


def test_with_the_same_model_there_is_no_part_for_it() -> None:
    split = split_of_customer(0.2, 0.3, sums(({"Contract": 0.1}, 0.0, 0.0)), same_model=True)
    assert [own.cause for own in split.causes] == [Cause.VALUES]


def test_with_equal_values_all_of_the_change_is_the_models() -> None:
    split = split_of_customer(0.2, 0.3, sums(({}, 0.0, 0.1)), same_model=False)
    assert [(own.cause, own.value, own.units) for own in split.causes] == [
        (Cause.VALUES, 0.0, 0),
        (Cause.MODEL, pytest.approx(0.1), 100),
    ]


def test_opposite_parts_whose_sum_is_zero_are_shown_and_cancel() -> None:
    split = split_of_customer(0.5, 0.5, sums(({"Contract": 0.2, "tenure": -0.2}, 0.0, 0.0)), same_model=True)
    assert [(part.name, part.units) for part in split.attributes] == [("Contract", 200), ("tenure", -200)]
    assert split.units == 0


def test_what_scoring_again_does_not_give_is_a_part() -> None:
    split = split_of_customer(0.2, 0.35, sums(({"Contract": 0.1}, 0.0, 0.0)), same_model=True)
    assert [(part.kind, part.units) for part in split.causes[0].parts] == [
        (PartKind.ATTRIBUTE, 100),
        (PartKind.LEFTOVER, 50),
    ]


def test_without_sums_values_and_model_are_one_cause() -> None:
    split = split_of_customer(0.2, 0.35, None, same_model=False)
    assert [(own.cause, own.units, own.parts) for own in split.causes] == [(Cause.VALUES_AND_MODEL, 150, ())]


def test_the_eight_strongest_attributes_are_named_and_the_others_are_one_part() -> None:
    parts = {f"column {place}": 0.01 * place for place in range(1, 11)}
    split = split_of_customer(0.1, 0.65, sums((parts, 0.0, 0.0)), same_model=True)
    assert [part.name for part in split.attributes] == [f"column {place}" for place in range(10, 2, -1)]
    rest = split.causes[0].parts[-1]
    assert (rest.kind, rest.attributes, rest.units) == (PartKind.SMALLER, 2, 30)
    adds_up(split)


BASE = BaseRisk(4, 5, 3, mean_before=0.30, mean_after=0.40, both_before=0.26, both_after=0.35)


def test_a_bases_mean_is_split_into_other_customers_values_and_model() -> None:
    own = sums(({"Price": 0.06}, 0.0, 0.03), ({"Price": 0.06}, 0.0, 0.03), ({"Price": 0.06}, 0.0, 0.03))
    split = split_of_base(BASE, own, same_model=False)
    adds_up(split)
    assert [(own.cause, own.units) for own in split.causes] == [
        (Cause.OTHER_CUSTOMERS, 100),  # 5 points by those who joined, 4 points less by those who left
        (Cause.VALUES, 600),
        (Cause.MODEL, 300),
    ]
    assert [(part.kind, part.units) for part in split.causes[0].parts] == [
        (PartKind.JOINED, 500),
        (PartKind.LEFT, -400),
    ]


def test_the_same_customers_twice_give_exact_zeros() -> None:
    base = BaseRisk(2, 2, 2, 0.3, 0.3, 0.3, 0.3)
    split = split_of_base(base, sums(({}, 0.0, 0.0), ({}, 0.0, 0.0)), same_model=True)
    assert [(own.cause, own.value, own.units, own.parts) for own in split.causes] == [
        (Cause.OTHER_CUSTOMERS, 0.0, 0, ()),
        (Cause.VALUES, 0.0, 0, ()),
    ]


def test_without_common_customers_all_of_the_change_is_that_of_other_customers() -> None:
    split = split_of_base(BaseRisk(2, 3, 0, 0.2, 0.35), None, same_model=False)
    assert [(own.cause, own.units) for own in split.causes] == [(Cause.OTHER_CUSTOMERS, 1500)]


def test_a_sample_is_corrected_by_the_known_change_of_all_and_has_standard_errors() -> None:
    # y = 0.1, 0.3 of price and 0.1, 0.1 of the model; d = 0.2, 0.4, mean 0.3; all four changed by 0.35 on average.
    own = sums(({"Price": 0.1}, 0.0, 0.1), ({"Price": 0.3}, 0.0, 0.1))
    values, model = causes_of_both(own, in_both=4, change=0.35, same_model=False)
    # b is 1 for the price, so 0.2 + 0.05, without an error; and 0 for the model, which is the same for both
    assert [(part.name, part.value, part.error) for part in values.parts] == [
        ("Price", pytest.approx(0.25), pytest.approx(0.0, abs=1e-9))
    ]
    assert (model.value, model.error) == (pytest.approx(0.1), pytest.approx(0.0, abs=1e-9))


def test_the_standard_error_is_that_of_the_residuals_in_a_finite_population() -> None:
    # y = 0, 1, 0, 1 and d = 0, 0, 1, 1: no correlation, Σ(y − ȳ)² = 1, so √(1/(4 − 2) · (1 − 4/100) / 4) = 0.3464
    rows = [({"A": y, "B": d - y}, 0.0, 0.0) for y, d in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0))]
    (values,) = causes_of_both(sums(*rows), in_both=100, change=0.5, same_model=True)
    by_name = {part.name: part for part in values.parts}
    assert by_name["A"].error == pytest.approx(0.34641016151377546)
    assert by_name["B"].error == pytest.approx(0.34641016151377546)
    assert values.error is None, "the total is known"


def test_the_standard_error_of_smaller_changes_is_at_most_the_sum_of_theirs() -> None:
    rows = []
    for y, d in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)):
        small = {f"small {place}": y / 1000.0 for place in range(2)}
        rows.append(({f"large {place}": y for place in range(8)} | small | {"rest": d - 8.002 * y}, 0.0, 0.0))
    (values,) = causes_of_both(sums(*rows), in_both=100, change=0.5, same_model=True)
    smaller = values.parts[-1]
    assert (smaller.kind, smaller.attributes) == (PartKind.SMALLER, 3)
    # one large attribute with 0.3464, and two small ones with a thousandth of it
    assert smaller.error == pytest.approx(0.34641016151377546 * 1.002)


def test_a_sample_in_which_nothing_differs_leaves_the_rest_unexplained() -> None:
    (values,) = causes_of_both(sums(({}, 0.0, 0.0), ({}, 0.0, 0.0)), in_both=9, change=0.02, same_model=True)
    assert [(part.kind, part.value) for part in values.parts] == [(PartKind.LEFTOVER, 0.02)]


def test_causes_that_do_not_add_up_raise_an_error() -> None:
    values = causes_of_both(sums(({"A": 0.1}, 0.0, 0.0)), in_both=1, change=0.1, same_model=True)
    with pytest.raises(ValueError, match="do not add up"):
        risk_split(0.1, 0.3, values, decimals=1)


@pytest.mark.parametrize(("attributes", "customers"), [(0, 10_000), (20, 10_000), (200, 5_000), (2_000_000, 1)])
def test_fewer_customers_are_scored_again_for_files_with_many_columns(attributes: int, customers: int) -> None:
    assert split_sample(attributes) == customers


PARTS = st.dictionaries(st.sampled_from("abcdefghijklm"), st.floats(-0.04, 0.04), max_size=12)
ROWS = st.lists(st.tuples(PARTS, st.floats(-0.02, 0.02), st.floats(-0.1, 0.1)), min_size=1, max_size=5)


@given(st.floats(0.3, 0.6), ROWS, st.booleans(), st.integers(0, 40))
def test_parts_always_add_up(
    before: float, rows: list[tuple[dict[str, float], float, float]], same_model: bool, others: int
) -> None:
    rows = [(parts, unchanged, 0.0 if same_model else model) for parts, unchanged, model in rows]
    own = sums(*rows)
    in_both = len(rows) + others
    change = own.change.total / len(rows) + (0.01 if others else 0.0)
    after = before + change + 0.01
    base = BaseRisk(in_both + 2, in_both, in_both, before, after, both_before=before + 0.01, both_after=after)
    adds_up(split_of_base(base, own, same_model=same_model))


@given(PARTS, st.randoms(use_true_random=False))
def test_the_order_of_the_attributes_changes_nothing(parts: dict[str, float], random: object) -> None:
    names = list(parts)
    random.shuffle(names)  # type: ignore[attr-defined]  # Hypothesis has no type for it
    own = sums((parts, 0.0, 0.0))
    shuffled = SplitSums(1, own.change, {name: own.attributes[name] for name in names}, own.unchanged, own.model)
    after = 0.3 + own.change.total
    assert split_of_customer(0.3, after, shuffled, same_model=True) == split_of_customer(
        0.3, after, own, same_model=True
    )
