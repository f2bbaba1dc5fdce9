"""How dates are read: forms, the order of day and month, the reference day, and ages in words."""

from __future__ import annotations

import pytest

from adapters.formatting.babel_formats import formats_of
from domain.dates import (
    DateForm,
    day_from_iso,
    day_of,
    day_part,
    form_of,
    iso_day,
    month_end,
    month_order,
    reference_day,
    settled,
)
from domain.prediction import Reason
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.vocabulary.dates import names_date, names_end, names_future, names_leaving_date
from domain.vocabulary.months import month_of
from domain.wording import reason_phrase, value_words

D, M, Y = DateForm.DAY_FIRST, DateForm.MONTH_FIRST, DateForm.YEAR_FIRST


@pytest.mark.parametrize(
    ("text", "form", "day"),
    [
        ("2024-05-01", Y, "2024-05-01"),
        ("2024/5/1", Y, "2024-05-01"),
        ("2024-05-01T23:10:00+02:00", Y, "2024-05-01"),
        ("2024-05-01 00:00:00.000", Y, "2024-05-01"),
        ("2024-05-01T23:59:59Z", Y, "2024-05-01"),
        ("2024.05.01.", Y, "2024-05-01"),
        ("2024年5月1日", Y, "2024-05-01"),
        ("2024-05", Y, "2024-05-01"),
        ("01.05.2024", D, "2024-05-01"),
        ("1/5/2024 10:00 PM", D, "2024-05-01"),
        ("5/1/24", M, "2024-05-01"),
        ("05-01-2024 14:30", M, "2024-05-01"),
        ("31.12.49", D, "2049-12-31"),
        ("31.12.50", D, "1950-12-31"),
        ("5 de mayo de 2024", Y, "2024-05-05"),
        ("1er mars 2024", Y, "2024-03-01"),
        ("5. Mai 2024", Y, "2024-05-05"),
        ("3 września 2024", Y, "2024-09-03"),
        ("12 août 2023", Y, "2023-08-12"),
        ("05-MAY-24", Y, "2024-05-05"),
        ("May 5, 2024", Y, "2024-05-05"),
        ("Mon, 06 May 2024 10:00:00 GMT", Y, "2024-05-06"),
        ("Mon May 06 12:00:00 2024", Y, "2024-05-06"),
        ("Nov-26", Y, "2026-11-01"),
        ("20240501", DateForm.DIGITS, "2024-05-01"),
        ("20240501.0", DateForm.DIGITS, "2024-05-01"),
        ("20240501133000", DateForm.DIGITS, "2024-05-01"),
        ("202405", DateForm.DIGITS, "2024-05-01"),
        ("1714521600", DateForm.SECONDS, "2024-05-01"),
        ("1714607999", DateForm.SECONDS, "2024-05-01"),
        ("1714608000", DateForm.SECONDS, "2024-05-02"),
        ("1714521600000", DateForm.MILLISECONDS, "2024-05-01"),
        ("1714521600000000", DateForm.MICROSECONDS, "2024-05-01"),
        ("1.7145216E+12", DateForm.MILLISECONDS, "2024-05-01"),
        ("45413", DateForm.SERIAL, "2024-05-01"),
        ("45413.75", DateForm.SERIAL, "2024-05-01"),
        ("45413,75", DateForm.SERIAL, "2024-05-01"),
        ("1,7145216E+12", DateForm.MILLISECONDS, "2024-05-01"),
        ("20240501,0", DateForm.DIGITS, "2024-05-01"),
        ("2024-02-30", Y, None),
        ("2024-13-01", Y, None),
        ("31/04/2024", D, None),
        ("9999-12-31", Y, None),
        ("1900-01-01", Y, None),
        ("1970-01-01", Y, None),
        ("0", DateForm.DIGITS, None),
        ("0", DateForm.SERIAL, None),
        ("soon", Y, None),
        ("", Y, None),
    ],
)
def test_a_date_is_the_day_that_is_written(text: str, form: DateForm, day: str | None) -> None:
    read_day = day_of(text, form)
    assert (None if read_day is None else iso_day(read_day)) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ('="2024-05-01"', "2024-05-01"),
        ("'2024-05-01 10:00", "2024-05-01"),
        ("\u200e2024-\u200e05-\u200e01", "2024-05-01"),
        ("\u200e2024-05-01\u200e", "2024-05-01"),
        ("٢٠٢٤-٠٥-٠١", "2024-05-01"),
        ("२०२४/०५/०१", "2024-05-01"),
        ("２０２４年５月１日", "2024-05-01"),
        ('=""', None),
    ],
)
def test_marks_around_a_date_and_digits_of_other_scripts_are_read(text: str, day: str | None) -> None:
    read_day = day_of(day_part(text), Y)
    assert (None if read_day is None else iso_day(read_day)) == day


DAYS = [f"2024-{month:02d}-{day:02d}" for month in (1, 4, 9, 12) for day in (1, 5, 12, 13, 20, 28)]


def written(pattern: str) -> list[str]:
    return [pattern.format(y=day[:4], m=day[5:7], d=day[8:]) for day in DAYS]


