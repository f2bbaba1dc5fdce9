"""A program's request that is carried out once, however often it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.account import AccountId
from domain.errors import InvalidInput

KEYS_KEPT = timedelta(hours=24)
"""How long a repeated request is recognised."""
MAX_KEY = 200


class SubmissionKind(StrEnum):
    RUN = "run"
    TRAINING = "training"


@dataclass(frozen=True, slots=True)
class Submission:
    """The key that a program gave its request, and the id of the run or training that came of it."""

    account_id: AccountId
    kind: SubmissionKind
    key: str
    object_id: str
    at: datetime


def checked_key(key: str) -> str:
    """Raises InvalidInput for a key that is empty, too long or has other characters than visible ASCII."""
    if not key or len(key) > MAX_KEY or not all("!" <= character <= "~" for character in key):
        raise InvalidInput(
            f"An Idempotency-Key has 1 to {MAX_KEY} visible ASCII characters, such as a UUID.", field="Idempotency-Key"
        )
    return key
