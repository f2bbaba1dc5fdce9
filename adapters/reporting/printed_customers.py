"""The customers of a printed report, and their description."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adapters.formatting.babel_formats import formats_of
from adapters.reporting.print_fonts import NUMBERED_START, drawable
from adapters.reporting.printed_table import PrintedColumn
from adapters.reporting.text_fit import bound, count, fit, money, percent
from application.ports.reports import ReportContent
from application.ports.results import ScoredCustomer
from domain.customer_query import AttributeFilter, CustomerQuery
from domain.prediction import RiskBand, is_labelled_churn
from domain.recommendation import LEAVE_ALONE
from domain.vocabulary.spelling import plain_words
from domain.wording import reason_phrase

ID_CHARACTERS, REASON_CHARACTERS = 40, 64
ORDER = {
    "risk": "highest risk first",
    "gain": "highest expected gain first",
    "id": "in order of their id",
    "row": "in the file's order",
}


def listing(content: ReportContent) -> dict[str, Any]:
    rows = [_row(place, scored, content) for place, scored in enumerate(content.customers, start=1)]
    hidden = content.matching - len(rows)
    money = any(scored.monthly_revenue is not None for scored in content.customers)
    shown = f"{count(len(rows))} of {count(content.matching)}"
    return {
        "rows": rows,
        "columns": _columns(money=money),
        "help": f"{shown} ({query_words(content.query)}), {_order_words(content.query)}",
        "hidden": count(hidden) if hidden > 0 else "",
        "money": money,
        "numbered": any(NUMBERED_START in str(value) for row in rows for value in row.values()),
    }


def _columns(*, money: bool) -> list[PrintedColumn]:
    columns = [
        PrintedColumn("", 3, "place", emphasis="quiet"),
        PrintedColumn("Customer", 14, "id"),
        PrintedColumn("Risk", 6, "risk", emphasis="strong"),
        PrintedColumn("", 2, "mark"),
        PrintedColumn("", 11, "said"),
        PrintedColumn("Strongest reasons", 27 if money else 35, "reasons"),
        PrintedColumn("Action", 20, "action"),
    ]
    if money:
        columns.append(PrintedColumn("Monthly", 8, "monthly", numeric=True))
    return [*columns, PrintedColumn("Gain", 9, "gain", numeric=True, emphasis="strong")]


def _order_words(query: CustomerQuery) -> str:
    return ORDER.get(query.sort, "") if query.descending or query.sort == "row" else "in reverse"


def _two_lines(phrases: Iterable[str]) -> str:
    """As many reasons as fit on two lines, strongest first, at least one."""
    line = ""
    for phrase in phrases:
        longer = f"{line} · {phrase}" if line else fit(phrase, REASON_CHARACTERS)
        if len(longer) > REASON_CHARACTERS:
            break
        line = longer
    return line


def _row(place: int, scored: ScoredCustomer, content: ReportContent) -> dict[str, str]:
    prediction, formats = scored.prediction, formats_of(content.policy.currency)
    likely = is_labelled_churn(prediction.probability, content.at_threshold.threshold)
    reasons = prediction.raises if likely else prediction.lowers
    action = content.playbook.action(scored.action_id)
    alone = scored.action_id == LEAVE_ALONE
    actual = "" if scored.actual is None else ", left" if scored.actual else ", stayed"
    return {
        "place": count(place),
        "id": fit(str(scored.customer.id), ID_CHARACTERS),
        "risk": percent(prediction.probability),
        "band": prediction.band.value,
        "mark": "○" if prediction.band is RiskBand.MEDIUM else "●",
        "said": prediction.band.value + actual,
        "reasons": _two_lines(drawable(reason_phrase(reason, content.model.schema, formats)) for reason in reasons),
        "action": "Leave alone" if alone else fit(action.name if action else scored.action_id, 42),
        "alone": "alone" if alone else "",
        "monthly": "–" if scored.monthly_revenue is None else money(scored.monthly_revenue, content),
        "gain": "–" if alone else money(scored.expected_gain, content),
    }


def query_words(query: CustomerQuery) -> str:
    """The listed customers in words: "likely leavers · critical or high risk · contract Month-to-month"."""
    who = {None: "all customers", True: "likely leavers", False: "customers likely to stay"}[query.likely]
    words = [who]
    if query.worth_contacting is not None:
        words.append("worth contacting" if query.worth_contacting else "not worth contacting")
    if query.bands:
        words.append(" or ".join(band.value for band in query.bands) + " risk")
    if query.action:
        words.append(f"action {fit(query.action, 40)}")
    words += [_filter_words(own) for own in query.attributes]
    if query.search:
        words.append(f"found by “{fit(query.search, 40)}”")
    return " · ".join(words)


def _filter_words(own: AttributeFilter) -> str:
    label = fit(plain_words(own.attribute), 30)
    if own.level is not None:
        return f"{label}: {fit(own.level, 40)}"
    if own.low is None:
        return f"{label} missing" if own.high is None else f"{label} below {bound(own.high)}"
    return f"{label} from {bound(own.low)}" + ("" if own.high is None else f" to below {bound(own.high)}")
