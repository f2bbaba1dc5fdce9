"""Why the risk of a customer, and the mean risk of a base, differs between two predictions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.ml.scoring.risk_splitter import ColumnarRiskSplitter
from application.use_cases.predictions import why_changed
from application.use_cases.predictions.why_changed import (
    BaseChange,
    CustomerChange,
    ExplainBaseChange,
    ExplainCustomerChange,
)
from domain.account import Account, Role
from domain.errors import CustomerNotFound, InvalidInput, ResultDamaged, RunNotFound
from domain.prediction import BandLimits
from domain.risk_split import Cause
from domain.run import MonthSummary, Run, RunId
from tests.builders import a_model_version, a_schema, an_account
from tests.fakes.models import FakeScorer, LevelModel
from tests.fakes.results import InMemoryResults
from tests.unit.use_cases.scoring.application import ANALYST, HEADER, ScoringApplication

OTHER = an_account(id="other", role=Role.ANALYST)
ADMIN = an_account(id="admin", role=Role.ADMIN)


def a_file(**contracts: str) -> bytes:
    rows = (f"{own},12,70.5,No,{contract.replace('_', ' ')}" for own, contract in contracts.items())
    return "\n".join([HEADER, *rows]).encode()


MONTHLY, YEARLY = a_file(C1="Month-to-month", C2="Two_year"), a_file(C1="Two_year", C2="Two_year")


def scored(app: ScoringApplication, content: bytes, *, by: Account = ANALYST, model: str | None = None) -> Run:
    """A finished prediction, a minute after the one before."""
    app.clock.move(minutes=1)
    done = app.score(app.submit(content, by=by, model_id=model).id)
    assert done is not None
    assert done.error is None
    return done


@pytest.fixture
def second_model(app: ScoringApplication) -> str:
    schema = a_schema(month_column=None)
    app.registry.kept["v2"] = FakeScorer("v2", schema, LevelModel(0.0, 3, {"Month-to-month": 2.0, "Two year": -2.0}))
    with app.new_uow() as uow:
        uow.models.add(a_model_version(id="v2", schema=schema, threshold=0.5))
        uow.commit()
    return "v2"


def explain(app: ScoringApplication) -> ExplainCustomerChange:
    return ExplainCustomerChange(app.new_reading, app.results, app.registry, ColumnarRiskSplitter())


def of_customer(app: ScoringApplication, run: Run, row: int = 1, *, by: Account = ANALYST) -> CustomerChange | None:
    return explain(app)(run.id, row, by=by)


def of_base(
    app: ScoringApplication, one: Run, other: Run, *, by: Account = ANALYST, most: int | None = None
) -> BaseChange:
    return ExplainBaseChange(app.new_reading, app.results, app.registry, ColumnarRiskSplitter(), most)(
        one.id, other.id, by=by
    )


def test_a_customer_is_compared_with_the_latest_earlier_prediction(app: ScoringApplication) -> None:
    scored(app, MONTHLY)
    before = scored(app, YEARLY)
    scored(app, a_file(C9="Two_year"))
    change = of_customer(app, scored(app, MONTHLY))
    assert change is not None
    assert change.runs.before.id == before.id
    assert change.changed_values == {"Contract": ("Two year", "Month-to-month")}
    # log-odds −3 and 1: 4.7% → 73.1%
    assert [(part.name, part.units) for part in change.split.attributes] == [("Contract", 684)]
    assert (change.split.units_before, change.split.units_after) == (47, 731)


def test_without_an_earlier_prediction_there_is_nothing_to_explain(app: ScoringApplication) -> None:
    first = scored(app, MONTHLY)
    scored(app, MONTHLY)
    assert of_customer(app, first) is None
    assert of_customer(app, scored(app, a_file(C7="Two_year"))) is None


def test_only_predictions_that_one_may_see_count(app: ScoringApplication) -> None:
    mine = scored(app, YEARLY)
    theirs = scored(app, YEARLY, by=OTHER)
    latest = scored(app, MONTHLY)
    own, administrators = of_customer(app, latest), of_customer(app, latest, by=ADMIN)
    assert own is not None
    assert administrators is not None
    assert (own.runs.before.id, administrators.runs.before.id) == (mine.id, theirs.id)
    with pytest.raises(RunNotFound):
        of_customer(app, theirs)


def of_month(app: ScoringApplication, run: Run, month: str) -> Run:
    """The same prediction, of a file of this month."""
    assert run.summary is not None
    changed = replace(run, summary=replace(run.summary, months=(MonthSummary(month, 2, 0.1, 0, None, None),)))
    app.change(changed)
    stored = app.results.runs[run.id]
    app.results.runs[run.id] = replace(stored, customers=tuple(replace(one, month=month) for one in stored.customers))
    return changed


def test_the_latest_earlier_month_counts_whenever_it_was_scored(app: ScoringApplication) -> None:
    november = of_month(app, scored(app, MONTHLY), "2026-11")
    september = of_month(app, scored(app, YEARLY), "2026-09")
    october = of_month(app, scored(app, YEARLY), "2026-10")
    found = {run.id: of_customer(app, run) for run in (september, october, november)}
    assert {run_id: change and change.runs.before.id for run_id, change in found.items()} == {
        september.id: None,
        october.id: september.id,
        november.id: october.id,
    }


@pytest.mark.parametrize(("searched", "found"), [(1, False), (2, True)])
def test_only_so_many_predictions_are_looked_through(
    app: ScoringApplication, monkeypatch: pytest.MonkeyPatch, searched: int, *, found: bool
) -> None:
    monkeypatch.setattr(why_changed, "RUNS_SEARCHED", searched)
    scored(app, YEARLY)
    scored(app, a_file(C7="Two_year"))
    assert (of_customer(app, scored(app, MONTHLY)) is not None) is found


def test_a_customer_who_is_not_there_is_not_found(app: ScoringApplication) -> None:
    with pytest.raises(CustomerNotFound):
        of_customer(app, scored(app, MONTHLY), 99)


def test_an_erased_customer_has_no_earlier_prediction(app: ScoringApplication) -> None:
    before, after = scored(app, YEARLY), scored(app, MONTHLY)
    app.results.erase_customer(before.id, "C1")
    with app.new_uow() as uow:
        uow.predictions.erase_customer("C1")
        uow.commit()
    assert of_customer(app, after) is None
    assert of_base(app, before, after).base == replace(
        of_base(app, before, after).base, customers_before=1, customers_after=2, in_both=1
    )


def test_numbered_rows_are_nobody(app: ScoringApplication) -> None:
    before, after = scored(app, YEARLY), scored(app, MONTHLY)
    for run in (before, after):
        assert run.summary is not None
        app.change(replace(run, summary=replace(run.summary, id_header="")))
    assert of_customer(app, after) is None
    change = of_base(app, before, after)
    assert (change.split, change.base) == (None, None)
    assert change.runs.problem == (
        "The customers of “customers.csv” have no ids, so nobody can be found again in another file."
    )
    with pytest.raises(InvalidInput, match="no ids"):
        explain(app).between(before.id, after.id, "C1", by=ANALYST)


class Damaged(InMemoryResults):
    """The first prediction's customers cannot be read."""

    broken: RunId

    def find(self, run_id: RunId, customer_id: str, *, threshold: float, bands: BandLimits) -> object:
        if run_id == self.broken:
            raise ResultDamaged(run_id, "customers.parquet")
        return super().find(run_id, customer_id, threshold=threshold, bands=bands)


