"""Messages with the values of a customer."""

from __future__ import annotations

import pytest

from adapters.formatting.babel_formats import formats_of
from domain.customer import Value
from domain.message import MessageColumns
from domain.recommendation import Addressee, message_to
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.vocabulary.tenure import TenureUnit
from tests.builders import an_action

USD = formats_of("USD")
SCHEMA = CustomerSchema(
    (
        Column("contract", ColumnKind.CATEGORICAL, ("Month-to-month", "One year")),
        Column("tenure", ColumnKind.NUMERIC),
        Column("Monthly_Charges", ColumnKind.NUMERIC),
        Column("PaperlessBilling", ColumnKind.BOOLEAN, ("0", "1")),
        Column("Data", ColumnKind.NUMERIC, unit="GB"),
        Column("Joined", ColumnKind.DATE),
        Column("Phone", ColumnKind.BOOLEAN, ("No", "Yes")),
    ),
    id_column="Subscriber",
    tenure_column="tenure",
    tenure_unit=TenureUnit.MONTHS,
    revenue_column="Monthly_Charges",
)
CUSTOMER: dict[str, Value] = {
    "contract": "Month-to-month",
    "tenure": 3.0,
    "Monthly_Charges": 1234.5,
    "PaperlessBilling": "1",
    "Data": 2.5,
    "Joined": 412.0,
    "Phone": "No",
}
COLUMNS = MessageColumns(SCHEMA, personal=("Kin",))


def said(message: str, **values: Value) -> str:
    action = an_action(message=message, offer_share=0.1)
    return message_to(action, Addressee(CUSTOMER | values, SCHEMA, 1234.5), USD)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("You have {Contract}.", "You have Month-to-month."),
        ("For {TENURE} you paid {monthly charges}.", "For 3 months you paid $1,234.50."),
        ("Paperless: {paperless_billing}, phone: {Phone}.", "Paperless: Yes, phone: No."),
        ("{Data} of data; you joined {joined}.", "2.5 GB of data; you joined 412 days ago."),
        ("{bill}, {reduced_bill}, {Reduced bill}", "$1,234.50, $1,111.05, $1,111.05"),
        ("Stay. | You have {Contract}{Phone}!", "Stay. You have Month-to-monthNo!"),
        ("Stay.|You roam in {Roaming}.|{contract}", "Stay. Month-to-month"),
        ("{Subscriber}|Stay.", "Stay."),
        ("{contract.__class__} {0}", ""),
    ],
)
def test_a_name_in_braces_is_filled_in_as_the_product_writes_the_value(message: str, words: str) -> None:
    assert said(message) == words


@pytest.mark.parametrize("missing", [None, "", "  ", float("nan"), float("inf")])
def test_a_sentence_about_a_missing_value_is_left_out(missing: Value) -> None:
    assert said("Stay.|You have {contract} and {tenure}.|{tenure}", contract=missing) == "Stay. 3 months"


def test_a_value_from_a_file_is_text_and_nothing_in_it_is_filled_in() -> None:
    assert said("You have {contract}.", contract="{bill}|{tenure}\n <b>%s") == "You have {bill}|{tenure} <b>%s."


def test_an_attribute_of_exactly_this_name_is_preferred() -> None:
    schema = CustomerSchema((Column("plan", ColumnKind.CATEGORICAL), Column("Plan", ColumnKind.CATEGORICAL)))
    customer = Addressee({"plan": "small", "Plan": "large"}, schema, None)
    action = an_action(message="{Plan} {plan} {PLAN}")

    assert message_to(action, customer, USD) == "large small small"


@pytest.mark.parametrize(
    ("wrong", "shown"),
    [
        ("Hi {", "{"),
        ("Hi {a{b} you", "{a{b} you"),
        ("Hi a} {b}", "} {b}"),
        ("{{bill}}", "{{bill}}"),
        ("{a|b}", "{a|b}"),
    ],
)
def test_braces_that_do_not_match_are_named(wrong: str, shown: str) -> None:
    assert COLUMNS.problem_of(wrong) == (
        f"The braces at “{shown}” do not match. "
        "Write {bill}, {reduced_bill} or a column of the customers such as {Contract}."
    )


@pytest.mark.parametrize("empty", ["{}", "{ }", "{%}"])
def test_braces_without_a_name_are_refused(empty: str) -> None:
    problem = COLUMNS.problem_of(f"Hi {empty}")

    assert problem is not None
    assert problem.startswith("There is no name between the braces. ")


@pytest.mark.parametrize(
    "name",
    [
        *("Subscriber", "KIN", "customerID", "Customer number", "account id", "Surname", "name", "Nachname"),
        *("E-mail", "email address", "msisdn", "Phone number", "客户号"),
    ],
)
def test_columns_that_identify_a_customer_or_a_person_are_refused(name: str) -> None:
    problem = COLUMNS.problem_of(f"Hi {{{name}}}")

    assert problem is not None
    assert f"“{{{name}}}” cannot be filled in" in problem


@pytest.mark.parametrize(
    "name", ["bill", "Phone", "Contract", "Voice mail plan", "Account length", "Number of calls", "Zip code"]
)
def test_other_columns_can_be_named(name: str) -> None:
    assert COLUMNS.problem_of(f"You have {{{name}}}") is None


def test_a_column_may_be_personal_by_its_name_where_the_model_has_no_such_attribute() -> None:
    assert MessageColumns().problem_of("{Phone}") is not None


def test_a_message_has_at_most_twenty_names() -> None:
    names = [f"{{column{place}}}" for place in range(21)]

    assert COLUMNS.problem_of("".join(names[:20])) is None
    assert COLUMNS.problem_of("".join(names)) == "A message has at most 20 different names in braces."


def test_names_that_the_model_does_not_know_are_listed() -> None:
    assert COLUMNS.unknown_in("{bill} {Contract} {Roaming}|{Plan} {Roaming}") == ("Roaming", "Plan")
    assert MessageColumns().unknown_in("{reduced bill} {Contract}") == ("Contract",)


@pytest.mark.parametrize(
    ("given", "differs"),
    [
        ({"message": "Hello.", "offer_share": 0.0}, False),
        ({"message": "Hello.", "offer_share": 0.1, "offer_months": 0.0}, False),
        ({"message": "Hello.", "offer_share": 0.1, "offer_months": 12.0}, True),
        ({"message": "{bill}", "offer_share": 0.0}, True),
        ({"message": "Hello.|{Contract}", "offer_share": 0.0}, True),
        ({"message": "Hello {", "offer_share": 0.0}, False),
    ],
)
def test_an_offer_differs_by_its_message_or_by_the_cost_of_a_share(given: dict[str, object], differs: bool) -> None:
    assert an_action(**given).depends_on_customer is differs
