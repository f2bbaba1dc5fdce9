"""Gradings on the pages: what was expected and what happened, the same figures everywhere, and withdrawing."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pytest
from pypdf import PdfReader
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from application.ports.runs import RunQuery
from application.use_cases.grading.ask_grading import subject_of
from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from domain.customer_query import CustomerQuery
from domain.model import Algorithm, Effort
from domain.run import RunId
from domain.training import TrainingRequest
from tests.integration.web.conftest import Browser, Office, furnished
from tests.integration.web.test_exports import work
from tests.integration.web.test_insights_pages import labelled
from tests.integration.web.test_plain_words import JARGON, words_of
from tests.integration.web.test_why_changed import as_file, scored

LEFT = 40
"""Customers who are missing in the later file."""


@dataclass
class Graded:
    """Two months of one base, scored one after the other, and what pandas says about the first one."""

    office: Office
    before: str
    later: str
    truth: pd.DataFrame

    @property
    def page(self) -> str:
        return f"/predictions/{self.before}/grading"

    @property
    def sentence(self) -> str:
        rows = self.truth
        return f"In October 2026 we expected {rows.p.sum():.0f} of {len(rows)} customers to leave"

    def browser(self, role: Role = Role.ANALYST) -> Browser:
        return self.office.browser(role)


def base(first: int, last: int) -> list[dict[str, str]]:
    rows = [dict(row) for row in csv.DictReader(io.StringIO(labelled()))]
    for row in rows:
        row.pop("Churn")
    return rows[first:last]


@pytest.fixture(scope="module")
def with_a_model(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnished(installed, tmp_path_factory.mktemp("model") / "data", train)


@pytest.fixture(scope="module")
def with_months(with_a_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two months are scored, the later one last."""

    def furnish(office: Office) -> None:
        scored(office, as_file(base(0, 360)), name="base 2026-10.csv")
        scored(office, as_file(base(LEFT, 400)), name="base 2026-11.csv")

    return furnished(with_a_model, tmp_path_factory.mktemp("months") / "data", furnish)


@pytest.fixture
def trained(new_office: Callable[..., Office], with_a_model: Path) -> Office:
    return new_office(copy_of=with_a_model)


@pytest.fixture
def graded(new_office: Callable[..., Office], with_months: Path) -> Graded:
    office = new_office(copy_of=with_months)
    ports = ports_of(office.application)
    with ports.new_reading() as uow:
        later, before = uow.runs.find(RunQuery()).runs
        bands = uow.policies.get().bands
    everybody = CustomerQuery(threshold=before.threshold)
    rows = [own for chunk in ports.results.stream(before.id, everybody, bands=bands) for own in chunk]
    gone = {row["customerID"] for row in base(0, LEFT)}
    truth = pd.DataFrame(
        {"p": [own.prediction.probability for own in rows], "left": [str(own.customer.id) in gone for own in rows]}
    )
    return Graded(office, str(before.id), str(later.id), truth)


def train(office: Office) -> None:
    training = office.application.models.submit_training(
        io.BytesIO(labelled().encode()),
        "labelled.csv",
        TrainingRequest(algorithm=Algorithm.LOGISTIC, effort=Effort.LOW),
        by=Actor(office.people[Role.ANALYST]),
    )
    ended = office.application.models.train_model(training.id)
    assert ended is not None
    assert ended.version == "v1", ended.error


