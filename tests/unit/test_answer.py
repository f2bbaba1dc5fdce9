"""The answer in a sentence, and what its expected gain assumes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.formatting.babel_formats import formats_of
from domain.answer import AnswerFigures, answer, answer_text, figures_of, leavers_note, save_rates_note
from domain.playbook import Action, Condition, Playbook
from domain.run import Contacting, RunSummary
from tests.builders import a_summary

USD = formats_of("USD")
TELCO = AnswerFigures(7_043, 1_962, 139_130.6, Contacting(3_402, 155_239.2, ()))


def paying(customers: int, gain: float) -> Contacting:
    return Contacting(customers, gain, ())


@pytest.mark.parametrize(
    ("changes", "horizon", "words"),
    [
        (
            {},
            "the next month",
            (
                "1,962 of 7,043 customers are likely to leave within the next month; $139,131 a month is at risk. "
                "Contacting the 3,402 for whom an offer pays is expected to earn $155,239."
            ),
        ),
        (
            {"likely_to_leave": 1, "money_at_risk": 70.4, "contacting": paying(1, 12.4)},
            "the next quarter",
            (
                "1 of 7,043 customers is likely to leave within the next quarter; $70 a month is at risk. "
                "Contacting the one for whom an offer pays is expected to earn $12."
            ),
        ),
        (
            {"money_at_risk": None},
            "the next month",
            (
                "1,962 of 7,043 customers are likely to leave within the next month. "
                "Contacting the 3,402 for whom an offer pays is expected to earn $155,239."
            ),
        ),
        (
            {"contacting": paying(0, 0.0)},
            "the next month",
            (
                "1,962 of 7,043 customers are likely to leave within the next month; $139,131 a month is at risk. "
                "No offer is expected to pay for itself, so there is no one to contact."
            ),
        ),
        (
            {"contacting": None},
            "the next month",
            "1,962 of 7,043 customers are likely to leave within the next month; $139,131 a month is at risk.",
        ),
        (
            {"money_at_risk": None, "likely_pay": 48_200.4},
            "the next month",
            (
                "1,962 of 7,043 customers are likely to leave within the next month; they pay $48,200 a month. "
                "Contacting the 3,402 for whom an offer pays is expected to earn $155,239."
            ),
        ),
        (
            {"likely_to_leave": 1, "money_at_risk": None, "likely_pay": 70.0, "contacting": None},
            "the next month",
            "1 of 7,043 customers is likely to leave within the next month; this customer pays $70 a month.",
        ),
        (
            {"likely_to_leave": 0, "money_at_risk": None, "likely_pay": 0.0, "contacting": None},
            "the next month",
            "None of the 7,043 customers is likely to leave within the next month.",
        ),
        (
            {"likely_to_leave": 0},
            "the next month",
            (
                "None of the 7,043 customers is likely to leave within the next month. "
                "Contacting the 3,402 for whom an offer pays is expected to earn $155,239."
            ),
        ),
        (
            {"customers": 1, "likely_to_leave": 0, "contacting": paying(0, 0.0)},
            "the next month",
            (
                "The one customer is not likely to leave within the next month. "
                "No offer is expected to pay for itself, so there is no one to contact."
            ),
        ),
        (
            {"customers": 1, "likely_to_leave": 1, "money_at_risk": 0.4, "contacting": paying(1, 0.25)},
            "the next month",
            (
                "1 of 1 customer is likely to leave within the next month; $0.40 a month is at risk. "
                "Contacting the one for whom an offer pays is expected to earn $0.25."
            ),
        ),
        (
            {"customers": 30, "likely_to_leave": 30, "money_at_risk": 0.0, "contacting": paying(30, 1_234.5)},
            "the next month",
            (
                "30 of 30 customers are likely to leave within the next month; $0 a month is at risk. "
                "Contacting the 30 for whom an offer pays is expected to earn $1,234."
            ),
        ),
        (
            {"customers": 0, "likely_to_leave": 0, "money_at_risk": None, "contacting": paying(0, 0.0)},
            "the next month",
            "This prediction has no customers.",
        ),
        (
            {"money_at_risk": None, "contacting": None},
            None,
            "1,962 of 7,043 customers are likely to leave.",
        ),
        ({"money_at_risk": None, "contacting": None}, "  ", "1,962 of 7,043 customers are likely to leave."),
        (
            {"money_at_risk": None, "contacting": None},
            "within 30 days.",
            "1,962 of 7,043 customers are likely to leave within 30 days.",
        ),
        (
            {"money_at_risk": None, "contacting": None},
            "In the next\n quarter",
            "1,962 of 7,043 customers are likely to leave within the next quarter.",
        ),
        (
            {"likely_to_leave": 0, "contacting": None},
            None,
            "None of the 7,043 customers is likely to leave.",
        ),
    ],
)
def test_the_answer_in_words(changes: dict[str, object], horizon: str | None, words: str) -> None:
    assert answer_text(replace(TELCO, **changes), horizon, USD) == words  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("currency", "words"),
    [
        ("ZAR", "ZAR\u00a0139,131 a month is at risk"),
        ("JPY", "¥139,131 a month is at risk"),
        ("EUR", "€139,131 a month is at risk"),
    ],
)
def test_amounts_are_in_the_currency(currency: str, words: str) -> None:
    assert words in answer_text(TELCO, "the next month", formats_of(currency))


def test_an_amount_that_is_not_a_number_is_called_unknown() -> None:
    broken = replace(TELCO, money_at_risk=float("nan"))
    assert "; unknown a month is at risk." in answer_text(broken, "the next month", USD)


def test_counts_and_amounts_are_emphasised() -> None:
    strong = [piece.text for piece in answer(TELCO, "the next month", USD) if piece.strong]
    assert strong == ["1,962 of 7,043 customers", "$139,131 a month", "$155,239"]


def test_the_answer_at_the_runs_own_threshold_has_the_figures_of_its_summary() -> None:
    assert figures_of(a_summary()) == AnswerFigures(98, 22, 1_810.4, a_summary().contacting)


def offered(*rates: float, measured: int = 0) -> Playbook:
    return Playbook(
        1,
        tuple(
            Action(f"a{i}", "Offer", "Stay.", (Condition(("*",)),), save_rate=rate, save_rate_measured=i < measured)
            for i, rate in enumerate(rates)
        ),
    )


@pytest.mark.parametrize(
    ("playbook", "words"),
    [
        (offered(0.42, 0.21, 0.3), "Gains are expected, assuming save rates of 21% to 42%; none measured yet."),
        (offered(0.3), "Gains are expected, assuming save rates of 30%; none measured yet."),
        (offered(0.3, 0.3), "Gains are expected, assuming save rates of 30%; none measured yet."),
        (offered(0.125, 0.3), "Gains are expected, assuming save rates of 12.5% to 30%; none measured yet."),
        (offered(0.0, 1.0), "Gains are expected, assuming save rates of 0% to 100%; none measured yet."),
        (
            offered(0.5, 0.2, 0.3, measured=1),
            "Gains are expected, assuming save rates of 20% to 30% for 2 of 3 actions; the others are measured.",
        ),
        (offered(0.5, 0.2, measured=2), None),
        (offered(), None),
    ],
)
def test_assumed_save_rates_are_named_while_they_are_assumed(playbook: Playbook, words: str | None) -> None:
    assert save_rates_note(playbook, USD) == words


def left_in_file(churned: int, contacting: Contacting) -> RunSummary:
    summary = a_summary(contacting=contacting)
    assert summary.truth is not None
    return replace(summary, truth=replace(summary.truth, churned=churned))


def test_the_note_on_customers_who_have_left_says_what_the_figures_hold_of_them() -> None:
    found = Contacting(4_155, 156_781.0, (), left=1_739, left_gain=96_524.4)
    assert leavers_note(left_in_file(1_869, found), USD) == (
        "The file says that 1,869 of these customers have left. 1,739 of them are among the 4,155 for whom an offer "
        "pays, with $96,524 of what contacting is expected to earn: that is whom the model would have found. A "
        "campaign leaves them out."
    )
    assert leavers_note(left_in_file(1, paying(3, 9.0)), USD) == (
        "The file says that 1 of these customers has left. A campaign leaves them out."
    )
    assert leavers_note(left_in_file(0, found), USD) is None
    assert leavers_note(replace(left_in_file(9, found), truth=None), USD) is None
