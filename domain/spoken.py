"""Reasons in words that one may say aloud to the customer: plain facts of the contract, nothing about leaving.

"Month-to-month contract" becomes "has a month-to-month contract". What a person may find intrusive, such as gender or
family, is never said, and neither are scores and what is not known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from domain.formats import Formats
from domain.prediction import REASONS_KEPT, Reason
from domain.schema import ColumnKind, CustomerSchema
from domain.vocabulary.columns import (
    CONTRACT_NAMES,
    GENDER_NAMES,
    INTERNET_NAMES,
    PAYMENT_NAMES,
    SERVICE_CALL_NAMES,
    is_monthly_revenue,
    is_paid_so_far,
    suggests_leakage,
)
from domain.vocabulary.spelling import normalise, plain_words
from domain.wording import inside_sentence, known_words, reason_phrase

_OF_THE_PERSON = (
    "seniorcitizen senior partner married maritalstatus dependents numberofdependents age under30 over65 "
    "customerage agegroup income incomegroup ethnicity religion nationality creditrating creditclass prizmcode"
)
NEVER_SAID = GENDER_NAMES | frozenset(_OF_THE_PERSON.split())
"""Names of attributes about the person, not about the service."""
_JUDGEMENT = re.compile(r"\b(score|risk|cltv|clv|lifetime value|propensity|segment|satisfaction)\b")
_PLAIN = {
    "Has complained": "has complained",
    "Has not complained": "has not complained",
    "Bills on paper": "gets bills on paper",
    "A single line": "has a single line",
    "Under contract": "is under contract",
}


def spoken_reasons(reasons: Sequence[Reason], schema: CustomerSchema, formats: Formats) -> tuple[str, ...]:
    """The strongest raising reasons that may be said aloud, at most three."""
    return said_aloud(reasons, lambda reason: spoken_reason(reason, schema, formats))


def said_aloud(reasons: Sequence[Reason], say: Callable[[Reason], str]) -> tuple[str, ...]:
    """The same with `say`, which gives a reason's words as `spoken_reason` does."""
    raising = sorted((reason for reason in reasons if reason.raises), key=lambda reason: -reason.contribution)
    return tuple(words for words in map(say, raising) if words)[:REASONS_KEPT]


def spoken_reason(reason: Reason, schema: CustomerSchema, formats: Formats) -> str:
    """ "has a month-to-month contract", "has been with us for 3 months"; "" for what is not said aloud."""
    value = known_words(reason.attribute, reason.value, schema, formats)
    is_history = any(own.name == reason.attribute for own in schema.history_columns)
    if value is None or is_history or not may_be_said(reason.attribute):
        return ""
    phrase = reason_phrase(reason, schema, formats)
    if value in ("Yes", "No"):
        return _PLAIN.get(phrase, f"has {inside_sentence(phrase)}")
    if isinstance(reason.value, str):
        return _of_level(normalise(reason.attribute), phrase)
    return _of_number(reason.attribute, phrase, schema)


def may_be_said(attribute: str) -> bool:
    """Whether the attribute is about the service, and neither about the person nor another model's judgement."""
    words = plain_words(attribute).casefold()
    return normalise(attribute) not in NEVER_SAID and not _JUDGEMENT.search(words) and not suggests_leakage(attribute)


def _of_level(name: str, phrase: str) -> str:
    said = inside_sentence(phrase)
    if phrase.startswith("No "):
        return f"has {said}"
    if name in CONTRACT_NAMES:
        return f"has {'an' if said[:1] in 'aeiou' and not said.startswith('one') else 'a'} {said}"
    if name in INTERNET_NAMES:
        return f"has {said}"
    if name in PAYMENT_NAMES:
        return said if phrase.startswith("Pays ") else f"pays by {said}"
    return said


def _of_number(attribute: str, phrase: str, schema: CustomerSchema) -> str:
    said = inside_sentence(phrase)
    if phrase.endswith(" with us"):
        return f"has been with us for {said.removesuffix(' with us')}"
    if schema.is_tenure(attribute):
        return f"is in the {said} with us" if phrase.startswith("First ") else said
    if attribute == schema.revenue_column or is_monthly_revenue(attribute):
        return f"pays {phrase}"
    if is_paid_so_far(attribute):
        return f"has paid {phrase.removesuffix(' paid so far')} so far"
    if any(own.name == attribute and own.kind is ColumnKind.DATE for own in schema.columns):
        return said
    if normalise(attribute) in SERVICE_CALL_NAMES:
        return f"made {said}"
    return f"has {said}" if phrase.startswith("No ") or phrase[:1].isdigit() else said
