"""Some of the hostile files all the way: page, lists and downloads on the web, and the command line, say the same."""

from __future__ import annotations

import csv
import html
import io
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from domain.account import Role, system_account
from domain.actor import Actor
from domain.run import RunId, RunSummary
from entrypoints.application import Application
from entrypoints.bootstrap import create_application
from entrypoints.settings import Settings
from tests.integration.any_file.conftest import Rows
from tests.integration.any_file.hostile.cases import Hostile, Refused
from tests.integration.any_file.hostile.corpus import corpus
from tests.integration.any_file.scoring import as_csv, written
from tests.integration.terminal import Terminal
from tests.integration.web.conftest import PASSWORD, Browser, JobsLeftAlone

FIRST_PART = 1024**2


@dataclass(frozen=True)
class Installation:
    """One installation, by browser and by terminal."""

    browser: Browser
    application: Application
    terminal: Terminal


@pytest.fixture(scope="module")
def installation(with_starter: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    own = tmp_path_factory.mktemp("installation")
    shutil.copytree(with_starter, own / "data")
    app = create_application(Settings(data_dir=own / "data", bcrypt_cost=4, test=True), jobs=JobsLeftAlone())
    made: Application = app.extensions["netone"]
    made.administration.add_account(
        "Shop", "shop@example.com", PASSWORD, Role.ADMIN, by=Actor(system_account(made.now()))
    )
    browser = Browser(app)
    assert browser.log_in("shop@example.com").status_code == 303
    yield Installation(browser, made, Terminal(own))
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


@pytest.fixture(scope="module")
def files(table: Rows) -> dict[str, Hostile]:
    return corpus(table)


def all_alike(table: Rows, columns: int, name: str) -> bytes:
    return as_csv([[*table[0], *[name] * columns], *([*row, *["1"] * columns] for row in table[1:4])]).encode()


CHOSEN = (
    "a NUL in a tenth of the rows",
    "one row in Windows-1252",
    "a tenth of the rows too short",
    "names as markup",
    "names with line ends",
    "ids: formulas",
    "ids: markup",
    "very long levels",
    "three exports joined",
    "a quarter of the rows too short",
    "no charges: versions",
    "a workbook without sheets",
    "gzip damaged within",
)
OTHERS = {"2,000 columns of one name": "Note", "2,000 columns without a name": ""}


@pytest.mark.parametrize("name", [*CHOSEN, *OTHERS])
def test_page_downloads_and_command_line_agree(
    installation: Installation, table: Rows, files: dict[str, Hostile], tmp_path: Path, name: str
) -> None:
    content = all_alike(table, 2_000, OTHERS[name]) if name in OTHERS else files[name].content
    assert sent(installation, "/predictions/check", content[:FIRST_PART]).status_code in (200, 422)

    summary = on_the_web(installation, content)
    source, out, rejected = written(tmp_path / "in.csv", content), tmp_path / "out.csv", tmp_path / "rejected.csv"
    if summary is None:
        assert name not in OTHERS
        assert isinstance(files[name].comes, Refused)
        assert len(installation.terminal.mistake("score", source, "--out", out, "--json").splitlines()) == 1
        assert not out.exists()
        return
    said = installation.terminal.json("score", source, "--out", out, "--with-input", "--rejected", rejected)
    assert (said["rows"], said["scored"], said["rejected"]) == (summary.rows, summary.scored, summary.rejected)
    assert len(lines_of(out.read_text("utf-8"))) == summary.scored + 1
    assert len(lines_of(rejected.read_text("utf-8"))) == summary.rejected + 1


def sent(installation: Installation, url: str, content: bytes) -> Any:
    data = {"file": (io.BytesIO(content), "customers.csv")}
    return installation.browser.post(url, data, htmx=True, content_type="multipart/form-data")


def on_the_web(installation: Installation, content: bytes) -> RunSummary | None:
    """What the run found, with every place that tells of it; None for a file that is refused or given up."""
    answer = sent(installation, "/predictions", content)
    if answer.status_code == 422:
        assert "This file was not accepted." in words_of(answer)
        return None
    run_id = answer.headers["HX-Push-Url"].rsplit("/", 1)[-1]
    ended = installation.application.predictions.score_run(RunId(run_id))
    assert ended is not None
    page = words_of(installation.browser.get(f"/predictions/{run_id}"))
    if ended.summary is None:
        assert f"{ended.error}"[:60] in page
        return None
    summary = ended.summary
    assert f"{summary.rows:,} = {summary.scored:,} scored + {summary.rejected:,} rejected" in page
    for question in ("raw=1", "raw=1&with_input=1&sort=row&dir=asc"):
        lines = lines_of(
            installation.browser.get(f"/predictions/{run_id}/export.csv?{question}").get_data(as_text=True)
        )
        assert len(lines) == summary.scored + 1
        assert len(set(lines[0])) == len(lines[0])
        assert {len(line) for line in lines} == {len(lines[0])}
    with installation.browser.get(f"/predictions/{run_id}/rejected.csv") as listed:
        assert len(lines_of(listed.get_data(as_text=True))) == summary.rejected + 1
    return summary


def words_of(answer: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))
    return re.sub(r"\s+", " ", html.unescape(text))


def lines_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))
