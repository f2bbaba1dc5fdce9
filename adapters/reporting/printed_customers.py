"""The listed customers of a printed report: a table for each page, and which ones they are in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adapters.reporting import charts
from adapters.reporting.fitting import fit
from application.ports.reports import ReportContent
from application.ports.results import AttributeFilter, CustomerQuery, ScoredCustomer
from domain.prediction import is_labelled_churn
from domain.recommendation import LEAVE_ALONE
from domain.schema import plain_words
from domain.wording import money, percent, reason_phrase

ROWS_ON_FIRST_PAGE, ROWS_A_PAGE = 30, 32
"""Rows of two lines that fill a page: a table for each, which the renderer lays out far faster than one long one."""
CAPITALS_WIDER = 0.3
"""A line of capitals alone takes this much more room."""
ID_CHARACTERS, REASON_CHARACTERS = 18, 60
ORDER = {
    "risk": "highest risk first",
    "gain": "highest expected gain first",
    "id": "in order of their id",
    "row": "in the file's order",
}


def listing(content: ReportContent) -> dict[str, Any]:
    rows = [_row(place, scored, content) for place, scored in enumerate(content.customers, start=1)]
    hidden = content.matching - len(rows)
    return {
        "tables": _pages(rows),
        "shown": f"{len(rows):,}",
        "matching": f"{content.matching:,}",
        "hidden": f"{hidden:,}" if hidden > 0 else "",
        "order": ORDER.get(content.query.sort, "")
        if content.query.descending or content.query.sort == "row"
        else "in reverse",
        "which": query_words(content.query),
        "money": any(scored.monthly_revenue is not None for scored in content.customers),
        "truth": any(scored.actual is not None for scored in content.customers),
    }


def _pages(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    rest = range(ROWS_ON_FIRST_PAGE, len(rows), ROWS_A_PAGE)
    pages = [rows[:ROWS_ON_FIRST_PAGE], *(rows[start : start + ROWS_A_PAGE] for start in rest)]
    return [page for page in pages if page]


def _two_lines(phrases: Iterable[str]) -> str:
    """As many reasons as stand on two lines, the strongest first; at least one."""
    line = ""
    for phrase in phrases:
        longer = f"{line} · {phrase}" if line else fit(phrase, REASON_CHARACTERS)
        if len(longer) > REASON_CHARACTERS:
            break
        line = longer
    return line


def _in_two(name: str) -> tuple[str, str]:
    """A name on two lines at most, broken at a space where one is near the end of the first: a UUID fits whole."""
    most = int(ID_CHARACTERS / (1 + CAPITALS_WIDER * sum(c.isupper() for c in name) / max(len(name), 1)))
    name = fit(name, 2 * most)
    if len(name) <= most:
        return name, ""
    space = name.rfind(" ", len(name) - most - 1, most + 1)
    return (name[:space], name[space + 1 :]) if space > 0 else (name[:most], name[most:])


def _row(place: int, scored: ScoredCustomer, content: ReportContent) -> dict[str, Any]:
    prediction, currency = scored.prediction, content.policy.currency
    likely = is_labelled_churn(prediction.probability, content.outlook.threshold)
    reasons = prediction.raises if likely else prediction.lowers
    action = content.playbook.action(scored.action_id)
    alone = scored.action_id == LEAVE_ALONE
    return {
        "place": f"{place:,}",
        "id": _in_two(str(scored.customer.id)),
        "risk": percent(prediction.probability),
        "band": prediction.band.value,
        "reasons": _two_lines(
            charts.drawable(reason_phrase(reason, content.model.schema, currency=currency)) for reason in reasons
        ),
        "action": "Leave alone" if alone else fit(action.name if action else scored.action_id, 42),
        "alone": alone,
        "monthly": "–" if scored.monthly_revenue is None else money(scored.monthly_revenue, currency),
        "gain": "–" if alone else money(scored.expected_gain, currency),
        "actual": "" if scored.actual is None else ("left" if scored.actual else "stayed"),
    }


def query_words(query: CustomerQuery) -> str:
    """Which customers are listed: "likely leavers · critical or high risk · contract Month-to-month"."""
    who = {None: "all customers", True: "likely leavers", False: "customers likely to stay"}[query.likely]
    words = [who]
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
    if own.low is None and own.high is None:
        return f"{label} missing"
    if own.low is None:
        return f"{label} below {own.high:g}"
    return f"{label} from {own.low:g}" + ("" if own.high is None else f" to below {own.high:g}")
