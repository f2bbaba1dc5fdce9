"""Which characters a file is written in, and its bytes turned into UTF-8."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks; UTF-32's little-endian one starts like UTF-16's and is looked for first."""


UNDECIDED = "ascii"
"""The encoding of a file whose first part is plain ASCII and not all there is: what comes after it decides."""
JUDGED = 1024**2
"""Bytes, from the first one beyond ASCII, by which such a file is judged."""


MANY_NULS = 100
"""From so many on, a tenth of NULs in every other place tells UTF-16 in another script; of fewer it takes a half."""


@dataclass(slots=True)
class Decoding:
    """What a file's characters turned out to be while it was read."""

    encoding: str
    remarks: list[str] = field(default_factory=list)


def encoding_of(head: bytes, *, whole: bool = True) -> str:
    """The Python codec name of a file's first part: by its mark, its NUL pattern, valid UTF-8, else Windows-1252.

    Plain ASCII that is not the `whole` file is UNDECIDED.
    """
    for mark, name in BOMS:
        if head.startswith(mark):
            return name
    found = _encoding_by_nuls(head[:4096])
    if found is None and not whole and head.isascii():
        return UNDECIDED
    return found or ("utf-8" if _mostly_utf8(head) else "cp1252")


def _encoding_by_nuls(head: bytes) -> str | None:
    """UTF-16 without a mark: digits, delimiters and Western letters have a NUL in every other place, and only there."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    least = len(head) // 20 if even + odd >= MANY_NULS else len(head) // 4
    if odd > least and even < 0.05 * odd:
        return "utf-16-le"
    if even > least and odd < 0.05 * even:
        return "utf-16-be"
    return None


def _mostly_utf8(head: bytes) -> bool:
    """Valid UTF-8, or so much of it that the rest is damage and no other encoding."""
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
    """The same text in UTF-8, without a byte order mark.

    Bytes that mean nothing in `encoding` come out as bytes that are invalid in UTF-8 too, so that the row they stand
    in can be told and set aside whatever the encoding.
    """
    decoding = decoding or Decoding(encoding)
    return _without_mark(_TRANSCODERS.get(encoding, _by_codec)(chunks, decoding))


def _as_it_is(chunks: Iterable[bytes], decoding: Decoding) -> Iterator[bytes]:
    yield from chunks


def _by_what_comes(chunks: Iterable[bytes], decoding: Decoding) -> Iterator[bytes]:
    """ASCII as it is; from the first byte beyond it on, by what the next mebibyte is. Chunk sizes change nothing."""
    source, passed = iter(chunks), 0
    decoding.encoding = "utf-8"
    for chunk in source:
        if chunk.isascii():
            passed += len(chunk)
            yield chunk
            continue
        start = _place_beyond_ascii(chunk)
        held = _held(chunk, source, start + JUDGED)
        if not _mostly_utf8(b"".join(held)[start : start + JUDGED]):
            decoding.encoding = "cp1252"
            decoding.remarks.append(
                f"The first accented letters come after {(passed + start) / 1e6:,.1f} MB and are written in "
                "Windows-1252; the file was read so from there on."
            )
        yield from _TRANSCODERS[decoding.encoding](chain(held, source), decoding)


def _place_beyond_ascii(chunk: bytes) -> int:
    found = _NOT_ASCII.search(chunk)
    return found.start() if found else len(chunk)


def _held(chunk: bytes, source: Iterator[bytes], least: int) -> list[bytes]:
    """The chunk with as many of the next ones as make `least` bytes, or all there are."""
    held, size = [chunk], len(chunk)
    while size < least and (more := next(source, b"")):
        held.append(more)
        size += len(more)
    return held


def _by_windows_1252(chunks: Iterable[bytes], decoding: Decoding) -> Iterator[bytes]:
    mixed = False
    for chunk in chunks:
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
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
    if decoder.getstate()[0]:
        yield b"\xff"  # half a character at the end


UNDECODABLE = "netone-undecodable"


def _as_surrogate(error: UnicodeError) -> tuple[str, int]:
    """Stands for what is no character: it is none in UTF-8 either."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udcff", error.end


MIXED = (
    "The file is written in Windows-1252, but some of its letters look like UTF-8 (“Ã©” for “é”): "
    "files in different encodings may have been put together."
)
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_UTF8_LETTER = re.compile(rb"\xc3[\x80-\xbf](?![\x80-\xff])")
"""An accented Latin letter in UTF-8; in Windows-1252 a capital Ã before a sign, which no language writes."""
_TRANSCODERS: dict[str, Callable[[Iterable[bytes], Decoding], Iterator[bytes]]] = {
    UNDECIDED: _by_what_comes,
    "utf-8": _as_it_is,
    "utf-8-sig": _as_it_is,
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
    """CRLF and CR become LF, also where a CRLF is torn between two chunks."""
    held = b""
    for chunk in chunks:
        data = held + chunk if held else chunk
        held = b""
        if data.endswith(b"\r"):
            data, held = data[:-1], b"\r"
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if data:
            yield data
    if held:
        yield b"\n"
