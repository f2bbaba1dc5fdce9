"""Detects a customer's id in a text and redacts it."""

from __future__ import annotations

import re

ERASED = "(erased)"
SHORTEST = 4
MIN_NUMBER_LENGTH = 7


def is_distinctive(customer_id: str) -> bool:
    """Whether the id identifies the customer in any column. "17" may also be a number of months."""
    if len(customer_id) < SHORTEST or not any(character.isalnum() for character in customer_id):
        return False
    return len(customer_id) >= MIN_NUMBER_LENGTH or not re.fullmatch(r"[\d.,\s]*", customer_id)


def names(text: str, customer_id: str) -> bool:
    """Whether the text contains the id as a whole word: "7590-VHVEG0" does not contain "7590-VHVEG"."""
    return customer_id in text and is_distinctive(customer_id) and bool(_as_word(customer_id).search(text))


def without(text: str, customer_id: str) -> str:
    return _as_word(customer_id).sub(ERASED, text) if names(text, customer_id) else text


def _as_word(customer_id: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(customer_id)}(?![\w-])")
