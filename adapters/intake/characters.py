"""Which characters a file is written in, and its bytes turned into UTF-8."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks; UTF-32's little-endian one starts like UTF-16's and is looked for first."""


def encoding_of(head: bytes) -> str:
    """The Python codec name of a file's first part: by its mark, its NUL pattern, valid UTF-8, else Windows-1252."""
    for mark, name in BOMS:
        if head.startswith(mark):
            return name
    return _encoding_by_nuls(head[:4096]) or ("utf-8" if _mostly_utf8(head) else "cp1252")


def _encoding_by_nuls(head: bytes) -> str | None:
    """UTF-16 without a mark: Western text has a NUL in every other place."""
    pairs = len(head) // 2
    if pairs < 2 or b"\0" not in head:
        return None
    even, odd = head[: pairs * 2 : 2].count(0) / pairs, head[1 : pairs * 2 : 2].count(0) / pairs
    if odd > 0.5 and even < 0.05:
        return "utf-16-le"
    if even > 0.5 and odd < 0.05:
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


def to_utf8(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The same text in UTF-8, without a byte order mark.

    Bytes that mean nothing in `encoding` come out as bytes that are invalid in UTF-8 too, so that the row they stand
    in can be told and set aside whatever the encoding.
    """
    transcoded = _TRANSCODERS.get(encoding, _by_codec)(chunks, encoding)
    return _without_mark(transcoded)


def _as_it_is(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    yield from chunks


def _by_windows_1252(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    for chunk in chunks:
        if chunk.isascii():
            yield chunk
        else:
            yield chunk.decode("cp1252", "surrogateescape").encode("utf-8", "surrogateescape")


def _by_codec(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
    if decoder.getstate()[0]:
        yield b"\xff"  # half a character at the end


_TRANSCODERS = {"utf-8": _as_it_is, "utf-8-sig": _as_it_is, "cp1252": _by_windows_1252}


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
