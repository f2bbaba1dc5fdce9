"""How cells are cast by the model's schema, and how customers are identified."""

from __future__ import annotations

from pathlib import Path

from tests.contract.intake.customer_files import HEADER, column, good, lines, read, written


def test_every_column_is_cast_by_the_schema(tmp_path: Path) -> None:
    text = lines(
        'A1 ,12,"1,234.50", one  YEAR ,yes,Yes,2026-11-01,"a note, quoted"',
        " ,99,,Weekly,F,no,11/2026,",
        "A1,abc,$ 20.5,None,1,,soon,x",
        "A2,,(3.5),N/A,maybe,TRUE,2026-10,-",
        header=HEADER + ",SnapshotMonth,Note",
    )
    reading = read(written(tmp_path, text))
    assert [row["row"] for row in reading.rows] == [1, 2, 3, 4]
    assert [row["id"] for row in reading.rows] == ["A1", "2", "A1", "A2"]
    assert [row["month"] for row in reading.rows] == ["2026-11", "2026-11", None, "2026-10"]
    assert [row["actual"] for row in reading.rows] == [True, False, None, True]
    assert [row["a:tenure"] for row in reading.rows] == [12.0, 99.0, None, None]
    assert [row["a:Charges"] for row in reading.rows] == [1234.5, None, 20.5, -3.5]
    assert [row["a:Contract"] for row in reading.rows] == ["One year", "Weekly", "None", None]
    assert [row["a:Paperless"] for row in reading.rows] == ["Yes", "No", "Yes", "maybe"]
    assert [row["a:Support"] for row in reading.rows] == [None] * 4
    assert [row["x:7:Note"] for row in reading.rows] == ["a note, quoted", None, "x", "-"]
    assert reading.report.duplicate_ids == 1
    tenure, charges = column(reading.report, "tenure"), column(reading.report, "Charges")
    assert (tenure.missing, tenure.unreadable, tenure.out_of_range) == (1, 1, 1)
    assert (charges.missing, charges.unreadable, charges.out_of_range) == (1, 0, 1)
    contract = column(reading.report, "Contract")
    assert (contract.missing, contract.unknown, contract.unknown_examples) == (1, 1, ("Weekly",))
    assert column(reading.report, "Paperless").unknown_examples == ("maybe",)
    assert column(reading.report, "Support").missing == 4


def test_words_such_as_none_are_missing_numbers(tmp_path: Path) -> None:
    words = [
        "",
        " ",
        "NaN",
        "nan",
        "inf",
        "-Infinity",
        "NULL",
        "Null",
        "null",
        "None",
        "N/A",
        "na",
        "-",
        "\u00a0",
        "1e999",
    ]
    reading = read(written(tmp_path, lines(*(f"c{i},1,{word},One year,No,No" for i, word in enumerate(words)))))
    assert [row["a:Charges"] for row in reading.rows] == [None] * len(words)
    assert column(reading.report, "Charges").missing == len(words)
    assert column(reading.report, "Charges").unreadable == 0


def test_at_most_five_unknown_levels_are_named_in_file_order(tmp_path: Path) -> None:
    rows = [f"c{i},1,1,Level {i % 9},No,No" for i in range(30)]
    contract = column(read(written(tmp_path, lines(*rows))).report, "Contract")
    assert contract.unknown == 30
    assert contract.unknown_examples == tuple(f"Level {i}" for i in range(5))


def test_a_file_without_ids_numbers_its_customers(tmp_path: Path) -> None:
    reading = read(written(tmp_path, "tenure,Charges\n1,2\n3,4,5\n5,6\n7,8\n9,10\n11,12\n"))
    assert [row["id"] for row in reading.rows] == ["1", "3", "4", "5", "6"]
    assert reading.report.duplicate_ids == 0


def test_the_first_rows_with_a_repeated_id_are_reported_by_number(tmp_path: Path) -> None:
    rows = good(40)
    rows[4] = "ragged"
    rows += [rows[9], "new,1,2,One year,Yes,No", rows[3], rows[9], "new,1,2,One year,Yes,No"]
    report = read(written(tmp_path, lines(*rows)), block_bytes=300).report
    assert (report.duplicate_ids, report.duplicate_rows) == (4, (41, 43, 44, 45))
