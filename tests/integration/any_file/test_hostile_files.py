"""A corpus of broken and malicious files: a sentence or a full account for each, never anything else."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from application.ports.runs import RunQuery
from bench.ports import ports_of
from domain.account import Account
from domain.actor import Actor
from domain.errors import DomainError
from domain.model import ModelVersion
from domain.run import JobState, Run
from entrypoints.application import Application
from tests.integration.any_file.conftest import Rows
from tests.integration.any_file.hostile.cases import Either, Hostile, Refused, Scored
from tests.integration.any_file.hostile.corpus import corpus
from tests.integration.any_file.scoring import as_csv, margins_of, written

FIRST_PART = 1024**2
MAX_MEMORY = 250 * 1024**2
"""What one file may take on top of the program, which takes some 200 MB, before it is at 500 MB."""


@pytest.fixture(scope="module")
def files(table: Rows) -> dict[str, Hostile]:
    return corpus(table)


def _names() -> list[str]:
    """Names alone, from a table that only looks like the real one."""
    header = ["customerID", "tenure", "MonthlyCharges", "TotalCharges", "Contract", "gender", "Partner"]
    return list(corpus([header, *([f"c{n}", "1", "2.5", "2.5", "One year", "Male", "Yes"] for n in range(60))]))


def test_the_corpus_holds_more_than_three_hundred_files() -> None:
    assert len(_names()) >= 300


def _status(name: str) -> int:
    """Bytes of this process's memory as Linux tells them: VmRSS now, VmHWM at most."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split(f"{name}:", 1)[1].split()[0]) * 1024


@pytest.fixture
def memory() -> Iterator[None]:
    """The file stays within its memory, where the system can tell."""
    forget = Path("/proc/self/clear_refs")
    try:
        forget.write_text("5", encoding="ascii")  # the most so far is forgotten
    except OSError:
        yield
        return
    before = _status("VmRSS")
    yield
    assert _status("VmHWM") - before < MAX_MEMORY


@pytest.fixture(scope="module")
def usual(application: Application, model: ModelVersion, table: Rows, folder: Path) -> list[float]:
    """The margins of the customers in the plain file."""
    return margins_of(application, model, written(folder / "usual.csv", as_csv(table)))


@pytest.fixture(scope="module")
def accepted(application: Application, somebody: Account) -> Iterator[list[Run]]:
    """The runs of files that were accepted. All of them can be deleted, and leave no file."""
    runs: list[Run] = []
    yield runs
    application.predictions.delete_runs([run.id for run in runs], by=Actor(somebody))
    ids = {run.id for run in runs}
    with ports_of(application).new_reading() as uow:
        assert ids.isdisjoint(run.id for run in uow.runs.find(RunQuery(limit=1_000)).runs)
    assert ids.isdisjoint(ports_of(application).uploads.ids())
    assert {run_id for run_id in ids if ports_of(application).results.size(run_id)} == set()


@pytest.mark.usefixtures("memory")
@pytest.mark.parametrize("name", _names())
def test_a_hostile_file_is_rejected_with_a_message_or_all_its_rows_are_accounted_for(
    application: Application,
    model: ModelVersion,
    somebody: Account,
    files: dict[str, Hostile],
    usual: list[float],
    accepted: list[Run],
    tmp_path: Path,
    name: str,
) -> None:
    hostile = files[name]
    content = hostile.content
    _check_first_part(application, content)
    before = set(ports_of(application).uploads.ids())
    run, refusal = _submitted(application, content, hostile.name, somebody)
    if run is None:
        assert set(ports_of(application).uploads.ids()) == before, "a refused file leaves nothing"
        _is_as_expected(hostile, refusal)
        return
    accepted.append(run)
    ended = application.predictions.score_run(run.id)
    assert ended is not None
    if ended.state is JobState.FAILED:
        assert ports_of(application).results.size(run.id) == 0, "a failed run has no result"
        _is_as_expected(hostile, ended.error or "")
    else:
        _is_accounted_for(application, hostile, ended)
    if isinstance(hostile.comes, Scored) and hostile.comes.alike:
        margins = margins_of(application, model, written(tmp_path / "hostile.csv", content))
        assert margins[: len(usual)] == usual


def _submitted(application: Application, content: bytes, name: str, by: Account) -> tuple[Run | None, str]:
    """The queued run, or the sentence of the refusal."""
    try:
        return application.predictions.submit_scoring(io.BytesIO(content), name, by=Actor(by)), ""
    except DomainError as refusal:
        return None, str(refusal)


def _check_first_part(application: Application, content: bytes) -> None:
    """What the upload page does with it: an answer or a sentence."""
    with suppress(DomainError):
        assert application.predictions.check_file(io.BytesIO(content[:FIRST_PART])).preview.header


def _is_as_expected(hostile: Hostile, sentence: str) -> None:
    assert isinstance(hostile.comes, Refused | Either), sentence
    assert sentence.startswith(getattr(hostile.comes, "begins", "")), sentence
    assert 20 < len(sentence) < 500, sentence
    assert "Something went wrong" not in sentence
    assert sentence[-1] in ".)", sentence


def _is_accounted_for(application: Application, hostile: Hostile, run: Run) -> None:
    assert not isinstance(hostile.comes, Refused), run.summary
    assert run.summary is not None
    summary = run.summary
    if isinstance(hostile.comes, Scored):
        assert (summary.rows, summary.rejected) == (hostile.comes.rows, hostile.comes.rejected)
    assert summary.scored == summary.rows - summary.rejected
    with ports_of(application).uploads.rejected_path(run.id).open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    assert len(listed) == summary.rejected
    assert all(row["reason"] and int(row["line"]) > 1 for row in listed)
    assert not {"/", "\\", "\0", "\n"} & set(run.file_name)
    assert run.file_name
