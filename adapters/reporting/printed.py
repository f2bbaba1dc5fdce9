"""Formats the content of a report for its template. All figures come from the content."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import Any

from markupsafe import Markup

from adapters.formatting.babel_formats import formats_of, formats_without_currency
from adapters.reporting import chart_pictures
from adapters.reporting.printed_customers import listing
from adapters.reporting.printed_grading import grading
from adapters.reporting.printed_method import method
from adapters.reporting.printed_quality import quality
from adapters.reporting.printed_table import PrintedColumn
from adapters.reporting.text_fit import (
    band_range,
    count,
    day_words,
    decimal,
    fit,
    money,
    percent,
    times,
    when_words,
    whole_money,
)
from application.ports.reports import ReportContent
from application.ports.results import Contribution, Group
from domain.answer import Piece, save_rates_note
from domain.answer import answer as answer_of
from domain.group_words import words_of_group
from domain.prediction import RiskBand
from domain.recommendation import LEAVE_ALONE
from domain.run import DriverShare
from domain.segments import MIN_SEGMENT_CUSTOMERS, is_drawn, lift_of
from domain.snapshot_month import in_short
from domain.trend import left_out_words, observed_words, trend_words
from domain.vocabulary.spelling import plain_words
from domain.wording import number_words

FILE_CHARACTERS, FOOT_CHARACTERS, GROUP_CHARACTERS = 56, 40, 34
DRIVERS_SHOWN, SEGMENTS_SHOWN, HISTOGRAMS_SHOWN = 8, 12, 4
BAR_PIXELS = 95
CUSTOMERS = Markup("\ue000")
"""Where the table of customers is drawn. No text of a file can hold this character: both fonts lack it."""
BAND_COLUMNS = (PrintedColumn("Group", 34), PrintedColumn("Risk", 26), PrintedColumn("Customers", 40, numeric=True))
ACTION_COLUMNS = (
    PrintedColumn("Action", 52),
    PrintedColumn("Customers", 14, numeric=True),
    PrintedColumn("Expected gain", 19, numeric=True),
    PrintedColumn("Each", 15, numeric=True),
)


def printed(content: ReportContent) -> dict[str, Any]:
    """Everything that the template needs, by name. Text is not escaped; the template escapes it."""
    figures = _key_figures(content)
    return {
        "title": f"Churn report: {fit(content.run.file_name, FILE_CHARACTERS)}",
        "file_name": fit(content.run.file_name, FOOT_CHARACTERS),
        "scored_at": when_words(content, content.run.finished_at or content.run.created_at),
        "owner": fit(content.owner_name, 48),
        "answer": answer(content),
        "assumption": _assumption(content),
        "facts": _facts(content),
        "figures": figures,
        "figure_width": f"{100 // len(figures)}%",
        "leaving": _leaving(content),
        "risk_histogram": chart_pictures.risk_histogram(content.run.summary.histogram, content.at_threshold.threshold)
        if content.run.summary
        else None,
        "threshold": percent(content.at_threshold.threshold),
        "drivers": _drivers(content),
        "histograms": [
            {"label": fit(plain_words(name), 40), "picture": chart_pictures.groups_by_risk(groups)}
            for name, groups in content.histograms[:HISTOGRAMS_SHOWN]
            if groups
        ],
        "trend": _trend(content),
        "segments": _segments(content),
        "quality": quality(content),
        "grading": grading(content),
        "actions": _actions(content),
        "listing": listing(content) | {"place": CUSTOMERS},
        "method": method(content),
        "pixel": {"petrol": chart_pictures.pixel(chart_pictures.PETROL), "track": chart_pictures.pixel("#eff3f3")},
    }


def answer(content: ReportContent) -> tuple[Piece, ...]:
    """The answer at the report's threshold."""
    figures = content.at_threshold.answer_figures(content.run)
    return answer_of(figures, content.model.horizon, formats_of(content.policy.currency))


def _assumption(content: ReportContent) -> str | None:
    """What the gains assume; None where the report shows no gain."""
    if not content.at_threshold.contacting.customers:
        return None
    return save_rates_note(content.playbook, formats_of(content.policy.currency))


