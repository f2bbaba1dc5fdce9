"""Comparable forms of names and values, and names in plain words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_FRACTION_OF_NOTHING = re.compile(r"([+-]?\d+)[.,](?:0{1,2}|0{4,})|([+-]?0)[.,]000", re.ASCII)
_PLAIN_LETTERS = str.maketrans({"ß": "ss", "ł": "l", "Ł": "l", "ı": "i", "đ": "d", "Đ": "d", "ø": "o", "Ø": "o"})
"""Letters whose marks Unicode does not take apart."""
_JOINTS = re.compile(r"(?<=[^\W\d_])[-_\u2010-\u2015\s]+(?=[^\W\d_])")


@lru_cache(maxsize=8192)
def normalise(name: str) -> str:
    """A name without case, spaces, punctuation and camel case; full-width letters become ASCII.

    "Monthly_Charges ($)" → "monthlycharges".
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


def spelling_key(text: str) -> str:
    """The same key for two spellings of one value: without case, blanks, and hyphens between words; 1.0 and 1,00 are 1.

    "1.000" stays, since it may be one thousand.
    """
    plain = unicodedata.normalize("NFKC", text) if not text.isascii() else text
    key = "".join(_JOINTS.sub("", plain).split()).casefold()
    return _whole(key) if key[:1].isdigit() or key[:1] in ("-", "+") else key


def _whole(key: str) -> str:
    match = _FRACTION_OF_NOTHING.fullmatch(key)
    return key if match is None else match[1] or match[2]


def without_accents(text: str) -> str:
    """A text in lower case without accents; full-width letters become ASCII: "Numéro" → "numero", "ı" → "i"."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_PLAIN_LETTERS))
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c))).casefold()


@lru_cache(maxsize=8192)
def bare_words(name: str) -> tuple[str, ...]:
    """The words of a column name, in lower case and without accents, with numbers as separate words.

    "isChurned_30Days" → ("is", "churned", "30", "days").
    """
    return tuple(re.findall(r"\d+|[^\W\d_]+", without_accents(plain_words(name))))


def without_table(names: Sequence[str]) -> Sequence[str]:
    """Names without the table's, where a query tool wrote it before each: "customers.tenure"."""
    tables = {name.partition(".")[0] if "." in name else "" for name in names}
    return [name.partition(".")[2] for name in names] if len(tables) == 1 and tables != {""} else names


def split_word(word: str, known: frozenset[str]) -> tuple[str, ...] | None:
    """A word as a sequence of known words, as few as possible; None if impossible.

    "notchurned" → ("not", "churned").
    """
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(end):
            before, part = best[start], word[start:end]
            if before is not None and part in known and (best[end] is None or len(before) + 1 < len(best[end] or ())):
                best[end] = (*before, part)
    return best[len(word)]


def plain_words(name: str) -> str:
    """A column name as a person would write it: "PaperlessBilling" → "Paperless billing"."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_\s]+", " ", name).strip()
    words = [word if word.isupper() and len(word) > 1 else word.lower() for word in spaced.split()]
    text = " ".join(words)
    return text[:1].upper() + text[1:] if text else name
