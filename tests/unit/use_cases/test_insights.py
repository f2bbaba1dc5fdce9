"""Where churn concentrates: segments, headline, selection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from adapters.formatting.babel_formats import formats_of
from application.ports.results import Group
from application.use_cases.insights.insights_context import InsightsRequest, ResolveInsights
from application.use_cases.insights.open_insights import OpenInsights, RankSegments
from application.use_cases.insights.read_trend import ReadTrend, SharedCustomers
from application.use_cases.insights.segments import filter_for, group_words, ranked, segments_of, totals_of
from domain.account import Role
from domain.customer_query import AttributeFilter
from domain.errors import InvalidInput, ResultMissing, RunNotFound
from domain.run import ColumnReport, DriverShare, RunId
from tests.builders import a_finished_run, a_model_version, a_run, a_schema, a_summary, an_account, at
from tests.fakes.persistence import FakeDatabase, FakeUnitOfWork

ME = an_account(id="account-1")
OTHER = an_account(id="account-2")
BOSS = an_account(id="account-3", role=Role.MANAGER)


def group(label: str, customers: int, rate: float, **given: object) -> Group:
    filled: dict[str, object] = {
        "likely": round(customers * rate),
        "revenue": 10.0 * customers,
        "revenue_likely": 5.0,
        "revenue_at_risk": 5.0,
    }
    return Group(label=label, customers=customers, mean_probability=rate, **(filled | given))  # type: ignore[arg-type]


@dataclass
class GroupedResults:
    """Groups by attribute; by (attribute, level filtered by) where a filter is given."""

    of: dict[object, tuple[Group, ...]] = field(default_factory=dict)
    asked: list[tuple[str, tuple[AttributeFilter, ...]]] = field(default_factory=list)

    def groups(
        self,
        run_id: RunId,
        attribute: str,
        *,
        threshold: float,
        filters: Sequence[AttributeFilter] = (),
        likely: bool | None = None,
    ) -> tuple[Group, ...]:
        self.asked.append((attribute, tuple(filters)))
        key = (attribute, filters[-1].level) if filters else attribute
        return self.of.get(key, (group("all", 100, 0.3),))

    def follow_up(self, before: RunId, after: RunId, customers: Sequence[str]) -> object:
        raise ResultMissing(before)

    def contributions(self, run_id: RunId, attribute: str) -> None:
        """This run was scored before they were kept."""

    def cross(self, run_id: RunId, first: str, second: str, **given: object) -> object:
        return ("a",), ("b",), {("a", "b"): group("a · b", 40, 0.4)}


def a_database(*runs: object) -> FakeDatabase:
    database = FakeDatabase()
    with FakeUnitOfWork(database) as uow:
        for account in (ME, OTHER, BOSS):
            uow.accounts.add(account)
        uow.models.add(a_model_version())
        for run in runs:
            uow.runs.add(run)  # type: ignore[arg-type]
        uow.commit()
    return database


def insights(database: FakeDatabase, results: GroupedResults | None = None) -> OpenInsights:
    resolve_insights = ResolveInsights(lambda: FakeUnitOfWork(database))  # type: ignore[arg-type]
    shown = results or GroupedResults()
    read_trend = ReadTrend(SharedCustomers(shown))  # type: ignore[arg-type]
    return OpenInsights(lambda: FakeUnitOfWork(database), resolve_insights, read_trend, shown, formats_of)  # type: ignore[arg-type]


def test_segments_leave_out_groups_that_are_too_small() -> None:
    segments = segments_of("Contract", (group("Small", 49, 0.9), group("Large", 50, 0.6)), 0.3)

    assert [segment.group.label for segment in segments] == ["Large"]
    assert segments[0].lift == pytest.approx(2.0)
    assert segments[0].impact == pytest.approx(15.0)


def test_segments_are_ranked_by_how_many_leavers_they_add_and_only_above_the_average() -> None:
    groups = (group("Few but hot", 60, 0.9), group("Many and warm", 1000, 0.4), group("Cool", 500, 0.1))
    segments = segments_of("Contract", groups, 0.3)

    assert [s.group.label for s in ranked(segments)] == ["Many and warm", "Few but hot"]
    assert [s.group.label for s in ranked(segments, "lift")] == ["Few but hot", "Many and warm"]


def test_totals_of_groups_are_those_of_all_their_customers() -> None:
    totals = totals_of((group("a", 100, 0.2, observed=0.3), group("b", 300, 0.4, observed=0.1)))

    assert (totals.customers, totals.likely) == (400, 140)
    assert totals.mean_probability == pytest.approx(0.35)
    assert totals.observed == pytest.approx(0.15)
    assert totals.revenue_likely == 10.0
    assert totals.revenue_staying == 3990.0


def test_totals_without_revenue_say_so() -> None:
    totals = totals_of((group("a", 100, 0.2, revenue=None, revenue_likely=None, revenue_at_risk=None),))

    assert totals.revenue_likely is None
    assert totals.revenue_staying is None


def test_groups_have_readable_labels() -> None:
    schema, usd, eur = a_schema(), formats_of("USD"), formats_of("EUR")

    assert group_words("Contract", group("Month-to-month", 60, 0.4), schema, usd) == "Month-to-month contract"
    assert group_words("tenure", group("0–12", 60, 0.4), schema, usd) == "0–12 months with us"
    assert group_words("MonthlyCharges", group("80–100", 60, 0.4), schema, eur) == "€80–100 a month"
    assert group_words("MonthlyCharges", group("under 20", 60, 0.4), schema, usd) == "Monthly charges under 20"
    assert group_words("Contract", group("", 60, 0.4, missing=True), schema, usd) == "Contract unknown"


def test_a_group_becomes_a_filter_unless_it_stands_for_several_levels() -> None:
    schema = a_schema()

    assert filter_for("Contract", group("Two year", 60, 0.4), schema) == AttributeFilter("Contract", level="Two year")
    assert filter_for("Contract", group("Other values", 60, 0.4), schema) is None
    assert filter_for("tenure", group("0–12", 60, 0.4, low=0.0, high=12.0), schema) == AttributeFilter(
        "tenure", low=0.0, high=12.0
    )
    assert filter_for("Contract", group("", 60, 0.4, missing=True), schema) == AttributeFilter("Contract")


def test_insights_need_a_finished_run() -> None:
    assert insights(a_database(a_run()))(InsightsRequest(), by=ME) is None


def test_a_persons_own_latest_run_is_the_default_before_sample_data() -> None:
    mine = a_finished_run(id=RunId("mine"), owner="account-1", created_at=at(minutes=1))
    theirs = a_finished_run(id=RunId("theirs"), owner="account-2", created_at=at(minutes=2), shared=True)
    sample = a_finished_run(id=RunId("sample"), owner="account-1", created_at=at(minutes=3), sample=True)
    view = insights(a_database(mine, theirs, sample))(InsightsRequest(), by=ME)

    assert view is not None
    assert view.selection.run.id == "mine"
    assert {run.id for run in view.runs} == {"mine", "theirs", "sample"}


def test_another_persons_run_has_no_insights() -> None:
    theirs = a_finished_run(id=RunId("theirs"), owner="account-2")
    database = a_database(theirs)

    with pytest.raises(RunNotFound):
        insights(database)(InsightsRequest(run_id="theirs"), by=ME)
    assert insights(database)(InsightsRequest(run_id="theirs"), by=BOSS) is not None


def test_a_run_without_a_result_has_no_insights() -> None:
    with pytest.raises(InvalidInput, match="no result yet"):
        insights(a_database(a_run()))(InsightsRequest(run_id="run-1"), by=ME)


def test_invalid_attributes_fall_back_to_the_strongest_ones() -> None:
    summary = a_summary(drivers=(DriverShare("tenure", 0.5, 0.6, 0.0), DriverShare("Contract", 0.3, 0.4, 0.0)))
    asked = InsightsRequest(attribute="nope", level="nope=1", first="nope", second="nope", sort="nope")
    view = insights(a_database(a_finished_run(summary=summary)))(asked, by=ME)

    assert view is not None
    selection = view.selection
    assert (selection.attribute, selection.first, selection.second, selection.sort) == (
        "tenure",
        "tenure",
        "Contract",
        "impact",
    )
    assert selection.filter is None


def test_columns_that_the_file_lacks_are_not_offered() -> None:
    run = a_finished_run(summary=a_summary(columns_missing=("Contract",)))
    view = insights(a_database(run))(InsightsRequest(), by=ME)

    assert view is not None
    assert "Contract" not in {column.name for column in view.selection.attributes}


def test_the_headline_names_the_riskiest_group_and_what_makes_it_riskier_still() -> None:
    results = GroupedResults(
        {
            "Contract": (group("Month-to-month", 400, 0.5), group("Two year", 600, 0.1)),
            ("tenure", "Month-to-month"): (
                group("0–12", 100, 0.7, low=0.0, high=12.0),
                group("12–24", 30, 0.9, low=12.0, high=24.0),
            ),
        }
    )
    run = a_finished_run(
        summary=a_summary(
            rows=1002,
            scored=1000,
            mean_probability=0.26,
            drivers=(DriverShare("Contract", 0.5, 0.6, 0.0), DriverShare("tenure", 0.3, 0.4, 0.0)),
        )
    )
    view = insights(a_database(run), results)(InsightsRequest(), by=ME)

    assert view is not None
    assert view.headline is not None
    assert view.headline.words == "Month-to-month contract"
    assert view.headline.share == pytest.approx(0.4)
    assert (view.headline.also, view.headline.also_rate) == ("0–12 months with us", 0.7)
    assert view.peaks["Contract"].group.label == "Month-to-month"


def test_no_headline_is_shown_when_no_group_stands_out() -> None:
    view = insights(a_database(a_finished_run()))(InsightsRequest(), by=ME)

    assert view is not None
    assert view.headline is None


def test_a_filter_reaches_every_grouping_but_repeats_no_attribute() -> None:
    results = GroupedResults()
    view = insights(a_database(a_finished_run()), results)(InsightsRequest(level="Contract=Two year"), by=ME)

    assert view is not None
    assert view.selection.filter == AttributeFilter("Contract", level="Two year")
    assert all(filters[0].level == "Two year" for _, filters in results.asked)
    assert "Contract" not in {segment.attribute for segment in view.segments}


def test_totals_without_a_filter_are_the_runs_own_sums() -> None:
    view = insights(a_database(a_finished_run()))(InsightsRequest(), by=ME)

    assert view is not None
    assert (view.totals.customers, view.totals.likely) == (98, 22)
    assert view.totals.revenue_likely == 1_650.0
    assert view.totals.revenue_staying == pytest.approx(4_750.5)


def test_drift_lists_what_is_known_the_most_moved_first() -> None:
    columns = (ColumnReport("tenure", psi=0.01), ColumnReport("Contract", psi=0.3), ColumnReport("Other"))
    view = insights(a_database(a_finished_run(summary=a_summary(columns=columns))))(InsightsRequest(), by=ME)

    assert view is not None
    assert [report.column for report in view.drift] == ["Contract", "tenure"]


def test_refreshing_a_part_without_any_run_is_refused_in_words() -> None:
    database = a_database()

    with pytest.raises(InvalidInput, match="no finished prediction"):
        RankSegments(ResolveInsights(lambda: FakeUnitOfWork(database)), GroupedResults())(InsightsRequest(), by=ME)  # type: ignore[arg-type]
