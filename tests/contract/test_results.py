"""One promise, two stores: in memory and in Parquet files."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from adapters.results.store import ParquetResults
from application.ports.columns import CustomerBatch, RecommendedBatch, ScoredBatch
from application.ports.intake import IntakeReport
from application.ports.results import AttributeFilter, CustomerQuery, ResultStore
from domain.errors import CustomerNotFound, InvalidInput, ResultMissing
from domain.prediction import BandLimits, RiskBand
from domain.recommendation import Action, Condition, Playbook
from domain.run import ColumnReport, RunId, RunSummary
from domain.schema import Column, ColumnKind, CustomerSchema
from tests.fakes.results import CountingJudge, InMemoryResults

OTHER = RunId("01970000-0000-7000-8000-000000000002")
RUN = RunId("01970000-0000-7000-8000-000000000001")
BANDS = BandLimits()
HOSTILE = "we\"ird'; DROP TABLE x -- ☎"
LEVELS = ("Month-to-month", "Two year", "One year")
SCHEMA = CustomerSchema(
    (
        Column("tenure", ColumnKind.NUMERIC, minimum=0.0, maximum=72.0),
        Column("MonthlyCharges", ColumnKind.NUMERIC, minimum=18.0, maximum=120.0),
        Column("Contract", ColumnKind.CATEGORICAL, LEVELS),
        Column("contract", ColumnKind.BOOLEAN, ("No", "Yes")),
        Column(HOSTILE, ColumnKind.CATEGORICAL, ("a", "b")),
        Column("Lines", ColumnKind.NUMERIC, minimum=1.0, maximum=3.0),
    ),
    id_column="customerID",
    target_column="Churn",
    positive_value="Yes",
    negative_value="No",
    tenure_column="tenure",
    revenue_column="MonthlyCharges",
    month_column="SnapshotMonth",
)
PLAYBOOK = Playbook(
    3,
    (
        Action("one-year", "One-year contract", "Offer a year.", (Condition(("Contract",)),)),
        Action("discount", "Discount", "Offer a discount.", (Condition(("*",)),)),
    ),
)


@dataclass(frozen=True)
class Batches:
    customers: CustomerBatch
    scored: ScoredBatch
    recommended: RecommendedBatch


def made(n: int = 300, *, seed: int = 7, first: int = 1, plain: bool = False) -> Batches:
    """Made-up customers: many equal probabilities, missing values, unknown levels, ids that need care."""
    rng = np.random.default_rng(seed)
    rows = np.arange(first, first + n) + (np.arange(n) > 10)  # row first + 11 was set aside
    ids = [f"{'ab%_Ä'[i % 5]}{i:05d}-x'\"" for i in range(n)]
    contributions = rng.normal(0, 0.5, (n, 6)).astype(np.float32)
    contributions[:, 5] = 0.0
    order = np.argsort(-contributions, axis=1, kind="stable").astype(np.int16)
    picked = np.where(np.take_along_axis(contributions, order[:, :3].astype(int), 1) > 0, order[:, :3], -1)
    falling = order[:, ::-1]
    lowers = np.where(np.take_along_axis(contributions, falling[:, :3].astype(int), 1) < 0, falling[:, :3], -1)
    action = rng.integers(-1, 2, n).astype(np.int16)
    revenue = np.round(rng.uniform(18, 120, n), 2)
    revenue[rng.random(n) < 0.1] = np.nan
    columns: dict[str, Any] = {"row": pa.array(rows), "id": pa.array(ids)}
    if not plain:
        columns["month"] = pa.array([["2026-10", "2026-11", None][i % 3] for i in range(n)])
        columns["actual"] = pa.array([[True, False, None, False][i % 4] for i in range(n)])
    columns |= {
        "a:tenure": pa.array([None if i % 17 == 0 else float(i % 72) for i in range(n)], pa.float64()),
        "a:MonthlyCharges": pa.array(revenue, mask=np.isnan(revenue)),
        "a:Contract": pa.array([[*LEVELS, "Weekly", None][i % 5] for i in range(n)]).dictionary_encode(),
        "a:contract": pa.array([["Yes", "No"][i % 2] for i in range(n)]).dictionary_encode(),
        f"a:{HOSTILE}": pa.array([["a", "b", HOSTILE, None][i % 4] for i in range(n)]).dictionary_encode(),
        "a:Lines": pa.array([float(1 + i % 3) for i in range(n)]),
    }
    if not plain:
        columns["x:9:Notes"] = pa.array([None if i % 2 else f"=note {i}" for i in range(n)], pa.string())
        columns["x:10:a:b"] = pa.array([f"v{i}" for i in range(n)])
    probability = np.round(rng.beta(1.2, 2.5, n) * 200) / 200
    return Batches(
        CustomerBatch(n, pa.RecordBatch.from_pydict(columns)),
        ScoredBatch(n, -1.0, probability, np.zeros(n), contributions, picked.astype(np.int16), lowers.astype(np.int16)),
        RecommendedBatch(n, action, np.where(action < 0, 0.0, np.round(rng.uniform(-5, 40, n))), revenue),
    )


def a_report(scored: int) -> IntakeReport:
    columns = (ColumnReport("tenure", missing=2, out_of_range=3), ColumnReport("Contract", unknown=60))
    return IntakeReport(rows=scored + 1, rejected=1, columns=columns, duplicate_ids=4)


def write(store: ResultStore, *batches: Batches, run: RunId = RUN) -> RunSummary:
    writer = store.writer(run, schema=SCHEMA, playbook=PLAYBOOK)
    for one in batches:
        writer.append(one.customers, one.scored, one.recommended)
    return writer.finish(a_report(sum(one.customers.rows for one in batches)), threshold=0.4, bands=BANDS)


@pytest.fixture(params=["in memory", "Parquet"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ResultStore:
    judge = CountingJudge()
    return InMemoryResults(judge) if request.param == "in memory" else ParquetResults(tmp_path / "it's", judge)


@pytest.fixture
def filled(store: ResultStore) -> ResultStore:
    write(store, made())
    return store


@pytest.fixture
def oracle() -> InMemoryResults:
    memory = InMemoryResults()
    write(memory, made())
    return memory


def ask(**given: Any) -> CustomerQuery:
    return CustomerQuery(**({"threshold": 0.4} | given))


def rows_of(store: ResultStore, query: CustomerQuery) -> list[int]:
    return [one.customer.row for one in store.page(RUN, query, bands=BANDS).customers]


def close(a: Any, b: Any) -> bool:
    """Equal, but for the last digits of sums."""
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(close(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(close(a[key], b[key]) for key in a)
    if hasattr(a, "__dataclass_fields__"):
        return type(a) is type(b) and all(close(getattr(a, f), getattr(b, f)) for f in a.__dataclass_fields__)
    return bool(a == b)


def test_every_field_of_a_customer_comes_back(store: ResultStore) -> None:
    batches = made(40)
    write(store, batches)
    for place in (0, 5, 12, 39):
        cells = batches.customers.data.slice(place, 1).to_pylist()[0]
        one = store.customer(RUN, cells["row"], threshold=0.4, bands=BANDS)
        assert one.customer.id == one.prediction.customer_id == cells["id"]
        assert one.customer.row == one.prediction.row == cells["row"]
        assert dict(one.customer.attributes) == {name: cells[f"a:{name}"] for name in SCHEMA.names}
        assert one.prediction.probability == batches.scored.probability[place]
        assert one.prediction.likely_to_leave == (one.prediction.probability >= 0.4)
        for reasons, positions in (
            (one.prediction.raises, batches.scored.raises[place]),
            (one.prediction.lowers, batches.scored.lowers[place]),
        ):
            kept = [int(i) for i in positions if i >= 0]
            assert [reason.attribute for reason in reasons] == [SCHEMA.names[i] for i in kept]
            assert [reason.value for reason in reasons] == [cells[f"a:{SCHEMA.names[i]}"] for i in kept]
            assert [reason.contribution for reason in reasons] == [
                float(batches.scored.contributions[place, i]) for i in kept
            ]
        position = int(batches.recommended.action[place])
        assert one.action_id == ("leave-alone" if position < 0 else PLAYBOOK.actions[position].id)
        assert one.expected_gain == batches.recommended.gain[place]
        revenue = batches.recommended.revenue[place]
        assert one.monthly_revenue == (None if np.isnan(revenue) else revenue)
        assert (one.month, one.actual) == (cells["month"], cells["actual"])
        assert one.extra == (("Notes", cells["x:9:Notes"]), ("a:b", cells["x:10:a:b"]))


def test_a_run_without_month_truth_and_extra_columns_has_none(store: ResultStore) -> None:
    summary = write(store, made(30, plain=True))
    one = store.customer(RUN, 3, threshold=0.4, bands=BANDS)
    assert (one.month, one.actual, one.extra) == (None, None, ())
    assert (summary.months, summary.truth) == ((), None)
    assert store.outlook(RUN, 0.4, bands=BANDS).confusion is None


def test_a_missing_run_is_told_as_such(store: ResultStore) -> None:
    for run in ("nobody", "../etc", "", "a/b", ".", "it's"):
        gone = RunId(run)
        with pytest.raises(ResultMissing):
            store.page(gone, ask(), bands=BANDS)
        with pytest.raises(ResultMissing):
            list(store.stream(gone, ask(), bands=BANDS))
        with pytest.raises(ResultMissing):
            store.customer(gone, 1, threshold=0.4, bands=BANDS)
        with pytest.raises(ResultMissing):
            store.neighbours(gone, 1)
        with pytest.raises(ResultMissing):
            store.rank(gone, 1)
        with pytest.raises(ResultMissing):
            store.outlook(gone, 0.4, bands=BANDS)
        with pytest.raises(ResultMissing):
            store.groups(gone, "tenure", threshold=0.4)
        with pytest.raises(ResultMissing):
            store.cross(gone, "tenure", "Contract", threshold=0.4)
        with pytest.raises(ResultMissing):
            list(store.best_contacts(gone, 5, threshold=0.4, bands=BANDS))
        assert store.size(gone) == 0
        store.discard(gone)


def test_a_customer_that_the_run_does_not_have_is_not_found(filled: ResultStore) -> None:
    for row in (12, 0, -1, 10_000):  # row 12 was set aside
        with pytest.raises(CustomerNotFound):
            filled.customer(RUN, row, threshold=0.4, bands=BANDS)
        with pytest.raises(CustomerNotFound):
            filled.neighbours(RUN, row)
        with pytest.raises(CustomerNotFound):
            filled.rank(RUN, row)


def test_customers_come_by_risk_and_equals_in_file_order(filled: ResultStore) -> None:
    page = filled.page(RUN, ask(limit=1_000), bands=BANDS)
    order = [(-one.prediction.probability, one.customer.row) for one in page.customers]
    assert page.total == len(order) == 300
    assert order == sorted(order)


QUERIES: dict[str, CustomerQuery] = {
    "all": ask(limit=1_000),
    "likely": ask(likely=True, limit=1_000),
    "not likely": ask(likely=False, limit=1_000),
    "one band": ask(bands=(RiskBand.MEDIUM,), limit=1_000),
    "bands side by side": ask(bands=(RiskBand.CRITICAL, RiskBand.HIGH), likely=False, threshold=0.7, limit=1_000),
    "bands apart": ask(bands=(RiskBand.LOW, RiskBand.HIGH), limit=1_000),
    "nobody between": ask(bands=(RiskBand.LOW,), likely=True, limit=1_000),
    "action": ask(action="discount", limit=1_000),
    "leave alone": ask(action="leave-alone", limit=1_000),
    "unknown action": ask(action="x' OR 1=1 --", limit=1_000),
    "level": ask(attributes=(AttributeFilter("Contract", level="Two year"),), limit=1_000),
    "unknown level": ask(attributes=(AttributeFilter("Contract", level="Weekly"),), limit=1_000),
    "name in another case": ask(attributes=(AttributeFilter("contract", level="Yes"),), limit=1_000),
    "hostile": ask(attributes=(AttributeFilter(HOSTILE, level=HOSTILE),), limit=1_000),
    "missing level": ask(attributes=(AttributeFilter(HOSTILE),), limit=1_000),
    "missing number": ask(attributes=(AttributeFilter("tenure"),), limit=1_000),
    "range": ask(attributes=(AttributeFilter("tenure", low=12, high=24),), limit=1_000),
    "from": ask(attributes=(AttributeFilter("tenure", low=60.0),), limit=1_000),
    "up to": ask(attributes=(AttributeFilter("tenure", high=3.0),), limit=1_000),
    "everything at once": ask(
        likely=True,
        bands=(RiskBand.MEDIUM, RiskBand.HIGH),
        action="one-year",
        attributes=(AttributeFilter("Contract", level="One year"), AttributeFilter("tenure", low=1, high=60)),
        limit=1_000,
    ),
    "least risk first": ask(descending=False, limit=1_000),
    "gain": ask(sort="gain", limit=1_000),
    "least gain first": ask(sort="gain", descending=False, limit=1_000),
    "id": ask(sort="id", descending=False, limit=1_000),
    "id from the end": ask(sort="id", limit=1_000),
    "file order": ask(sort="row", descending=False, limit=1_000),
    "deep page": ask(offset=290, limit=25),
    "beyond the end": ask(offset=400, limit=25),
    "likely, second page": ask(likely=True, offset=25, limit=25),
    "sorted, second page": ask(sort="gain", offset=25, limit=25),
    "no rows wanted": ask(limit=0),
    "search prefix": ask(search="A0", limit=1_000),
    "search in another case": ask(search=" ä00 ", limit=1_000),
    "search inside": ask(search="0123-x", limit=1_000),
    "search percent": ask(search="%", limit=1_000),
    "search underscore": ask(search="_00", limit=1_000),
    "search quotes": ask(search="'\"", limit=1_000),
    "search hostile": ask(search="'; DROP TABLE x; --", limit=1_000),
    "search and filter": ask(search="b000", likely=True, limit=1_000),
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_page_holds_those_that_match_in_the_order_asked_for(
    name: str, filled: ResultStore, oracle: InMemoryResults
) -> None:
    query = QUERIES[name]
    page, expected = filled.page(RUN, query, bands=BANDS), oracle.page(RUN, query, bands=BANDS)
    assert page.total == expected.total
    assert page.customers == expected.customers


@pytest.mark.parametrize("name", ["all", "likely", "bands apart", "gain", "id", "range", "search prefix"])
def test_a_stream_has_all_that_match_whatever_the_page(name: str, filled: ResultStore, oracle: InMemoryResults) -> None:
    query = replace(QUERIES[name], offset=7, limit=3)
    whole = replace(query, offset=0, limit=1_000)
    streamed = [one for chunk in filled.stream(RUN, query, bands=BANDS) for one in chunk]
    assert streamed == list(oracle.page(RUN, whole, bands=BANDS).customers)


@pytest.mark.parametrize(
    "wanted",
    [
        AttributeFilter("no such", level="x"),
        AttributeFilter('tenure" OR 1=1 --', low=0),
        AttributeFilter("row", low=0),
        AttributeFilter("tenure", level="12"),
        AttributeFilter("Contract", low=0.0, high=1.0),
    ],
)
def test_a_filter_that_fits_no_attribute_is_refused(wanted: AttributeFilter, filled: ResultStore) -> None:
    with pytest.raises(InvalidInput):
        filled.page(RUN, ask(attributes=(wanted,)), bands=BANDS)
    with pytest.raises(InvalidInput):
        filled.groups(RUN, "tenure", threshold=0.4, filters=(wanted,))


def test_an_unknown_sort_or_group_is_refused(filled: ResultStore) -> None:
    with pytest.raises(InvalidInput):
        filled.page(RUN, ask(sort="1; DROP TABLE x"), bands=BANDS)
    with pytest.raises(InvalidInput):
        filled.groups(RUN, "a0", threshold=0.4)
    with pytest.raises(InvalidInput):
        filled.cross(RUN, "tenure", "nothing", threshold=0.4)


def test_a_probability_equal_to_the_threshold_is_likely(filled: ResultStore) -> None:
    everyone = filled.page(RUN, ask(limit=1_000), bands=BANDS).customers
    exact = everyone[100].prediction.probability
    likely = sum(one.prediction.probability >= exact for one in everyone)
    assert filled.page(RUN, ask(threshold=exact, likely=True), bands=BANDS).total == likely
    assert filled.outlook(RUN, exact, bands=BANDS).likely_to_leave == likely
    assert filled.page(RUN, ask(threshold=exact, likely=True), bands=BANDS).customers[-1].prediction.likely_to_leave


def test_neighbours_follow_the_order_of_risk(filled: ResultStore) -> None:
    rows = rows_of(filled, ask(limit=1_000))
    assert filled.neighbours(RUN, rows[0]) == (None, rows[1])
    assert filled.neighbours(RUN, rows[150]) == (rows[149], rows[151])
    assert filled.neighbours(RUN, rows[-1]) == (rows[-2], None)


def test_rank_counts_those_with_a_lower_probability(filled: ResultStore, oracle: InMemoryResults) -> None:
    for row in (1, 50, 120, 301):
        assert filled.rank(RUN, row) == oracle.rank(RUN, row)


def test_the_summary_is_what_plain_loops_find(store: ResultStore, oracle: InMemoryResults) -> None:
    summary = write(store, made())
    expected = write(InMemoryResults(), made())
    for name in RunSummary.__dataclass_fields__:
        if name == "drivers":
            continue
        assert close(getattr(summary, name), getattr(expected, name)), name
    for found, wanted in zip(summary.drivers, expected.drivers, strict=True):
        assert found.attribute == wanted.attribute
        assert found.mean_abs == pytest.approx(wanted.mean_abs, rel=1e-6)
        assert found.share == pytest.approx(wanted.share, rel=1e-6)
        assert found.mean == pytest.approx(wanted.mean, abs=1e-6)


@pytest.mark.parametrize("threshold", [0.0, 0.005, 0.29, 0.4, 0.58, 0.9, 1.0])
def test_an_outlook_counts_at_any_threshold(threshold: float, filled: ResultStore, oracle: InMemoryResults) -> None:
    for _ in range(2):  # the second time it may be remembered
        found, expected = (
            filled.outlook(RUN, threshold, bands=BANDS),
            oracle.outlook(RUN, threshold, bands=BANDS),
        )
        assert close(replace(found, drivers=()), replace(expected, drivers=()))
        assert [d.attribute for d in found.drivers] == [d.attribute for d in expected.drivers]
        assert [d.mean_abs for d in found.drivers] == pytest.approx([d.mean_abs for d in expected.drivers])


@pytest.mark.parametrize("attribute", [*SCHEMA.names])
def test_groups_share_a_value(attribute: str, filled: ResultStore, oracle: InMemoryResults) -> None:
    chosen = (AttributeFilter("contract", level="Yes"),)
    for filters, likely in product(((), chosen), (None, True, False)):
        for threshold in (0.4, 0.6):
            given = {"threshold": threshold, "filters": filters, "likely": likely}
            found = filled.groups(RUN, attribute, **given)
            assert close(found, oracle.groups(RUN, attribute, **given))
            query = replace(ask(attributes=filters, likely=likely), threshold=threshold)
            assert sum(group.customers for group in found) == filled.page(RUN, query, bands=BANDS).total


@pytest.mark.parametrize("attribute", SCHEMA.names)
def test_what_an_attribute_contributes_is_its_mean_shap_value_by_value(
    attribute: str, filled: ResultStore, oracle: InMemoryResults
) -> None:
    found, groups = filled.contributions(RUN, attribute), filled.groups(RUN, attribute, threshold=0.4)
    assert found is not None
    assert close(found, oracle.contributions(RUN, attribute))
    assert [(own.label, own.customers, own.low, own.high, own.missing) for own in found] == [
        (group.label, group.customers, group.low, group.high, group.missing) for group in groups
    ]


def test_a_numeric_group_is_what_its_bounds_select(filled: ResultStore) -> None:
    for group in filled.groups(RUN, "MonthlyCharges", threshold=0.4):
        wanted = AttributeFilter("MonthlyCharges", low=group.low, high=group.high)
        assert filled.page(RUN, ask(attributes=(wanted,)), bands=BANDS).total == group.customers


def test_tenure_is_grouped_by_parts_of_years_and_few_numbers_one_by_one(filled: ResultStore) -> None:
    assert [group.label for group in filled.groups(RUN, "tenure", threshold=0.4)] == [
        *(f"{month}–{month + 6}" for month in range(0, 72, 6)),
        "",
    ]
    assert [group.label for group in filled.groups(RUN, "Lines", threshold=0.4)] == ["1", "2", "3"]


def test_two_attributes_meet(filled: ResultStore, oracle: InMemoryResults) -> None:
    for pair in (("tenure", "Contract"), ("Contract", HOSTILE), ("MonthlyCharges", "tenure"), ("Lines", "Lines")):
        for likely in (None, True, False):
            given = {"threshold": 0.4, "filters": (AttributeFilter("contract", level="Yes"),), "likely": likely}
            assert close(filled.cross(RUN, *pair, **given), oracle.cross(RUN, *pair, **given))
        assert close(filled.cross(RUN, *pair, threshold=0.4), oracle.cross(RUN, *pair, threshold=0.4))


def test_drift_is_none_of_one_run_against_itself_and_unknown_for_few_customers(filled: ResultStore) -> None:
    write(filled, made(150), run=OTHER)

    assert {own.attribute: own.psi for own in filled.drift(RUN, RUN)} == {
        name: pytest.approx(0.0) for name in SCHEMA.names
    }
    assert {own.psi for own in filled.drift(RUN, OTHER)} == {None}


def test_the_best_contacts_earn_most(filled: ResultStore, oracle: InMemoryResults) -> None:
    for limit in (0, 25, 1_000):
        found = list(filled.best_contacts(RUN, limit, threshold=0.4, bands=BANDS))
        assert found == list(oracle.best_contacts(RUN, limit, threshold=0.4, bands=BANDS))
    order = [(-one.expected_gain, -one.prediction.probability, one.customer.row) for one in found]
    assert order == sorted(order)


def test_batches_of_any_size_give_the_same_result(store: ResultStore) -> None:
    whole = made(200, plain=True)
    parts = [
        Batches(
            CustomerBatch(50, whole.customers.data.slice(start, 50)),
            ScoredBatch(
                50,
                -1.0,
                *(
                    getattr(whole.scored, name)[start : start + 50]
                    for name in ("probability", "margin", "contributions", "raises", "lowers")
                ),
            ),
            RecommendedBatch(
                50, *(getattr(whole.recommended, n)[start : start + 50] for n in ("action", "gain", "revenue"))
            ),
        )
        for start in range(0, 200, 50)
    ]
    first, second = write(store, whole), write(store, *parts, run=RunId("other"))
    for name in RunSummary.__dataclass_fields__:
        if name != "drivers":
            assert close(getattr(first, name), getattr(second, name)), name
    everyone = ask(limit=1_000)
    assert store.page(RUN, everyone, bands=BANDS) == store.page(RunId("other"), everyone, bands=BANDS)


def test_nothing_is_visible_before_the_end_and_nothing_stays_when_abandoned(store: ResultStore) -> None:
    writer = store.writer(RUN, schema=SCHEMA, playbook=PLAYBOOK)
    one = made(20)
    writer.append(one.customers, one.scored, one.recommended)
    with pytest.raises(ResultMissing):
        store.page(RUN, ask(), bands=BANDS)
    writer.abandon()
    writer.abandon()
    with pytest.raises(ResultMissing):
        store.page(RUN, ask(), bands=BANDS)
    assert store.size(RUN) == 0
    assert store.sweep([]) == 0


def test_a_run_written_again_replaces_the_first(store: ResultStore) -> None:
    write(store, made(50))
    assert store.outlook(RUN, 0.4, bands=BANDS).customers == 50
    write(store, made(20))
    assert store.page(RUN, ask(), bands=BANDS).total == 20
    assert store.outlook(RUN, 0.4, bands=BANDS).customers == 20


def test_an_empty_run_can_be_read(store: ResultStore) -> None:
    writer = store.writer(RUN, schema=SCHEMA, playbook=PLAYBOOK)
    summary = writer.finish(IntakeReport(2, 2, (), 0), threshold=0.4, bands=BANDS)
    assert (summary.scored, summary.rejected, summary.mean_probability) == (0, 2, 0.0)
    assert store.page(RUN, ask(), bands=BANDS).customers == ()
    assert list(store.best_contacts(RUN, 5, threshold=0.4, bands=BANDS)) == []
    assert store.groups(RUN, "tenure", threshold=0.4) == ()
    assert store.outlook(RUN, 0.4, bands=BANDS).likely_to_leave == 0


def test_discarded_and_swept_runs_are_gone(store: ResultStore) -> None:
    kept, other = RunId("kept"), RunId("other")
    for run in (RUN, kept, other):
        write(store, made(10), run=run)
        assert store.size(run) > 0
    store.discard(RUN)
    assert store.size(RUN) == 0
    assert store.sweep([kept]) == 1
    assert store.page(kept, ask(), bands=BANDS).total == 10
    with pytest.raises(ResultMissing):
        store.page(other, ask(), bands=BANDS)


def test_a_report_that_does_not_add_up_is_an_error(store: ResultStore) -> None:
    writer = store.writer(RUN, schema=SCHEMA, playbook=PLAYBOOK)
    one = made(20)
    writer.append(one.customers, one.scored, one.recommended)
    with pytest.raises(ValueError, match="rows are not"):
        writer.finish(IntakeReport(5, 0, (), 0), threshold=0.4, bands=BANDS)
    writer.abandon()
    assert store.size(RUN) == 0
