"""Generates telecom customers in the usual layout of telecom churn files.

Nothing is learned from a real file. Shares and coefficients were chosen by hand and are documented in
docs/sample-data.md, so that a model's findings can be compared with the true mechanism.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as arrow_csv

from adapters.ml.sample_activity import COLUMN as ACTIVITY
from adapters.ml.sample_activity import with_last_activity
from adapters.ml.training.quality_metrics import sigmoid
from domain.errors import InvalidInput

Array = npt.NDArray[np.number[Any]]
"""Arrays of integers or floats."""
Numbers = npt.NDArray[np.float64]
Customers = dict[str, Array]
"""Column name → one entry per customer: a code into LEVELS for text, otherwise the number."""

BLOCK = 65_536
LAST_MONTH = "2026-10"
"""The default last snapshot month. It is a constant, so that the file depends only on the arguments."""

NO_YES = ("No", "Yes")
WITHOUT_INTERNET = ("No", "Yes", "No internet service")
EXTRAS = ("OnlineSecurity", "OnlineBackup", "DeviceProtection", "TechSupport", "StreamingTV", "StreamingMovies")
LEVELS: dict[str, tuple[str, ...]] = {
    "gender": ("Female", "Male"),
    "Partner": NO_YES,
    "Dependents": NO_YES,
    "PhoneService": NO_YES,
    "MultipleLines": ("No", "Yes", "No phone service"),
    "InternetService": ("DSL", "Fiber optic", "No"),
    **dict.fromkeys(EXTRAS, WITHOUT_INTERNET),
    "Contract": ("Month-to-month", "One year", "Two year"),
    "PaperlessBilling": NO_YES,
    "PaymentMethod": ("Electronic check", "Mailed check", "Bank transfer (automatic)", "Credit card (automatic)"),
    "Churn": NO_YES,
}
COLUMNS = (
    *("gender", "SeniorCitizen", "Partner", "Dependents", "tenure", "PhoneService", "MultipleLines"),
    *("InternetService", *EXTRAS, "Contract", "PaperlessBilling", "PaymentMethod", "MonthlyCharges", "TotalCharges"),
)
DSL, FIBRE, NO_INTERNET = 0, 1, 2
MONTHLY, ONE_YEAR, TWO_YEARS = 0, 1, 2
ELECTRONIC_CHECK = 0

LOG_ODDS = {
    "intercept": -1.20,
    "one_year": -0.95,
    "two_years": -1.80,
    "month_to_month_and_new": 1.10,  # × e^(−tenure/5)
    "tenure": -0.80,  # × ln(1 + tenure) / ln 73
    "fibre": 0.50,
    "fibre_without_tech_support": 0.55,
    "no_internet": -0.45,
    "no_online_security": 0.30,
    "price": 0.35,  # per 30 above 65 a month
    "price_while_new": 0.40,  # the same × e^(−tenure/18)
    "electronic_check": 0.45,
    "paperless": 0.25,
    "senior": 0.25,
    "dependents": -0.25,
    "alone_on_monthly": 0.15,
    "noise": 0.35,  # standard deviation of the part that no column explains
}
"""The churn mechanism in log-odds. docs/sample-data.md explains each term."""

SEASON, TREND = 0.24, 0.14
"""Log-odds: half the height of the yearly wave (peak in January), and the rise from the first month to the last."""
NEW_AMONG_JOINERS = 0.20
SIGNS_FOR_A_YEAR = 0.012

ID_LETTERS = np.frombuffer(b"BCDFGHJKLMNPQRSTVWXZ", dtype=np.uint8)  # no vowels, so that no id spells a word or a name
ID_DIGITS_SPACE, ID_LETTERS_SPACE = 10**4, 20**5


class MadeUpCustomers:
    """Implements `application.ports.models.SampleCustomers`."""

    def write(
        self,
        path: str | PathLike[str],
        *,
        rows: int,
        seed: int,
        months: int | None = None,
        last_month: str | None = None,
        labelled: bool = True,
        drift: float = 0.0,
        activity: bool = False,
    ) -> None:
        """Write a CSV of exactly `rows` rows, spread evenly over `months` snapshot months if given.

        `drift` is added to the log-odds of leaving from each month to the next. `activity` adds the day of the last
        activity. The same arguments give the same bytes.
        Memory: one block, and with months one month's customers (50 bytes each). Raises InvalidInput for fewer rows
        than months, for no rows, for a month not written YYYY-MM, or for a drift without months.
        """
        _check(rows, months, last_month)
        if drift and months is None:
            raise InvalidInput("Only a sample with months can drift.", field="drift")
        tables = (
            _snapshot(rows, seed)
            if months is None
            else _panel(rows, seed, _month_names(last_month, months), months, drift=drift)
        )
        more = [*([ACTIVITY] if activity else []), *(["Churn"] if labelled else [])]
        if activity:
            tables = with_last_activity(tables, seed, last_month or LAST_MONTH)
        header = ["customerID", *(["SnapshotMonth"] if months else []), *COLUMNS, *more]
        with open(path, "wb") as file:
            _write(file, header, tables)

    def write_months(self, folder: Path, *, rows: int, seed: int, months: int, last_month: str) -> list[Path]:
        """Write one CSV per month with `rows` customers, oldest first. The last one lacks Churn, which is still
        unknown.

        Raises InvalidInput for a month not written YYYY-MM.
        """
        _check(rows * months, months, last_month)
        names = _month_names(last_month, months)
        paths = [folder / f"sample-{name}.csv" for name in names]
        tables: dict[str, tuple[pa.Table, ...]] = dict.fromkeys(names, ())
        for table in _panel(rows * months, seed, names, months):
            month = table.column("SnapshotMonth")[0].as_py()
            tables[month] = (*tables[month], table)
        for name, path in zip(names, paths, strict=True):
            known = ["Churn"] if name != names[-1] else []
            header = ["customerID", "SnapshotMonth", *COLUMNS, *known]
            with open(path, "wb") as file:
                _write(file, header, tables[name])
        return paths


def _write(file: BinaryIO, header: list[str], tables: Iterable[pa.Table]) -> None:
    file.write((",".join(header) + "\n").encode())
    plain = arrow_csv.WriteOptions(include_header=False, quoting_style="none")
    for table in tables:
        arrow_csv.write_csv(table.select(header), file, plain)


def churn_log_odds(customers: Customers) -> Numbers:
    """Log-odds of leaving from the columns, without noise and month effect: the best that any model can learn."""
    term, tenure, contract, internet = (
        LOG_ODDS,
        customers["tenure"],
        customers["Contract"],
        customers["InternetService"],
    )
    month_to_month, fibre = contract == MONTHLY, internet == FIBRE
    price = (customers["MonthlyCharges"] - 65.0) / 30.0
    log_odds: Numbers = (
        term["intercept"]
        + term["one_year"] * (contract == ONE_YEAR)
        + term["two_years"] * (contract == TWO_YEARS)
        + term["month_to_month_and_new"] * month_to_month * np.exp(-tenure / 5.0)
        + term["tenure"] * np.log1p(tenure) / np.log(73.0)
        + term["fibre"] * fibre
        + term["fibre_without_tech_support"] * (fibre & (customers["TechSupport"] == 0))
        + term["no_internet"] * (internet == NO_INTERNET)
        + term["no_online_security"] * (customers["OnlineSecurity"] == 0)
        + (term["price"] + term["price_while_new"] * np.exp(-tenure / 18.0)) * price
        + term["electronic_check"] * (customers["PaymentMethod"] == ELECTRONIC_CHECK)
        + term["paperless"] * customers["PaperlessBilling"]
        + term["senior"] * customers["SeniorCitizen"]
        + term["dependents"] * customers["Dependents"]
        + term["alone_on_monthly"] * (month_to_month & (customers["Partner"] == 0))
    )
    return log_odds


def month_effect(month: str, place: int, months: int) -> float:
    """Log-odds that a snapshot month adds for all customers: a yearly wave and a slow rise."""
    season = SEASON * np.cos(2.0 * np.pi * (int(month[5:]) - 1) / 12.0)
    rise = TREND * (place / (months - 1) - 0.5) if months > 1 else 0.0
    return float(season + rise)


def customers_like_a_telecoms(random: np.random.Generator, count: int) -> Customers:
    """Customers without ids and labels, with realistic dependencies between columns."""
    customers = _people(random, count)
    _tenure_and_contract(random, customers)
    _services(random, customers)
    _billing(random, customers)
    return customers


def identifiers(numbers: npt.NDArray[np.int64], seed: int) -> pa.Array:
    """One id such as 7590-VHVKG per number up to 10⁹, unique for one seed, because it is a permutation."""
    mixed = np.random.default_rng([seed, 1]).integers(1, ID_LETTERS_SPACE, 4)
    space = ID_DIGITS_SPACE * ID_LETTERS_SPACE
    place = (numbers * 7_368_787_157 + mixed[0] * mixed[1]) % space  # the factor shares no divisor with the space
    digits, letters = place // ID_LETTERS_SPACE, place % ID_LETTERS_SPACE
    letters = (letters + digits * digits * 48_271 + mixed[2]) % ID_LETTERS_SPACE  # each step can be undone: Feistel
    digits = (digits + letters * 16_807 // 127 + mixed[3]) % ID_DIGITS_SPACE
    return _as_text(digits, letters)


def _check(rows: int, months: int | None, last_month: str | None) -> None:
    if rows < 1:
        raise InvalidInput("A sample has at least one row.", field="rows")
    if months is not None and not 1 <= months <= rows:
        raise InvalidInput("A sample has at least one month, and at least one row for each month.", field="months")
    if last_month is not None and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", last_month):
        raise InvalidInput(f"{last_month!r} is not a month such as 2026-10.", field="last_month")


def _month_names(last_month: str | None, months: int) -> list[str]:
    year, month = map(int, (last_month or LAST_MONTH).split("-"))
    last = year * 12 + month - 1
    return [f"{place // 12:04d}-{place % 12 + 1:02d}" for place in range(last - months + 1, last + 1)]


def _snapshot(rows: int, seed: int) -> Iterator[pa.Table]:
    """Blocks of customers seen once."""
    for block, start in enumerate(range(0, rows, BLOCK)):
        count = min(BLOCK, rows - start)
        random = np.random.default_rng([seed, 0, block])
        customers = customers_like_a_telecoms(random, count)
        customers["Churn"] = _leaves(random, customers, 0.0)
        customers["number"] = np.arange(start, start + count)
        yield _table(customers, seed)


def _panel(rows: int, seed: int, names: list[str], months: int, *, drift: float = 0.0) -> Iterator[pa.Table]:
    """The same customer base month after month: leavers are replaced, stayers become a month older."""
    random = np.random.default_rng([seed, 2])
    sizes = [rows // months + (place < rows % months) for place in range(months)]
    customers = customers_like_a_telecoms(random, sizes[0])
    customers["number"] = np.arange(sizes[0])
    known = sizes[0]
    for place, (month, size) in enumerate(zip(names, sizes, strict=True)):
        if place:
            known = _a_month_later(random, customers, known)
        customers = {name: entries[:size] for name, entries in customers.items()}
        customers["Churn"] = _leaves(random, customers, month_effect(month, place, months) + drift * place)
        for start in range(0, size, BLOCK):
            yield _table({name: entries[start : start + BLOCK] for name, entries in customers.items()}, seed, month)


def _a_month_later(random: np.random.Generator, customers: Customers, known: int) -> int:
    """Advance the base by a month, in place. Returns the number of customers so far."""
    left = np.flatnonzero(customers["Churn"])
    _age(random, customers)
    joiners = _joiners(random, len(left))
    joiners["number"] = np.arange(known, known + len(left))
    for name, entries in joiners.items():
        customers[name][left] = entries
    return known + len(left)


def _age(random: np.random.Generator, customers: Customers) -> None:
    count = len(customers["tenure"])
    customers["tenure"] += 1
    paid = np.where(np.isnan(customers["TotalCharges"]), 0.0, customers["TotalCharges"])
    customers["TotalCharges"] = _in_twentieths(paid + customers["MonthlyCharges"] * random.normal(1.0, 0.02, count))
    signs = (customers["Contract"] == MONTHLY) & (random.random(count) < SIGNS_FOR_A_YEAR)
    customers["Contract"][signs] = ONE_YEAR


def _joiners(random: np.random.Generator, count: int) -> Customers:
    """New customers with a risk like that of leavers. Otherwise the churn rate of the base would fall every month.

    Some of them have just signed. The others come from another part of the company and keep their tenure.
    """
    candidates = customers_like_a_telecoms(random, 5 * count + 100)
    kind = np.resize(np.flatnonzero(_leaves(random, candidates, 0.0)), count)
    joiners = {name: entries[kind] for name, entries in candidates.items()}
    new = random.random(count) < NEW_AMONG_JOINERS
    joiners["tenure"] = np.where(new, random.integers(0, 2, count), joiners["tenure"])
    joiners["TotalCharges"] = _total(random, joiners)
    return joiners


def _leaves(random: np.random.Generator, customers: Customers, shift: float) -> npt.NDArray[np.int8]:
    count = len(customers["tenure"])
    log_odds = churn_log_odds(customers) + shift + random.normal(0.0, LOG_ODDS["noise"], count)
    return (random.random(count) < sigmoid(log_odds)).astype(np.int8)


def _people(random: np.random.Generator, count: int) -> Customers:
    senior = _happens(random, 0.16, count)
    partner = _happens(random, np.where(senior, 0.50, 0.47), count)
    dependents = _happens(random, np.where(partner, 0.54, 0.09) * np.where(senior, 0.25, 1.0), count)
    gender = _happens(random, 0.505, count)
    return {"gender": gender, "SeniorCitizen": senior, "Partner": partner, "Dependents": dependents}


def _tenure_and_contract(random: np.random.Generator, customers: Customers) -> None:
    """Draw a U-shaped tenure, as in a base that grew early and still grows. Contracts are longer with tenure."""
    count = len(customers["gender"])
    tenure = np.floor(73.0 * random.beta(0.72, 0.90, count)).astype(np.int16).clip(0, 72)
    weights = np.exp([2.05 - 0.045 * tenure, np.full(count, 0.0), -1.35 + 0.040 * tenure])
    steps = np.cumsum(weights / weights.sum(axis=0), axis=0)
    customers["tenure"] = tenure
    customers["Contract"] = (random.random(count) > steps[:2]).sum(axis=0).astype(np.int8)


def _services(random: np.random.Generator, customers: Customers) -> None:
    """Draw services. Customers without internet have no extras; those without a telephone line have only DSL."""
    tenure, settled = customers["tenure"], customers["Contract"] != MONTHLY
    count = len(tenure)
    none = _happens(random, np.where(settled, 0.30, 0.13), count)
    fibre = _happens(random, np.where(settled, 0.50, 0.62), count)
    internet = np.where(none, NO_INTERNET, np.where(fibre, FIBRE, DSL)).astype(np.int8)
    phone = np.where(internet == DSL, _happens(random, 0.72, count), 1).astype(np.int8)
    lines = _happens(random, 0.22 + 0.006 * tenure + 0.10 * (internet == FIBRE), count)
    customers["PhoneService"], customers["InternetService"] = phone, internet
    customers["MultipleLines"] = np.where(phone == 0, 2, lines).astype(np.int8)
    for name in EXTRAS:
        streaming = name.startswith("Streaming")
        liking = 0.14 * (internet == FIBRE) if streaming else -0.16 * (internet == FIBRE) + 0.14 * settled
        has_service = _happens(random, 0.25 + 0.0042 * tenure + liking, count)
        customers[name] = np.where(internet == NO_INTERNET, 2, has_service).astype(np.int8)


def _billing(random: np.random.Generator, customers: Customers) -> None:
    count, tenure = len(customers["gender"]), customers["tenure"]
    internet = customers["InternetService"].astype(np.int8)
    customers["PaperlessBilling"] = _happens(random, np.choose(internet, [0.53, 0.76, 0.29]), count)
    customers["PaymentMethod"] = _payment(random, internet, tenure)
    monthly = np.choose(internet, [25.0, 50.0, 0.0]) + 20.0 * customers["PhoneService"]
    monthly = monthly + 5.0 * (customers["MultipleLines"] == 1)
    for name in EXTRAS:
        monthly = monthly + (10.0 if name.startswith("Streaming") else 5.0) * (customers[name] == 1)
    customers["MonthlyCharges"] = _in_twentieths((monthly + random.normal(0.0, 0.7, count)).clip(18.0))
    customers["TotalCharges"] = _total(random, customers)


def _payment(random: np.random.Generator, internet: npt.NDArray[np.int8], tenure: Array) -> npt.NDArray[np.int8]:
    """Draw the payment method: electronic check with fibre, mailed check without internet, automatic with tenure."""
    automatic = _happens(random, 0.22 + 0.0065 * tenure, len(tenure))
    electronic = _happens(random, np.choose(internet, [0.50, 0.83, 0.20]), len(tenure))
    by_card = _happens(random, 0.5, len(tenure))
    return np.where(automatic, 2 + by_card, np.where(electronic, ELECTRONIC_CHECK, 1)).astype(np.int8)


def _total(random: np.random.Generator, customers: Customers) -> Numbers:
    """Tenure × monthly charges, varied for earlier prices. Exact in the first month, blank before it."""
    tenure, monthly = customers["tenure"].astype(np.float64), customers["MonthlyCharges"].astype(np.float64)
    wandered = 1.0 + random.normal(0.0, 0.035, len(tenure)).clip(-0.1, 0.1) * (tenure > 1)
    return np.where(tenure == 0, np.nan, _in_twentieths(tenure * monthly * wandered))


def _happens(random: np.random.Generator, chance: float | Array, count: int) -> npt.NDArray[np.int8]:
    return (random.random(count) < chance).astype(np.int8)


def _in_twentieths(amounts: Numbers) -> Numbers:
    """Rounded to 0.05, as bills are."""
    return np.round(amounts * 20.0) / 20.0


def _table(customers: Customers, seed: int, month: str | None = None) -> pa.Table:
    columns = {"customerID": identifiers(customers["number"].astype(np.int64), seed)}
    if month:
        columns["SnapshotMonth"] = pa.repeat(month, len(customers["number"]))
    for name in (*COLUMNS, "Churn"):
        columns[name] = _column(name, customers[name])
    return pa.table(columns)


def _column(name: str, entries: Array) -> pa.Array:
    if name in LEVELS:
        return pa.DictionaryArray.from_arrays(pa.array(entries), pa.array(LEVELS[name])).cast(pa.string())
    return pa.array(entries, from_pandas=True)  # NaN becomes an empty cell


def _as_text(digits: npt.NDArray[np.int64], letters: npt.NDArray[np.int64]) -> pa.Array:
    text = np.empty((len(digits), 10), dtype=np.uint8)
    for place in range(4):
        text[:, 3 - place] = 48 + digits // 10**place % 10
    text[:, 4] = ord("-")
    for place in range(5):
        text[:, 9 - place] = ID_LETTERS[letters // 20**place % 20]
    ends = np.arange(0, 10 * len(text) + 1, 10, dtype=np.int32)
    return pa.StringArray.from_buffers(len(text), pa.py_buffer(ends), pa.py_buffer(text))
