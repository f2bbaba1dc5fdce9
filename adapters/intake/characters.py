"""Detects a file's encoding and converts its bytes to UTF-8."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from adapters.formatting.figures import number
from adapters.intake.encodings import (
    ENCODINGS_BY_LETTERS,
    LateLetters,
    encoding_by_letters,
    is_escaped_japanese,
)
from domain.file_format import encoding_words

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks. UTF-32's little-endian mark starts like UTF-16's, so it is checked first."""


UNDECIDED = "ascii"
"""The encoding of a file whose first part is plain ASCII. The encoding is detected while the rest is read."""
DETECTION_BYTES = 1024**2
"""Bytes from the first non-ASCII byte on that determine the encoding of such a file."""


MANY_NULS = 100
"""NULs from which a share of 10 % in every other byte is enough to detect UTF-16. Below, it takes 50 %."""


@dataclass(slots=True)
class Decoding:
    """The encoding that was detected while a file was read, and remarks about it.

    `chosen` is true if a person chose the encoding: it is not doubted then. `known` are texts that the file probably
    contains.
    """

    encoding: str
    chosen: bool = False
    known: Collection[str] = ()
    remarks: list[str] = field(default_factory=list)


def encoding_of(head: bytes, *, whole: bool = True, known: Collection[str] = ()) -> str:
    """The Python codec name of a file's first part.

    Detected by byte order mark, NUL pattern, valid UTF-8, and last by the words. Plain ASCII that is not the `whole`
    file is UNDECIDED. `known` are texts that the file probably contains. Raises EncodingUnclear if the words make sense
    in several encodings.
    """
    for mark, name in BOMS:
        if head.startswith(mark):
            return name
    if encoding := _encoding_by_nuls(head[:4096]):
        return encoding
    if head.isascii():
        return "iso2022_jp" if is_escaped_japanese(head) else "utf-8" if whole else UNDECIDED
    return "utf-8" if _mostly_utf8(head) else encoding_by_letters(head, known=known)


def _encoding_by_nuls(head: bytes) -> str | None:
    """Detect UTF-16 and UTF-32 without a mark: digits, delimiters and line ends have NULs in the same places."""
    units = len(head) // 4
    nuls = [head[place : 4 * units : 4].count(0) for place in range(4)]
    for name, highest, second in (("utf-32-le", 3, 2), ("utf-32-be", 0, 1)):
        if units and nuls[highest] == units and nuls[second] >= 0.95 * units:
            return name
    even, odd = head[::2].count(0), head[1::2].count(0)
    least = len(head) // 20 if even + odd >= MANY_NULS else len(head) // 4
    if odd > least and even < 0.05 * odd:
        return "utf-16-le"
    if even > least and odd < 0.05 * even:
        return "utf-16-be"
    return None


def _mostly_utf8(head: bytes) -> bool:
    """Whether the text is valid UTF-8, or UTF-8 with few damaged characters rather than another encoding."""
    if head.isascii():
        return True
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        text = head.decode("utf-8", "surrogateescape")
        damaged = sum(1 for character in text if "\udc80" <= character <= "\udcff")
        whole = sum(1 for character in text if character >= "\x80") - damaged
        return whole >= 4 * damaged
    return True


def to_utf8(chunks: Iterable[bytes], encoding: str, decoding: Decoding | None = None) -> Iterator[bytes]:
    """Convert text to UTF-8 without a byte order mark.

    Bytes that are invalid in `encoding` become bytes that are invalid in UTF-8, so that their row can be found and
    rejected for every encoding.
    """
    decoding = decoding or Decoding(encoding)
    return _without_mark(_TRANSCODERS.get(encoding, _by_codec)(chunks, decoding))


def _unchanged(chunks: Iterable[bytes], decoding: Decoding) -> Iterator[bytes]:
    yield from chunks