@pytest.mark.parametrize("damaged", [False, True])
def test_deleted_or_damaged_results_are_replaced_by_the_contact_list(app: ScoringApplication, *, damaged: bool) -> None:
    before, after = scored(app, YEARLY), scored(app, MONTHLY)
    if damaged:
        app.results.__class__ = Damaged
        app.results.broken = before.id  # type: ignore[attr-defined]
    else:
        app.results.discard(before.id)
    change = of_customer(app, after)
    assert change is not None
    assert [(part.name, part.units) for part in change.split.attributes] == [("Contract", 684)]


def test_a_new_model_with_equal_values_is_all_of_the_change(app: ScoringApplication, second_model: str) -> None:
    before, after = scored(app, MONTHLY), scored(app, MONTHLY, model=second_model)
    change = of_customer(app, after)
    assert change is not None
    assert [(own.cause, own.units, own.parts) for own in change.split.causes] == [
        (Cause.VALUES, 0, ()),
        (Cause.MODEL, 150, ()),  # log-odds 1 → 2: 73.1% → 88.1%
    ]
    base = of_base(app, before, after).split
    assert base is not None
    assert [own.units for own in base.causes if own.cause is not Cause.MODEL] == [0, 0]


def test_a_model_that_cannot_be_read_leaves_one_part(app: ScoringApplication, second_model: str) -> None:
    before, after = scored(app, YEARLY), scored(app, MONTHLY, model=second_model)
    app.registry.damaged.add("v1")
    change, base = of_customer(app, after), of_base(app, before, after)
    assert change is not None
    assert base.split is not None
    for runs, split in ((change.runs, change.split), (base.runs, base.split)):
        assert runs.problem == (
            "Model v1 cannot be read any more, so the effects of other values and of another model cannot be separated."
        )
        assert split.cause(Cause.VALUES_AND_MODEL) is not None
        assert split.cause(Cause.MODEL) is None


