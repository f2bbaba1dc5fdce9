"""Outcomes from an uploaded list or by hand: shown first, stored in one step, corrected by further records."""

from __future__ import annotations

import gzip
import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from domain.campaign import CampaignState
from domain.campaign_members import EventKind, Outcome
from domain.errors import Conflict, FileRefused, NotAllowed, NotFound
from domain.file_format import FormatChoice
from domain.outcome_list import RowProblem
from domain.question import Subject
from tests.unit.use_cases.campaign_effects import MANAGER, ONE, OWNER, STRANGER, VIEWER, by
from tests.unit.use_cases.campaign_outcomes import Recorded

UNKNOWN, STAYED, LEFT = Outcome
CHOICE = FormatChoice()
GOOD = "customer_id,outcome,left_on\nC-1,left,2026-11-30\nC-4,stayed,\nX-9,left,\nC-1,left,2026-11-30\n"
BAD = GOOD + "C-2,left,\nC-2,stayed,\nC-3,perhaps,\n"


@pytest.fixture
def work(tmp_path: Path) -> Recorded:
    return Recorded(folder=tmp_path)


def store(work: Recorded, text: str, *, leave_out: bool = False, close: bool = False) -> None:
    check = work.upload(text)
    version = work.campaign().version
    work.lists.store(
        ONE, check.sha256, "o.csv", check.choice, leave_out=leave_out, close=close, based_on=version, by=by(OWNER)
    )


def test_what_a_list_says_is_shown_and_nothing_is_stored(work: Recorded) -> None:
    check = work.upload(BAD)
    rows, changes = check.rows, check.changes
    assert rows is not None
    assert changes is not None
    assert (rows.rows, rows.matched, rows.unmatched, rows.doubled, rows.contradicting, rows.unreadable) == (
        7,
        5,
        1,
        1,
        2,
        1,
    )
    assert [(row.line, row.detail) for row in rows.listed(RowProblem.UNREADABLE)] == [
        (8, "says “perhaps”, which is neither left nor stayed")
    ]
    assert (changes.first, changes.corrected, changes.left) == (2, 0, 1)
    assert check.columns is not None
    assert check.columns.words == "“customer_id”, “outcome” and “left_on”"
    assert work.outcomes() == [UNKNOWN] * 5
    assert len(list(work.folder.rglob("*.upload"))) == 1


def test_the_list_that_was_shown_is_stored(work: Recorded) -> None:
    store(work, GOOD)
    assert work.outcomes() == [LEFT, UNKNOWN, UNKNOWN, STAYED, UNKNOWN]
    assert (work.campaign().state, work.campaign().version) == (CampaignState.RUNNING, 2)
    assert [(own.before, own.after) for own in work.events(1)] == [("unknown", "left 2026-11-30")]
    assert [(own.before, own.after) for own in work.events()] == [("o.csv", "1 stayed, 1 left, 0 of them corrected")]
    assert work.audit() == [("recorded outcomes of a campaign", "Spring calls: 1 stayed, 1 left, 0 of them corrected")]
    assert list(work.folder.rglob("*.upload")) == []


def test_a_list_that_is_not_clean_is_stored_only_without_its_bad_rows(work: Recorded) -> None:
    with pytest.raises(Conflict, match="contradict each other or cannot be read"):
        store(work, BAD)
    assert work.outcomes() == [UNKNOWN] * 5
    store(work, BAD, leave_out=True)
    assert work.outcomes() == [LEFT, UNKNOWN, UNKNOWN, STAYED, UNKNOWN]


def test_a_list_can_close_the_campaign(work: Recorded) -> None:
    store(work, GOOD, close=True)
    assert work.campaign().state is CampaignState.CLOSED
    with pytest.raises(Conflict, match="closed"):
        work.upload(GOOD)


def test_corrections_are_new_records(work: Recorded) -> None:
    store(work, GOOD)
    check = work.upload("customer_id,churned\nC-1,no\nC-4,0\n")
    assert check.changes is not None
    assert (check.changes.first, check.changes.corrected) == (0, 1)
    store(work, "customer_id,churned\nC-1,no\nC-4,0\n")
    assert work.outcomes() == [STAYED, UNKNOWN, UNKNOWN, STAYED, UNKNOWN]
    assert [own.after for own in work.events(1)] == ["stayed", "left 2026-11-30"]
    assert len(work.events(4)) == 1


