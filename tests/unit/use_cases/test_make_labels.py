"""Making labels: what is recognised, asked, refused and pointed out, and what is written."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.formatting.babel_formats import formats_of
from adapters.intake.reader import CsvCustomerFiles
from adapters.ml.detection.leaving_column import DetectedLeavingColumns
from application.use_cases.labels.make_labels import MakeLabels
from application.use_cases.labels.recognise_snapshots import LabelFile, RecogniseSnapshot
from domain.errors import FileRefused, InvalidInput
from domain.file_format import FormatChoice
from domain.label_check import CheckedFile, LabelCheck
from domain.label_choice import FileUnclear, LabelChoice, SnapshotReading, with_answer
from domain.label_rule import LabelSource, MadeLabel
from domain.model import LeftOut
from domain.presence import Returning
from domain.progress import Progress, TaskStage
from domain.question import Subject
from tests.fakes.security import FixedClock
from tests.fakes.snapshots import SnapshotStoreInMemory

HEADER = "customer_id,plan,tenure,bill"
Write = Callable[..., LabelFile]


@pytest.fixture
def make() -> MakeLabels:
    recognise = RecogniseSnapshot(CsvCustomerFiles(), DetectedLeavingColumns())
    return MakeLabels(recognise, SnapshotStoreInMemory(), FixedClock(), formats_of)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(name: str, rows: Sequence[str], header: str = HEADER, **reading: object) -> LabelFile:
        path = tmp_path / name
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return LabelFile(path, name, SnapshotReading(**reading))  # type: ignore[arg-type]  # a reading's fields

    return written


def base(start: int, stop: int, month: int, *, plans: Sequence[str] = ("Basic", "Pro")) -> list[str]:
    """Customers C1000, C1001 …: a month older each month."""
    return [f"C{1000 + own},{plans[own % len(plans)]},{own + month},{20 + own % 7}" for own in range(start, stop)]


def three_months(write: Write) -> list[LabelFile]:
    """200 customers a month; the first 10 leave each month, and 10 join."""
    return [write(f"base_2026-{4 + k:02d}.csv", base(10 * k, 200 + 10 * k, k)) for k in range(3)]


def test_a_customer_who_is_missing_in_the_next_month_has_left(make: MakeLabels, write: Write, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    check = make(three_months(write), LabelChoice(), target=out)
    assert check.made == MadeLabel(check.rule, 3, "2026-04", "2026-05", customers=400, left=20)
    assert (check.rule.source, check.rule.period, check.warnings) == (LabelSource.MONTHS, "the next month", ())
    assert check.files[1] == CheckedFile("base_2026-05.csv", ("2026-05",), 200)
    assert LabelCheck.from_document(json.loads(json.dumps(check.to_document()))) == check
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "customer_id,SnapshotMonth,plan,tenure,bill,Churn"
    assert lines[1] == "C1000,2026-04,Basic,0,20,Yes"
    assert lines[11] == "C1010,2026-04,Basic,10,23,No"
    assert [line for line in lines if line.startswith("C1010,")] == [lines[11], "C1010,2026-05,Basic,11,23,Yes"]
    assert not any(",2026-06," in line for line in lines)
    assert len(lines) == 401


def test_files_may_come_in_any_order(make: MakeLabels, write: Write) -> None:
    files = three_months(write)
    assert make([files[2], files[0], files[1]], LabelChoice()).figures == make(files, LabelChoice()).figures


def test_a_longer_horizon_labels_fewer_months(make: MakeLabels, write: Write) -> None:
    check = make(three_months(write), LabelChoice(horizon=2))
    assert (check.made.first, check.made.last, check.made.customers, check.made.left) == ("2026-04", "2026-04", 200, 20)
    assert check.rule.period == "the next 2 months"


def test_progress_counts_rows_of_all_files(make: MakeLabels, write: Write, tmp_path: Path) -> None:
    seen: list[Progress] = []
    make(three_months(write), LabelChoice(), report=seen.append, target=tmp_path / "out.csv")
    assert [step.done for step in seen if step.stage is TaskStage.READING_FILES] == [200, 400, 600]
    assert seen[-1] == Progress(TaskStage.WRITING_LABELS, 400, 400)


def test_a_month_that_nothing_says_is_asked_for(make: MakeLabels, write: Write) -> None:
    files = [three_months(write)[0], write("export.csv", base(10, 210, 1))]
    with pytest.raises(FileUnclear) as raised:
        make(files, LabelChoice())
    assert (raised.value.place, raised.value.asked.about) == (1, Subject.MONTH)
    assert str(raised.value).startswith("export.csv: Which month does export.csv show?")
    reading, _ = with_answer(files[1].reading, LabelChoice(), raised.value.asked, ("2026-05",))
    check = make([files[0], replace(files[1], reading=reading)], LabelChoice())
    assert [month.month for month in check.figures.months] == ["2026-04", "2026-05"]


def test_a_column_with_the_month_counts_more_than_the_name(make: MakeLabels, write: Write) -> None:
    header = f"snapshot_month,{HEADER}"
    april = write("a_2020-01.csv", [f"2026-04,{row}" for row in base(0, 200, 0)], header)
    may = write("b_2020-01.csv", [f"2026-05,{row}" for row in base(10, 210, 1)], header)
    check = make([april, may], LabelChoice())
    assert [month.month for month in check.figures.months] == ["2026-04", "2026-05"]
    assert check.columns == ("plan", "tenure", "bill")


def test_one_file_may_contain_all_months(make: MakeLabels, write: Write) -> None:
    rows = [f"2026-0{4 + k},{row}" for k in range(3) for row in base(10 * k, 200 + 10 * k, k)]
    check = make([write("all.csv", rows, f"snapshot_month,{HEADER}")], LabelChoice())
    assert (check.rule.source, check.made.customers, check.made.left) == (LabelSource.MONTHS, 400, 20)


def test_which_column_holds_the_ids_is_asked_for(make: MakeLabels, write: Write) -> None:
    header = "code_a,code_b,plan"
    rows = [f"A{1000 + own},B{2000 + own},x" for own in range(100)]
    files = [write("2026-04.csv", rows, header), write("2026-05.csv", rows[5:], header)]
    with pytest.raises(FileUnclear) as raised:
        make(files, LabelChoice())
    assert raised.value.asked.about is Subject.CUSTOMER
    reading, _ = with_answer(files[0].reading, LabelChoice(), raised.value.asked, ("1",))
    assert reading.id_name == "code_b"
    assert make([replace(files[0], reading=reading), files[1]], LabelChoice()).id_name == "code_b"


def with_status(rows: Sequence[str], closed: Sequence[int], word: str = "Cancelled") -> list[str]:
    return [f"{row},{word if place in closed else 'Active'}" for place, row in enumerate(rows)]


def test_a_status_that_says_who_left_counts_as_well(make: MakeLabels, write: Write) -> None:
    header = f"{HEADER},status"
    april = write("2026-04.csv", with_status(base(0, 200, 0), []), header)
    may = write("2026-05.csv", with_status(base(10, 210, 1), range(5)), header)
    check = make([april, may], LabelChoice())
    assert (check.rule.source, check.rule.column, check.rule.values) == (LabelSource.STATUS, "status", ("Cancelled",))
    assert (check.made.customers, check.made.left) == (200, 15)
    assert check.left_out == (LeftOut("status", "defines the label: it is known only when the customer has left"),)


def test_the_values_of_a_status_come_from_a_file_with_leavers(make: MakeLabels, write: Write) -> None:
    """In the newest file, everybody is active."""
    header = f"{HEADER},status"
    files = [
        write("2026-04.csv", with_status(base(0, 200, 0), []), header),
        write("2026-05.csv", with_status(base(10, 210, 1), range(5)), header),
        write("2026-06.csv", with_status(base(15, 210, 2), []), header),
    ]
    check = make(files, LabelChoice())
    assert (check.rule.values, check.made.left) == (("Cancelled",), 15)
    assert check.notes == ("5 rows had left already by “status”, and are left out.",)
    with pytest.raises(InvalidInput, match="No value of a status says who left"):
        make([files[0]], LabelChoice(LabelSource.STATUS, column="status"))


def test_a_status_alone_labels_one_file(make: MakeLabels, write: Write, tmp_path: Path) -> None:
    file = write("base.csv", with_status(base(0, 200, 0), range(30)), f"{HEADER},status")
    out = tmp_path / "out.csv"
    check = make([file], LabelChoice(), target=out)
    assert (check.rule.source, check.rule.horizon, check.made.left, check.made.customers) == (
        LabelSource.STATUS,
        0,
        30,
        200,
    )
    assert out.read_text(encoding="utf-8").splitlines()[:2] == [
        "customer_id,plan,tenure,bill,Churn",
        "C1000,Basic,0,20,Yes",
    ]


def test_which_values_of_a_chosen_status_mean_left_is_asked_for(make: MakeLabels, write: Write) -> None:
    coded = [f"{row},{'S7' if place < 30 else 'S1'}" for place, row in enumerate(base(0, 200, 0))]
    file = write("base.csv", coded, f"{HEADER},line_state")
    choice = LabelChoice(LabelSource.STATUS, column="line_state")
    with pytest.raises(FileUnclear) as raised:
        make([file], choice)
    assert raised.value.asked.about is Subject.LEFT
    _, answered = with_answer(file.reading, choice, raised.value.asked, ("S7",))
    assert make([file], answered).made.left == 30


def seen_days(rows: Sequence[str], days: Callable[[int], str]) -> list[str]:
    return [f"{row},{days(place)}" for place, row in enumerate(rows)]


def test_a_date_of_last_activity_labels_one_file(make: MakeLabels, write: Write) -> None:
    rows = seen_days(base(0, 200, 0), lambda own: "2026-05-10" if own < 40 else "2026-06-30")
    check = make([write("base.csv", rows, f"{HEADER},last_call_date")], LabelChoice())
    assert (check.rule.source, check.rule.column, check.rule.days) == (LabelSource.INACTIVE, "last_call_date", 30)
    assert (check.made.left, check.rule.period, check.proposed) == (40, "the next 30 days", None)
    assert check.left_out[0].column == "last_call_date"
    sixty = make([write("base.csv", rows, f"{HEADER},last_call_date")], LabelChoice(days=51))
    assert sixty.made.left == 40
    with pytest.raises(FileRefused, match="Nobody has left"):
        make([write("base.csv", rows, f"{HEADER},last_call_date")], LabelChoice(days=52))


def test_the_order_of_days_and_months_is_asked_for(make: MakeLabels, write: Write) -> None:
    rows = seen_days(base(0, 200, 0), lambda own: f"0{1 + own % 3}/0{1 + own % 4}/2026")
    file = write("base.csv", rows, f"{HEADER},last_call_date")
    with pytest.raises(FileUnclear) as raised:
        make([file], LabelChoice())
    assert raised.value.asked.about is Subject.DATE_ORDER
    reading, _ = with_answer(file.reading, LabelChoice(), raised.value.asked, ("day-first",))
    assert reading.choice == FormatChoice(date_order="day-first")
    assert make([replace(file, reading=reading)], LabelChoice()).made.left == 150


def test_an_end_date_labels_as_of_a_day(make: MakeLabels, write: Write) -> None:
    rows = seen_days(base(0, 200, 0), lambda own: f"2026-0{1 + own % 6}-15" if own < 60 else "")
    file = write("base.csv", rows, f"{HEADER},cancellation_date")
    choice = LabelChoice(LabelSource.ENDED, column="cancellation_date", as_of="2026-03-31")
    check = make([file], choice)
    assert (check.made.left, check.made.customers) == (30, 200)
    assert check.rule.left_words == "“cancellation_date” is not after 2026-03-31"


def test_one_month_without_anything_that_says_who_left_is_refused(make: MakeLabels, write: Write) -> None:
    with pytest.raises(FileRefused, match="One month alone does not show who left"):
        make([write("2026-04.csv", base(0, 200, 0))], LabelChoice())


def test_customers_who_return_count_as_a_person_says(make: MakeLabels, write: Write) -> None:
    files = [
        write("2026-04.csv", base(0, 2_000, 0)),
        write("2026-05.csv", base(20, 2_000, 1)),
        write("2026-06.csv", [*base(0, 5, 2), *base(20, 2_000, 2)]),
    ]
    by_treatment = {own: make(files, LabelChoice(returning=own)).made for own in Returning}
    assert {own: (made.left, made.customers) for own, made in by_treatment.items()} == {
        Returning.LEFT: (20, 3_980),
        Returning.STAYED: (15, 3_980),
        Returning.OUT: (15, 3_975),
    }
    assert by_treatment[Returning.LEFT].returned == 5
    assert make(files, LabelChoice()).notes == (
        "5 of 20 customers who were missing are customers again in a later file.",
    )


def test_nothing_is_written_while_a_warning_is_not_accepted(make: MakeLabels, write: Write, tmp_path: Path) -> None:
    files = [*three_months(write)[:2], write("2026-06.csv", base(20, 190, 2))]
    out = tmp_path / "out.csv"
    check = make(files, LabelChoice())
    assert "June 2026 has 15.0% fewer customers than May 2026" in check.warnings[0]
    with pytest.raises(InvalidInput) as refused:
        make(files, LabelChoice(), target=out)
    assert (refused.value.field, out.exists()) == ("accept", False)
    make(files, LabelChoice(), target=out, accept=True)
    assert out.exists()


BAD = {
    "two bases": (
        lambda: [("2026-04.csv", base(0, 200, 0)), ("2026-05.csv", base(500, 700, 1))],
        "Only 0 of the 200 customers of April 2026 are in the file of May 2026",
    ),
    "reused ids": (
        lambda: [
            ("2026-04.csv", base(0, 200, 50)),
            ("2026-05.csv", [*base(5, 15, 0), *base(15, 200, 51)]),
        ],
        "“tenure” falls for 10 of 195 customers",
    ),
    "a month twice": (
        lambda: [("2026-04 a.csv", base(0, 200, 0)), ("2026-04 b.csv", base(0, 200, 0))],
        "April 2026 is in 2 files: 2026-04 a.csv, 2026-04 b.csv",
    ),
    "a gap": (
        lambda: [("2026-04.csv", base(0, 200, 0)), ("2026-06.csv", base(5, 200, 2))],
        "There is no file of May 2026 between April 2026 and June 2026",
    ),
    "nobody missing": (
        lambda: [("2026-04.csv", base(0, 200, 0)), ("2026-05.csv", base(0, 200, 1))],
        "Nobody has left",
    ),
    "leading zeros": (
        lambda: [
            ("2026-04.csv", [f"{own:07d},x,1,1" for own in range(1000, 1200)]),
            ("2026-05.csv", [f"{own},x,2,1" for own in range(1005, 1200)]),
        ],
        "are written differently: 195 customers have the same id with leading zeros in one and without",
    ),
    "products instead of customers": (
        lambda: [("2026-04.csv", base(0, 200, 0) * 2), ("2026-05.csv", base(5, 200, 1) * 2)],
        "In the file of April 2026, 200 of 400 rows repeat an id in “customer_id”",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_files_are_refused_in_one_sentence(what: str, make: MakeLabels, write: Write, tmp_path: Path) -> None:
    files, words = BAD[what]
    out = tmp_path / "out.csv"
    with pytest.raises(FileRefused) as refused:
        make([write(name, rows) for name, rows in files()], LabelChoice(), target=out)
    assert words in str(refused.value)
    assert not out.exists()


def test_a_file_of_leavers_only_is_refused(make: MakeLabels, write: Write) -> None:
    header = f"{HEADER},status"
    april = write("2026-04.csv", with_status(base(0, 200, 0), []), header)
    leavers = write("2026-05.csv", with_status(base(0, 20, 1), range(20)), header)
    with pytest.raises(FileRefused, match="Only 20 of the 200 customers of April 2026"):
        make([april, leavers], LabelChoice())
    only = write("base.csv", with_status(base(0, 20, 1), range(20)), header)
    choice = LabelChoice(LabelSource.STATUS, column="status", values=("Cancelled",))
    with pytest.raises(FileRefused, match=r"all 20 customers have left, by “status”"):
        make([only], choice)


def test_an_unreadable_file_is_named(make: MakeLabels, write: Write, tmp_path: Path) -> None:
    empty = tmp_path / "2026-05.csv"
    empty.write_bytes(b"")
    with pytest.raises(FileRefused) as refused:
        make([three_months(write)[0], LabelFile(empty, "2026-05.csv")], LabelChoice())
    assert str(refused.value).startswith("2026-05.csv: ")


def test_no_files_and_too_many_are_refused(make: MakeLabels, write: Write) -> None:
    for files in ([], three_months(write)[:1] * 61):
        with pytest.raises(InvalidInput, match="between 1 and 60 files"):
            make(files, LabelChoice())


def drawn_base(seed: int, months: int = 6, size: int = 1_000) -> list[list[str]]:
    """A base that loses 4% of its customers a month at random, and wins as many. Regions stay."""
    drawing, regions = random.Random(seed), ("North", "South", "East", "West")
    customers, known, files = list(range(size)), size, []
    for month in range(months):
        files.append([f"C{10_000 + own},{regions[own % 4]},{own + month},9" for own in customers])
        customers = [own for own in customers if drawing.random() >= 0.04]
        new = size - len(customers)
        customers += range(known, known + new)
        known += new
    return files


def checked(make: MakeLabels, write: Write, files: Sequence[Sequence[str]]) -> LabelCheck:
    header = "customer_id,region,tenure,bill"
    return make([write(f"2026-{1 + k:02d}.csv", rows, header) for k, rows in enumerate(files)], LabelChoice())


@pytest.mark.parametrize("seed", range(8))
def test_the_guard_is_silent_about_whole_files_and_not_about_lacking_ones(
    seed: int, make: MakeLabels, write: Write
) -> None:
    files, drawing = drawn_base(seed), random.Random(1_000 + seed)
    assert checked(make, write, files).warnings == ()
    month = drawing.randrange(6)
    dropped = [[row for row in rows if k != month or drawing.random() >= 0.05] for k, rows in enumerate(files)]
    assert checked(make, write, dropped).warnings != ()
    everywhere = [[row for row in rows if drawing.random() >= 0.05] for rows in files]
    assert any("may lack customers" in own for own in checked(make, write, everywhere).warnings)
    later = 1 + drawing.randrange(5)
    region = drawing.choice(["North", "South", "East", "West"])
    without = [[row for row in rows if k != later or f",{region}," not in row] for k, rows in enumerate(files)]
    assert any(f"with region = “{region}”" in own for own in checked(make, write, without).warnings)


def test_dates_that_do_not_decide_raise_no_question(make: MakeLabels, write: Write) -> None:
    header = f"{HEADER},last_call_date"
    april = write("2026-04.csv", seen_days(base(0, 200, 0), lambda own: "03/04/2026"), header)
    may = write("2026-05.csv", seen_days(base(10, 210, 1), lambda own: "03/05/2026"), header)
    assert make([april, may], LabelChoice()).columns == ("plan", "tenure", "bill", "last_call_date")
