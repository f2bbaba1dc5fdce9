"""The limits of domain and use cases for templates: `{{ rules.MIN_SEGMENT_CUSTOMERS }}`.

Templates take the numbers of limits from here, so that pages always match the rules.
"""

from __future__ import annotations

from flask import Flask

from application.use_cases.predictions.sample_data import SAMPLE_MONTHS, SAMPLE_ROWS
from application.use_cases.predictions.undo import UNDO_SHOWN
from domain.campaign_outcomes import MIN_FOUND_PERCENT
from domain.comparison import MAX_COMPARED_CUSTOMERS, MIN_RISK_CHANGE
from domain.do_not_contact import MAX_AT_ONCE
from domain.economics import strategy_words
from domain.effect import MIN_GROUP
from domain.intake_limits import MAX_REJECTED_SHARE, MIN_KNOWN_IMPORTANCE, is_minor
from domain.leftovers import KEPT_IN_TRASH
from domain.model import is_starter
from domain.run_month import month_of_run
from domain.segments import MIN_DRAWN_CUSTOMERS, MIN_SEGMENT_CUSTOMERS
from domain.shift import BY_CHANCE, MIN_PSI_CUSTOMERS, PSI_ACT, PSI_MOVED, STATES

RULES = {
    "DAYS_IN_TRASH": KEPT_IN_TRASH.days,
    "MAX_COMPARED_CUSTOMERS": MAX_COMPARED_CUSTOMERS,
    "MIN_EFFECT_GROUP": MIN_GROUP,
    "MIN_KNOWN_IMPORTANCE": MIN_KNOWN_IMPORTANCE,
    "MAX_IDS_AT_ONCE": MAX_AT_ONCE,
    "MAX_REJECTED_SHARE": MAX_REJECTED_SHARE,
    "MIN_FOUND_PERCENT": MIN_FOUND_PERCENT,
    "MIN_DRAWN_CUSTOMERS": MIN_DRAWN_CUSTOMERS,
    "MIN_PSI_CUSTOMERS": MIN_PSI_CUSTOMERS,
    "MIN_RISK_CHANGE": MIN_RISK_CHANGE,
    "MIN_SEGMENT_CUSTOMERS": MIN_SEGMENT_CUSTOMERS,
    "PSI_ACT": PSI_ACT,
    "PSI_BY_CHANCE": BY_CHANCE,
    "PSI_MOVED": PSI_MOVED,
    "SHIFT_STATES": STATES,
    "SAMPLE_MONTHS": SAMPLE_MONTHS,
    "SAMPLE_ROWS": SAMPLE_ROWS,
    "UNDO_SECONDS": UNDO_SHOWN.seconds,
}


def register(app: Flask) -> None:
    """Add the limits as `rules`, the words of threshold strategies, and domain decisions as Jinja tests and filters."""
    app.jinja_env.globals.update(rules=RULES, strategy_words=strategy_words)
    app.jinja_env.filters.update(month_of_run=month_of_run)
    app.jinja_env.tests.update(minor_importance=is_minor, starter_version=is_starter)