def test_every_row_that_is_not_simply_used_is_listed(work: Recorded) -> None:
    check = work.upload(BAD)
    rows = work.lists.problems(ONE, check.sha256, CHOICE, by=OWNER)
    assert [(row.line, row.customer_id, row.problem.value) for row in rows] == [
        (4, "X-9", "unmatched"),
        (5, "C-1", "doubled"),
        (6, "C-2", "contradicting"),
        (7, "C-2", "contradicting"),
        (8, "C-3", "unreadable"),
    ]


def test_unclear_dates_are_asked_about(work: Recorded) -> None:
    text = "id;status;datum\nC-1;gekündigt;03/04/2026\nC-2;aktiv;\nC-3;gekündigt;05/06/2026\n"
    check = work.upload(text)
    assert check.question is not None
    assert (check.question.about, check.rows) == (Subject.DATE_ORDER, None)
    answered = work.lists.answer(
        ONE, check.sha256, check.file_name, check.choice.with_answer(check.question, "day-first"), by=OWNER
    )
    assert answered.rows is not None
    assert answered.rows.outcomes[1] == (LEFT, date(2026, 4, 3))
    work.lists.store(
        ONE, check.sha256, "o.csv", answered.choice, leave_out=False, close=False, based_on=1, by=by(OWNER)
    )
    assert work.outcomes() == [LEFT, STAYED, LEFT, UNKNOWN, UNKNOWN]
    assert work.events(3)[0].after == "left 2026-06-05"


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffsep=;\r\nKundennummer;Status\r\n'C-1;Gekündigt\r\nC-2;Aktiv;\r\n".encode(),
        "Kundennummer\tStatus\nC-1\tGekündigt\nC-2\tAktiv\n".encode("utf-16"),
        gzip.compress('Kundennummer,Status\n C-1 ,gekündigt\n"C-2",aktiv\n'.encode()),
        "Outcomes of November\n\nKundennummer;Kündigung;Wohnort\nC-1;Ja;Köln\nC-2;Nein;Bonn\n".encode("cp1252"),
    ],
    ids=["marks", "UTF-16", "packed", "title and three columns"],
)
def test_lists_are_read_as_customer_files_are(work: Recorded, content: bytes) -> None:
    check = work.upload(content)
    assert check.rows is not None
    assert check.rows.outcomes == {1: (LEFT, None), 2: (STAYED, None)}
    assert check.rows.clean


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("customer_id,outcome\n", "no customers"),
        ("customer_id,outcome\nX-1,left\n", "names no member"),
        ("PK\x03\x04" + "x" * 100, "spreadsheet|Excel|ZIP|zip|archive"),
        ('customer_id,outcome\nC-1,"left\nC-2,stayed\n', "never closed"),
        ("name,outcome\nC-1,left\n", "No column with the customers’ ids"),
    ],
)
def test_a_file_that_is_no_list_is_refused_and_deleted(work: Recorded, text: str, words: str) -> None:
    with pytest.raises(FileRefused, match=words):
        work.upload(text)
    assert list(work.folder.rglob("*.upload")) == []


def test_hostile_rows_are_counted_and_never_used(work: Recorded) -> None:
    rows = [
        "C-1,left,",
        ",left,",
        "C-2",
        "C-2,left,2026-11-30,more",
        f"{'x' * 600},left,",
        "C-3,=1+1,",
        "C-4,left,soon",
    ]
    more = "\n".join(f"C-5,left,2026-11-{day:02d}" for day in range(1, 31))
    check = work.upload("customer_id,outcome,left_on\n" + "\n".join(rows) + "\n" + more + "\nC-5,le\0ft,\n")
    assert check.rows is not None
    assert check.rows.outcomes == {1: (LEFT, None)}
    assert (check.rows.unreadable, check.rows.contradicting) == (7, 30)
    assert [row.detail for row in check.rows.listed(RowProblem.UNREADABLE)] == [
        "has no id",
        "has 1 column instead of 3",
        "has 4 columns instead of 3",
        "has an id longer than 500 characters",
        "says “=1+1”, which is neither left nor stayed",
        "has “soon” where a date is expected",
        "contains characters that are not text",
    ]


