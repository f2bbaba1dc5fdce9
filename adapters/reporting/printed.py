"""What a report's template prints, in words: every figure comes from the content and is only formatted here."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import Any

from adapters.reporting import charts
from adapters.reporting.fitting import band_range, day_words, fit, when_words, whole_money
from adapters.reporting.printed_customers import listing
from adapters.reporting.printed_method import method
from adapters.reporting.printed_quality import quality
from application.ports.reports import ReportContent
from application.ports.results import Contribution, Group
from domain.prediction import RiskBand
from domain.recommendation import LEAVE_ALONE
from domain.schema import plain_words
from domain.wording import money, percent

FILE_CHARACTERS, FOOT_CHARACTERS = 56, 40
DRIVERS_SHOWN, SEGMENTS_SHOWN, HISTOGRAMS_SHOWN = 8, 12, 4
BAR_PIXELS = 165
TOO_FEW = 30


def printed(content: ReportContent) -> dict[str, Any]:
    """Everything the template needs, by name. All text is raw: the template escapes it."""
    return {
        "title": f"Churn report: {fit(content.run.file_name, FILE_CHARACTERS)}",
        "file_name": fit(content.run.file_name, FOOT_CHARACTERS),
        "scored_at": when_words(content, content.run.finished_at or content.run.created_at),
        "owner": fit(content.owner_name, 48),
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
            {"label": fit(plain_words(name), 40), "picture": charts.groups_by_risk(groups)}
            for name, groups in content.histograms[:HISTOGRAMS_SHOWN]
            if groups
        ],
        "trend": _trend(content),
        "segments": _segments(content),
        "quality": quality(content),
        "actions": _actions(content),
        "listing": listing(content),
        "method": method(content),
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
        amount = whole_money(outlook.revenue_likely, content)
        said += [("; together they pay " if likely > 1 else "; the customer pays ", False), (f"{amount} a month", True)]
    if not outlook.worth_contacting:
        return [*said, (". No action is expected to earn anything.", False)]
    paying, all_pay = outlook.worth_contacting, outlook.worth_contacting == likely
    where = f"the {paying:,} where it pays" if not all_pay else "that customer" if likely == 1 else f"all {likely:,}"
    gain = whole_money(outlook.expected_gain, content)
    return [*said, (f". Acting on {where} is expected to earn ", False), (gain, True), (".", False)]


def _facts(content: ReportContent) -> list[tuple[str, str]]:
    """What was scored, and by which model."""
    run, model = content.run, content.model
    facts = [
        ("File", fit(run.file_name, FILE_CHARACTERS)),
        ("Scored", when_words(content, run.finished_at or run.created_at)),
    ]
    if run.summary:
        rejected = f", {run.summary.rejected:,} could not be read" if run.summary.rejected else ""
        facts.append(("Customers", f"{run.summary.scored:,} scored{rejected}"))
    learned = f"learned from {model.rows:,} customers, of whom {model.churned:,} left"
    facts += [
        ("Model", f"{model.name}, {learned}"),
        ("Trained", f"{day_words(content, model.trained_at)} on {fit(model.file_name, 44)}"),
        (
            "Threshold",
            f"{percent(content.outlook.threshold)}: from this probability on, a customer counts as likely to leave",
        ),
        ("For", fit(content.owner_name, 48)),
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
        value = whole_money(summary.money_at_risk, content)
        figures.append({"label": "Money at risk", "value": value, "note": "a month: revenue × risk, all customers"})
    figures.append(
        {"label": "Worth contacting", "value": f"{outlook.worth_contacting:,}", "note": "an action earns something"}
    )
    figures.append(
        {
            "label": "Expected gain",
            "value": whole_money(outlook.expected_gain, content),
            "note": "if each gets the best action",
        }
    )
    return figures


def _leaving(content: ReportContent) -> dict[str, Any]:
    outlook, known = content.outlook, content.outlook.confusion
    staying = outlook.customers - outlook.likely_to_leave
    left = known.true_positive + known.false_negative if known else 0
    bands = [
        {
            "name": band.value.capitalize(),
            "key": band.value,
            "range": band_range(band, content.policy.bands),
            "customers": f"{count:,}",
        }
        for band, count in sorted(outlook.bands.items(), key=lambda item: -list(RiskBand).index(item[0]))
        if count
    ]
    return {
        "picture": charts.pie(outlook.likely_to_leave, staying, left / known.total if known else None),
        "happened": f"{left:,} of {known.total:,} ({percent(left / known.total)})" if known else None,
        "likely": f"{outlook.likely_to_leave:,}",
        "staying": f"{staying:,}",
        "bands": bands,
    }


def _drivers(content: ReportContent) -> list[dict[str, Any]]:
    drivers = content.outlook.drivers or (content.run.summary.drivers if content.run.summary else ())
    longest = max((driver.share for driver in drivers), default=0.0) or 1.0
    return [
        {
            "label": fit(plain_words(driver.attribute), 40),
            "share": percent(driver.share),
            "length": max(1, round(BAR_PIXELS * driver.share / longest)),
            "rest": BAR_PIXELS - max(1, round(BAR_PIXELS * driver.share / longest)),
            "ends": _ends(content.contributions.get(driver.attribute, ())),
        }
        for driver in drivers[:DRIVERS_SHOWN]
    ]


def _ends(found: Sequence[Contribution]) -> str:
    """By how much an attribute alone multiplies the odds of leaving where it raises and where it lowers them most."""
    told = sorted((own for own in found if own.customers >= TOO_FEW), key=lambda own: -own.mean)
    if len(told) < 2:
        return ""
    return ", ".join(
        f"×{exp(own.mean):.2f} at {'missing' if own.missing else fit(own.label, 22)}" for own in (told[0], told[-1])
    )


def _trend(content: ReportContent) -> dict[str, Any] | None:
    if len(content.trend) < 2:
        return None
    first, last = content.trend[0], content.trend[-1]
    moved = 100.0 * (last.expected - first.expected)
    how = (
        "has not moved" if abs(moved) < 0.05 else f"has {'risen' if moved > 0 else 'fallen'} by {abs(moved):.1f} points"
    )
    span = f"From {fit(first.label, 24)} to {fit(last.label, 24)}"
    return {
        "picture": charts.trend(content.trend),
        "words": f"{span} the mean predicted risk {how}, to {percent(last.expected)} "
        f"(95% interval {percent(last.low)} to {percent(last.high)}, the band around the line).",
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
        "attribute": fit(plain_words(name), 30),
        "value": "missing" if group.missing else fit(group.label, 30),
        "customers": f"{group.customers:,}",
        "likely": f"{group.likely:,}",
        "risk": "too few" if few else percent(group.mean_probability),
        "lift": "–" if few or not mean else f"{group.mean_probability / mean:.2f}×",
        "observed": "–" if few or group.observed is None else percent(group.observed),
        "money": "–" if group.revenue_at_risk is None else whole_money(group.revenue_at_risk, content),
    }


def _actions(content: ReportContent) -> dict[str, Any]:
    totals = content.outlook.actions
    rows = []
    for total in totals:
        alone = total.action_id == LEAVE_ALONE
        each = total.expected_gain / total.customers if total.customers else 0.0
        rows.append(
            {
                "name": "Leave alone: no action earns anything" if alone else fit(total.name, 60),
                "customers": f"{total.customers:,}",
                "gain": "–" if alone else whole_money(total.expected_gain, content),
                "each": "–" if alone else money(each, content.policy.currency),
                "alone": alone,
            }
        )
    return {
        "rows": sorted(rows, key=lambda row: bool(row["alone"])),
        "customers": f"{sum(total.customers for total in totals):,}",
        "gain": whole_money(sum(total.expected_gain for total in totals), content),
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