def test_a_chosen_customer_of_two_predictions_in_any_order(app: ScoringApplication) -> None:
    before, after = scored(app, YEARLY), scored(app, MONTHLY)
    change = explain(app).between(after.id, before.id, " C1 ", by=ANALYST)
    assert (change.runs.before.id, change.runs.after.id, change.split.units) == (before.id, after.id, 684)
    with pytest.raises(InvalidInput, match="no customer with this id"):
        explain(app).between(after.id, before.id, "C9", by=ANALYST)


def test_the_mean_risk_is_split_by_cause(app: ScoringApplication) -> None:
    before = scored(app, a_file(C1="Two_year", C2="Two_year", gone="Month-to-month"))
    after = scored(app, a_file(C1="Month-to-month", C2="Two_year"))
    change = of_base(app, after, before)
    assert change.base is not None
    assert change.split is not None
    assert (change.base.customers_before, change.base.customers_after, change.base.in_both) == (3, 2, 2)
    # risks 4.743%, 4.743% and 73.106% → 73.106% and 4.743%
    assert [(own.cause, own.units) for own in change.split.causes] == [
        (Cause.OTHER_CUSTOMERS, -2279),
        (Cause.VALUES, 3418),
    ]
    assert [(part.name, part.changed) for part in change.split.attributes] == [("Contract", 0.5)]
    assert not change.is_estimate


def test_the_same_file_twice_gives_zeros(app: ScoringApplication) -> None:
    split = of_base(app, scored(app, MONTHLY), scored(app, MONTHLY)).split
    assert split is not None
    assert [(own.value, own.units, own.parts) for own in split.causes] == [(0.0, 0, ()), (0.0, 0, ())]


def test_a_sample_is_scored_again_where_there_are_many(app: ScoringApplication) -> None:
    names = [f"C{number}" for number in range(30)]
    before = scored(app, a_file(**dict.fromkeys(names, "Two_year")))
    after = scored(app, a_file(**{own: "Month-to-month" if own < "C2" else "Two_year" for own in names}))
    change = of_base(app, before, after, most=10)
    assert (change.sampled, change.is_estimate) == (10, True)
    assert change.split is not None
    assert sum(own.units for own in change.split.causes) == change.split.units
