"""The history: finding, changing, deleting and comparing predictions."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from application.ports.columns import CustomerColumns
from application.ports.results import ResultStore
from application.ports.risk_changes import RiskChanges
from application.ports.shared_customers import SharedCustomers
from bench.ports import ports_of
from domain.account import Role
from domain.errors import ResultMissing
from domain.model import ModelStage
from domain.progress import Progress, ScoringStage
from domain.risk_split import BaseRisk
from domain.run import Run, RunId, TrainingOverlap
from domain.shift import AttributeDrift
from entrypoints.web.history.view import HistoryView
from tests.builders import a_finished_run, a_model_version, a_run, a_summary
from tests.fakes.result_changes import changes_between
from tests.fakes.security import FixedClock
from tests.integration.web.conftest import Browser, Office
from tests.unit.use_cases.test_compare_runs import scored


def keep(office: Office, *runs: Run) -> None:
    with ports_of(office.application).new_uow() as uow:
        if not uow.models.all():
            uow.models.add(a_model_version(id="v1", stage=ModelStage.CHAMPION))
        for run in runs:
            uow.runs.add(run)
        uow.commit()


def run_of(office: Office, number: int, **given: Any) -> Run:
    """A finished run of the analyst; the higher its number, the later and the larger."""
    filled = {
        "id": RunId(f"run-{number}"),
        "owner": str(office.people[Role.ANALYST].id),
        "created_at": office.application.now() - timedelta(days=100 - number),
        "file_name": f"customers-{number:02}.csv",
        "summary": a_summary(rows=1000 + number, scored=1000 + number, rejected=0, truth=None),
    }
    return a_finished_run(**(filled | given))


def text_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return html.unescape(answer.get_data(as_text=True))


def files(page: str) -> list[str]:
    return re.findall(r'class="row-link"[^>]*>([^<]+)<', page)


@pytest.fixture
def analyst(office: Office) -> Browser:
    return office.browser(Role.ANALYST)


def test_an_empty_history_explains_itself_and_offers_the_next_step(analyst: Browser) -> None:
    page = text_of(analyst.get("/history"))
    assert "No predictions yet." in page
    assert "Choose a customer file" in page
    assert "Try it with sample data" in page


def test_a_run_on_the_training_file_shows_the_quality_of_cross_validation(office: Office, analyst: Browser) -> None:
    honest = run_of(office, 1, summary=a_summary(), file_sha256="0" * 64)
    held_out = replace(a_summary().truth, auc=0.777)
    flattering = run_of(office, 2, summary=a_summary(overlap=TrainingOverlap(0.9, False, held_out)))
    keep(office, honest, flattering)

    page = text_of(analyst.get("/history"))

    assert page.count("from its training") == 1
    assert "0.777" in page
    assert "0.840" in page


def test_the_sentence_counts_all_predictions_and_customers_one_may_see(office: Office, analyst: Browser) -> None:
    other = str(office.people[Role.MANAGER].id)
    keep(office, run_of(office, 1), run_of(office, 2), run_of(office, 3, owner=other))
    keep(office, run_of(office, 4, owner=other, shared=True))
    page = text_of(analyst.get("/history?q=customers-02"))
    since = run_of(office, 1).created_at.strftime("%B %Y")
    assert f"<strong>3 predictions</strong> since {since}, <strong>3,007 customers</strong> scored." in page
    assert files(page) == ["customers-02.csv"]


def test_search_finds_part_of_a_file_or_of_an_owner(office: Office) -> None:
    keep(office, run_of(office, 1, file_name="North.csv"), run_of(office, 2, owner=str(office.people[Role.ADMIN].id)))
    manager = office.browser(Role.MANAGER)
    assert files(text_of(manager.get("/history?q=nor"))) == ["North.csv"]
    assert files(text_of(manager.get("/history?q=ADMI"))) == ["customers-02.csv"]


def test_filters_by_state_model_and_period_hold_together(office: Office, analyst: Browser) -> None:
    failed = replace(a_run(id=RunId("run-9"), owner=run_of(office, 1).owner, file_name="bad.csv")).failed(
        "The file has no tenure column.", at=office.application.now()
    )
    keep(office, run_of(office, 1), run_of(office, 99), failed)
    assert files(text_of(analyst.get("/history?state=failed"))) == ["bad.csv"]
    assert "The file has no tenure column." in text_of(analyst.get("/history?state=failed"))
    assert files(text_of(analyst.get("/history?state=done&model=v1&period=week"))) == ["customers-99.csv"]
    assert "Nothing matches" in text_of(analyst.get("/history?model=v7"))


def test_sort_headers_order_both_ways_and_say_so(office: Office, analyst: Browser) -> None:
    keep(office, *(run_of(office, n) for n in (2, 1, 3)))
    assert files(text_of(analyst.get("/history"))) == ["customers-03.csv", "customers-02.csv", "customers-01.csv"]
    page = text_of(analyst.get("/history?sort=file"))
    assert files(page) == ["customers-01.csv", "customers-02.csv", "customers-03.csv"]
    assert 'aria-sort="ascending"' in page
    assert "sort=file&dir=desc" in page


def test_pages_hold_twelve_or_twenty_five_and_one_past_the_end_shows_the_last(office: Office, analyst: Browser) -> None:
    keep(office, *(run_of(office, n) for n in range(1, 15)))
    assert len(files(text_of(analyst.get("/history")))) == 12
    assert "13–14 of 14" in text_of(analyst.get("/history?page=2"))
    assert "13–14 of 14" in text_of(analyst.get("/history?page=99"))
    assert len(files(text_of(analyst.get("/history?size=25")))) == 14


def test_htmx_gets_the_table_alone_and_the_address_that_reproduces_it(office: Office, analyst: Browser) -> None:
    keep(office, run_of(office, 1))
    answer = analyst.htmx("/history?q=&state=done&model=&period=&sort=created&dir=desc&size=12")
    assert answer.get_data(as_text=True).lstrip().startswith('<div id="run_table"')
    assert answer.headers["HX-Push-Url"] == "/history?state=done"


@pytest.mark.parametrize("address", ["page=-3", "page=x", "size=7", "sort=password", "dir=up", "state=&period=ever"])
def test_an_address_with_invalid_parameters_shows_the_plain_list(
    address: str, office: Office, analyst: Browser
) -> None:
    keep(office, run_of(office, 1))
    assert files(text_of(analyst.get(f"/history?{address}"))) == ["customers-01.csv"]


def test_a_view_equals_the_one_parsed_from_its_own_parameters() -> None:
    view = HistoryView("agency", "failed", "v2", "year", "file", True, 25, 3)
    assert HistoryView.read(view.parameters()) == view
    assert HistoryView.read(HistoryView().parameters()) == HistoryView()


def test_a_row_under_way_shows_how_far_it_is_until_it_has_ended_or_is_gone(office: Office, analyst: Browser) -> None:
    running = a_run(id=RunId("run-9"), owner=run_of(office, 1).owner, file_name="now.csv")
    running = replace(
        running.started(worker="w", at=running.created_at), progress=Progress(ScoringStage.SCORING, 82, 100, whole=0.41)
    )
    keep(office, running)
    row = text_of(analyst.htmx("/history/run-9/row"))
    assert "Scoring and explaining each customer 41%" in row
    assert "every 2s" in row
    with ports_of(office.application).new_uow() as uow:
        uow.runs.save(running.cancelled(at=running.created_at))
        uow.commit()
    ended = text_of(analyst.htmx("/history/run-9/row"))
    assert "Cancelled at 41%" in ended
    assert "every 2s" not in ended
    gone = analyst.htmx("/history/never-was/row")
    assert text_of(gone, 404) == ""
    assert gone.headers["HX-Retarget"] == "this", "the row is taken out, and no longer asked for"


def test_quality_is_shown_where_the_outcome_is_known_and_a_dash_elsewhere(office: Office, analyst: Browser) -> None:
    keep(office, run_of(office, 1, summary=a_summary()), run_of(office, 2))
    assert re.findall(r'<td class="num off[^"]*">(0\.840|–)</td>', text_of(analyst.get("/history"))) == ["–", "0.840"]


def test_renaming_shows_the_table_again_with_a_message(office: Office, analyst: Browser) -> None:
    keep(office, run_of(office, 1))
    assert "data-open-now" in text_of(analyst.htmx("/history/run-1/rename"))
    answer = analyst.post("/history/run-1/rename", {"name": "October <b>.csv"}, htmx=True)
    page = text_of(answer)
    assert "October <b>.csv" in files(page) or "October <b>.csv" in page
    assert "<b>" not in answer.get_data(as_text=True)
    assert json.loads(answer.headers["HX-Trigger-After-Swap"])["toast"]["text"] == "Renamed to “October <b>.csv”."
    assert '<div id="dialogs" hx-swap-oob="innerHTML">' in page


def test_an_invalid_name_is_rejected_in_the_dialog(office: Office, analyst: Browser) -> None:
    keep(office, run_of(office, 1))
    answer = analyst.post("/history/run-1/rename", {"name": "  "}, htmx=True)
    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#dialogs"
    assert "A name has between 1 and 200 characters." in answer.get_data(as_text=True)


def test_sharing_makes_a_prediction_visible_to_the_team_and_private_again(office: Office, analyst: Browser) -> None:
    keep(office, run_of(office, 1))
    viewer = office.browser(Role.VIEWER)
    assert analyst.post("/history/run-1/share", {"shared": "yes"}, htmx=True).status_code == 200
    assert files(text_of(viewer.get("/history"))) == ["customers-01.csv"]
    analyst.post("/history/run-1/share", {"shared": "no"}, htmx=True)
    assert "No predictions yet." in text_of(viewer.get("/history"))


def test_a_viewer_sees_no_way_to_change_what_is_shared_with_them(office: Office) -> None:
    keep(office, run_of(office, 1, shared=True))
    page = text_of(office.browser(Role.VIEWER).get("/history"))
    assert "Download CSV" in page
    assert "Rename" not in page
    assert "Delete" not in page


def test_deleting_asks_first_and_names_what_will_be_deleted(office: Office, analyst: Browser) -> None:
    keep(office, run_of(office, 1), run_of(office, 2, shared=True))
    question = text_of(analyst.htmx("/history/delete?run=run-1&run=run-2&run=run-1"))
    assert "Delete 2 predictions?" in question
    assert "2,003 scored customers" in question
    assert "customers-01.csv" in question
    assert "The team loses those that were shared with it." in question


def test_deleting_removes_runs_for_good_and_the_sentence_follows(office: Office, analyst: Browser) -> None:
    before, finish = office.application.now(), office.application.predictions.finish_run_deletions
    keep(office, *(run_of(office, n) for n in (1, 2, 3)))
    answer = analyst.post("/history/delete", {"run": ["run-1", "run-3"]}, htmx=True)
    page = text_of(answer)
    assert files(page) == ["customers-02.csv"]
    assert 'id="history_answer" hx-swap-oob="true"' in page
    assert "<strong>1 prediction</strong>" in page
    assert replace(finish, clock=FixedClock(before + timedelta(seconds=29)))() == 0
    assert replace(finish, clock=FixedClock(office.application.now() + timedelta(seconds=30)))() == 2
    assert office.audit()[:2] == ["deleted a prediction", "deleted a prediction"]


def test_deleting_offers_to_undo_it_and_undoing_brings_everything_back(office: Office, analyst: Browser) -> None:
    keep(office, *(run_of(office, n) for n in (1, 2, 3)))
    answer = analyst.post("/history/delete", {"run": ["run-1", "run-3"]}, htmx=True)
    message = json.loads(answer.headers["HX-Trigger-After-Swap"])["toast"]
    assert message["text"] == "2 predictions deleted."
    assert message["undo"]["url"] == "/history/undo"
    assert message["undo"]["seconds"] == 8
    for url in ("/predictions/run-1", "/history/run-1/rename", "/predictions/run-1/export.csv"):
        assert analyst.get(url).status_code == 404
    batch = message["undo"]["batch"]
    assert office.browser(Role.MANAGER).post("/history/undo", {"batch": "unknown"}).status_code == 404
    undone = analyst.post("/history/undo", {"batch": batch}, htmx=True)
    assert undone.headers["HX-Redirect"] == "/history"
    page = text_of(analyst.get("/history"))
    assert "2 predictions are back." in page
    assert len(files(page)) == 3
    assert office.audit()[:2] == ["restored a prediction", "restored a prediction"]
    assert analyst.post("/history/undo", {"batch": batch}).status_code == 404


def test_without_scripts_the_message_has_a_button_that_undoes_it(office: Office, analyst: Browser) -> None:
    keep(office, run_of(office, 1), run_of(office, 2))
    page = text_of(analyst.get(analyst.post("/predictions/run-1/delete", {}).headers["Location"]))
    assert "“customers-01.csv” deleted." in page
    form = re.search(r'<form method="post" action="/history/undo">.*?name="batch" value="([^"]+)".*?Undo', page, re.S)
    assert form is not None
    assert analyst.post("/history/undo", {"batch": form[1]}).status_code == 303
    assert len(files(text_of(analyst.get("/history")))) == 2


def test_an_administrators_deletion_can_be_undone_too(office: Office) -> None:
    keep(office, run_of(office, 1))
    admin = office.browser(Role.ADMIN)
    answer = admin.post("/admin/predictions/delete", {"run": "run-1"}, htmx=True)
    message = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert message["text"] == "“customers-01.csv” deleted."
    assert admin.post("/history/undo", {"batch": message["undo"]["batch"]}).status_code == 303


def test_a_new_prediction_says_which_earlier_ones_it_would_delete(office: Office, analyst: Browser) -> None:
    page = text_of(analyst.get("/predictions/new"))
    assert "Delete my previous predictions when this one is done" in page
    keep(office, run_of(office, 1), run_of(office, 2), run_of(office, 3, owner=str(office.people[Role.ADMIN].id)))
    page = text_of(analyst.get("/predictions/new"))
    assert "Delete my 2 previous predictions when this one is done" in page
    assert "(customers-02.csv, customers-01.csv)" in page


def test_deleting_the_last_prediction_loads_the_empty_page(office: Office, analyst: Browser) -> None:
    keep(office, run_of(office, 1))
    answer = analyst.post("/history/delete", {"run": "run-1"}, htmx=True)
    assert answer.headers["HX-Redirect"] == "/history"


def test_a_selection_with_another_persons_prediction_changes_nothing(office: Office, analyst: Browser) -> None:
    keep(office, run_of(office, 1), run_of(office, 2, owner=str(office.people[Role.ADMIN].id)))
    assert analyst.post("/history/delete", {"run": ["run-1", "run-2"]}).status_code == 404
    assert files(text_of(analyst.get("/history"))) == ["customers-01.csv"]


@pytest.mark.parametrize(
    "url", ["/history/run-2/rename", "/history/delete?run=run-2", "/history/compare?a=run-1&b=run-2"]
)
def test_another_persons_prediction_is_not_found(url: str, office: Office, analyst: Browser) -> None:
    keep(office, run_of(office, 1), run_of(office, 2, owner=str(office.people[Role.ADMIN].id)))
    assert analyst.get(url).status_code == 404


def test_comparing_takes_exactly_two(office: Office, analyst: Browser) -> None:
    keep(office, run_of(office, 1))
    assert analyst.get("/history/compare?run=run-1").status_code == 422
    assert analyst.get("/history/compare?a=run-1&b=run-1").status_code == 422


def test_two_ticked_rows_lead_to_an_address_that_can_be_kept(office: Office, analyst: Browser) -> None:
    keep(office, run_of(office, 1), run_of(office, 2))
    answer = analyst.get("/history/compare?run=run-1&run=run-2")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/history/compare?a=run-1&b=run-2"


class Comparable:
    """The results store, with made-up customers to compare."""

    def __init__(self, store: ResultStore, customers: dict[str, list[Any]]) -> None:
        self._store, self._customers = store, customers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def risk_changes(self, before: RunId, after: RunId, *, movers: int, **_: Any) -> RiskChanges:
        for run_id in (before, after):
            if run_id not in self._customers:
                raise ResultMissing(run_id)
        return changes_between(self._customers[before], self._customers[after], movers=movers)

    def shared_customers(self, before: RunId, after: RunId, *, most: int) -> SharedCustomers:
        """Nobody is in both, as far as the split is concerned."""
        nobody = CustomerColumns(0, None, (), (), ())
        return SharedCustomers(BaseRisk(3, 3, 0, 0.5, 0.5), nobody, nobody)

    def drift(self, before: RunId, after: RunId) -> tuple[AttributeDrift, ...]:
        return (
            AttributeDrift("tenure", 0.04),
            AttributeDrift("Contract", 0.31, "Contract is “Two year” for 40% of them."),
        )


def test_the_comparison_says_who_moved_and_links_to_them(office: Office, analyst: Browser) -> None:
    bands = a_bands(office)
    before = [scored(row, given, 0.5, bands) for row, given in enumerate([("A-1", 0.2), ("B-2", 0.9), ("C-3", 0.4)], 1)]
    after = [scored(row, given, 0.5, bands) for row, given in enumerate([("B-2", 0.3), ("A-1", 0.8), ("D-4", 0.4)], 1)]
    office.replace_everywhere(
        "results", Comparable(ports_of(office.application).results, {"run-1": before, "run-2": after})
    )
    keep(office, run_of(office, 1), run_of(office, 2))
    page = text_of(analyst.get("/history/compare?a=run-1&b=run-2"))
    assert "1 of 2 attributes moved" in " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "Contract is “Two year” for 40% of them." in page
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    assert "Of 2 customers in both, 1 moved up in risk and 1 down; 1 is new and 1 gone." in words
    assert 'href="/predictions/run-2/customers/2">A-1' in page
    assert "+60.0" in words
    assert "−60.0" in words


def a_bands(office: Office) -> Any:
    with ports_of(office.application).new_reading() as uow:
        return uow.policies.get().bands


def test_a_comparison_whose_customers_are_gone_says_so(office: Office, analyst: Browser) -> None:
    keep(office, run_of(office, 1), run_of(office, 2))
    assert analyst.get("/history/compare?a=run-1&b=run-2").status_code == 410