def _facts(content: ReportContent) -> list[tuple[str, str]]:
    """What was scored, and by which model."""
    run, model = content.run, content.model
    facts = [
        ("File", fit(run.file_name, FILE_CHARACTERS)),
        ("Scored", when_words(content, run.finished_at or run.created_at)),
    ]
    if run.summary:
        rejected = f", {count(run.summary.rejected)} could not be read" if run.summary.rejected else ""
        facts.append(("Customers", f"{count(run.summary.scored)} scored{rejected}"))
    threshold = percent(content.at_threshold.threshold)
    learned = f"learned from {count(model.rows)} customers, of whom {count(model.churned)} left"
    facts += [
        ("Model", f"{model.name}, {learned}"),
        ("Trained", f"{day_words(content, model.trained_at)} on {fit(model.file_name, 44)}"),
        ("Threshold", f"{threshold}: from this probability on, a customer counts as likely to leave"),
        ("For", fit(content.owner_name, 48)),
    ]
    if not model.evaluation.beats_chance:
        facts.append(("Note", "This model is no better than chance. Do not use this list to choose whom to contact."))
    if model.starter or model.sample:
        facts.append(("Note", "This model learned from generated customers. Train one on your own before you act."))
    return facts


def _key_figures(content: ReportContent) -> list[dict[str, str]]:
    at_threshold, summary = content.at_threshold, content.run.summary
    share = at_threshold.likely_to_leave / at_threshold.customers if at_threshold.customers else 0.0
    note = f"{percent(share)} of customers"
    if at_threshold.revenue_likely is not None:
        note += f", paying {whole_money(at_threshold.revenue_likely, content)} a month"
    figures = [{"label": "Likely to leave", "value": count(at_threshold.likely_to_leave), "note": note}]
    if summary and summary.money_at_risk is not None:
        value = whole_money(summary.money_at_risk, content)
        figures.append({"label": "Money at risk", "value": value, "note": "a month: revenue × risk, all customers"})
    figures.append(
        {
            "label": "Worth contacting",
            "value": count(at_threshold.contacting.customers),
            "note": "an offer is expected to pay",
        }
    )
    figures.append(
        {
            "label": "Expected gain",
            "value": whole_money(at_threshold.contacting.expected_gain, content),
            "note": "if each gets the best action",
        }
    )
    return figures


def _leaving(content: ReportContent) -> dict[str, Any]:
    at_threshold, known = content.at_threshold, content.at_threshold.confusion
    staying = at_threshold.customers - at_threshold.likely_to_leave
    left = known.true_positive + known.false_negative if known else 0
    bands = [
        {
            "name": band.value.capitalize(),
            "key": band.value,
            "range": band_range(band, content.policy.bands),
            "customers": count(customers),
        }
        for band, customers in sorted(at_threshold.bands.items(), key=lambda item: -list(RiskBand).index(item[0]))
        if customers
    ]
    return {
        "picture": chart_pictures.pie(at_threshold.likely_to_leave, staying, left / known.total if known else None),
        "happened": f"{count(left)} of {count(known.total)} ({percent(left / known.total)})" if known else None,
        "likely": count(at_threshold.likely_to_leave),
        "staying": count(staying),
        "bands": bands,
        "columns": BAND_COLUMNS,
    }


def _drivers(content: ReportContent) -> dict[str, Any] | None:
    drivers = content.at_threshold.drivers or (content.run.summary.drivers if content.run.summary else ())
    if not drivers:
        return None
    longest = max(driver.share for driver in drivers) or 1.0
    rows = [_driver(driver, longest, content) for driver in drivers[:DRIVERS_SHOWN]]
    odds = (
        ", and by how much it alone multiplies the odds of leaving on average: where it raises them most, "
        "and where it lowers them most"
    )
    shares = "Each attribute's share of all influence on this file's risks"
    return {"rows": rows, "help": shares + (odds if any(row["ends"] for row in rows) else "")}


def _driver(driver: DriverShare, longest: float, content: ReportContent) -> dict[str, Any]:
    length = max(1, round(BAR_PIXELS * driver.share / longest))
    return {
        "label": fit(plain_words(driver.attribute), 40),
        "share": percent(driver.share),
        "length": length,
        "rest": BAR_PIXELS - length,
        "ends": _ends(driver.attribute, content),
    }


def _ends(attribute: str, content: ReportContent) -> str:
    """How much an attribute alone multiplies the odds of leaving, where it raises and where it lowers them most."""
    contributions = content.contributions.get(attribute, ())
    drawn = sorted((own for own in contributions if is_drawn(own.customers)), key=lambda own: -own.mean)
    if len(drawn) < 2:
        return ""
    return ", ".join(
        f"×{decimal(exp(own.mean), 2)} among “{_group_words(attribute, own, content)}”" for own in (drawn[0], drawn[-1])
    )


