"""What a neural training does with trained networks. Networks are drawn here: nothing needs Keras."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from adapters.ml.detection.labelled_file import detect
from adapters.ml.scoring.additive import AdditiveModel, LevelTerm, NumberTerm, PairTerm
from adapters.ml.scoring.encoding import Vocabulary
from adapters.ml.training.learning_data import learning_data
from adapters.ml.training.neural import fitting
from adapters.ml.training.neural.assembling import assembled, purify, with_steps
from adapters.ml.training.neural.encoding import Encoding, encodings_of, network_inputs
from adapters.ml.training.neural.fitting import sampled
from adapters.ml.training.neural.pairs import Grid, bin_edges, promising_pairs
from adapters.ml.training.neural.pieces import Network, mean_pieces, straight_pieces
from domain.training import TrainingRequest
from tests.unit.ml.files import a_table, customers


def a_network(width: int, *, seed: int, hidden: tuple[int, ...] = (32, 16)) -> Network:
    draw = np.random.default_rng(seed)
    layers, before = [], width
    for units in hidden:
        layers.append((draw.normal(0, 1, (before, units)), draw.normal(0, 0.5, units)))
        before = units
    return Network(tuple(layers), draw.normal(0, 0.3, before), 0.2)


def numbers(rows: int = 3000) -> np.ndarray:
    own = np.random.default_rng(1).gamma(2.0, 20.0, rows).astype(np.float32)
    own[::10] = np.nan
    return own


def the_encoding(own: np.ndarray) -> Encoding:
    churned = np.zeros(len(own), bool)
    return encodings_of(Vocabulary(("x",), (None,)), own[:, None], churned)[0]


@pytest.mark.parametrize("hidden", [(8,), (32, 16), (8, 8, 8)])
def test_pieces_are_the_network_itself(hidden: tuple[int, ...]) -> None:
    own = numbers()
    encoding = the_encoding(own)
    assert encoding.knots is not None
    network = a_network(encoding.width, seed=2, hidden=hidden)
    points, values = straight_pieces(network, encoding.knots, encoding.table[:-1])
    at = np.random.default_rng(5).uniform(np.nanmin(own), np.nanmax(own), 5000).astype(np.float32)
    np.testing.assert_allclose(np.interp(at, points, values), network.of(encoding.of(at)), atol=1e-9)
    assert len(points) > len(encoding.knots)


def test_the_mean_of_networks_is_the_mean_of_their_pieces() -> None:
    own = numbers()
    encoding = the_encoding(own)
    assert encoding.knots is not None
    networks = [a_network(encoding.width, seed=seed) for seed in range(5)]
    points, values = mean_pieces(networks, encoding.knots, encoding.table[:-1])
    known = own[~np.isnan(own)]
    expected = np.mean([network.of(encoding.of(known)) for network in networks], axis=0)
    np.testing.assert_allclose(np.interp(known, points, values), expected, atol=1e-5)
    assert np.diff(points).min() > 1e-7 * (points[-1] - points[0])


def test_a_constant_number_is_one_point() -> None:
    encoding = the_encoding(np.full(20, 3.0, np.float32))
    assert encoding.knots is not None
    points, values = mean_pieces([a_network(encoding.width, seed=1)], encoding.knots, encoding.table[:-1])
    assert (points.tolist(), len(values)) == ([3.0], 1)


def test_a_number_enters_by_its_place_between_knots() -> None:
    own = np.array([0.0] * 5 + [10.0] * 5 + [30.0] * 3, np.float32)
    encoding = the_encoding(own)
    assert encoding.knots is not None
    assert encoding.knots.tolist() == [0.0, 10.0, 30.0]
    encoded = encoding.of(np.array([-5, 5, 10, 20, 99, np.nan], np.float32))
    assert encoded.tolist() == [[0, 0, 0], [0.5, 0, 0], [1, 0, 0], [1, 0.5, 0], [1, 1, 0], [0, 0, 1]]
    assert encoding.seen.tolist() == [True, True, True, False]


def test_the_log_odds_of_a_level_do_not_use_a_rows_own_label() -> None:
    draw = np.random.default_rng(7)
    codes = draw.integers(0, 40, (2000, 1)).astype(np.float32)
    vocabulary, churned = Vocabulary(("town",), (tuple(map(str, range(40))),)), draw.random(2000) < 0.3
    encodings = encodings_of(vocabulary, codes, churned)
    assert encodings[0].width == 2
    inputs = network_inputs(encodings, codes, churned, seed=1)[:, 0, 0]
    own, other = np.corrcoef(encodings[0].of(codes[:, 0])[:, 0], churned)[0, 1], np.corrcoef(inputs, churned)[0, 1]
    assert own > 0.08 > 0.05 > other, "levels mean nothing here, so only a row's own label could tell"


# ---------------------------------------------------------------------------------------- one model of all functions


def two_attributes() -> tuple[np.ndarray, AdditiveModel]:
    """Dependent attributes of 300 customers, and their model before anything is centred."""
    draw = np.random.default_rng(4)
    months = draw.integers(0, 41, 300).astype(np.float32)
    plan = (draw.random(300) < 0.2 + 0.015 * months).astype(np.float32)
    months[::9] = np.nan
    term = NumberTerm(
        np.array([0.0, 10.0]), np.array([1.0, 0.4]), np.array([-0.06, 0.01]), 40.0, 0.3, np.array([12.0, 24.0])
    )
    pair = PairTerm(0, 1, draw.normal(0, 1, (4, 4)))
    return np.stack([months, plan], axis=1), AdditiveModel(
        -0.7, (term, LevelTerm(np.array([0.5, -0.5, 9, 9]))), (pair,)
    )


def test_an_assembled_model_has_the_same_margins_and_the_mean_as_its_base() -> None:
    codes, raw = two_attributes()
    model = assembled(raw.base_value, raw.terms, raw.pairs, codes)
    contributions, margins = model.explain(codes)
    np.testing.assert_allclose(margins, raw.explain(codes)[1], atol=1e-12)
    assert model.base_value == pytest.approx(float(margins.mean()), abs=1e-12)
    np.testing.assert_allclose(contributions.mean(axis=0), 0.0, atol=1e-12)


def test_contributions_are_shapley_values_with_the_training_customers_as_background() -> None:
    """By the definition: attributes that are not in a subset take the values of each training customer in turn."""
    codes, raw = two_attributes()
    model = assembled(raw.base_value, raw.terms, raw.pairs, codes)

    def value(customer: np.ndarray, known: tuple[bool, bool]) -> float:
        mixed = codes.copy()
        for place in (0, 1):
            if known[place]:
                mixed[:, place] = customer[place]
        return float(raw.explain(mixed)[1].mean())

    for customer in (codes[0], codes[17], codes[123], np.array([39.0, 0.0], np.float32)):
        v = {known: value(customer, known) for known in product((False, True), repeat=2)}
        first = (v[True, False] - v[False, False] + v[True, True] - v[False, True]) / 2
        second = (v[False, True] - v[False, False] + v[True, True] - v[True, False]) / 2
        assert model.explain(customer[None])[0][0].tolist() == pytest.approx([first, second], abs=1e-12)


def test_a_purified_table_adds_nothing_on_average_over_either_attribute() -> None:
    table, first, second = np.array([[1.0, 3.0], [5.0, 1.0]]), np.array([0.25, 0.75]), np.array([0.5, 0.5])
    pure, rows, columns, mean = purify(table, first, second)
    assert (mean, rows.tolist(), columns.tolist()) == (2.75, [-0.75, 0.25], [1.25, -1.25])
    assert pure.tolist() == [[-2.25, 2.25], [0.75, -0.75]]


def test_what_no_training_row_has_contributes_nothing() -> None:
    codes, raw = two_attributes()
    model = assembled(raw.base_value, raw.terms, raw.pairs, codes)
    unseen = np.array([[20, 2], [20, np.nan]], np.float32)
    contributions = model.explain(unseen)[0]
    joint = model.explain(codes)[1].mean() - model.base_value
    assert joint == pytest.approx(0.0, abs=1e-12)
    assert contributions[0].tolist() == contributions[1].tolist()
    assert abs(contributions[0, 1]) < 0.2, "only the pair's mean over the customers, which both share"


def test_steps_are_added_in_their_bins() -> None:
    term = NumberTerm(np.array([0.0]), np.array([1.0]), np.array([0.5]), 10.0, 0.0, np.array([2.0, 4.0]))
    stepped = with_steps(term, np.array([10.0, 20.0, 30.0, 5.0]))
    at = np.array([0, 1, 2, 3, 4, 10, np.nan], np.float32)
    assert stepped.of(at).tolist() == [11.0, 11.5, 22.0, 22.5, 33.0, 36.0, 5.0]
    levels = with_steps(LevelTerm(np.array([1.0, 2.0, 0.0, 0.0])), np.array([0.5, 0.25, 0.0, 0.0]))
    assert levels.of(np.array([0, 1], np.float32)).tolist() == [1.5, 2.25]


# ------------------------------------------------------------------------------------------------------------- pairs


def test_bins_begin_at_numbers_that_occur() -> None:
    assert bin_edges(np.array([5.0] * 10, np.float32)).tolist() == []
    assert bin_edges(np.array([0.0] * 11 + [1.0], np.float32)).tolist() == [1.0]
    assert bin_edges(np.full(3, np.nan, np.float32)).tolist() == []


def test_the_pair_that_decides_together_is_found() -> None:
    draw = np.random.default_rng(2)
    first, second, third = (draw.integers(0, 3, 6000) for _ in range(3))
    log_odds = 1.2 * ((first == 1) ^ (third == 2)) - 0.6
    churned = draw.random(6000) < 1.0 / (1.0 + np.exp(-log_odds))
    grids = {place: Grid(own, np.eye(3)) for place, own in enumerate((first, second, third))}
    rates = np.full(6000, np.log(churned.mean() / (1 - churned.mean())))
    assert promising_pairs(grids, rates, churned, most=1) == [(0, 2)]
    wide = grids | {3: Grid(first, np.eye(17))}
    assert all(3 not in pair for pair in promising_pairs(wide, rates, churned, most=9))


def test_large_files_are_fitted_on_a_sample_of_whole_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    data = learning_data(detect(a_table(customers(400)), TrainingRequest(seed=1), None))
    grouped = replace(data, groups=replace(data.groups, of_row=np.arange(400) // 4))
    assert sampled(grouped, seed=1) is grouped
    monkeypatch.setattr(fitting, "MAX_ROWS", 200)
    some = sampled(grouped, seed=1)
    assert 100 < some.rows < 300
    assert set(np.bincount(some.groups.of_row).tolist()) == {0, 4}
    assert sampled(grouped, seed=1).codes.tobytes() == some.codes.tobytes()
