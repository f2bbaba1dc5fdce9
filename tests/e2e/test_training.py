"""Training a model of one's own in the browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from domain.account import Role
from tests.e2e.site import Site
from tests.e2e.visitor import Person, Visitor, expect_that

Visit = Callable[..., Visitor]


@pytest.fixture
def starter_again(site: Site) -> Iterator[None]:
    """Puts the starter model in charge again, for the tests that follow."""
    yield
    back = site.command("models", "promote", "v0", "--force", "--reason", "the tests go on with it")
    assert back.returncode == 0, back.stderr


@pytest.mark.usefixtures("starter_again")
def test_a_labelled_file_trains_a_model_that_then_scores(
    visit: Visit, site: Site, new_person: Callable[..., Person], labelled: Path, customers: Path
) -> None:
    visitor = visit(new_person(Role.MANAGER))
    page = visitor.page
    before = {version for (version,) in site.sql("select id from model_versions")}
    visitor.open("/models/new")
    visitor.choose(labelled)
    expect_that(page.get_by_label("What was recognised")).to_contain_text("600 customers left")
    page.get_by_text("More choices").click()
    page.get_by_label("Effort").select_option("low")
    visitor.press("Train model")
    page.wait_for_url(re.compile(r"/models/v\d+$"), timeout=180_000)
    made = page.url.rsplit("/", 1)[-1]
    assert made not in before
    rows, churned, starter = site.sql("select rows, churned, starter from model_versions where id = ?", made)[0]
    assert (rows, starter) == (600, 0)
    assert 0 < churned < 600
    for figure in ("Accuracy", "Precision", "Recall", "F1", "AUC", "600"):
        expect_that(page.locator("main")).to_contain_text(figure)
    assert site.sql("select id from model_versions where stage = 'champion'") == [(made,)]
    visitor.predict(customers)
    expect_that(page.get_by_text("Scored by the starter model")).to_have_count(0)
    expect_that(page.locator(f".answer-note a[href$='/models/{made}']")).to_be_visible()