@pytest.mark.parametrize(
    ("name", "texts", "form"),
    [
        ("x", written("{y}-{m}-{d}"), Y),
        ("x", written("{y}-{m}-{d}T10:00:00Z"), Y),
        ("x", written("{d}/{m}/{y}"), D),
        ("x", written("{m}/{d}/{y} 08:00"), M),
        ("x", written("{d}.{m}.{y}"), D),
        ("x", written("{y}{m}{d}"), DateForm.DIGITS),
        ("signup", [*written("{y}{m}{d}"), "0", "00000000"], DateForm.DIGITS),
        ("signup", [*written("{y}-{m}-{d}"), "0000-00-00", "9999-12-31"], Y),
        ("signup_ts", [f"17{place:08d}" for place in range(30)], DateForm.SECONDS),
        ("created at", [f"17{place:08d}123" for place in range(30)], DateForm.MILLISECONDS),
        ("fecha_alta", [str(43_000 + place) for place in range(30)], DateForm.SERIAL),
        ("Eintrittsdatum", written("{d}.{m}.{y}"), D),
        ("x", [str(86_400 * (19_000 + place)) for place in range(30)], DateForm.SECONDS),
        ("joined", ["03/04/2024", "05/06/2024", "07/08/2023"], DateForm.UNCLEAR),
        ("joined", ["01/02/2024", "01/03/2024", "01/07/2024", "01/11/2023"], D),
        ("joined", ["02/01/2024", "03/01/2024", "07/01/2024", "11/01/2023"], M),
        ("joined", ["03.04.2024", "05.06.2024", "07.08.2023"], D),
        ("account_id", [str(10_000_000 + 37 * place) for place in range(50)], None),
        ("postcode", [str(20_000 + 37 * place) for place in range(50)], None),
        ("balance", [str(41_000 + 37 * place) for place in range(50)], None),
        ("last_payment_amount", [str(41_000 + 37 * place) for place in range(50)], None),
        ("total_spend", [f"{place * 1.5:.2f}" for place in range(50)], None),
        ("phone", [str(1_700_000_000 + 1_234_567 * place) for place in range(50)], None),
        ("days since signup date", [str(30_000 + place) for place in range(50)], None),
        ("data_usage_mb", [str(40_000 + place) for place in range(50)], None),
        ("year joined", ["2019", "2020", "2021", "2022"], None),
        ("plan", ["Basic 10", "Basic 20", "Gold 30"], None),
        ("range", ["1-2", "3-4", "5-6"], None),
        ("version", ["1.2.3", "1.2.4", "2.0.1"], None),
    ],
)
def test_dates_are_recognised_by_values_and_name(name: str, texts: list[str], form: DateForm | None) -> None:
    assert form_of(name, texts) is form


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (("11/30/2026", "12/31/2026"), M),
        (("30/11/2026", "31/12/2026"), D),
        (("09/30/2026", "10/05/2026", "11/05/2026"), M),
        (("10/01/2026", "11/01/2026", "12/01/2026"), M),
        (("01/10/2026", "01/11/2026"), D),
        (("01-10-2026 00:00", "01-11-2026 00:00"), D),
        (("11/05/2026", "12/05/2026"), DateForm.UNCLEAR),
        (("12/01/2026",), DateForm.UNCLEAR),
        (("11/30/2026", "30/11/2026"), DateForm.UNCLEAR),
        (("01/01/2026", "02/02/2026"), None),
        (("01.10.2026", "01.11.2026"), None),
        (("2026-10-01", "10/2026", "Nov 2026", "202611", ""), None),
    ],
)
def test_the_order_of_snapshot_months_is_judged_over_the_column(texts: tuple[str, ...], order: DateForm | None) -> None:
    assert month_order(texts) == order


@pytest.mark.parametrize(
    ("text", "day_first", "month_first", "unknown"),
    [
        ("11/05/2026", "2026-05", "2026-11", None),
        ("11/30/2026", "2026-11", "2026-11", "2026-11"),
        ("30/11/2026", "2026-11", "2026-11", "2026-11"),
        ("05/05/2026", "2026-05", "2026-05", "2026-05"),
        ("11.05.2026", "2026-05", "2026-05", "2026-05"),
        ("2026-11-05", "2026-11", "2026-11", "2026-11"),
        ("31/31/2026", None, None, None),
    ],
)
def test_a_month_is_read_in_the_order_of_its_column(
    text: str, day_first: str | None, month_first: str | None, unknown: str | None
) -> None:
    assert month_of(text, month_first=False) == day_first
    assert month_of(text, month_first=True) == month_first
    assert month_of(text, month_first=None) == unknown


