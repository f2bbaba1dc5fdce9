"""Password strength as estimated by zxcvbn, with bounded processor time."""

from __future__ import annotations

import threading
from math import prod

from application.ports.security import MeterBusy, Strength

MAX_MEASURED = 30
"""Characters that zxcvbn measures. Its time grows faster than the length: 60 characters of l33t text take seconds."""
MAX_SUBSTITUTIONS = 128
"""Possible l33t substitutions of the measured part. zxcvbn tries each of them; their number depends on the symbols.
With both limits, the slowest text that a search found takes 0.2 s of processor time; with 30 characters alone, 0.5
s."""
MAX_PERSONAL_WORDS = 20
MIN_REPEAT = 4
"""Characters. A shorter repeat at the end of the measured part is not removed."""

MAX_WAITING = 2
"""Threads of the process that may wait for the lock. Another thread gets MeterBusy immediately."""

_one_at_a_time = threading.Lock()
"""One lock per process. It limits processor time, and zxcvbn stores the personal words in a global dictionary."""
_waiting = threading.BoundedSemaphore(MAX_WAITING)


class ZxcvbnMeter:
    """zxcvbn's estimate, with its advice in one sentence. A process measures one password at a time."""

    def measure(self, password: str, *, personal: tuple[str, ...], patience: float = 0.0) -> Strength:
        """Measures the first `MAX_MEASURED` characters. A longer password can be stronger than reported, never weaker.

        Raises MeterBusy if another password is still being measured after `patience` seconds.
        """
        if not password:
            return Strength(0, "Choose a password.")
        _acquire(patience)
        try:
            from zxcvbn import zxcvbn  # loading its word lists takes 0.1 s, and most pages do not need them

            part = without_cut_repeat(password, _measurable_prefix(password[:MAX_MEASURED]))
            result = zxcvbn(part, user_inputs=_words(personal), max_length=MAX_MEASURED)
        finally:
            _one_at_a_time.release()
        return Strength(int(result["score"]), _advice(result["feedback"]))


def _acquire(patience: float) -> None:
    if _one_at_a_time.acquire(blocking=False):
        return
    if patience <= 0 or not _waiting.acquire(blocking=False):
        raise MeterBusy
    try:
        if not _one_at_a_time.acquire(timeout=patience):
            raise MeterBusy
    finally:
        _waiting.release()


def _measurable_prefix(text: str) -> str:
    """The longest prefix with at most `MAX_SUBSTITUTIONS` possible substitutions."""
    from zxcvbn.matching import L33T_TABLE

    def ways(part: str) -> int:
        return prod(max(1, sum(symbol in part for symbol in symbols)) for symbols in L33T_TABLE.values())

    while ways(text) > MAX_SUBSTITUTIONS:
        text = text[:-1]
    return text


def without_cut_repeat(password: str, part: str) -> str:
    """`part`, a prefix of `password`, without an incomplete repeat at its end.

    zxcvbn does not recognise an incomplete repeat and would rate the password too high.
    """
    if len(part) == len(password):
        return part
    for length in range(len(part) // 2, MIN_REPEAT - 1, -1):
        if part[-length:] in part[:-length]:
            return part[:-length]
    return part


def _words(personal: tuple[str, ...]) -> list[str]:
    """Names and addresses, whole and split into parts, each cut to the measured length."""
    parts = [part for text in personal for part in text[:400].replace("@", " ").replace(".", " ").split()]
    words = (text.casefold()[:MAX_MEASURED] for text in (*personal, *parts) if text)
    return list(dict.fromkeys(words))[:MAX_PERSONAL_WORDS]


def _advice(feedback: dict[str, object]) -> str:
    suggestions = feedback.get("suggestions")
    text = feedback.get("warning") or (suggestions[0] if isinstance(suggestions, list) and suggestions else "")
    sentence = str(text).strip()
    return sentence if not sentence or sentence.endswith(".") else f"{sentence}."