def text_of(browser: Browser, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200, url
    page = re.sub(r"<template.*?</template>|<[^>]+>", " ", answer.get_data(as_text=True))
    return re.sub(r"\s+", " ", html.unescape(page))


def test_every_page_shows_the_same_figures_as_pandas(graded: Graded) -> None:
    browser, rows = graded.browser(), graded.truth
    auc = f"{roc_auc_score(rows.left, rows.p):.3f}"
    for url in (f"/predictions/{graded.before}", graded.page, "/dashboard"):
        page = text_of(browser, url)
        assert graded.sentence in page, url
        assert f"; {LEFT} did" in page, url
    table = f"{rows.p.sum():.0f} ("
    for url in ("/insights", "/gradings", "/models/v1", graded.page):
        page = text_of(browser, url)
        assert table in page, url
        assert f"{auc} (" in page, url
    assert f"{len(rows)} {rows.p.sum():.0f} (" in text_of(browser, "/insights")
    (line,) = csv.DictReader(io.StringIO(browser.get("/gradings.csv").get_data(as_text=True)))
    assert float(line["auc"]) == roc_auc_score(rows.left, rows.p)
    assert (int(line["left"]), int(line["customers"])) == (LEFT, len(rows))
    assert float(line["expected"]) == pytest.approx(rows.p.sum(), rel=1e-12)


@pytest.mark.parametrize("address", ["{graded.page}", "/gradings", "/predictions/{graded.before}"])
def test_what_only_analysts_say_of_a_grading_is_in_the_fold(graded: Graded, address: str) -> None:
    words = words_of(graded.browser().get(address.format(graded=graded)).get_data(as_text=True))
    assert {match.group() for text in words.outside for match in JARGON.finditer(text)} == set()
    if address == "{graded.page}":
        assert words.folds == 1
        assert re.search("Brier score", " ".join(words.inside))


def test_the_report_shows_the_same_figures_as_pandas(graded: Graded) -> None:
    browser, address = graded.browser(), f"/predictions/{graded.before}/export.pdf"
    assert browser.get(address).status_code == 202
    work(graded.office)
    with closing(browser.get(address)) as answer:
        assert answer.status_code == 200
        pages = PdfReader(io.BytesIO(answer.data)).pages
    report, rows = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages)), graded.truth
    riskiest = rows.sort_values("p", ascending=False).left[: len(rows) // 10].sum()
    assert graded.sentence in report
    assert f"; {LEFT} did" in report
    for figure in (
        f"{roc_auc_score(rows.left, rows.p):.3f}",
        f"{average_precision_score(rows.left, rows.p):.3f}",
        f"{log_loss(rows.left, rows.p):.3f}",
        f"{brier_score_loss(rows.left, rows.p):.3f}",
        f"{riskiest / LEFT:.0%}",
    ):
        assert figure in report, figure


def test_the_later_prediction_says_what_its_file_graded(graded: Graded) -> None:
    page = text_of(graded.browser(), f"/predictions/{graded.later}")
    assert "This file graded base 2026-10.csv of October 2026." in page


def test_the_model_says_when_to_train_again(graded: Graded) -> None:
    page = text_of(graded.browser(), "/models/v1")
    assert "Best before" in page
    assert "On real months" in page
    assert "Did risks come true in October 2026" in page
    assert "Leavers by tenth in October 2026" in page


def test_a_withdrawn_grading_vanishes_from_every_page(graded: Graded) -> None:
    browser = graded.browser()
    page = browser.get(graded.page).get_data(as_text=True)
    found = re.search(r'action="(/gradings/[^"]+/withdraw)"', page)
    assert found is not None
    withdrawn = browser.post(found[1], follow_redirects=True)
    assert "was withdrawn with all its figures" in withdrawn.get_data(as_text=True)
    urls = ("/insights", "/gradings", "/models/v1", "/dashboard", f"/predictions/{graded.before}", graded.page)
    for url in urls:
        assert graded.sentence not in text_of(browser, url), url
        assert f"{graded.truth.p.sum():.0f} (" not in text_of(browser, url), url
    assert browser.get("/gradings.csv").get_data(as_text=True).count("\n") == 1  # the header alone
    assert browser.post(found[1]).status_code == 404
    assert "No prediction is compared with what happened yet." in text_of(browser, "/gradings")


def test_it_can_be_graded_again_by_hand(graded: Graded) -> None:
    test_a_withdrawn_grading_vanishes_from_every_page(graded)
    browser = graded.browser()
    assert "Grade this prediction" in browser.get(graded.page).get_data(as_text=True)
    wrong = browser.post(graded.page, {"by": graded.later, "by_month": "2026-12"})
    assert wrong.status_code == 422
    assert "this file shows December 2026" in wrong.get_data(as_text=True)
    odd = browser.post(graded.page, {"by": graded.later, "by_month": "soon"})
    assert (odd.status_code, "is not a month such as 2026-11" in odd.get_data(as_text=True)) == (422, True)
    assert browser.post(graded.page, {"by": "no-such-run"}).status_code == 404
    done = browser.post(graded.page, {"by": graded.later}, follow_redirects=True)
    assert graded.sentence in html.unescape(done.get_data(as_text=True))
    again = browser.post(graded.page, {"by": graded.later})
    assert (again.status_code, "graded already" in again.get_data(as_text=True)) == (409, True)


def test_others_neither_see_nor_change_it(graded: Graded) -> None:
    found = re.search(r"/gradings/[^\"]+/withdraw", graded.browser().get(graded.page).get_data(as_text=True))
    assert found is not None
    viewer = graded.browser(Role.VIEWER)
    assert viewer.get(graded.page).status_code == 404
    assert viewer.post(found[0]).status_code == 403
    manager = graded.browser(Role.MANAGER)
    assert "Withdraw this grading" not in manager.get(graded.page).get_data(as_text=True)
    assert manager.post(found[0]).status_code == 403
    assert "base 2026-10.csv" not in viewer.get("/gradings").get_data(as_text=True)
    assert "Withdraw this grading" in graded.browser(Role.ADMIN).get(graded.page).get_data(as_text=True)


def test_what_is_doubtful_is_shown_before_it_is_stored(trained: Office) -> None:
    office = trained
    rows = [row | ({"Contract": "One year"} if n % 6 == 0 else {}) for n, row in enumerate(base(0, 360))]
    before = scored(office, as_file(rows), name="base 2026-10.csv")
    kept = [row for row in rows if row["Contract"] != "One year"]
    later = scored(office, as_file(kept), name="base 2026-11.csv")
    browser = office.browser(Role.ANALYST)
    for page in (text_of(browser, f"/predictions/{later}"), text_of(browser, f"/predictions/{before}")):
        assert "with Contract = “One year” are missing in the next file" in page
    address = f"/predictions/{before}/grading"
    asked = browser.post(address, {"by": later})
    assert asked.status_code == 422
    assert "I have looked at this: grade anyway" in asked.get_data(as_text=True)
    done = browser.post(address, {"by": later, "accept": "yes"}, follow_redirects=True)
    assert f"; {len(rows) - len(kept)} did" in html.unescape(done.get_data(as_text=True))


def test_large_files_are_graded_by_a_worker(graded: Graded) -> None:
    test_a_withdrawn_grading_vanishes_from_every_page(graded)
    ports, browser = ports_of(graded.office.application), graded.browser()
    with ports.new_uow() as uow:
        uow.runs.save(replace(uow.runs.get(RunId(graded.later)), file_bytes=9 * 1024**2))
        uow.commit()
    page = browser.post(graded.page, {"by": graded.later}, follow_redirects=True).get_data(as_text=True)
    assert "This prediction is being compared with a later file." in page
    assert 'id="grading_progress"' in browser.htmx(f"{graded.page}?waiting=1").get_data(as_text=True)
    with ports.new_reading() as uow:
        task = uow.tasks.latest_of(subject_of(graded.before))
    assert task is not None
    graded.office.application.campaigns.run_task(task.id)
    assert browser.htmx(f"{graded.page}?waiting=1").headers["HX-Redirect"] == graded.page
    assert graded.sentence in text_of(browser, graded.page)


def test_without_later_predictions_the_page_says_what_is_missing(trained: Office) -> None:
    office = trained
    before = scored(office, as_file(base(0, 200)), name="base 2026-10.csv")
    page = text_of(office.browser(Role.ANALYST), f"/predictions/{before}/grading")
    assert "Nothing can grade it yet: no later prediction has a stored file." in page
    assert "Best before: not known yet." in text_of(office.browser(Role.ANALYST), "/models/v1")