def _group_words(attribute: str, group: Group | Contribution, content: ReportContent) -> str:
    """As on the pages: "0–12 months with us"."""
    formats = formats_of(content.policy.currency)
    words = words_of_group(attribute, group.label, content.model.schema, formats, missing=group.missing)
    return fit(words, GROUP_CHARACTERS)


def _trend(content: ReportContent) -> dict[str, Any] | None:
    """The chart and the sentences of Insights."""
    trend, formats = content.trend, formats_of(content.policy.currency)
    if not trend.is_line:
        return None
    return {
        "picture": chart_pictures.trend(tuple((in_short(month), point) for month, point in trend.months)),
        "words": f"{trend_words(trend, formats)}.",
        "notes": [words for words in (observed_words(trend, formats), left_out_words(trend, formats)) if words],
    }


def _segments(content: ReportContent) -> dict[str, Any] | None:
    if not content.segments:
        return None
    mean = content.run.summary.mean_probability if content.run.summary else 0.0
    return {
        "rows": [_segment(name, group, mean, content) for name, group in content.segments[:SEGMENTS_SHOWN]],
        "columns": _segment_columns([group for _, group in content.segments]),
        "help": (
            f"Groups of customers by what they are expected to cost; under {count(MIN_SEGMENT_CUSTOMERS)} customers "
            f"left out. Lift compares with the mean risk of {percent(mean)}"
        ),
    }


def _segment_columns(groups: Sequence[Group]) -> list[PrintedColumn]:
    observed = any(group.observed is not None for group in groups)
    columns = [
        PrintedColumn("Attribute", 16 if observed else 20, "attribute"),
        PrintedColumn("Value", 24 if observed else 29, "value", emphasis="strong"),
        PrintedColumn("Customers", 12, "customers", numeric=True),
        PrintedColumn("Likely to leave", 10, "likely", numeric=True),
        PrintedColumn("Mean risk", 9, "risk", numeric=True),
        PrintedColumn("Lift", 8, "lift", numeric=True),
    ]
    if observed:
        columns.append(PrintedColumn("Left", 9, "observed", numeric=True))
    if any(group.revenue_at_risk is not None for group in groups):
        columns.append(PrintedColumn("At risk a month", 12, "money", numeric=True))
    return columns


def _segment(name: str, group: Group, mean: float, content: ReportContent) -> dict[str, str]:
    return {
        "attribute": fit(plain_words(name), 30),
        "value": _group_words(name, group, content),
        "customers": count(group.customers),
        "likely": count(group.likely),
        "risk": percent(group.mean_probability),
        "lift": "–" if not mean else times(lift_of(group.mean_probability, mean)),
        "observed": "–" if group.observed is None else percent(group.observed),
        "money": "–" if group.revenue_at_risk is None else whole_money(group.revenue_at_risk, content),
    }


def _actions(content: ReportContent) -> dict[str, Any]:
    totals = content.at_threshold.contacting.actions
    rows = []
    for total in totals:
        alone = total.action_id == LEAVE_ALONE
        each = total.gain_each or 0.0
        rows.append(
            {
                "name": "Leave alone: no action earns anything" if alone else fit(total.name, 60),
                "customers": count(total.customers),
                "gain": "–" if alone else whole_money(total.expected_gain, content),
                "each": "–" if alone else money(each, content),
                "alone": alone,
            }
        )
    return {
        "rows": sorted(rows, key=lambda row: bool(row["alone"])),
        "customers": count(sum(total.customers for total in totals)),
        "gain": whole_money(sum(total.expected_gain for total in totals), content),
        "economics": _economics(content),
        "columns": ACTION_COLUMNS,
    }


def _economics(content: ReportContent) -> str:
    economics = content.policy.economics
    if content.model.schema.revenue_column:
        worth = (
            f"A customer is worth the monthly revenue × {percent(economics.margin, decimals=0)} margin × "
            f"{number_words(economics.value_months, formats_without_currency())} months."
        )
    else:
        worth = f"A customer is worth {money(economics.customer_value, content)}."
    return f"{worth} Offers and contacts are paid for those who would have stayed, too."
