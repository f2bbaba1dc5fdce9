"""Outcomes on pages: from a later prediction and from a list, shown before anything is stored, without controls."""

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
from domain.campaign_members import Outcome, Side
from tests.integration.web.campaigns import Planner
from tests.integration.web.conftest import Office, furnished
from tests.integration.web.scored_file import the_file, train_and_score


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


def score_later(planner: Planner, *, keep: Callable[[int, str], bool], name: str = "next-month.csv") -> str:
    """Score the file again without the truth, with the rows that are kept by number and id. Returns the run."""
    header, *rows = the_file("generated").decode().splitlines()
    columns = header.split(",")
    truth, customer = columns.index("Churn"), columns.index("customerID")

    def cells(line: str) -> str:
        return ",".join(cell for place, cell in enumerate(line.split(",")) if place != truth)

    kept = [cells(row) for number, row in enumerate(rows) if keep(number, row.split(",")[customer])]
    content = "\n".join([cells(header), *kept]).encode()
    predictions = planner.office.application.predictions
    by = Actor(planner.office.people[Role.ANALYST])
    run = predictions.score_run(predictions.submit_scoring(io.BytesIO(content), name, by=by).id)
    assert run is not None
    assert run.error is None
    return str(run.id)


def look_into(planner: Planner, address: str, run: str) -> str:
    version = str(planner.campaign(address).version)
    answer = planner.browser.post(f"{address}/outcomes/prediction", {"run": run, "based_on": version})
    assert answer.status_code == 303
    assert "every 500ms" in planner.page(f"{address}/outcomes")
    planner.work()
    return planner.page(f"{address}/outcomes")


def store(planner: Planner, address: str, html: str, then: str) -> None:
    task = re.search(r'name="task" value="([^"]+)"', html)
    assert task is not None
    fields = {"task": task[1], "based_on": str(planner.campaign(address).version), "then": then}
    assert planner.browser.post(f"{address}/outcomes/prediction/store", fields).status_code == 303
    planner.work()


def test_a_later_prediction_says_who_left_and_closes_the_campaign(planner: Planner, address: str) -> None:
    keys = keys_of(planner, address)
    gone = {key.customer_id for key in keys[:5] + keys[-2:]}
    run = score_later(planner, keep=lambda _, customer: customer not in gone)

    html = look_into(planner, address, run)

    assert "What next-month.csv says" in html
    assert "Nothing is recorded yet" in html
    assert re.search(r"<dt>Missing</dt><dd[^>]*>7</dd>", html)
    assert re.search(r"<dt>So stayed</dt><dd[^>]*>53</dd>", html)
    assert {key.outcome for key in keys_of(planner, address)} == {Outcome.UNKNOWN}
    store(planner, address, html, "close")
    campaign = planner.campaign(address)
    assert campaign.state is CampaignState.CLOSED
    assert campaign.effect is not None
    assert (campaign.effect.contacted.left, campaign.effect.control.left) == (5, 2)
    html = planner.page(f"{address}/outcomes")
    assert "<strong>53</strong> stayed and <strong>7</strong> left" in html
    assert "next-month.csv" in html
    assert "Show what it says" not in html
    assert planner.office.audit()[:2] == ["closed a campaign", "recorded outcomes of a campaign"]


def test_recording_alone_leaves_the_campaign_open(planner: Planner, address: str) -> None:
    run = score_later(planner, keep=lambda *_: True)
    store(planner, address, look_into(planner, address, run), "record")
    assert planner.campaign(address).state is CampaignState.RUNNING
    assert {key.outcome for key in keys_of(planner, address)} == {Outcome.STAYED}
    answer = planner.browser.htmx(f"{address}/outcomes")
    assert answer.headers["HX-Redirect"].endswith("/outcomes")


def test_another_base_is_refused(planner: Planner, address: str) -> None:
    html = look_into(planner, address, score_later(planner, keep=lambda number, _: number % 5 < 2))
    assert "This looks like another base" in html
    assert "At least 60% are needed" in html
    assert "Record and close" not in html


def test_a_prediction_that_cannot_be_used_is_explained(planner: Planner, address: str) -> None:
    fields = {"run": planner.run_id, "based_on": str(planner.campaign(address).version)}
    answer = planner.browser.post(f"{address}/outcomes/prediction", fields)
    assert answer.status_code == 422
    assert "was made from this prediction" in answer.get_data(as_text=True)
    assert "There is no prediction since the campaign started" in answer.get_data(as_text=True)
    answer = planner.browser.post(f"{address}/outcomes/prediction", fields | {"based_on": "1"})
    assert "This campaign was changed in the meantime" in answer.get_data(as_text=True)
    assert planner.browser.post(f"{address}/outcomes/prediction", {"run": planner.run_id}).status_code == 422


def upload(planner: Planner, address: str, text: str) -> tuple[int, str]:
    data = {"file": (io.BytesIO(text.encode()), "answers.csv")}
    answer = planner.browser.post(f"{address}/outcomes/list", data, content_type="multipart/form-data")
    return answer.status_code, answer.get_data(as_text=True)


def hidden(html: str, form: str) -> dict[str, str]:
    part = html[html.index(form) :]
    part = part[: part.index("</form>")]
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', part)) | {"then": "record"}


def answering(html: str, address: str) -> dict[str, Any]:
    """The fields of a question's form, without an answer."""
    part = html[html.index(f'action="{address}/outcomes/list/answer"') :]
    fields: dict[str, Any] = {}
    for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', part[: part.index("</form>")]):
        fields.setdefault(name, []).append(unescape(value))
    return fields