def _by_detection(chunks: Iterable[bytes], decoding: Decoding) -> Iterator[bytes]:
    """Pass ASCII through. At the first non-ASCII byte, detect the encoding from the next mebibyte.

    The result does not depend on the sizes of the chunks.
    """
    source, passed, before = iter(chunks), 0, b""
    decoding.encoding = "utf-8"
    for chunk in source:
        if chunk.isascii():
            passed += len(chunk)
            before = (before + chunk[-MAX_WORD_START:])[-MAX_WORD_START:]
            yield chunk
            continue
        start = _place_beyond_ascii(chunk)
        buffered = _read_at_least(chunk, source, start + DETECTION_BYTES)
        sample = b"".join(buffered)[start : start + DETECTION_BYTES]
        if not _mostly_utf8(sample):
            first_word = _WORD_AT_END.search((before + chunk[:start])[-MAX_WORD_START:])
            sample = (first_word[0] if first_word else b"") + sample
            decoding.encoding = encoding_by_letters(sample, ask=not decoding.chosen, known=decoding.known)
            decoding.remarks.append(
                f"The first accented letters come after {number((passed + start) / 1e6, decimals=1)} MB and are "
                f"written in {encoding_words(decoding.encoding)}; the file was read so from there on."
            )
        yield from _TRANSCODERS.get(decoding.encoding, _by_codec)(chain(buffered, source), decoding)


def _place_beyond_ascii(chunk: bytes) -> int:
    match = _NOT_ASCII.search(chunk)
    return match.start() if match else len(chunk)


def _read_at_least(chunk: bytes, source: Iterator[bytes], least: int) -> list[bytes]:
    """The chunk and following ones, together at least `least` bytes if there are so many."""
    buffered, size = [chunk], len(chunk)
    while size < least and (more := next(source, b"")):
        buffered.append(more)
        size += len(more)
    return buffered


def _by_windows_1252(chunks: Iterable[bytes], decoding: Decoding) -> Iterator[bytes]:
    mixed = False
    for chunk in _doubted(chunks, decoding):
        if chunk.isascii():
            yield chunk
            continue
        if not mixed and _UTF8_LETTER.search(chunk):
            mixed = True
            decoding.remarks.append(MIXED)
        yield chunk.decode("cp1252", "surrogateescape").encode("utf-8", "surrogateescape")


def _by_codec(chunks: Iterable[bytes], decoding: Decoding) -> Iterator[bytes]:
    codecs.register_error(UNDECODABLE, _as_surrogate)
    decoder = codecs.getincrementaldecoder(decoding.encoding)(UNDECODABLE)
    for chunk in _doubted(chunks, decoding):
        yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
    if decoder.getstate()[0]:
        yield b"\xff"  # an incomplete character at the end


def _doubted(chunks: Iterable[bytes], decoding: Decoding) -> Iterable[bytes]:
    """The chunks. Raises EncodingUnclear at letters that speak against the encoding, unless a person chose it."""
    if decoding.chosen or decoding.encoding not in ENCODINGS_BY_LETTERS:
        return chunks
    return LateLetters(decoding.encoding, decoding.known).checked(chunks)


UNDECODABLE = "netone-undecodable"


def _as_surrogate(error: UnicodeError) -> tuple[str, int]:
    """Replace an invalid byte by a surrogate, which is invalid in UTF-8 too."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udcff", error.end


MIXED = (
    "The file is written in Windows-1252, but some of its letters look like UTF-8 (“Ã©” for “é”): "
    "files in different encodings may have been put together."
)
MAX_WORD_START = 64
"""Bytes before the first byte beyond ASCII that are examined for the beginning of its word."""
_WORD_AT_END = re.compile(rb"[0-9@-~]+\Z")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_UTF8_LETTER = re.compile(rb"\xc3[\x80-\xbf](?![\x80-\xff])")
"""An accented Latin letter in UTF-8. In Windows-1252 the same bytes are Ã and a symbol, which no language uses."""
_TRANSCODERS: dict[str, Callable[[Iterable[bytes], Decoding], Iterator[bytes]]] = {
    UNDECIDED: _by_detection,
    "utf-8": _unchanged,
    "utf-8-sig": _unchanged,
    "cp1252": _by_windows_1252,
}


def _without_mark(chunks: Iterable[bytes]) -> Iterator[bytes]:
    first = True
    for chunk in chunks:
        if first and chunk:
            first = False
            yield chunk.removeprefix(codecs.BOM_UTF8)
        else:
            yield chunk


def with_one_line_end(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Convert CRLF and CR to LF, also if a CRLF is split between two chunks."""
    pending = b""
    for chunk in chunks:
        data = pending + chunk if pending else chunk
        pending = b""
        if data.endswith(b"\r"):
            data, pending = data[:-1], b"\r"
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if data:
            yield data
    if pending:
        yield b"\n"
