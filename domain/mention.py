"""Whether a text names a customer by their id, and the text without the name."""

from __future__ import annotations

import re

ERASED = "(erased)"
SHORTEST = 4
SHORTEST_NUMBER = 7


def is_distinctive(customer_id: str) -> bool:
    """Whether the id means the customer wherever it stands. "17" may as well be a number of months."""
    if len(customer_id) < SHORTEST or not any(character.isalnum() for character in customer_id):
        return False
    return len(customer_id) >= SHORTEST_NUMBER or not re.fullmatch(r"[\d.,\s]*", customer_id)


def names(text: str, customer_id: str) -> bool:
    """Whether the text holds the id as a word of its own: "7590-VHVEG0" does not name "7590-VHVEG"."""
    return customer_id in text and is_distinctive(customer_id) and bool(_as_word(customer_id).search(text))


def without(text: str, customer_id: str) -> str:
    return _as_word(customer_id).sub(ERASED, text) if names(text, customer_id) else text


def _as_word(customer_id: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(customer_id)}(?![\w-])")
