"""`netone campaign`: from a prediction to a closed campaign on the command line."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from tests.integration.terminal import LEFT_OPEN, Terminal

pytestmark = LEFT_OPEN


@pytest.fixture(scope="module")
def run(scored: tuple[dict[str, Any], Path]) -> str:
    return str(scored[0]["run"])


@pytest.fixture(scope="module")
def later(terminal: Terminal, run: str, labelled: Path, started: dict[str, Any]) -> str:
    """The file again without every tenth customer and without the truth, scored after the campaign's start."""
    with labelled.open() as file:
        rows = list(csv.DictReader(file))
    kept = terminal.folder / "later.csv"
    with kept.open("w", newline="") as file:
        writer = csv.DictWriter(file, [name for name in rows[0] if name != "Churn"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(row for place, row in enumerate(rows) if place % 10)
    return str(terminal.json("score", kept, "--out", terminal.folder / "later-scored.csv")["run"])


@pytest.fixture(scope="module")
def started(terminal: Terminal, run: str) -> dict[str, Any]:
    options = ("--members", 60, "--budget", 5000, "--capacity", "phone=20", "--control", "25%", "--start")
    made: dict[str, Any] = terminal.json("campaign", "create", run, "--name", "Spring calls", *options)
    return made


def test_a_campaign_is_chosen_within_its_limits_and_started(started: dict[str, Any]) -> None:
    assert (started["name"], started["state"]) == ("Spring calls", "running")
    assert started["contacted"] + started["control"] <= 60
    assert started["control"] >= 10
    phone = [action["contacted"] for action in started["actions"] if action["channel"] == "phone"]
    assert sum(phone) <= 20
    assert started["offer_cost"] <= 5000
    assert started["expected_gain"] > 0


def test_a_draft_is_described_in_words(terminal: Terminal, run: str, started: dict[str, Any]) -> None:
    done = terminal.run("campaign", "create", run, "--name", "Another", "--members", 5, "--control", 0)
    assert done.returncode == 0, done.stderr
    assert "“Another” is planned: 5 customers to contact, 0 left alone at random." in done.stderr
    assert f"{started['contacted'] + started['control']}  left out: in another campaign" in done.stderr
    campaign = done.stdout.strip()
    assert "not started" in terminal.mistake("campaign", "outcomes", campaign, "--run", run)


def test_the_list_is_exported_without_those_left_alone(terminal: Terminal, started: dict[str, Any]) -> None:
    campaign, out = started["campaign"], terminal.folder / "list.csv"
    done = terminal.run("campaign", "export", campaign, "--channel", "phone", "-o", out)
    phone = sum(action["contacted"] for action in started["actions"] if action["channel"] == "phone")
    assert f"{phone} customers were written" in done.stderr
    whole = list(csv.DictReader(io.StringIO(terminal.run("campaign", "export", campaign).stdout.lstrip("\ufeff"))))
    assert len(whole) == started["contacted"]
    assert len(list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))) == phone
    controls = terminal.sql("select customer_id from campaign_members where side = 'control'")
    assert not {row["customer_id"] for row in whole} & {one for (one,) in controls}
    assert "-o" in terminal.mistake("campaign", "export", campaign, "--format", "xlsx")


def test_outcomes_come_from_a_list_and_a_later_prediction(
    terminal: Terminal, started: dict[str, Any], run: str, later: str
) -> None:
    campaign, listed = started["campaign"], terminal.folder / "outcomes.csv"
    one, two = (row[0] for row in terminal.sql("select customer_id from campaign_members order by number limit 2"))
    listed.write_text(f"customer_id,outcome\n{one},left\n{two},left\n{two},stayed\nnobody,left\n")
    shown = terminal.json("campaign", "outcomes", campaign, "--file", listed, "--check")
    assert (shown["recorded"], shown["matched"], shown["unmatched"], shown["contradicting"]) == (False, 3, 1, 2)
    assert [own["line"] for own in shown["lines"]] == [5, 3, 4]
    assert "leave these rows out" in terminal.mistake("campaign", "outcomes", campaign, "--file", listed)
    stored = terminal.json("campaign", "outcomes", campaign, "--file", listed, "--leave-out")
    assert (stored["recorded"], stored["new"], stored["state"]) == (True, 1, "running")
    assert stored["taken_for"] == "list"
    known = "select count(*) from campaign_members where outcome != 'unknown'"
    assert terminal.sql(known) == [(1,)]

    customers = terminal.folder / "later.csv"
    read = terminal.json("campaign", "outcomes", campaign, "--file", customers, "--check")
    assert (read["taken_for"], read["recorded"], read["found"], read["marked"]) == ("customers", False, 450, None)
    in_words = terminal.run(
        "campaign", "outcomes", campaign, "--file", customers, "--check", "--id", "customerID"
    ).stderr
    assert "Taken for a file of all customers, with the ids in “customerID”." in in_words
    assert "is not in this file" in terminal.mistake("campaign", "outcomes", campaign, "--file", customers, "--id", "x")
    either = terminal.folder / "either.csv"
    either.write_text(f"customer_id,outcome,region,shop,remark\n{one},left,N,1,x\n{two},stayed,N,2,x\n")
    asked = terminal.mistake("campaign", "outcomes", campaign, "--file", either, "--check")
    assert asked.endswith("Answer with --as list or --as customers.")
    as_list = terminal.json("campaign", "outcomes", campaign, "--file", either, "--check", "--as", "list")
    assert (as_list["taken_for"], as_list["matched"]) == ("list", 2)
    assert "another base" in terminal.mistake("campaign", "outcomes", campaign, "--file", either, "--as", "customers")
    assert terminal.sql(known) == [(1,)]

    assert "was made from this prediction" in terminal.mistake("campaign", "outcomes", campaign, "--run", run)
    checked = terminal.run("campaign", "outcomes", campaign, "--run", later, "--check")
    assert "Nothing was recorded." in checked.stderr
    assert terminal.sql(known) == [(1,)]
    closed = terminal.json("campaign", "outcomes", campaign, "--run", later, "--close")
    assert (closed["state"], closed["recorded"], closed["found"]) == ("closed", True, 450)
    assert closed["left"] + closed["stayed"] == closed["members"] == started["contacted"] + started["control"]
    assert closed["left"] == closed["missing"]
    assert closed["marked"] is None
    assert terminal.sql(known) == [(closed["members"],)]
    assert "closed" in terminal.mistake("campaign", "outcomes", campaign, "--run", later)


def test_mistakes_are_said_in_one_line(terminal: Terminal, run: str) -> None:
    create = ("campaign", "create", run, "--name", "X")
    assert "phone=100" in terminal.mistake(*create, "--capacity", "pigeon=3")
    assert "not a percentage" in terminal.mistake(*create, "--control", "some")
    assert "at most half" in terminal.mistake(*create, "--control", "60%")
    assert "no such prediction" in terminal.mistake("campaign", "create", "nothing", "--name", "X")
    assert "either --run or --file" in terminal.mistake("campaign", "outcomes", "x")
    assert "--check" in terminal.mistake("campaign", "outcomes", "x", "--run", "y", "--check", "--close")
    assert "no such campaign" in terminal.mistake("campaign", "outcomes", "x", "--run", "y")
