"""Names of people, phone numbers and email addresses are never attributes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adapters.ml.detection.labelled_file import detect
from domain.training import TrainingRequest
from tests.unit.ml.files import a_table, customers

SURNAMES = ["Moyo", "Ncube", "Dube", "Sibanda", "Phiri", "Banda", "Tembo", "Zulu"]
FIRST = ["Ana", "Bo", "Cy", "Dee", "Eva", "Finn", "Gus", "Hal", "Ida", "Jo", "Kim", "Lee"]


def with_column(name: str, values: Any) -> tuple[set[str], dict[str, str]]:
    detected = detect(a_table(customers() | {name: values}), TrainingRequest())
    assert detected.id_column == "customerID"
    return {own.name for own in detected.attributes}, {own.column: own.why for own in detected.left_out}


def repeated(pool: list[str]) -> list[str]:
    return [pool[n] for n in np.random.default_rng(1).integers(0, len(pool), 400)]


@pytest.mark.parametrize(
    "name",
    [
        "Surname", "last_name", "LastName", "Nachname", "apellido", "Prénom", "cognome", "sobrenome", "nazwisko",
        "efternamn", "фамилия", "姓名", "customer name", "nombre del cliente", "contact_person_name",
    ],
)  # fmt: skip
def test_a_name_of_people_is_left_out_though_customers_share_it(name: str) -> None:
    attributes, left_out = with_column(name, repeated(SURNAMES))
    assert name not in attributes
    assert left_out[name] == "names a person"


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("phone", "+26377{:07d}"), ("Telefon", "0171 {:07d}"), ("teléfono", "600-{:06d}"), ("celular", "(11) 9{:07d}"),
        ("Handynummer", "49151{:07d}"), ("手机号", "138{:08d}"), ("x9", "+26377{:07d}"), ("col4", "26377{:07d}"),
        ("kontakt", "0171/{:07d}"),
    ],
)  # fmt: skip
def test_a_phone_number_is_left_out_though_customers_share_it(name: str, form: str) -> None:
    attributes, left_out = with_column(name, repeated([form.format(n * 7) for n in range(250)]))
    assert name not in attributes
    assert left_out[name] == "names a person"


@pytest.mark.parametrize("name", ["Name", "nom", "x5", "Ansprechpartner"])
def test_texts_like_names_that_differ_for_many_customers_are_left_out(name: str) -> None:
    people = [f"{first} {last}" for first in FIRST for last in SURNAMES] + [
        f"{f}a {s}o" for f in FIRST for s in SURNAMES
    ]
    attributes, left_out = with_column(name, repeated(people))
    assert name not in attributes
    assert left_out[name] == "names a person"


def test_an_email_address_is_left_out() -> None:
    attributes, left_out = with_column("x2", repeated([f"user{n}@example.com" for n in range(200)]))
    assert left_out["x2"] == "names a person"
    assert "x2" not in attributes


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("phone", ["Yes", "No"]),
        ("PhoneService", ["Yes", "No"]),
        ("mobile", ["iPhone", "Galaxy", "Pixel"]),
        ("Name", ["Basic", "Plus", "Premium"]),
        ("product family", ["Voice", "Data", "TV"]),
        ("phone lines", ["1", "2", "3"]),
        ("City", [f"{first}{last.lower()}" for first in FIRST for last in SURNAMES]),
        ("bytes used", [str(100_000_000 + 7_654_321 * n) for n in range(90)]),
        ("usage", [f"0.{n:06d}" for n in range(1, 300)]),
    ],
)
def test_other_columns_are_kept(name: str, values: list[str]) -> None:
    attributes, _ = with_column(name, repeated(values))
    assert name in attributes
