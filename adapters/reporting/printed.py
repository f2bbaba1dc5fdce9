"""What a report's template prints, in words: every figure comes from the content and is only formatted here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from adapters.reporting import charts
from application.ports.reports import ReportContent
from application.ports.results import AttributeFilter, CustomerQuery, Group, ScoredCustomer
from domain.evaluation import ConfusionMatrix, Metric
from domain.prediction import BandLimits, RiskBand, is_labelled_churn
from domain.recommendation import LEAVE_ALONE
from domain.schema import plain_words
from domain.wording import money, percent, reason_phrase

ROWS_ON_FIRST_PAGE, ROWS_A_PAGE = 30, 32
"""Rows of two lines that fill a page: a table for each, which the renderer lays out far faster than one long one."""
DRIVERS_SHOWN, SEGMENTS_SHOWN, HISTOGRAMS_SHOWN = 8, 12, 4
BAR_PIXELS = 330
CAPITALS_WIDER = 0.3
"""A line of capitals alone takes this much more room."""
ID_CHARACTERS, REASON_CHARACTERS, FILE_CHARACTERS = 18, 60, 56
TOO_FEW = 30
ORDER = {
    "risk": "highest risk first",
    "gain": "highest expected gain first",
    "id": "in order of their id",
    "row": "in the file's order",
}
METRICS = (
    ("accuracy", "Accuracy", "Share of customers called rightly", percent),
    ("precision", "Precision", "Of those called likely leavers, share who left", percent),
    ("recall", "Recall", "Of those who left, share that was called", percent),
    ("f1", "F1", "Precision and recall in one figure", percent),
    ("auc", "AUC", "A leaver ranks above a stayer this often", lambda value: f"{value:.3f}"),
    ("lift_10", "Lift, top 10%", "Leavers among the riskiest tenth, against chance", lambda value: f"{value:.2f}×"),
    ("ece", "Calibration error", "How far probabilities lie from what happens", percent),
)

PROBABILITY = (
    "A risk of 70% means: of a hundred customers like this one, about seventy are expected to leave in {horizon}. "
    "It is what the model expects, not a promise, and says nothing certain about one person."
)
REASONS = (
    "Each risk is taken apart exactly (SHAP values) into what every attribute adds or takes away. A reason is what "
    "the model saw, which need not be the cause: changing it need not change the customer's mind."
)
GAIN = (
    "For an action: risk × [save rate × (customer's value − offer) − contact] − (1 − risk) × (offer + contact). The "
    "best action is the one with the highest expected gain; where none is above zero, the customer is left alone."
)
QUALITY = (
    "{method}. Intervals hold the true figure in 95 of 100 cases, as long as the customers scored are like those "
    "learned from."
)


def printed(content: ReportContent) -> dict[str, Any]:
    """Everything the template needs, by name. All text is raw: the template escapes it."""
    return {
        "title": f"Churn report: {_fit(content.run.file_name, FILE_CHARACTERS)}",
        "file_name": _fit(content.run.file_name, FILE_CHARACTERS),
        "scored_at": _when(content, content.run.finished_at or content.run.created_at),
        "owner": _fit(content.owner_name, 48),
        "answer": answer(content),
        "facts": _facts(content),
        "figures": _key_figures(content),
        "leaving": _leaving(content),
        "risk_histogram": charts.risk_histogram(content.run.summary.histogram, content.outlook.threshold)
        if content.run.summary
        else None,
        "threshold": percent(content.outlook.threshold),
        "drivers": _drivers(content),
        "histograms": [
            {"label": _fit(plain_words(name), 40), "picture": charts.groups_by_risk(groups)}
            for name, groups in content.histograms[:HISTOGRAMS_SHOWN]
            if groups
        ],
        "trend": _trend(content),
        "segments": _segments(content),
        "quality": _quality(content),
        "actions": _actions(content),
        "listing": _listing(content),
        "method": _method(content),
        "pixel": {"petrol": charts.pixel(charts.PETROL), "track": charts.pixel("#eff3f3")},
    }


def answer(content: ReportContent) -> list[tuple[str, bool]]:
    """The report in a sentence, as pieces of text and whether each stands out."""
    outlook, horizon = content.outlook, content.model.horizon
    likely, everybody = outlook.likely_to_leave, outlook.customers
    if not likely:
        whom = "the one customer" if everybody == 1 else f"the {everybody:,} customers"
        return [(f"None of {whom}", True), (f" is likely to leave in {horizon}.", False)]
    said = [
        (f"{likely:,} of {everybody:,} customers", True),
        (f" {'is' if likely == 1 else 'are'} likely to leave in {horizon}", False),
    ]
    if outlook.revenue_likely is not None:
        amount = _whole_money(outlook.revenue_likely, content)
        said += [("; together they pay " if likely > 1 else "; the customer pays ", False), (f"{amount} a month", True)]
    if not outlook.worth_contacting:
        return [*said, (". No action is expected to earn anything.", False)]
    paying, all_pay = outlook.worth_contacting, outlook.worth_contacting == likely
    where = f"the {paying:,} where it pays" if not all_pay else "that customer" if likely == 1 else f"all {likely:,}"
    gain = _whole_money(outlook.expected_gain, content)
    return [*said, (f". Acting on {where} is expected to earn ", False), (gain, True), (".", False)]


def _facts(content: ReportContent) -> list[tuple[str, str]]:
    """What was scored, and by which model."""
    run, model = content.run, content.model
    facts = [
        ("File", _fit(run.file_name, FILE_CHARACTERS)),
        ("Scored", _when(content, run.finished_at or run.created_at)),
    ]
    if run.summary:
        rejected = f", {run.summary.rejected:,} could not be read" if run.summary.rejected else ""
        facts.append(("Customers", f"{run.summary.scored:,} scored{rejected}"))
    learned = f"learned from {model.rows:,} customers, of whom {model.churned:,} left"
    facts += [
        ("Model", f"{model.name}, {learned}"),
        ("Trained", f"{_day(content, model.trained_at)} on {_fit(model.file_name, 44)}"),
        (
            "Threshold",
            f"{percent(content.outlook.threshold)}: from this probability on, a customer counts as likely to leave",
        ),
        ("For", _fit(content.owner_name, 48)),
    ]
    if model.starter or model.sample:
        facts.append(("Mind", "This model learned from generated customers. Train one on your own before you act."))
    return facts


def _key_figures(content: ReportContent) -> list[dict[str, str]]:
    outlook, summary = content.outlook, content.run.summary
    share = outlook.likely_to_leave / outlook.customers if outlook.customers else 0.0
    figures = [
        {"label": "Likely to leave", "value": f"{outlook.likely_to_leave:,}", "note": f"{percent(share)} of customers"}
    ]
    if summary and summary.money_at_risk is not None:
        value = _whole_money(summary.money_at_risk, content)
        figures.append({"label": "Money at risk", "value": value, "note": "a month: revenue × risk, all customers"})
    figures.append(
        {"label": "Worth contacting", "value": f"{outlook.worth_contacting:,}", "note": "an action earns something"}
    )
    figures.append(
        {
            "label": "Expected gain",
            "value": _whole_money(outlook.expected_gain, content),
            "note": "if each gets the best action",
        }
    )
    return figures


def _leaving(content: ReportContent) -> dict[str, Any]:
    outlook = content.outlook
    staying = outlook.customers - outlook.likely_to_leave
    bands = [
        {
            "name": band.value.capitalize(),
            "key": band.value,
            "range": _range(band, content.policy.bands),
            "customers": f"{count:,}",
        }
        for band, count in sorted(outlook.bands.items(), key=lambda item: -list(RiskBand).index(item[0]))
        if count
    ]
    return {
        "picture": charts.pie(outlook.likely_to_leave, staying),
        "likely": f"{outlook.likely_to_leave:,}",
        "staying": f"{staying:,}",
        "bands": bands,
    }


def _drivers(content: ReportContent) -> list[dict[str, Any]]:
    drivers = content.outlook.drivers or (content.run.summary.drivers if content.run.summary else ())
    longest = max((driver.share for driver in drivers), default=0.0) or 1.0
    return [
        {
            "label": _fit(plain_words(driver.attribute), 40),
            "share": percent(driver.share),
            "length": max(1, round(BAR_PIXELS * driver.share / longest)),
            "rest": BAR_PIXELS - max(1, round(BAR_PIXELS * driver.share / longest)),
        }
        for driver in drivers[:DRIVERS_SHOWN]
    ]


def _trend(content: ReportContent) -> dict[str, Any] | None:
    if len(content.trend) < 2:
        return None
    first, last = content.trend[0], content.trend[-1]
    moved = 100.0 * (last[1] - first[1])
    how = (
        "has not moved" if abs(moved) < 0.05 else f"has {'risen' if moved > 0 else 'fallen'} by {abs(moved):.1f} points"
    )
    span = f"From {_fit(first[0], 24)} to {_fit(last[0], 24)}"
    return {
        "picture": charts.trend(content.trend),
        "words": f"{span} the mean predicted risk {how}, to {percent(last[1])}.",
        "observed": any(point[3] is not None for point in content.trend),
    }


def _segments(content: ReportContent) -> dict[str, Any] | None:
    if not content.segments:
        return None
    mean = content.run.summary.mean_probability if content.run.summary else 0.0
    return {
        "rows": [_segment(name, group, mean, content) for name, group in content.segments[:SEGMENTS_SHOWN]],
        "observed": any(group.observed is not None for _, group in content.segments),
        "money": any(group.revenue_at_risk is not None for _, group in content.segments),
        "mean": percent(mean),
    }


def _segment(name: str, group: Group, mean: float, content: ReportContent) -> dict[str, str]:
    few = group.customers < TOO_FEW
    return {
        "attribute": _fit(plain_words(name), 30),
        "value": "missing" if group.missing else _fit(group.label, 30),
        "customers": f"{group.customers:,}",
        "likely": f"{group.likely:,}",
        "risk": "too few" if few else percent(group.mean_probability),
        "lift": "–" if few or not mean else f"{group.mean_probability / mean:.2f}×",
        "observed": "–" if few or group.observed is None else percent(group.observed),
        "money": "–" if group.revenue_at_risk is None else _whole_money(group.revenue_at_risk, content),
    }


def _quality(content: ReportContent) -> dict[str, Any]:
    evaluation, summary = content.model.evaluation, content.run.summary
    truth = summary.truth if summary else None
    return {
        "method": evaluation.method,
        "customers": f"{evaluation.customers:,}",
        "metrics": [
            _metric(evaluation.metrics[key], _here(content, key), label, hint, form)
            for key, label, hint, form in METRICS
            if key in evaluation.metrics
        ],
        "truth": f"{truth.customers:,}" if truth else None,
        "threshold": percent(evaluation.threshold),
        "confusion": _confusion(evaluation.confusion),
        "confusion_here": _confusion(content.outlook.confusion) if content.outlook.confusion else None,
        "rounds": charts.accuracy_by_round(evaluation.rounds) if _has_points(content) else None,
    }


def _has_points(content: ReportContent) -> bool:
    rounds = content.model.evaluation.rounds
    return rounds is not None and len(rounds.rounds) > 1 and len(rounds.validation_accuracy) == len(rounds.rounds)


def _here(content: ReportContent, key: str) -> float | None:
    """A figure against the file's own truth; what hangs on the threshold is taken at the report's."""
    matrix = content.outlook.confusion
    if matrix and key in ("accuracy", "precision", "recall", "f1"):
        return float(getattr(matrix, key))
    truth = content.run.summary.truth if content.run.summary else None
    return getattr(truth, key, None)


def _metric(metric: Metric, here: float | None, label: str, hint: str, form: Callable[[float], str]) -> dict[str, str]:
    interval = "–" if metric.low is None or metric.high is None else f"{form(metric.low)} to {form(metric.high)}"
    return {
        "label": label,
        "hint": hint,
        "value": form(metric.value),
        "interval": interval,
        "here": "–" if here is None else form(here),
    }


def _confusion(matrix: ConfusionMatrix) -> dict[str, str]:
    return {
        "true_positive": f"{matrix.true_positive:,}",
        "false_positive": f"{matrix.false_positive:,}",
        "false_negative": f"{matrix.false_negative:,}",
        "true_negative": f"{matrix.true_negative:,}",
        "right": f"{matrix.right:,}",
        "total": f"{matrix.total:,}",
        "share": percent(matrix.accuracy),
    }


def _actions(content: ReportContent) -> dict[str, Any]:
    totals = content.outlook.actions
    rows = []
    for total in totals:
        alone = total.action_id == LEAVE_ALONE
        each = total.expected_gain / total.customers if total.customers else 0.0
        rows.append(
            {
                "name": "Leave alone: no action earns anything" if alone else _fit(total.name, 60),
                "customers": f"{total.customers:,}",
                "gain": "–" if alone else _whole_money(total.expected_gain, content),
                "each": "–" if alone else money(each, content.policy.currency),
                "alone": alone,
            }
        )
    return {
        "rows": sorted(rows, key=lambda row: bool(row["alone"])),
        "customers": f"{sum(total.customers for total in totals):,}",
        "gain": _whole_money(sum(total.expected_gain for total in totals), content),
        "economics": _economics(content),
    }


def _economics(content: ReportContent) -> str:
    economics, currency = content.policy.economics, content.policy.currency
    if content.model.schema.revenue_column:
        worth = (
            f"A customer is worth the monthly revenue × {percent(economics.margin, decimals=0)} margin × "
            f"{economics.value_months:g} months."
        )
    else:
        worth = f"A customer is worth {money(economics.customer_value, currency)}."
    assumed = all(not action.save_rate_measured for action in content.playbook.actions)
    rates = " Save rates are assumed, not yet measured." if assumed else ""
    return f"{worth} Offers and contacts are paid for those who would have stayed, too.{rates}"


def _listing(content: ReportContent) -> dict[str, Any]:
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
        longer = f"{line} · {phrase}" if line else _fit(phrase, REASON_CHARACTERS)
        if len(longer) > REASON_CHARACTERS:
            break
        line = longer
    return line


def _in_two(name: str) -> tuple[str, str]:
    """A name on two lines at most, broken at a space where one is near the end of the first: a UUID fits whole."""
    most = int(ID_CHARACTERS / (1 + CAPITALS_WIDER * sum(c.isupper() for c in name) / max(len(name), 1)))
    name = _fit(name, 2 * most)
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
        "action": "Leave alone" if alone else _fit(action.name if action else scored.action_id, 42),
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
        words.append(f"action {_fit(query.action, 40)}")
    words += [_filter_words(own) for own in query.attributes]
    if query.search:
        words.append(f"found by “{_fit(query.search, 40)}”")
    return " · ".join(words)


def _filter_words(own: AttributeFilter) -> str:
    label = _fit(plain_words(own.attribute), 30)
    if own.level is not None:
        return f"{label}: {_fit(own.level, 40)}"
    if own.low is None and own.high is None:
        return f"{label} missing"
    if own.low is None:
        return f"{label} below {own.high:g}"
    return f"{label} from {own.low:g}" + ("" if own.high is None else f" to below {own.high:g}")


def _method(content: ReportContent) -> list[tuple[str, str]]:
    model, summary = content.model, content.run.summary
    said = [
        ("What a probability means", PROBABILITY.format(horizon=model.horizon)),
        ("Where reasons come from", REASONS),
        ("How the gain is reckoned", GAIN),
        ("How quality was measured", QUALITY.format(method=model.evaluation.method)),
        ("Limits", _limits(content)),
    ]
    if summary and (summary.rejected or summary.out_of_range or summary.columns_missing):
        said.append(("This file", _this_file(content)))
    return said


def _limits(content: ReportContent) -> str:
    model = content.model
    notes = " ".join(_fit(note, 300) for note in model.notes)
    generated = "The model learned from generated customers. " if model.starter or model.sample else ""
    return (
        f"{generated}The model knows the {len(model.schema.columns)} attributes it was given and nothing else. New "
        f"offers, a competitor's campaign or an outage can make it wrong until it learns again. {notes}"
    ).strip()


def _this_file(content: ReportContent) -> str:
    summary = content.run.summary
    assert summary is not None  # noqa: S101 - asked by the caller
    said = []
    if summary.rejected:
        said.append(f"{summary.rejected:,} of {summary.rows:,} rows could not be read and are not in this report.")
    if summary.out_of_range:
        said.append(f"{summary.out_of_range:,} customers have a value outside what the model learned from.")
    if summary.columns_missing:
        names = ", ".join(_fit(plain_words(name), 30) for name in summary.columns_missing[:8])
        said.append(f"The file lacks columns the model knows: {names}.")
    return " ".join(said)


def _range(band: RiskBand, limits: BandLimits) -> str:
    low, high = limits.range_of(band)
    if band is RiskBand.CRITICAL:
        return f"{percent(low, decimals=0)} and more"
    return f"{percent(low, decimals=0)} to {percent(high, decimals=0)}" if low else f"below {percent(high, decimals=0)}"


def _whole_money(amount: float, content: ReportContent) -> str:
    return money(amount, content.policy.currency, decimals=0)


def _when(content: ReportContent, when: datetime) -> str:
    local = when.astimezone(ZoneInfo(content.policy.time_zone))
    return f"{local.day} {local:%b %Y, %H:%M}"


def _day(content: ReportContent, when: datetime) -> str:
    local = when.astimezone(ZoneInfo(content.policy.time_zone))
    return f"{local.day} {local:%b %Y}"


def _fit(text: str, characters: int) -> str:
    """One line that fits: too long a text loses its middle, where names and files differ least."""
    text = charts.drawable(" ".join(text.split()))
    if len(text) <= characters:
        return text
    kept = characters - 1
    return f"{text[: kept - kept // 3]}…{text[len(text) - kept // 3 :]}"
