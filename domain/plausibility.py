"""How plausible a text is as words of a language: its letters, their order, upper and lower case, and symbols.

Logarithms of probabilities (nats), so that readings of the same bytes in several encodings can be compared.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise

from domain.vocabulary.letters import LETTERS, PAIRS

SHARE_BEYOND_ASCII = 0.15
"""Share of letters beyond ASCII in words of a Latin script that have at least one."""
SHARE_FROM_NEIGHBOURS = 0.1
"""Share of letters that come from names and words of other languages with the same script."""
ASCII_LETTER, ASCII_SIGN = -3.0, -5.0
RARE_LETTER = -10.0
"""A letter of no language that is known with this script."""
USUAL_SYMBOL, ODD_SYMBOL, NO_CHARACTER = -4.0, -9.0, -14.0
SYMBOL_IN_WORD, LETTER_AT_DIGIT = -4.0, -3.0
WRONG_CASE, MIXED_SCRIPTS = -4.0, -5.0
KNOWN_PAIR, UNKNOWN_PAIR = 0.4, -1.0

BETWEEN_WORDS = frozenset("\u00a0’‘“”„–—…«»ºª·・")
USUAL_SYMBOLS = BETWEEN_WORDS | frozenset("°€£№²³、。（）！？：，")
UNDECODABLE = "\ufffd"

_DOTTED = "\ue000"
"""A private character in place of İ."""
_LOWER_TO_UPPER = re.compile(r"(?=aU|lU|lA)")
_UPPER_WITHIN = re.compile(r"(?=AU[al]|UA[al]|UU[al]|AAl)")
_SYMBOL_AT_LETTER = re.compile(r"(?<=[aAlU])S|S(?=[aAlU])")
_LETTER_AT_DIGIT = re.compile(r"(?<=d)[lU]|[lU](?=d)")


def plausibility(text: str) -> float:
    """The best score of any language. `text` holds words with characters beyond ASCII, one a line."""
    characters = Counter(text)
    shape = _shape(text, characters)
    return _symbols(characters) + _mistakes(shape) + _letters(text, characters)


def _shape(text: str, characters: Counter[str]) -> str:
    """One sign per character: a, A: ASCII letters; d: digits; l, U: others with case; c: without case; S: symbols."""
    return text.translate({ord(character): _sign(character) for character in characters})


@lru_cache(maxsize=4096)
def _sign(character: str) -> str:
    if character.isascii():
        return ("A" if character.isupper() else "a") if character.isalpha() else "d" if character.isdigit() else "."
    kind = unicodedata.category(character)
    if kind in ("Lu", "Lt"):
        return "U"
    if kind == "Ll":
        return "l"
    if kind[0] in "LM":
        return "c"
    return "." if character in BETWEEN_WORDS else "S"


def _symbols(characters: Counter[str]) -> float:
    return sum(count * _symbol(character) for character, count in characters.items())


@lru_cache(maxsize=4096)
def _symbol(character: str) -> float:
    """The score of a character that is not a letter beyond ASCII."""
    if character == "\n":
        return 0.0
    if character.isascii():
        return ASCII_LETTER if character.isalnum() else ASCII_SIGN
    kind = unicodedata.category(character)
    if kind[0] == "C" or character == UNDECODABLE:
        return NO_CHARACTER
    if kind[0] in "LM":
        return 0.0
    return USUAL_SYMBOL if character in USUAL_SYMBOLS else ODD_SYMBOL


def _mistakes(shape: str) -> float:
    return (
        (len(_LOWER_TO_UPPER.findall(shape)) + len(_UPPER_WITHIN.findall(shape))) * WRONG_CASE
        + len(_SYMBOL_AT_LETTER.findall(shape)) * SYMBOL_IN_WORD
        + len(_LETTER_AT_DIGIT.findall(shape)) * LETTER_AT_DIGIT
    )


def _letters(text: str, characters: Counter[str]) -> float:
    """The score of the letters beyond ASCII in the language that fits them best."""
    letters = Counter[str]()
    for character, count in characters.items():
        if _sign(character) in "lUc":
            for letter in character.lower() if len(character.lower()) == 1 else character:
                letters[letter] += count
    if not letters:
        return 0.0
    pairs = _pairs_in(text)
    scripts = Counter[str]()
    for letter, count in letters.items():
        scripts[script_of(letter)] += count
    main = scripts.most_common(1)[0][0]
    mixed = sum(count for pair, count in pairs.items() if _mixes(pair))
    best = (
        max(_fit(language, letters, pairs) for language in _languages()[main])
        if main in _languages()
        else (RARE_LETTER * letters.total())
    )
    return best + mixed * MIXED_SCRIPTS


def _pairs_in(text: str) -> Counter[str]:
    """Neighbours in lower case, "_" for the edge of a word, of which at least one is a letter beyond ASCII."""
    small = text.replace("İ", _DOTTED).lower().replace(_DOTTED, "İ")  # its lower case would be two characters
    lower = "".join(c if c.isalpha() or unicodedata.category(c)[0] == "M" else "_" for c in f"_{small}_")
    pairs = Counter(map("".join, pairwise(lower)))
    return Counter({pair: count for pair, count in pairs.items() if not pair.isascii()})


@lru_cache(maxsize=65536)
def _mixes(pair: str) -> bool:
    return "_" not in pair and script_of(pair[0]) != script_of(pair[1])


@lru_cache(maxsize=65536)
def script_of(letter: str) -> str:
    """ "LATIN", "CYRILLIC", …; "EAST ASIAN" for all that Chinese, Japanese and Korean write with."""
    name = unicodedata.name(letter, "NONE").split()[0]
    if name in ("COMBINING", "MODIFIER", "FEMININE", "MASCULINE"):
        return "LATIN"
    return "EAST ASIAN" if name in ("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL") else name


def _fit(language: str, letters: Mapping[str, int], pairs: Mapping[str, int]) -> float:
    shares, known = _shares(language), _known_pairs(language)
    score = sum(count * shares.get(letter, RARE_LETTER) for letter, count in letters.items())
    if known:
        score += sum(count * (KNOWN_PAIR if pair in known else UNKNOWN_PAIR) for pair, count in pairs.items())
    return score


@lru_cache(maxsize=1)
def _languages() -> dict[str, list[str]]:
    """Script → languages."""
    by_script: dict[str, list[str]] = {}
    for language, letters in LETTERS.items():
        by_script.setdefault(script_of(letters.replace(" ", "")[0]), []).append(language)
    return by_script


@lru_cache(maxsize=64)
def _known_pairs(language: str) -> frozenset[str]:
    return frozenset(word[0] + letter for word in PAIRS.get(language, "").split() for letter in word[1:])


@lru_cache(maxsize=64)
def _shares(language: str) -> dict[str, float]:
    """Letter → logarithm of its share, with a part from the other languages of the same script."""
    own = _frequencies(LETTERS[language])
    script = script_of(next(iter(own)))
    neighbours: dict[str, float] = {}
    others = [other for other in _languages()[script] if other != language]
    for other in others:
        for letter, share in _frequencies(LETTERS[other]).items():
            neighbours[letter] = neighbours.get(letter, 0.0) + share / len(others)
    beyond = SHARE_BEYOND_ASCII if script == "LATIN" else 1.0
    return {
        letter: math.log(
            beyond
            * ((1 - SHARE_FROM_NEIGHBOURS) * own.get(letter, 0.0) + SHARE_FROM_NEIGHBOURS * neighbours.get(letter, 0.0))
        )
        for letter in own.keys() | neighbours.keys()
    }


def _frequencies(groups: str) -> dict[str, float]:
    weights = {letter: 2.0**-place for place, group in enumerate(groups.split(" ")) for letter in group}
    total = sum(weights.values())
    return {letter: weight / total for letter, weight in weights.items()}