def test_an_unclear_order_is_decided_by_the_file_then_by_training_and_by_a_person_first() -> None:
    unclear = {"a": DateForm.UNCLEAR}
    assert settled(unclear, chosen=None, decimal=".") == {"a": DateForm.UNCLEAR}
    assert settled(unclear, chosen=M, decimal=",") == {"a": M}
    assert settled(unclear | {"b": M}, chosen=None, decimal=".")["a"] is M
    assert settled(unclear | {"b": M, "c": D}, chosen=None, decimal=".")["a"] is DateForm.UNCLEAR
    assert settled(unclear, chosen=None, decimal=",")["a"] is DateForm.UNCLEAR
    assert settled({"a": D}, chosen=M, decimal=".")["a"] is D


def counts(*days: str, rows: int = 1) -> dict[int, int]:
    return {day_from_iso(day): rows for day in days}


def test_the_reference_day_is_the_newest_date_that_has_happened() -> None:
    past = counts("2023-01-01", "2024-05-31")
    assert reference_day({"joined": past}) == day_from_iso("2024-05-31")
    assert reference_day({"joined": past, "contract_end": counts("2026-01-01")}) == day_from_iso("2024-05-31")
    assert reference_day({"joined": past, "last_payment": counts("2024-06-02")}) == day_from_iso("2024-06-02")
    assert reference_day({"Vertragsende": counts("2026-01-01")}) is None
    assert reference_day({"contract end": counts("2026-01-01")}) is None
    assert reference_day({}) is None


def test_few_dates_long_after_all_others_are_errors_of_typing() -> None:
    many = counts("2023-01-01", "2024-05-31", rows=100)
    assert reference_day({"joined": many | counts("2062-05-31")}) == day_from_iso("2024-05-31")
    assert reference_day({"joined": many | counts("2062-05-31", rows=3)}) == day_from_iso("2062-05-31")


def test_a_month_ends_on_its_last_day() -> None:
    assert month_end("2024-02") == day_from_iso("2024-02-29")
    assert month_end("2023-12") == day_from_iso("2023-12-31")
    assert month_end("") is None


@pytest.mark.parametrize(
    ("name", "age", "phrase", "value"),
    [
        ("signup_date", 412.0, "Joined 412 days ago", "412 days ago"),
        ("customer_since", 1.0, "Joined 1 day ago", "1 day ago"),
        ("registration_init_time", 1234.0, "Joined 1,234 days ago", "1,234 days ago"),
        ("contract_end_date", -45.0, "Contract ends in 45 days", "in 45 days"),
        ("contract_end", 3.0, "Contract ended 3 days ago", "3 days ago"),
        ("contract_end", 0.0, "Contract ends today", "today"),
        ("LastPaymentDate", 12.0, "Last payment 12 days ago", "12 days ago"),
        ("membership_expire_date", -1.0, "Membership ends in 1 day", "in 1 day"),
    ],
)
def test_ages_are_worded_as_days_before_or_after(name: str, age: float, phrase: str, value: str) -> None:
    schema = CustomerSchema((Column(name, ColumnKind.DATE, date_form=Y),))
    formats = formats_of("USD")
    assert reason_phrase(Reason(name, age, 0.2), schema, formats) == phrase
    assert value_words(name, age, schema, formats) == value
    assert value_words(name, None, schema, formats) == "unknown"


@pytest.mark.parametrize("name", ["churn_date", "CancellationDate", "exit_dt", "termination date", "Kündigungsdatum"])
def test_dates_of_leaving_are_known_by_name(name: str) -> None:
    assert names_leaving_date(name)


def test_ends_of_contracts_are_not_ends_of_customers() -> None:
    assert names_end("end_date")
    assert names_end("service end")
    assert not names_end("contract_end_date")
    assert not names_leaving_date("contract_termination_date")
    assert names_future("contract_end")
    assert names_future("next_bill_date")
    assert names_future("expiry")
    assert not names_future("signup_date")
    assert not names_future("last_login")


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("signup_ts", True),
        ("Beitrittsdatum", True),
        ("data_cadastro", True),
        ("last_login", True),
        ("data_usage", False),
        ("monthly_data_mb", False),
        ("days_since_last_login", False),
        ("customer_id", False),
        ("last_payment_amount", False),
    ],
)
def test_names_say_whether_numbers_may_be_dates(name: str, named: bool) -> None:
    assert names_date(name) is named


@pytest.mark.parametrize(
    ("decimal", "trained", "expected"),
    [
        (",", {"a": D}, D),
        (",", {"a": M}, DateForm.UNCLEAR),
        (",", {"a": DateForm.YEAR_FIRST}, DateForm.UNCLEAR),
        (",", {"b": D}, DateForm.UNCLEAR),
        (".", {"a": D}, DateForm.UNCLEAR),
        (".", {"a": M}, DateForm.UNCLEAR),
    ],
)
def test_the_training_files_order_counts_only_with_a_decimal_comma(
    decimal: str, trained: dict[str, DateForm], expected: DateForm
) -> None:
    assert settled({"a": DateForm.UNCLEAR}, chosen=None, decimal=decimal, trained=trained)["a"] is expected
    assert settled({"a": DateForm.UNCLEAR}, chosen=M, decimal=decimal, trained=trained)["a"] is M
    assert settled({"a": DateForm.UNCLEAR, "c": M}, chosen=None, decimal=decimal, trained=trained)["a"] is M
