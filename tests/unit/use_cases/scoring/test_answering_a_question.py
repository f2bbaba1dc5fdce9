"""A file that raises a question while it is read is kept, and scored with the answer."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.formatting.babel_formats import formats_of
from adapters.intake.reader import CsvCustomerFiles
from application.ports.audit import AuditQuery
from application.ports.intake import CustomerFiles, FilePreview
from application.use_cases.predictions.run_files import ScoreAgain
from application.use_cases.predictions.submit_scoring import SubmitScoring
from domain.account import Role
from domain.actor import Actor
from domain.errors import EncodingUnclear, FileRefused, InvalidInput, NotFound, RunNotFound
from domain.file_format import FormatChoice
from domain.question import Subject
from domain.run import JobState, Run
from tests.builders import an_account
from tests.unit.use_cases.scoring.application import ANALYST, HEADER, ScoringApplication

MANY = 3_000
"""Rows with a long id that fill more than the first part of a file, which is examined at its arrival."""


def with_late(cell: str, contract: bytes = b"Two year") -> bytes:
    """A file whose last row alone has this bill and this contract."""
    rows = [f"C-{row:0400d},{row % 72},{20 + row % 70},Yes,Month-to-month" for row in range(MANY)]
    return "\n".join([HEADER, *rows, f"C-last,3,{cell},Yes,"]).encode() + contract


LATE_MARK = with_late('"2.915"')
LATE_LETTERS = gzip.compress(with_late("30", "Genève".encode("cp1252")), 1)


@dataclass(frozen=True)
class UnclearLetters(CsvCustomerFiles):
    """Files whose encoding is asked for, too."""

    def preview(self, path: Path, choice: FormatChoice | None = None, *, known: Collection[str] = ()) -> FilePreview:
        if choice is None or choice.encoding is None:
            raise EncodingUnclear((("cp1252", "Windows-1252", "Genève"), ("cp1250", "Windows-1250", "Gencve")))
        return super().preview(path, choice, known=known)


def score_again(app: ScoringApplication, files: CustomerFiles | None = None) -> ScoreAgain:
    submit = SubmitScoring(app.new_uow, files or app.intake, app.uploads, app.queue, app.clock, app.ids, formats_of)
    return ScoreAgain(app.new_uow, app.uploads, submit)


@pytest.fixture
def asked(app: ScoringApplication) -> Callable[[bytes], Run]:
    def ask(content: bytes) -> Run:
        ended = app.score(app.submit(content).id)
        assert ended is not None
        return ended

    return ask


@pytest.mark.parametrize(
    ("content", "about", "values"),
    [(LATE_MARK, Subject.DECIMAL, (".", ",")), (LATE_LETTERS, Subject.ENCODING, ("cp1252", "cp1250"))],
)
def test_a_run_whose_file_raises_a_question_ends_with_it_and_keeps_the_file(
    app: ScoringApplication,
    asked: Callable[[bytes], Run],
    content: bytes,
    about: Subject,
    values: tuple[str, ...],
) -> None:
    run = asked(content)
    assert (run.state, run.summary, run.stopped) == (JobState.FAILED, None, None)
    assert run.question is not None
    assert (run.question.about, run.question.values[:2]) == (about, values)
    assert run.error == run.question.text
    assert app.run(run.id) == run
    assert app.files == [app.uploads.path(run.id)]
    assert app.results.runs == {}
    with app.new_uow() as uow:
        assert [record.id for record in uow.uploads.all()] == [run.id]


@pytest.mark.parametrize(("mark", "bill"), [(".", 2.915), (",", 2915.0)])
def test_the_answer_scores_the_same_file(
    app: ScoringApplication, asked: Callable[[bytes], Run], mark: str, bill: float
) -> None:
    first = asked(LATE_MARK)
    again = score_again(app)(first.id, by=Actor(ANALYST), answer=[mark])
    assert again.id != first.id
    assert again.file_sha256 == first.file_sha256
    ended = app.score(again.id)
    assert ended is not None
    assert (ended.state, ended.question) == (JobState.DONE, None)
    assert ended.summary is not None
    assert ended.summary.format is not None
    assert ended.summary.format.decimal == mark
    with app.new_uow() as uow:
        assert uow.audit.find(AuditQuery(action="answered a question about a file"))[1] == 1


@pytest.mark.parametrize("answer", [["utf-8"], [";"], [".", ","], [""]])
def test_an_answer_that_is_not_offered_starts_nothing(
    app: ScoringApplication, asked: Callable[[bytes], Run], answer: list[str]
) -> None:
    run = asked(LATE_MARK)
    with pytest.raises(InvalidInput, match="Choose one of the answers"):
        score_again(app)(run.id, by=Actor(ANALYST), answer=answer)
    assert len(app.runs) == 1


def test_a_run_without_a_question_takes_no_answer(app: ScoringApplication) -> None:
    run = app.score(app.submit().id)
    assert run is not None
    with pytest.raises(InvalidInput, match="Choose one of the answers"):
        score_again(app)(run.id, by=Actor(ANALYST), answer=["."])


def test_a_question_is_not_answered_by_strangers_or_without_the_file(
    app: ScoringApplication, asked: Callable[[bytes], Run]
) -> None:
    run = asked(LATE_MARK)
    with pytest.raises(RunNotFound):
        score_again(app)(run.id, by=Actor(an_account(id="stranger", role=Role.ANALYST)), answer=["."])
    app.uploads.discard(run.id)
    with pytest.raises(NotFound, match="no longer available"):
        score_again(app)(run.id, by=Actor(ANALYST), answer=["."])


def test_an_answer_that_raises_another_question_is_kept_and_the_same_run_asks(
    app: ScoringApplication, asked: Callable[[bytes], Run]
) -> None:
    first, again = asked(LATE_MARK), score_again(app, UnclearLetters())

    asking = again(first.id, by=Actor(ANALYST), answer=["."])

    assert app.run(first.id) == asking
    assert asking.question is not None
    assert (asking.question.about, asking.question.values) == (Subject.ENCODING, ("cp1252", "cp1250"))
    assert asking.error == asking.question.text
    assert app.files == [app.uploads.path(first.id)]
    with pytest.raises(InvalidInput, match="Choose one of the answers"):
        again(first.id, by=Actor(ANALYST), answer=[","])

    ended = app.score(again(first.id, by=Actor(ANALYST), answer=["cp1252"]).id)

    assert ended is not None
    assert (ended.state, ended.question) == (JobState.DONE, None)
    assert (ended.format_override.decimal, ended.format_override.encoding) == (".", "cp1252")


def test_an_answer_with_which_the_file_is_refused_changes_nothing(
    app: ScoringApplication, asked: Callable[[bytes], Run]
) -> None:
    class Refusing(CsvCustomerFiles):
        def preview(
            self, path: Path, choice: FormatChoice | None = None, *, known: Collection[str] = ()
        ) -> FilePreview:
            raise FileRefused("Not a table.")

    first = asked(LATE_MARK)
    with pytest.raises(FileRefused, match="Not a table"):
        score_again(app, Refusing())(first.id, by=Actor(ANALYST), answer=["."])
    assert app.run(first.id) == first
