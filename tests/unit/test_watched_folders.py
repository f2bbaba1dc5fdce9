"""The rules of watched folders: names, growth, expected files, transitions and words."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from adapters.formatting.babel_formats import formats_of
from domain.account import Role
from domain.errors import Conflict, InvalidInput
from domain.export import ExportKind
from domain.folders.expected import EVERY_DAY, Expectation, missing_since
from domain.folders.files import FileState
from domain.folders.growth import FileMark, Sightings, has_stopped_growing
from domain.folders.names import is_ignored, moved_name, note_name, result_name, shown_name
from domain.folders.rule import NO_OWNER, Then, checked_folder, must_not_overlap, owner_problem
from domain.folders.words import NoteWriter, question_words
from domain.formats import NO_CURRENCY
from domain.policy import InstallationPolicy
from domain.question import Choice, Question, Subject
from tests.builders import an_account, at
from tests.builders.folders import a_folder_file, a_folder_rule, a_found_file, a_plain_rule

HARARE, BERLIN = ZoneInfo("Africa/Harare"), ZoneInfo("Europe/Berlin")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "name",
    [
        *(".hidden.csv", "~$base.xlsx", "base.csv.part", "base.csv.filepart", "BASE.CSV.PART", "base.tmp", "a.csv~"),
        *("base.csv.crdownload", "Thumbs.db", "desktop.ini", ".base.csv.Xq3k9z", "base.swp", ".netone-1a2b.part"),
    ],
)
def test_unfinished_and_hidden_files_are_not_looked_at(name: str) -> None:
    assert is_ignored(name)


@pytest.mark.parametrize(
    "name", ["base.csv", "base", "part.csv", "tmp.csv", "=1+1.csv", "a~b.csv", "x.csv.gz", "_SUCCESS"]
)
def test_other_files_are_looked_at(name: str) -> None:
    assert not is_ignored(name)


@pytest.mark.parametrize(
    ("name", "taken", "expected"),
    [
        ("base.csv", [], "base.csv"),
        ("base.csv", ["base.csv"], "base_2026-12-01.csv"),
        ("base.csv", ["BASE.CSV"], "base_2026-12-01.csv"),
        ("base.csv", ["base.csv", "base_2026-12-01.csv"], "base_2026-12-01_2.csv"),
        ("base.csv", ["base.csv", "base_2026-12-01.csv", "base_2026-12-01_2.csv"], "base_2026-12-01_3.csv"),
        ("base.csv", ["base.predictions.xlsx"], "base_2026-12-01.csv"),
        ("base.csv", ["base.csv.txt"], "base_2026-12-01.csv"),
        ("base.csv.gz", ["base.csv.gz"], "base_2026-12-01.csv.gz"),
        ("base", ["base"], "base_2026-12-01"),
        ("é" * 150 + ".csv", [], "é" * 98 + ".csv"),
        ("\udcff.csv", ["\udcff.csv"], "\udcff_2026-12-01.csv"),
    ],
)
def test_a_moved_file_takes_no_name_that_is_there(name: str, taken: list[str], expected: str) -> None:
    assert moved_name(name, day=date(2026, 12, 1), taken=taken) == expected


def test_results_and_notes_are_named_after_the_file() -> None:
    assert result_name("customers-2026-11.csv", ExportKind.CSV) == "customers-2026-11.predictions.csv"
    assert result_name("base.csv.gz", ExportKind.XLSX) == "base.predictions.xlsx"
    assert result_name("v1.2 final", ExportKind.CSV) == "v1.2 final.predictions.csv"
    assert note_name("base.csv") == "base.csv.txt"


def test_a_name_is_shown_on_one_line_without_hidden_characters() -> None:
    assert shown_name("a\nb\u202ec\udcff=1+1.csv") == "a�b�c�=1+1.csv"


@pytest.mark.parametrize(
    ("size", "since", "now", "stopped"),
    [
        (5, 100.0, 110.0, True),
        (5, 100.0, 109.9, False),
        (0, 100.0, 110.0, False),
        (0, 100.0, 3_699.9, False),
        (0, 100.0, 3_700.0, True),
    ],
)
def test_a_file_has_stopped_growing_after_some_seconds(size: int, since: float, now: float, stopped: bool) -> None:
    assert has_stopped_growing(FileMark(size, 1), since=since, now=now, still_seconds=10.0) is stopped


def test_a_file_that_changes_waits_again_and_one_that_is_gone_is_forgotten() -> None:
    seen, grown = Sightings(10.0), a_found_file(size=20)
    small, touched = a_found_file(size=12), a_found_file(size=20, written=99)
    assert [list(seen.finished("r", [small], now=own)) for own in (0.0, 9.0)] == [[], []]
    assert list(seen.finished("r", [grown], now=12.0)) == []  # it grew
    assert list(seen.finished("r", [touched], now=21.0)) == []  # it was written again
    assert list(seen.finished("other", [touched], now=100.0)) == []  # another folder's file
    assert list(seen.finished("r", [touched], now=31.0)) == [touched]
    assert list(seen.finished("r", [], now=32.0)) == []
    assert list(seen.finished("r", [touched], now=60.0)) == []  # it came again


@pytest.mark.parametrize(
    ("last", "now", "missing"),
    [
        ("2026-12-01 01:12", "2026-12-01 03:30", None),  # Harare is two hours ahead: came 03:12, due 05:00
        ("2026-11-30 01:12", "2026-12-01 02:59", None),  # not due yet; yesterday's came
        ("2026-11-30 01:12", "2026-12-01 03:00", "2026-12-01 03:00"),
        ("2026-11-30 06:59", "2026-12-01 04:00", "2026-12-01 03:00"),  # four hours late counts for the day before
        ("2026-11-30 07:01", "2026-12-01 04:00", None),
        ("2026-12-01 09:00", "2026-12-01 10:00", None),  # late, but there
        (None, "2026-12-01 03:00", "2026-12-01 03:00"),
    ],
)
def test_a_nightly_file_is_missing_once_its_hour_has_passed(last: str | None, now: str, missing: str | None) -> None:
    found = missing_since(
        Expectation(time(5, 0)),
        set_at=utc("2026-11-20 00:00"),
        last_file_at=utc(last) if last else None,
        now=utc(now),
        zone=HARARE,
    )
    assert found == (utc(missing) if missing else None)


def test_nothing_is_missing_that_was_due_before_the_rule() -> None:
    daily, now = Expectation(time(5, 0)), utc("2026-12-01 09:00")
    asked = {"last_file_at": None, "now": now, "zone": HARARE}
    assert missing_since(daily, set_at=utc("2026-12-01 03:00"), **asked) is None  # type: ignore[arg-type]  # a table
    assert missing_since(daily, set_at=utc("2026-12-01 02:59"), **asked) == utc("2026-12-01 03:00")  # type: ignore[arg-type]  # a table


@pytest.mark.parametrize(
    ("now", "last", "following"),
    [
        ("2026-11-30 12:00", "2026-11-27 04:00", "2026-12-01 04:00"),  # Monday: Friday's, then Tuesday's
        ("2026-12-01 04:00", "2026-12-01 04:00", "2026-12-04 04:00"),
    ],
)
def test_a_file_is_due_on_its_days_of_the_week_alone(now: str, last: str, following: str) -> None:
    expected = Expectation(time(5, 0), (4, 1))  # Tuesdays and Fridays
    assert expected.days == (1, 4)
    assert expected.last_due(utc(now), BERLIN) == utc(last)
    assert expected.next_due(utc(now), BERLIN) == utc(following)


@pytest.mark.parametrize(
    ("by", "day", "due"),
    [
        (time(2, 30), date(2026, 3, 29), "2026-03-29 01:30"),  # the clock skips it in Berlin: half an hour after 02:00
        (time(2, 30), date(2026, 10, 25), "2026-10-25 00:30"),  # twice there: the first one
        (time(5, 0), date(2026, 3, 28), "2026-03-28 04:00"),
        (time(5, 0), date(2026, 3, 29), "2026-03-29 03:00"),
    ],
)
def test_the_hour_follows_summer_time(by: time, day: date, due: str) -> None:
    assert Expectation(by).due(day, BERLIN) == utc(due)


def test_an_expectation_needs_a_day() -> None:
    with pytest.raises(InvalidInput, match="at least one day"):
        Expectation(time(5, 0), ())
    assert EVERY_DAY == (0, 1, 2, 3, 4, 5, 6)


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("crm-export", "crm-export"),
        ("  warehouse / base/ ", "warehouse/base"),
        ("warehouse\\base", "warehouse/base"),
        ("Größe", "Größe"),
    ],
)
def test_a_folder_is_named_below_the_root(text: str, folder: str) -> None:
    assert checked_folder(text) == folder


@pytest.mark.parametrize(
    "text", ["", " / ", "..", "a/../b", "../etc", ".hidden", "~root", "a//b", "a\x00b", "a/done", "Refused", "x" * 201]
)
def test_a_folder_elsewhere_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_folder(text)
    assert refused.value.field == "folder"


def test_a_folder_has_one_rule() -> None:
    must_not_overlap("crm", [a_folder_rule(folder="crm/inner")])
    with pytest.raises(InvalidInput, match="There is a rule for CRM already"):
        must_not_overlap("CRM", [a_folder_rule(folder="crm")])


@pytest.mark.parametrize(
    ("account", "then", "words"),
    [
        (an_account(role=Role.ANALYST), Then.TRAIN, ""),
        (an_account(role=Role.VIEWER, name="Vera"), Then.PREDICT, "The role of Vera (viewer) does not permit this."),
        (an_account(disabled=True, name="Dan"), Then.PREDICT, "Dan may not log in."),
        (None, Then.PREDICT, NO_OWNER),
    ],
)
def test_the_owner_has_to_be_able_to_do_it(account: object, then: Then, words: str) -> None:
    problem = owner_problem(a_plain_rule(then=then), account)  # type: ignore[arg-type]  # a table
    assert problem.startswith(words) if words else problem == ""


def test_only_predictions_have_results() -> None:
    assert a_folder_rule(results=(ExportKind.XLSX, ExportKind.CSV)).results == (ExportKind.CSV, ExportKind.XLSX)
    with pytest.raises(InvalidInput, match="Only predictions"):
        a_folder_rule(then=Then.TRAIN, results=(ExportKind.CSV,))
    with pytest.raises(InvalidInput, match="CSV"):
        a_folder_rule(results=(ExportKind.PDF,))


LEGAL = {
    ("claimed", "running"),
    ("claimed", "done"),
    ("claimed", "refused"),
    ("running", "done"),
    ("running", "refused"),
    ("refused", "claimed"),
}


@pytest.mark.parametrize("before", FileState)
@pytest.mark.parametrize("after", FileState)
def test_a_file_moves_on_by_legal_steps_alone(before: FileState, after: FileState) -> None:
    file = a_folder_file(state=before)
    steps = {
        FileState.RUNNING: lambda: file.running("run-2"),
        FileState.DONE: lambda: file.done("Done.", at=at(minutes=9)),
        FileState.REFUSED: lambda: file.refused("Why.", at=at(minutes=9)),
        FileState.CLAIMED: lambda: file.claimed_again(a_found_file("other.csv"), at=at(minutes=9)),
    }
    if (before.value, after.value) in LEGAL:
        assert steps[after]().state is after
    else:
        with pytest.raises(Conflict, match=f"{before.value} and can no longer become {after.value}"):
            steps[after]()


def test_a_content_that_is_claimed_again_takes_its_new_name() -> None:
    again = a_folder_file(state=FileState.REFUSED).claimed_again(a_found_file("other.csv", size=7), at=at(minutes=9))
    assert (again.name, again.mark.size, again.claimed_at) == ("other.csv", 7, at(minutes=9))
    assert (again.job_id, again.target, again.words, again.ended_at) == (None, None, "", None)
    assert (again.settled, again.tries) == (False, 0)


def test_a_note_says_what_where_when_and_which() -> None:
    writer = NoteWriter(InstallationPolicy(), formats_of(NO_CURRENCY))
    file = a_folder_file(state=FileState.REFUSED, name="a\nb.csv", words="The file is empty.", sha256="ab")
    assert writer.note(a_plain_rule(), file).split("\r\n") == [
        "a�b.csv was not used.",
        "",
        "The file is empty.",
        "",
        "Folder: crm-export",
        "Time: 2 Nov 2026, 14:04 (Africa/Harare)",
        "SHA-256: ab",
        "",
    ]


def test_a_question_is_quoted_with_its_answers_and_where_to_answer() -> None:
    question = Question(Subject.DECIMAL, "Is 1,234 large?", (Choice(",", "1.234"), Choice(".", "1,234")))
    words = question_words(question, Then.PREDICT)
    assert words.startswith("Is 1,234 large? Possible answers: 1.234; 1,234. A folder cannot answer this.")
    assert "under New prediction" in words
    assert "under Models → Train a model" in question_words(question, Then.TRAIN)
