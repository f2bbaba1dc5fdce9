"""A corpus of broken and malicious files: a sentence or a full account for each, never anything else."""

from __future__ import annotations

import csv
import io
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from domain.account import Account
from domain.errors import ChurnDeskError
from domain.run import Run, RunState
from entrypoints.desk import Desk
from tests.integration.any_file.conftest import Rows
from tests.integration.any_file.hostile import Either, Hostile, Refused, Scored, corpus

FIRST_PART = 1024**2
MOST_MEMORY = 500 * 1024**2
"""On top of the program itself and what tests before these had taken."""
MOST_SECONDS = 10.0
"""Processor time for one file."""


@pytest.fixture(scope="module")
def files(table: Rows) -> dict[str, Hostile]:
    return corpus(table)


def _names() -> list[str]:
    """Names alone, from a table that only looks like the real one."""
    header = ["customerID", "tenure", "MonthlyCharges", "Contract", "gender"]
    return list(corpus([header, *([f"c{n}", "1", "2.5", "One year", "Male"] for n in range(60))]))


def test_the_corpus_holds_more_than_a_hundred_and_fifty_files() -> None:
    assert len(_names()) >= 150


def _most_memory() -> int:
    """The most that this process ever had resident, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


@pytest.fixture(scope="module", autouse=True)
def memory_before() -> int:
    return _most_memory()


@pytest.fixture
def seconds() -> Iterator[None]:
    started = time.process_time()
    yield
    assert time.process_time() - started < MOST_SECONDS


@pytest.mark.usefixtures("seconds")
@pytest.mark.parametrize("name", _names())
def test_a_hostile_file_is_refused_in_words_or_scored_with_every_row_accounted_for(
    desk: Desk, somebody: Account, files: dict[str, Hostile], name: str
) -> None:
    hostile = files[name]
    content = hostile.content
    _check_first_part(desk, content)
    before = set(desk.uploads.ids())
    run, refusal = _submitted(desk, content, hostile.name, somebody)
    if run is None:
        assert set(desk.uploads.ids()) == before, "a refused file leaves nothing"
        _is_as_expected(hostile, refusal)
        return
    ended = desk.score_run(run.id)
    assert ended is not None
    try:
        if ended.state is RunState.FAILED:
            assert desk.results.size(run.id) == 0, "a failed run has no result"
            _is_as_expected(hostile, ended.error or "")
        else:
            _is_accounted_for(desk, hostile, ended)
    finally:
        desk.delete_runs([run.id], by=somebody)


def _submitted(desk: Desk, content: bytes, name: str, by: Account) -> tuple[Run | None, str]:
    """The queued run, or the sentence of the refusal."""
    try:
        return desk.submit_scoring(io.BytesIO(content), name, by=by), ""
    except ChurnDeskError as refusal:
        return None, str(refusal)


def _check_first_part(desk: Desk, content: bytes) -> None:
    """What the upload page does with it: an answer or a sentence."""
    with suppress(ChurnDeskError):
        assert desk.check_file(io.BytesIO(content[:FIRST_PART])).preview.header


def _is_as_expected(hostile: Hostile, sentence: str) -> None:
    assert isinstance(hostile.comes, Refused | Either), sentence
    assert sentence.startswith(getattr(hostile.comes, "begins", "")), sentence
    assert 20 < len(sentence) < 500, sentence
    assert "Something went wrong" not in sentence
    assert sentence[-1] in ".)", sentence


def _is_accounted_for(desk: Desk, hostile: Hostile, run: Run) -> None:
    assert not isinstance(hostile.comes, Refused), run.summary
    assert run.summary is not None
    summary = run.summary
    if isinstance(hostile.comes, Scored):
        assert (summary.rows, summary.rejected) == (hostile.comes.rows, hostile.comes.rejected)
    assert summary.scored == summary.rows - summary.rejected
    with desk.uploads.rejected_path(run.id).open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    assert len(listed) == summary.rejected
    assert all(row["reason"] and int(row["line"]) > 1 for row in listed)
    assert not {"/", "\\", "\0", "\n"} & set(run.file_name)
    assert run.file_name


def test_all_of_them_together_stayed_within_the_memory_that_is_promised(memory_before: int) -> None:
    assert _most_memory() - memory_before < MOST_MEMORY