def test_only_the_file_that_was_shown_is_stored(work: Recorded) -> None:
    first = work.upload(GOOD)
    work.upload("customer_id,outcome\nC-1,stayed\n")
    given = {"leave_out": False, "close": False, "based_on": 1}
    with pytest.raises(Conflict, match="no longer here"):
        work.lists.store(ONE, first.sha256, "o.csv", CHOICE, **given, by=by(OWNER))
    work.lists.forget(ONE, by=OWNER)
    with pytest.raises(Conflict, match="no longer here"):
        work.lists.problems(ONE, first.sha256, CHOICE, by=OWNER)
    check = work.upload(GOOD)
    with pytest.raises(Conflict, match="in the meantime"):
        work.lists.store(ONE, check.sha256, "o.csv", CHOICE, **given | {"based_on": 4}, by=by(OWNER))
    assert work.outcomes() == [UNKNOWN] * 5


def test_only_those_who_direct_the_campaign_upload_lists(work: Recorded) -> None:
    with pytest.raises(NotFound):
        work.lists.check(ONE, io.BytesIO(GOOD.encode()), "o.csv", by=STRANGER)
    with work.new_uow() as uow:
        uow.campaigns.save(replace(work.campaign(), shared=True, version=2))
        uow.commit()
    with pytest.raises(NotAllowed):
        work.lists.check(ONE, io.BytesIO(GOOD.encode()), "o.csv", by=VIEWER)
    assert list(work.folder.rglob("*.upload")) == []


def test_a_file_on_this_machine_is_stored(work: Recorded) -> None:
    path = work.folder / "list.csv"
    path.write_text(GOOD)
    stored = work.lists.store_path(ONE, path, CHOICE, leave_out=False, close=False, by=by(MANAGER))
    assert (stored.changes.first, stored.rows.unmatched) == (2, 1)
    assert path.exists()


def test_the_outcome_of_one_member_is_recorded_by_hand(work: Recorded) -> None:
    day = date(2026, 11, 30)
    row = work.record(ONE, 1, LEFT, on=day, version=1, by=by(OWNER)).row
    assert (row.member.outcome, row.member.outcome_on, row.member.version) == (LEFT, day, 2)
    assert work.record(ONE, 1, LEFT, on=day, version=2, by=by(OWNER)).row.member.version == 2
    row = work.record(ONE, 1, UNKNOWN, on=day, version=2, by=by(OWNER)).row
    assert (row.member.outcome, row.member.outcome_on) == (UNKNOWN, None)
    assert [(own.kind, own.before, own.after) for own in work.events(1)] == [
        (EventKind.OUTCOME, "left 2026-11-30", "unknown"),
        (EventKind.OUTCOME, "unknown", "left 2026-11-30"),
    ]
    assert work.audit() == [("recorded outcomes of a campaign", "Spring calls: 1 by hand")] * 2
    assert "C-1" not in str(work.audit())


def test_by_hand_nobody_overwrites_another_and_nobody_sees_controls(work: Recorded) -> None:
    work.record(ONE, 1, LEFT, on=None, version=1, by=by(MANAGER))
    with pytest.raises(Conflict, match="Manager changed this entry"):
        work.record(ONE, 1, STAYED, on=None, version=1, by=by(OWNER))
    with pytest.raises(NotFound):
        work.record(ONE, 4, STAYED, on=None, version=1, by=by(OWNER))
    with pytest.raises(NotFound):
        work.record(ONE, 1, STAYED, on=None, version=2, by=by(STRANGER))
    work.close(ONE, based_on=1, by=by(OWNER))
    with pytest.raises(Conflict, match="closed"):
        work.record(ONE, 1, STAYED, on=None, version=2, by=by(OWNER))