def test_a_list_is_shown_first_and_stored_without_its_bad_rows(planner: Planner, address: str) -> None:
    keys = keys_of(planner, address)
    one, two, control = keys[0].customer_id, keys[1].customer_id, keys[-1].customer_id
    assert keys[-1].side is Side.CONTROL
    text = (
        f"customer_id,outcome\n{one},left\n{two},left\n{two},stayed\n{control},stayed\n=CMD(),left\n<b>x</b>,stayed\n"
    )

    status, html = upload(planner, address, text)

    assert status == 200
    assert "<strong>2 outcomes</strong> would be recorded from answers.csv" in html
    assert "Line 4, " in html
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert control not in html
    fields = hidden(html, f'action="{address}/outcomes/list/store"')
    answer = planner.browser.post(f"{address}/outcomes/list/store", fields)
    assert answer.status_code == 422
    assert "correct the file, or leave these rows out" in answer.get_data(as_text=True)
    rows = planner.browser.post(f"{address}/outcomes/list/rows.csv", fields).get_data().decode("utf-8-sig")
    assert rows.splitlines()[1:3] == [
        f"3,{two},contradicts another row about this customer,",
        f"4,{two},contradicts another row about this customer,",
    ]
    assert "6,'=CMD(),is no member of this campaign," in rows
    answer = planner.browser.post(f"{address}/outcomes/list/store", fields | {"leave_out": "yes"})
    assert answer.status_code == 303
    outcomes = {key.customer_id: key.outcome for key in keys_of(planner, address)}
    assert (outcomes[one], outcomes[two], outcomes[control]) == (Outcome.LEFT, Outcome.UNKNOWN, Outcome.STAYED)


def test_unclear_dates_are_asked_about_and_read_as_answered(planner: Planner, address: str) -> None:
    customer = keys_of(planner, address)[0].customer_id
    _, html = upload(planner, address, f"customer_id,outcome,left_on\n{customer},left,03/04/2026\nx,left,05/06/2026\n")
    assert "can be read with the day or the month first" in html
    fields = answering(html, address)
    assert 'name="answer" value="day-first"' in html
    answer = planner.browser.post(f"{address}/outcomes/list/answer", fields | {"answer": "day-first"})
    assert "<strong>1 outcome</strong> would be recorded" in answer.get_data(as_text=True)
    fields = hidden(answer.get_data(as_text=True), f'action="{address}/outcomes/list/store"')
    assert fields["date_order"] == "day-first"
    assert planner.browser.post(f"{address}/outcomes/list/store", fields).status_code == 303
    assert str(keys_of(planner, address)[0].outcome_on) == "2026-04-03"
    fields["date_order"] = "year-of-the-dragon"
    assert planner.browser.post(f"{address}/outcomes/list/answer", fields).status_code == 400


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "The file is empty"),
        ("a,b\n1,2\n", "No column with the customers’ ids"),
        ("customer_id,outcome\nx,left\n", "names no member"),
    ],
)
def test_a_file_that_is_no_list_is_explained(planner: Planner, address: str, text: str, words: str) -> None:
    status, html = upload(planner, address, text)
    assert status == 422
    assert words in html


def test_a_list_that_is_not_wanted_is_deleted(planner: Planner, address: str) -> None:
    customer = keys_of(planner, address)[0].customer_id
    _, html = upload(planner, address, f"customer_id,outcome\n{customer},left\n")
    fields = hidden(html, f'action="{address}/outcomes/list/store"')
    assert planner.browser.post(f"{address}/outcomes/list/forget").status_code == 303
    answer = planner.browser.post(f"{address}/outcomes/list/store", fields)
    assert "no longer here" in answer.get_data(as_text=True)


def test_who_only_reads_sees_counts_and_records_nothing(planner: Planner, address: str) -> None:
    viewer = planner.office.browser(Role.VIEWER)
    assert viewer.get(f"{address}/outcomes").status_code == 404
    version = planner.campaign(address).version
    planner.browser.post(f"{address}/share", {"shared": "yes", "based_on": str(version)})
    html = viewer.get(f"{address}/outcomes").get_data(as_text=True)
    assert "records outcomes" in html
    assert "Check the file" not in html
    assert viewer.post(f"{address}/outcomes/prediction", {"run": "x", "based_on": "3"}).status_code == 403
    draft = planner.draft(customers="5")
    assert planner.browser.get(f"{draft}/outcomes").headers["Location"] == draft


def test_an_outcome_is_recorded_by_hand_on_the_card(planner: Planner, address: str) -> None:
    card = f"{address}/members/1"
    assert "What became of the customer" in planner.page(card)
    fields = {"outcome": "left", "left_on": "2026-11-30", "version": "1"}
    assert planner.browser.post(f"{card}/outcome", fields).status_code == 303
    html = planner.page(card)
    assert "Outcome: left 2026-11-30" in html
    assert 'value="2026-11-30"' in html
    assert keys_of(planner, address)[0].outcome is Outcome.LEFT
    planner.browser.post(f"{card}/outcome", fields | {"outcome": "stayed"})
    assert "changed this entry in the meantime" in planner.page(card)
    planner.browser.post(f"{card}/outcome", fields | {"version": "2", "left_on": "soon"})
    assert "Write the date as year-month-day" in planner.page(card)
    control = keys_of(planner, address)[-1]
    assert control.side is Side.CONTROL
    assert planner.browser.post(f"{address}/members/{control.number}/outcome", fields).status_code == 404
    assert keys_of(planner, address)[-1].outcome is Outcome.UNKNOWN
