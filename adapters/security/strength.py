"""How hard a password is to guess, as zxcvbn estimates it, at a bounded cost."""

from __future__ import annotations

import threading
from math import prod

from application.ports.security import MeterBusy, Strength

MAX_MEASURED = 30
"""Characters that zxcvbn looks at. Its time grows faster than the length: l33t text takes seconds at 60 characters."""
MAX_SUBSTITUTIONS = 128
"""Ways of reading the measured part as l33t text. zxcvbn tries each of them; the symbols decide how many there are.
With both limits the costliest text found by search takes 0.2 s of processor time; 30 characters alone take 0.5 s."""
MAX_PERSONAL_WORDS = 20
MIN_REPEAT = 4
"""Characters. A shorter piece at the end of the measured part counts as new even if it occurred before."""

MAX_WAITING = 2
"""Threads of the process that may wait for their turn. One more is told at once that the meter is busy."""

_one_at_a_time = threading.Lock()
"""For the whole process. It bounds processor time, and zxcvbn keeps the personal words in a global dictionary."""
_waiting = threading.BoundedSemaphore(MAX_WAITING)


class ZxcvbnMeter:
    """zxcvbn's estimate, with its advice in one sentence. Measures one password at a time in a process."""

    def measure(self, password: str, *, personal: tuple[str, ...], patience: float = 0.0) -> Strength:
        """Looks at the first `MAX_MEASURED` characters: a longer password is stronger than reported, never weaker.

        Raises MeterBusy while another password is measured, after at most `patience` seconds.
        """
        if not password:
            return Strength(0, "Choose a password.")
        _take_turn(patience)
        try:
            from zxcvbn import zxcvbn  # its word lists take a tenth of a second to load; most pages never need them

            part = without_cut_repeat(password, _readable(password[:MAX_MEASURED]))
            result = zxcvbn(part, user_inputs=_words(personal), max_length=MAX_MEASURED)
        finally:
            _one_at_a_time.release()
        return Strength(int(result["score"]), _advice(result["feedback"]))


def _take_turn(patience: float) -> None:
    if _one_at_a_time.acquire(blocking=False):
        return
    if patience <= 0 or not _waiting.acquire(blocking=False):
        raise MeterBusy
    try:
        if not _one_at_a_time.acquire(timeout=patience):
            raise MeterBusy
    finally:
        _waiting.release()


def _readable(text: str) -> str:
    """As much of the beginning as has at most `MAX_SUBSTITUTIONS` ways of reading it."""
    from zxcvbn.matching import L33T_TABLE

    def ways(part: str) -> int:
        return prod(max(1, sum(symbol in part for symbol in symbols)) for symbols in L33T_TABLE.values())

    while ways(text) > MAX_SUBSTITUTIONS:
        text = text[:-1]
    return text


def without_cut_repeat(password: str, part: str) -> str:
    """`part`, the beginning of `password`, without an incomplete repeat at its end: zxcvbn would not recognise it as a
    repeat, and would rate the password too high."""
    if len(part) == len(password):
        return part
    for length in range(len(part) // 2, MIN_REPEAT - 1, -1):
        if part[-length:] in part[:-length]:
            return part[:-length]
    return part


def _words(personal: tuple[str, ...]) -> list[str]:
    """Names and addresses, whole and in their parts, as long as what is measured."""
    parts = [part for text in personal for part in text[:400].replace("@", " ").replace(".", " ").split()]
    words = (text.casefold()[:MAX_MEASURED] for text in (*personal, *parts) if text)
    return list(dict.fromkeys(words))[:MAX_PERSONAL_WORDS]


def _advice(feedback: dict[str, object]) -> str:
    suggestions = feedback.get("suggestions")
    said = feedback.get("warning") or (suggestions[0] if isinstance(suggestions, list) and suggestions else "")
    sentence = str(said).strip()
    return sentence if not sentence or sentence.endswith(".") else f"{sentence}."
