"""A campaign's outcomes from files of customers that were never scored: sent for it, or kept from an earlier upload."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from application.ports.campaign_records import MemberKey
from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from domain.campaign import CampaignState
from domain.campaign_members import Outcome
from domain.training import TrainingRequest
from tests.integration.web.campaigns import Planner
from tests.integration.web.conftest import Office, furnished
from tests.integration.web.scored_file import the_file, train_and_score

HEADER, *ROWS = the_file("generated").decode().splitlines()
COLUMNS = HEADER.split(",")
TRUTH = COLUMNS.index("Churn")


@pytest.fixture(scope="module")
def scored_installation(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("outcomes") / "data"
    return furnished(installed, folder, lambda office: train_and_score(office, file=the_file("generated")))


@pytest.fixture
def planner(new_office: Callable[..., Office], scored_installation: Path) -> Planner:
    return Planner.of(new_office(copy_of=scored_installation))


@pytest.fixture
def address(planner: Planner) -> str:
    """A running campaign of 60 members, 12 of them left alone."""
    address = planner.draft(customers="60", control="20")
    planner.start(address)
    return address


def keys_of(planner: Planner, address: str) -> list[MemberKey]:
    with ports_of(planner.office.application).new_reading() as uow:
        return list(uow.campaigns.keys(planner.campaign(address).id))


def customers(
    *, without: set[str] = frozenset(), left: set[str] | None = None, truth: str = "Churn", only: int = 0
) -> str:
    """The scored customers at a later time; with the column that says who left, if `left` is given."""
    lines = []
    for row in ROWS[only:]:
        cells = row.split(",")
        if cells[0] in without:
            continue
        own = [cell for place, cell in enumerate(cells) if place != TRUTH]
        lines.append(",".join(own if left is None else [*own, "Yes" if cells[0] in left else "No"]))
    names = [name for name in COLUMNS if name != "Churn"] + ([] if left is None else [truth])
    return "\n".join([",".join(names), *lines])


def send(planner: Planner, address: str, text: str) -> tuple[int, str]:
    data = {"file": (io.BytesIO(text.encode()), "december.csv")}
    answer = planner.browser.post(f"{address}/outcomes/list", data, content_type="multipart/form-data")
    answer.request.environ["wsgi.input"].close()  # the test client keeps a large body in a file
    return answer.status_code, answer.get_data(as_text=True)


def fields_of(html: str, action: str) -> dict[str, Any]:
    part = html[html.index(f'action="{action}"') :]
    fields: dict[str, Any] = {}
    for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', part[: part.index("</form>")]):
        fields.setdefault(name, []).append(unescape(value))
    return fields


def store(planner: Planner, address: str, html: str, then: str) -> int:
    fields = fields_of(html, f"{address}/outcomes/file/store") | {"then": then}
    return planner.browser.post(f"{address}/outcomes/file/store", fields).status_code


def temporary(planner: Planner) -> list[str]:
    return [path.name for path in (planner.office.folder / "uploads").glob("check-*")]


def test_a_file_that_was_not_scored_says_who_left_and_closes_the_campaign(planner: Planner, address: str) -> None:
    keys = keys_of(planner, address)
    gone = {key.customer_id for key in keys[:5] + keys[-2:]}

    status, html = send(planner, address, customers(without=gone))

    assert status == 200
    assert "Taken for a file of all customers, with the ids in “customerID”." in html
    assert "<strong>53</strong> of 60 members stayed and <strong>7</strong> left. Nothing is recorded yet." in html
    assert "It has 393 of 400 customers" in html
    assert re.search(r"<dt>Missing</dt><dd[^>]*>7</dd>", html)
    assert "The file does not say who left" in html
    assert {key.outcome for key in keys_of(planner, address)} == {Outcome.UNKNOWN}
    assert store(planner, address, html, "close") == 303
    campaign = planner.campaign(address)
    assert campaign.state is CampaignState.CLOSED
    assert campaign.effect is not None
    assert (campaign.effect.contacted.left, campaign.effect.control.left) == (5, 2)
    assert "december.csv" in planner.page(f"{address}/outcomes")
    assert planner.office.audit()[:2] == ["closed a campaign", "recorded outcomes of a campaign"]
    assert temporary(planner) == []


@pytest.mark.parametrize("truth", ["Churn", "has_left"])
def test_the_column_of_who_left_is_recognised_whatever_the_model_calls_it(
    planner: Planner, address: str, truth: str
) -> None:
    keys = keys_of(planner, address)
    marked = {key.customer_id for key in keys[:4]} | {row.split(",")[0] for row in ROWS[::3]} - {
        key.customer_id for key in keys[4:]
    }

    _, html = send(planner, address, customers(left=marked, truth=truth))

    assert re.search(rf"<dt>Marked as having left</dt><dd[^>]*>4, by “{truth}”</dd>", html)
    assert store(planner, address, html, "record") == 303
    assert planner.campaign(address).state is CampaignState.RUNNING
    left = [key.customer_id for key in keys_of(planner, address) if key.outcome is Outcome.LEFT]
    assert left == [key.customer_id for key in keys[:4]]


def test_another_base_is_refused_and_nothing_can_be_recorded(planner: Planner, address: str) -> None:
    status, html = send(planner, address, customers(only=161))
    assert status == 200
    assert "This looks like another base: of 400 customers of the campaign’s prediction, it has 239" in html
    assert "Record and close" not in html


def test_the_campaigns_own_file_is_refused(planner: Planner, address: str) -> None:
    status, html = send(planner, address, the_file("generated").decode())
    assert status == 422
    assert "was made from this file" in html
    assert temporary(planner) == []


def test_figures_that_changed_since_they_were_shown_are_not_recorded(planner: Planner, address: str) -> None:
    keys = keys_of(planner, address)
    _, html = send(planner, address, customers(without={keys[0].customer_id}))
    fields = {"outcome": "left", "left_on": "", "version": "1"}
    assert planner.browser.post(f"{address}/members/1/outcome", fields).status_code == 303
    assert store(planner, address, html, "close") == 422 or store(planner, address, html, "close") == 409
    assert planner.campaign(address).state is CampaignState.RUNNING
    assert sum(key.outcome is Outcome.UNKNOWN for key in keys_of(planner, address)) == 59


def test_a_file_that_may_be_either_is_asked_about(planner: Planner, address: str) -> None:
    keys = keys_of(planner, address)
    rows = [f"{key.customer_id},{'left' if place < 2 else 'stayed'},North,3,x" for place, key in enumerate(keys[:50])]
    text = "\n".join(["customer_id,outcome,region,shop,remark", *rows])

    status, html = send(planner, address, text)

    assert status == 200
    assert "Is december.csv a list of outcomes" in html
    fields = fields_of(html, f"{address}/outcomes/list/answer")
    as_list = planner.browser.post(f"{address}/outcomes/list/answer", fields | {"answer": "list"})
    assert "<strong>50 outcomes</strong> would be recorded" in as_list.get_data(as_text=True)
    as_customers = planner.browser.post(f"{address}/outcomes/list/answer", fields | {"answer": "customers"})
    assert "This looks like another base" in as_customers.get_data(as_text=True)
    assert planner.browser.post(f"{address}/outcomes/list/answer", fields | {"answer": "both"}).status_code == 422


def test_a_list_with_few_columns_is_taken_for_a_list(planner: Planner, address: str) -> None:
    customer = keys_of(planner, address)[0].customer_id
    _, html = send(planner, address, f"customer_id,outcome,remark\n{customer},left,moved\n")
    assert "Taken for a list of outcomes, read from “customer_id” and “outcome”." in html


def test_ids_that_several_columns_may_hold_are_asked_about(planner: Planner, address: str) -> None:
    lines = [f"{row.split(',')[0]},K{number:06d}" for number, row in enumerate(ROWS)]
    status, html = send(planner, address, "\n".join(["first,second", *lines]))

    assert status == 200
    assert "Which column holds the customers’ ids?" in html
    fields = fields_of(html, f"{address}/outcomes/list/answer")
    html = planner.browser.post(f"{address}/outcomes/list/answer", fields | {"answer": "0"}).get_data(as_text=True)
    assert "with the ids in “first”" in html
    assert "<strong>60</strong> of 60 members stayed" in html


def test_an_upload_whose_scoring_failed_can_be_used(planner: Planner, address: str) -> None:
    keys = keys_of(planner, address)
    text = customers(without={keys[0].customer_id})
    analyst = Actor(planner.office.people[Role.ANALYST])
    application = planner.office.application
    waiting = application.predictions.submit_scoring(io.BytesIO(text.encode()), "waiting.csv", by=analyst)
    labelled = customers(left={key.customer_id for key in keys[:3]}).encode()
    training = application.models.submit_training(
        io.BytesIO(labelled), "to-learn.csv", TrainingRequest(algorithm="logistic", effort="low"), by=analyst
    )
    before = sorted(path.name for path in (planner.office.folder / "uploads").iterdir())

    html = planner.page(f"{address}/outcomes")
    assert "Or an upload that was not scored" in html
    assert "waiting.csv" in html
    assert "to-learn.csv" in html
    answer = planner.browser.post(f"{address}/outcomes/upload", {"upload": training.id})
    assert re.search(r"<dt>Marked as having left</dt><dd[^>]*>3, by “Churn”</dd>", answer.get_data(as_text=True))
    html = planner.browser.post(f"{address}/outcomes/upload", {"upload": waiting.id}).get_data(as_text=True)
    assert "By waiting.csv, <strong>59</strong> of 60 members stayed" in html
    assert store(planner, address, html, "record") == 303

    assert [key.outcome for key in keys_of(planner, address)].count(Outcome.LEFT) == 1
    assert sorted(path.name for path in (planner.office.folder / "uploads").iterdir()) == before


def test_uploads_of_others_and_from_before_the_start_are_not_offered(planner: Planner) -> None:
    application, text = planner.office.application, customers().encode()
    early = application.predictions.submit_scoring(
        io.BytesIO(text), "early.csv", by=Actor(planner.office.people[Role.ANALYST])
    )
    address = planner.draft(customers="60")
    planner.start(address)
    foreign = application.predictions.submit_scoring(
        io.BytesIO(text), "foreign.csv", by=Actor(planner.office.people[Role.ADMIN])
    )

    html = planner.page(f"{address}/outcomes")

    assert "early.csv" not in html
    assert "foreign.csv" not in html
    for upload in (early.id, foreign.id, "no-such-upload", "../netone.db"):
        assert planner.browser.post(f"{address}/outcomes/upload", {"upload": upload}).status_code == 404


def test_large_files_are_taken_as_for_a_prediction(planner: Planner, address: str) -> None:
    """Forms without a file of customers take half a megabyte."""
    padding = "x" * 3_000
    lines = [f"{row.split(',')[0]},{padding}" for row in ROWS]
    status, html = send(planner, address, "\n".join(["customer_id,letter", *lines]))
    assert status == 200
    assert "<strong>60</strong> of 60 members stayed" in html
