"""Recognises the encoding of bytes that are not UTF-8, by the words that they spell in each encoding."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

import numpy as np

from domain.errors import EncodingUnclear
from domain.file_format import ENCODINGS
from domain.plausibility import BETWEEN_WORDS, plausibility

MAX_WORDS = 3_000
"""Distinct words that are compared."""
MAX_WORD_BYTES = 30_000
CLOSE = 2.0
"""Difference of two readings' logarithms below which neither is preferred."""
MAX_OFFERED = 4
FIRST_WORDS = 100
KNOWN_WORD = 25.0
"""Logarithm that a word which the model knows adds to the readings that spell it."""
HOPELESS = 150.0
"""Difference by which a reading of the first words may trail to be compared for all words."""

RARITY: dict[str, float] = {
    "cp1252": 1.0,
    **dict.fromkeys(("cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874"), -1.0),
    **dict.fromkeys(("gb18030", "cp950", "cp932", "cp949"), -1.0),
    **dict.fromkeys(("iso8859-2", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-13", "iso8859-15"), -2.0),
    **dict.fromkeys(("koi8-u", "euc_jp"), -2.0),
    **dict.fromkeys(("cp850", "cp852", "cp857", "cp866", "cp737"), -6.0),
    **dict.fromkeys(("mac_roman", "mac_latin2", "mac_cyrillic", "mac_greek", "mac_turkish"), -6.0),
}
"""Encodings to compare, with the logarithm of how common files in them are."""

ENCODINGS_BY_LETTERS = frozenset(RARITY)
"""Encodings that only the words tell from each other."""

_SEPARATORS = re.compile(rb"[\x00-/:-?]+")
"""No encoding uses these bytes within a character."""
_DAMAGED = re.compile(rb"[^\x00-/:-?]*[\x01-\x08\x0e-\x1a\x1c-\x1f][^\x00-/:-?]*")
"""A control character and the words next to it: damaged bytes spell nothing. NUL and ESC have other uses."""
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_BETWEEN_WORDS = re.compile(rf"[\x00-@\[-`{{-\x7f{''.join(sorted(BETWEEN_WORDS))}]+")
_ESCAPED_JAPANESE = re.compile(rb"\x1b\$[@B]|\x1b\(J")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the words spell in an encoding, and how plausible that is."""

    encoding: str
    words: tuple[str, ...]
    score: float


def encoding_by_letters(data: bytes, *, ask: bool = True, known: Collection[str] = ()) -> str:
    """The encoding in which the words make most sense. Raises EncodingUnclear if another one is as good.

    `known` are texts that the file probably contains, such as the levels that a model knows.
    """
    readings = readings_of(words_beyond_ascii(data), _words_of(known))
    best = readings[0]
    close = [reading for reading in readings if best.score - reading.score < CLOSE]
    if ask and len(close) > 1:
        raise unclear(close)
    return best.encoding


def is_escaped_japanese(data: bytes) -> bool:
    """Whether ASCII has the escape sequences of ISO-2022-JP."""
    return b"\x1b" in data and _ESCAPED_JAPANESE.search(data) is not None


def words_beyond_ascii(data: bytes, *, having: re.Pattern[bytes] = _BEYOND_ASCII) -> list[bytes]:
    """The first distinct words with a byte beyond ASCII, or with a byte that `having` finds."""
    words: list[bytes] = []
    size = 0
    for word in dict.fromkeys(_SEPARATORS.split(_DAMAGED.sub(b" ", data))):
        if not having.search(word) or _is_utf8(word):
            continue
        words.append(word)
        size += len(word)
        if len(words) == MAX_WORDS or size > MAX_WORD_BYTES:
            break
    return words


def _is_utf8(word: bytes) -> bool:
    """Whether the word may have come from a file in UTF-8 that was put together with this one."""
    try:
        word.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def readings_of(words: Sequence[bytes], known: Set[str] = frozenset()) -> list[Reading]:
    """The distinct readings of the words, the most plausible first. Some words are enough to drop hopeless ones."""
    encodings: Iterable[str] = RARITY
    if len(words) > FIRST_WORDS:
        first = words[:: len(words) // FIRST_WORDS]
        scores = {encoding: _read(first, encoding, known).score for encoding in encodings}
        encodings = [encoding for encoding, score in scores.items() if score >= max(scores.values()) - HOPELESS]
    readings: dict[tuple[str, ...], Reading] = {}
    for reading in (_read(words, encoding, known) for encoding in encodings):
        readings.setdefault(reading.words, reading)  # of encodings that spell the same, the most common one is first
    return sorted(readings.values(), key=lambda reading: -reading.score)


def _read(words: Sequence[bytes], encoding: str, known: Set[str]) -> Reading:
    texts = tuple(word.decode(encoding, "replace") for word in words)
    recognised = len(_words_of(texts) & known) if known else 0
    return Reading(encoding, texts, plausibility("\n".join(texts)) + RARITY[encoding] + KNOWN_WORD * recognised)


def _words_of(texts: Iterable[str]) -> Set[str]:
    """The words of at least two letters with a letter beyond ASCII."""
    words = (word for text in texts if not text.isascii() for word in _BETWEEN_WORDS.split(text))
    return frozenset(word for word in words if len(word) > 1 and not word.isascii())


def unclear(readings: list[Reading]) -> EncodingUnclear:
    """The question which of the readings is right, each with a word in which they differ."""
    offered = readings[:MAX_OFFERED]
    columns = zip(*(reading.words for reading in offered), strict=True)
    place = next((place for place, words in enumerate(columns) if len(set(words)) == len(offered)), None)
    if place is None:
        columns = zip(*(reading.words for reading in offered), strict=True)
        place = max(enumerate(columns), key=lambda pair: len(set(pair[1])))[0]
    return EncodingUnclear(
        tuple((reading.encoding, ENCODINGS[reading.encoding], _shown(reading.words[place])) for reading in offered)
    )


def _shown(word: str) -> str:
    return "".join(character if character.isprintable() else "�" for character in word[:40])


class LateLetters:
    """Watches a file that is read in `encoding` for bytes that its first part did not have.

    At each new byte, the words with new bytes are compared with those before. This is exact for encodings of one byte
    per letter: where no new byte occurs, the readings differ as they did before.
    """

    def __init__(self, encoding: str, known: Collection[str] = ()) -> None:
        self._encoding, self._known = encoding, _words_of(known)
        self._words: dict[bytes, None] = {}
        self._seen = np.zeros(256, bool)
        self._seen[:128] = True

    def checked(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The chunks unchanged. Raises EncodingUnclear before a chunk that makes another encoding as plausible."""
        for chunk in chunks:
            if not chunk.isascii():
                self._check(chunk)
            yield chunk

    def _check(self, chunk: bytes) -> None:
        present = np.bincount(np.frombuffer(chunk, np.uint8), minlength=256) > 0
        new = present & ~self._seen
        if not new.any():
            return
        self._seen |= new
        letters = re.compile(b"[" + re.escape(bytes(np.flatnonzero(new).tolist())) + b"]")
        words = (word for word in words_beyond_ascii(chunk, having=letters) if self._decodes(word))
        self._words.update(dict.fromkeys(words))
        if self._words:
            self._compare()

    def _decodes(self, word: bytes) -> bool:
        """Rows with other words are rejected one by one."""
        try:
            word.decode(self._encoding)
        except UnicodeDecodeError:
            return False
        return True

    def _compare(self) -> None:
        own = tuple(word.decode(self._encoding) for word in self._words)
        readings = readings_of(list(self._words), self._known)
        close = [reading for reading in readings if readings[0].score - reading.score < CLOSE]
        if any(reading.words != own for reading in close):
            others = [reading for reading in readings if reading.words == own and reading not in close]
            raise unclear([*close[: MAX_OFFERED - 1], *others] if others else close)
