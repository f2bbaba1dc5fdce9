"""How hard a password is to guess, as zxcvbn estimates it."""

from __future__ import annotations

from application.ports.security import Strength

MEASURED = 60
"""Characters that are looked at: zxcvbn's time grows faster than the password, and these decide already."""


class ZxcvbnMeter:
    """zxcvbn's estimate, with its advice in one sentence."""

    def measure(self, password: str, *, personal: tuple[str, ...]) -> Strength:
        if not password:
            return Strength(0, "Choose a password.")
        from zxcvbn import zxcvbn  # its word lists take a tenth of a second to load; most pages never need them

        result = zxcvbn(password[:MEASURED], user_inputs=_words(personal), max_length=MEASURED)
        return Strength(int(result["score"]), _advice(result["feedback"]))


def _words(personal: tuple[str, ...]) -> list[str]:
    """Names and addresses, whole and in their parts."""
    parts = [part for text in personal for part in text.replace("@", " ").replace(".", " ").split()]
    return [text.casefold() for text in (*personal, *parts) if text]


def _advice(feedback: dict[str, object]) -> str:
    suggestions = feedback.get("suggestions")
    said = feedback.get("warning") or (suggestions[0] if isinstance(suggestions, list) and suggestions else "")
    sentence = str(said).strip()
    return sentence if not sentence or sentence.endswith(".") else f"{sentence}."
