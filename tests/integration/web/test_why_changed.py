"""Why the risk changed: on a customer's page and on the comparison of two predictions."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.account import Role
from domain.actor import Actor
from domain.run import RunId
from domain.training import TrainingRequest
from tests.integration.web.conftest import Browser, Office, furnished
from tests.integration.web.test_insights_pages import labelled

CUSTOMER = 40
"""Data row of the customer whose contract changed as well."""


def as_file(rows: list[dict[str, str]]) -> bytes:
    target = io.StringIO()
    writer = csv.DictWriter(target, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue().encode()


def scored(office: Office, content: bytes, *, by: Role = Role.ANALYST, name: str = "customers.csv") -> str:
    predictions, account = office.application.predictions, office.people[by]
    run = predictions.score_run(predictions.submit_scoring(io.BytesIO(content), name, by=Actor(account)).id)
    assert run is not None
    assert run.error is None
    return str(run.id)


@pytest.fixture
def customers() -> list[dict[str, str]]:
    rows = [dict(row) for row in csv.DictReader(io.StringIO(labelled()))]
    for row in rows:
        row["customerID"] = f"other-{row['customerID']}"
    rows[CUSTOMER - 1]["Contract"] = "Two year"
    return rows


@pytest.fixture
def dearer(customers: list[dict[str, str]]) -> list[dict[str, str]]:
    rows = [row | {"MonthlyCharges": f"{float(row['MonthlyCharges']) + 15:.2f}"} for row in customers]
    rows[CUSTOMER - 1]["Contract"] = "Month-to-month"
    return rows


def _train(office: Office, file: bytes) -> str:
    """A logistic model of the file, and its version."""
    training = office.application.models.submit_training(
        io.BytesIO(file),
        "labelled.csv",
        TrainingRequest(algorithm="logistic", effort="low"),
        by=Actor(office.people[Role.ANALYST]),
    )
    ended = office.application.models.train_model(training.id)
    assert ended is not None
    assert ended.version is not None, ended.error
    return ended.version


@pytest.fixture(scope="module")
def with_a_model(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    def furnish(office: Office) -> None:
        _train(office, labelled().encode())

    return furnished(installed, tmp_path_factory.mktemp("trained") / "data", furnish)


@pytest.fixture
def trained(new_office: Callable[..., Office], with_a_model: Path) -> Office:
    return new_office(copy_of=with_a_model)


@pytest.fixture
def analyst(trained: Office) -> Browser:
    return trained.browser(Role.ANALYST)


def text_of(browser: Browser, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200
    return html.unescape(answer.get_data(as_text=True))


def table(page: str) -> list[tuple[str, str, str]]:
    """The lines of the split: label, how, points. The last one is the total."""
    found = re.search(r'<table class="tbl tbl-tight tbl-stack tbl-change.*?</table>', page, re.S)
    assert found, "the page has no split"
    rows = re.findall(r"<tr.*?</tr>", found[0].split("<tbody>")[1], re.S)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in rows]
    return [(own[0].strip(), own[1].strip(), own[2].strip()) for own in cells]


def units(points: str) -> int:
    """ "+22.1" and "−0.30" in units of their last digit."""
    return int(points.replace("−", "-").replace("+", "").replace(".", ""))


def test_a_customers_page_says_why_the_risk_changed(
    trained: Office, analyst: Browser, customers: list[dict[str, str]], dearer: list[dict[str, str]]
) -> None:
    before = scored(trained, as_file(customers), name="october.csv")
    after = scored(trained, as_file(dearer), name="november.csv")
    page = text_of(analyst, f"/predictions/{after}/customers/{CUSTOMER}")
    lines = table(page)
    by_label = {label: (how, points) for label, how, points in lines}
    assert by_label["Contract"][0] == "Two year → Month-to-month"
    bill = float(customers[CUSTOMER - 1]["MonthlyCharges"])
    assert by_label["Monthly charges"][0] == f"${bill:.2f} → ${bill + 15:.2f}, up $15.00"
    assert "New model" not in by_label
    assert sum(units(points) for _, _, points in lines[:-1]) == units(lines[-1][2])
    first, last = (units(own.rstrip("%")) for own in lines[-1][1].split(" → "))
    assert last - first == units(lines[-1][2])
    assert f"{last / 10:.1f}%" in page.split("</h1>")[1].split("risk of leaving")[0], "the risk on top of the page"
    assert f'href="/predictions/{before}/customers/{CUSTOMER}">october.csv</a>' in page
    assert "with the same model" in page
    assert "Why it changed" not in text_of(analyst, f"/predictions/{before}/customers/{CUSTOMER}")


def test_a_prediction_of_somebody_else_is_no_earlier_one(
    trained: Office, analyst: Browser, customers: list[dict[str, str]], dearer: list[dict[str, str]]
) -> None:
    scored(trained, as_file(customers), by=Role.ADMIN, name="secret.csv")
    after = scored(trained, as_file(dearer))
    address = f"/predictions/{after}/customers/{CUSTOMER}"
    assert "Why it changed" not in text_of(analyst, address)
    assert "secret.csv" in text_of(trained.browser(Role.ADMIN), address)


def test_an_erased_customer_is_not_compared(
    trained: Office, analyst: Browser, customers: list[dict[str, str]], dearer: list[dict[str, str]]
) -> None:
    before, after = scored(trained, as_file(customers)), scored(trained, as_file(dearer))
    erased = customers[CUSTOMER - 1]["customerID"]
    trained.application.privacy.erase_customer(erased, by=Actor(trained.people[Role.ADMIN]))
    assert analyst.get(f"/predictions/{after}/customers/{CUSTOMER}").status_code == 404
    page = text_of(analyst, f"/history/compare?a={before}&b={after}")
    assert erased not in page
    assert table(page)[0][0] == "Other customers"


def test_the_comparison_names_the_price_rise_first(
    trained: Office, analyst: Browser, customers: list[dict[str, str]], dearer: list[dict[str, str]]
) -> None:
    before, after = scored(trained, as_file(customers)), scored(trained, as_file(dearer[20:]))
    page = text_of(analyst, f"/history/compare?a={after}&b={before}")
    lines = table(page)
    labels = [label for label, _, _ in lines]
    assert labels[:5] == ["Other customers", "No longer there", "Their values", "Monthly charges", "Contract"]
    assert lines[3][1] == "changed for 100.0%, on average up $15.00"
    assert lines[1][1] == "20 customers only in the earlier one"
    total = units(lines[-1][2])
    assert units(lines[0][2]) + units(lines[2][2]) == total
    assert sum(units(points) for _, _, points in lines[3:-1]) == units(lines[2][2])
    assert re.search(r"The mean risk (rose|fell) from \d+\.\d\d% to \d+\.\d\d%: other customers ", page)


def test_the_split_is_downloaded_as_csv(
    trained: Office, analyst: Browser, customers: list[dict[str, str]], dearer: list[dict[str, str]]
) -> None:
    before, after = scored(trained, as_file(customers)), scored(trained, as_file(dearer), name="=late.csv")
    address = f"/history/compare/why.csv?a={before}&b={after}"
    assert f'href="{address}"' in text_of(analyst, f"/history/compare?a={after}&b={before}")
    answer = analyst.get(address)
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="why-changed-late-')
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert [(row["cause"], row["part"]) for row in rows[:4]] == [
        ("all", ""),
        ("other customers", ""),
        ("values", ""),
        ("values", "MonthlyCharges"),
    ]
    change, parts = float(rows[0]["change"]), [row for row in rows if row["part"]]
    assert sum(float(row["change"]) for row in parts) == pytest.approx(change, abs=1e-9)
    assert (parts[0]["share_changed"], parts[0]["mean_move"]) == ("1.0", "15.0")
    assert analyst.get(f"/history/compare/why.csv?a={before}&b={before}").status_code == 422
    assert analyst.get("/history/compare/why.csv").status_code in (404, 422)


def test_the_same_file_twice_shows_zeros(trained: Office, analyst: Browser, customers: list[dict[str, str]]) -> None:
    before, after = (scored(trained, as_file(customers)) for _ in range(2))
    page = text_of(analyst, f"/history/compare?a={before}&b={after}")
    assert [(label, points) for label, _, points in table(page)] == [
        ("Other customers", "0"),
        ("Their values", "0"),
        ("Together", "0"),
    ]
    own = text_of(analyst, f"/predictions/{after}/customers/{CUSTOMER}")
    assert [points for _, _, points in table(own)] == ["0"]
    assert ": nothing changed" in own


def test_customers_without_ids_are_not_compared(
    trained: Office, analyst: Browser, customers: list[dict[str, str]]
) -> None:
    without = as_file([{name: cell for name, cell in row.items() if name != "customerID"} for row in customers])
    before, after = (scored(trained, without, name="bare.csv") for _ in range(2))
    assert "Why it changed" not in text_of(analyst, f"/predictions/{after}/customers/{CUSTOMER}")
    page = text_of(analyst, f"/history/compare?a={before}&b={after}")
    words = "The customers of “bare.csv” have no ids, so nobody can be found again in another file."
    assert words in page
    refused = analyst.get(f"/history/compare/why.csv?a={before}&b={after}")
    assert refused.status_code == 422
    assert words in html.unescape(refused.get_data(as_text=True))


def test_a_model_whose_files_are_gone_is_a_sentence(
    trained: Office, analyst: Browser, customers: list[dict[str, str]], dearer: list[dict[str, str]]
) -> None:
    before = scored(trained, as_file(customers))
    application, person = trained.application, Actor(trained.people[Role.ANALYST])
    old_model = application.predictions.view_run(RunId(before), by=person.account).run.model_version
    submitted = application.predictions.submit_scoring(
        io.BytesIO(as_file(dearer)), "b.csv", by=person, model_id=_train(trained, as_file(dearer))
    )
    run = application.predictions.score_run(submitted.id)
    assert run is not None
    page = text_of(analyst, f"/predictions/{run.id}/customers/{CUSTOMER}")
    labels = [label for label, _, _ in table(page)]
    assert "New model" in labels
    application.predictions.explain_customer_change.registry.discard(old_model)
    for address in (f"/predictions/{run.id}/customers/{CUSTOMER}", f"/history/compare?a={before}&b={run.id}"):
        page = text_of(analyst, address)
        assert f"Model {old_model} cannot be read any more" in page
        assert "Values and model" in [label for label, _, _ in table(page)]
