"""A recommender on columns gives, bit for bit, what the domain gives row by row."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.formatting.babel_formats import formats_without_currency
from adapters.ml.scoring.recommender import ColumnarRecommender
from application.ports.columns import CustomerBatch, ScoredBatch
from application.ports.models import Recommender
from domain.playbook import Action, Comparison, Condition, Playbook
from domain.prediction import Reason
from domain.recommendation import Economics, leave_alone, ranked_actions
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.vocabulary.tenure import TenureUnit

LEVELS = ("Yes", "No", "Month-to-month", "One year", "fiber OPTIC", "")
SCHEMA = CustomerSchema(
    columns=(
        Column("Contract", ColumnKind.CATEGORICAL, levels=LEVELS),
        Column("tenure", ColumnKind.NUMERIC),
        Column("SeniorCitizen", ColumnKind.BOOLEAN, levels=("No", "Yes")),
        Column("MonthlyCharges", ColumnKind.NUMERIC),
        Column("Internet Type", ColumnKind.CATEGORICAL),
    ),
    revenue_column="MonthlyCharges",
    tenure_column="tenure",
    tenure_unit=TenureUnit.MONTHS,
)
SPELLINGS = ("contract", "Tenure", "senior_citizen", "monthly charges", "InternetType", "Nothing like it", "*")

money = st.floats(0, 300, allow_nan=False).map(lambda x: round(x, 2))
conditions = st.builds(
    Condition,
    attributes=st.lists(st.sampled_from(SPELLINGS), min_size=1, max_size=3).map(tuple),
    test=st.sampled_from(Comparison),
    levels=st.lists(st.sampled_from(LEVELS), max_size=3).map(tuple),
    limit=st.none() | st.floats(-5, 120),
)
actions = st.builds(
    Action,
    id=st.just("x"),
    name=st.just("An action"),
    message=st.just("Stay."),
    answers=st.lists(conditions, min_size=1, max_size=3).map(tuple),
    requires=st.lists(conditions, max_size=2).map(tuple),
    offer_fixed=money,
    offer_share=st.floats(0, 0.5),
    offer_months=st.sampled_from((0.0, 3.0, 12.0)),
    contact_cost=st.floats(0, 10),
    save_rate=st.floats(0, 1),
)
economics = st.builds(Economics, customer_value=st.floats(1, 1000), margin=st.floats(0.01, 1))


def playbook_of(made: list[Action]) -> Playbook:
    return Playbook(1, tuple(replace(action, id=f"a{place}") for place, action in enumerate(made)))


def batch_of(seed: int, rows: int, *, without: str | None = None) -> tuple[CustomerBatch, ScoredBatch]:
    """Random customers: some values missing, some tied, some reasons absent."""
    random = np.random.default_rng(seed)

    def numbers(high: float) -> pa.Array:
        return pa.array(np.round(random.uniform(-5, high, rows), 1), mask=random.random(rows) < 0.2)

    def texts(levels: tuple[str, ...]) -> pa.Array:
        codes = pa.array(random.integers(0, len(levels), rows), pa.int32(), mask=random.random(rows) < 0.2)
        return pa.DictionaryArray.from_arrays(codes, pa.array(levels))

    columns = {
        "row": pa.array(range(1, rows + 1), pa.int64()),
        "a:Contract": texts(LEVELS),
        "a:tenure": numbers(72),
        "a:SeniorCitizen": texts(("No", "Yes")),
        "a:MonthlyCharges": numbers(120),
        "a:Internet Type": texts(("Fiber optic", "DSL", "No")),
    }
    columns.pop(without or "", None)
    raises = np.array([random.permutation(5)[:3] for _ in range(rows)], dtype=np.int16).reshape(rows, 3)
    raises[np.arange(3)[None, :] >= random.integers(0, 4, rows)[:, None]] = -1
    probability = np.round(random.random(rows), random.integers(1, 15))
    zeros = np.zeros(rows)
    scored = ScoredBatch(rows, 0.0, probability, zeros, np.ones((rows, 5), np.float32), raises, raises)
    return CustomerBatch(rows, pa.record_batch(columns)), scored


def row_by_row(
    batch: CustomerBatch,
    scored: ScoredBatch,
    playbook: Playbook,
    money: Economics,
    schema: CustomerSchema = SCHEMA,
) -> tuple[list[str], list[float]]:
    """What the domain says of each customer."""
    ids, gains = [], []
    for place, cells in enumerate(batch.data.to_pylist()):
        values = {name.removeprefix("a:"): cells[name] for name in cells if name.startswith("a:")}
        positions = [int(position) for position in scored.raises[place] if position >= 0]
        raising = [Reason(name, values.get(name), 1.0) for name in (SCHEMA.names[p] for p in positions)]
        ranked = ranked_actions(
            playbook,
            probability=float(scored.probability[place]),
            raising=raising,
            attributes=values,
            schema=schema,
            monthly_revenue=values.get("MonthlyCharges"),
            economics=money,
            formats=formats_without_currency(),
        )
        best = ranked[0] if ranked and ranked[0].worth_contacting else leave_alone()
        ids.append(best.action_id)
        gains.append(best.expected_gain)
    return ids, gains


def ids_of(places: np.ndarray, playbook: Playbook) -> list[str]:
    return [playbook.actions[place].id if place >= 0 else "leave-alone" for place in places]


@pytest.fixture(params=[ColumnarRecommender])
def recommender(request: pytest.FixtureRequest) -> Recommender:
    return request.param()


SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=150, deadline=None)
@given(
    made=st.lists(actions, max_size=8),
    money=economics,
    seed=SEEDS,
    rows=st.integers(0, 40),
    unit=st.sampled_from(TenureUnit),
)
def test_columns_and_rows_agree_bit_for_bit(
    made: list[Action], money: Economics, seed: int, rows: int, unit: TenureUnit
) -> None:
    playbook, (batch, scored) = playbook_of(made), batch_of(seed, rows)
    schema = replace(SCHEMA, tenure_unit=unit)
    recommended = ColumnarRecommender().recommend(batch, scored, schema=schema, playbook=playbook, economics=money)
    ids, gains = row_by_row(batch, scored, playbook, money, schema)
    assert ids_of(recommended.action, playbook) == ids
    assert recommended.gain.tolist() == gains


@settings(max_examples=60, deadline=None)
@given(made=st.lists(actions, min_size=1, max_size=3), order=st.lists(st.integers(0, 2), min_size=2), seed=SEEDS)
def test_columns_and_rows_agree_where_gains_are_equal(made: list[Action], order: list[int], seed: int) -> None:
    """Every action stands in the playbook several times, so that most customers have ties."""
    playbook, (batch, scored) = playbook_of([made[place % len(made)] for place in order]), batch_of(seed, 30)
    recommended = ColumnarRecommender().recommend(
        batch, scored, schema=SCHEMA, playbook=playbook, economics=Economics()
    )
    ids, gains = row_by_row(batch, scored, playbook, Economics())
    assert (ids_of(recommended.action, playbook), recommended.gain.tolist()) == (ids, gains)


@settings(max_examples=30, deadline=None)
@given(made=st.lists(actions, max_size=6), seed=SEEDS, lost=st.sampled_from(SCHEMA.names))
def test_a_column_the_file_does_not_have_is_missing_for_all(made: list[Action], seed: int, lost: str) -> None:
    playbook, (batch, scored) = playbook_of(made), batch_of(seed, 30, without=f"a:{lost}")
    recommended = ColumnarRecommender().recommend(
        batch, scored, schema=SCHEMA, playbook=playbook, economics=Economics()
    )
    ids, gains = row_by_row(batch, scored, playbook, Economics())
    assert (ids_of(recommended.action, playbook), recommended.gain.tolist()) == (ids, gains)


def test_a_playbook_longer_than_a_pass_is_searched_to_its_end(recommender: Recommender) -> None:
    poor = Action("x", "Poor", "Stay.", (Condition(("*",)),), offer_fixed=50.0)
    made = [poor] * 63 + [replace(poor, offer_fixed=9.0)] + [poor] * 80 + [replace(poor, offer_fixed=1.0)] * 2
    playbook, (batch, scored) = playbook_of(made), batch_of(7, 300)
    recommended = recommender.recommend(batch, scored, schema=SCHEMA, playbook=playbook, economics=Economics())
    assert ids_of(recommended.action, playbook) == row_by_row(batch, scored, playbook, Economics())[0]
    assert set(recommended.action.tolist()) == {-1, 144}


def test_equal_gains_go_to_the_first_action_of_the_playbook(recommender: Recommender) -> None:
    action = Action("x", "The same", "Stay.", (Condition(("*",)),), save_rate=0.9)
    playbook, (batch, scored) = playbook_of([action] * 3), batch_of(3, 50)
    recommended = recommender.recommend(batch, scored, schema=SCHEMA, playbook=playbook, economics=Economics())
    assert set(recommended.action.tolist()) == {-1, 0}


def test_an_empty_playbook_recommends_no_action(recommender: Recommender) -> None:
    batch, scored = batch_of(1, 5)
    recommended = recommender.recommend(batch, scored, schema=SCHEMA, playbook=Playbook(1, ()), economics=Economics())
    assert (recommended.action.tolist(), recommended.gain.tolist()) == ([-1] * 5, [0.0] * 5)


def test_revenue_comes_back_with_unknown_as_nan(recommender: Recommender) -> None:
    batch, scored = batch_of(2, 40)
    recommended = recommender.recommend(batch, scored, schema=SCHEMA, playbook=Playbook(1, ()), economics=Economics())
    expected = batch.data.column("a:MonthlyCharges").to_pylist()
    assert [None if revenue != revenue else revenue for revenue in recommended.revenue.tolist()] == expected


def test_the_first_playbook_is_valid_and_agrees_row_by_row(recommender: Recommender) -> None:
    playbook = first_playbook()
    batch, scored = batch_of(11, 500)
    recommended = recommender.recommend(batch, scored, schema=SCHEMA, playbook=playbook, economics=Economics())
    ids, gains = row_by_row(batch, scored, playbook, Economics())
    assert (ids_of(recommended.action, playbook), recommended.gain.tolist()) == (ids, gains)


def first_playbook() -> Playbook:
    path = Path(__file__).parents[2] / "migrations" / "seed" / "playbook_1.json"
    stored = json.loads(path.read_text(encoding="utf-8"))
    return Playbook(stored["version"], tuple(action_from(entry) for entry in stored["actions"]))


def action_from(entry: dict) -> Action:
    kept = {name: [condition_from(c) for c in entry[name]] for name in ("answers", "requires")}
    return Action(**{**entry, **{name: tuple(values) for name, values in kept.items()}})


def condition_from(entry: dict) -> Condition:
    return Condition(tuple(entry["attributes"]), Comparison(entry["test"]), tuple(entry["levels"]), entry["limit"])
