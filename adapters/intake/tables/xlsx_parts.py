"""The small parts of an .xlsx workbook: sheets, number formats, and the texts that cells share."""

from __future__ import annotations

import zipfile
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from posixpath import join, normpath
from typing import Any
from xml.parsers import expat

from adapters.intake.limits import ReadingLimits, in_words
from adapters.intake.tables.cells import BUILT_IN, NumberFormat, format_of_code
from adapters.intake.tables.kinds import damaged
from adapters.intake.tables.packed import Bounded, entry
from domain.errors import FileRefused

WHAT = "workbook"
CHUNK = 256 * 1024
TEXTS_BYTES = 160 * 1024**2
"""Bytes of the texts that cells share. A million ids and names have about 40 MiB."""
MAX_STYLES = 200_000
MAX_SHEETS = 1_000


@dataclass(frozen=True)
class Sheet:
    """A sheet's name, its entry in the archive, and whether it is hidden."""

    name: str
    part: zipfile.ZipInfo
    hidden: bool = False


@dataclass
class Book:
    """What cells need to be understood. `formats` are those of the styles, by number."""

    sheets: list[Sheet]
    formats: list[NumberFormat] = field(default_factory=list)
    texts: SharedTexts = field(default_factory=lambda: SharedTexts())
    from_1904: bool = False
    texts_part: str = "xl/sharedStrings.xml"
    styles_part: str = "xl/styles.xml"


def parser() -> Any:
    """An XML parser that passes names without their prefix on, and refuses entities, which no workbook needs."""
    made = expat.ParserCreate()
    made.buffer_text = True
    made.buffer_size = 65_536

    def refuse(*_: object) -> None:
        raise damaged(WHAT)

    made.StartDoctypeDeclHandler = refuse
    made.EntityDeclHandler = refuse
    return made


def local(name: str) -> str:
    return name.rpartition(":")[2]


def feed(made: Any, stream: Bounded) -> Iterator[None]:
    """Parse the stream chunk by chunk. Raises FileRefused for XML that cannot be parsed."""
    while chunk := stream.read(CHUNK):
        _parse(made, chunk, False)
        yield
    _parse(made, b"", True)
    yield


def _parse(made: Any, chunk: bytes, final: bool) -> None:
    try:
        made.Parse(chunk, final)
    except (expat.ExpatError, ValueError, OverflowError) as error:
        raise damaged(WHAT) from error


def elements(
    archive: zipfile.ZipFile, name: str, limits: ReadingLimits, see: Callable[[str, dict[str, str]], None]
) -> bool:
    """Call `see` with each element's local name and attributes. Returns whether the archive has this part."""
    info = part_named(archive, name)
    if info is None:
        return False
    made = parser()
    made.StartElementHandler = lambda tag, given: see(local(tag), {local(key): own for key, own in given.items()})
    for _ in feed(made, entry(archive, info, limits, WHAT)):
        pass
    return True


def part_named(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo | None:
    """The entry of this name. Some programs write other cases or backslashes."""
    wanted = name.lstrip("/").lower()
    return next((info for info in archive.infolist() if info.filename.replace("\\", "/").lower() == wanted), None)


def read_book(archive: zipfile.ZipFile, limits: ReadingLimits) -> Book:
    """Raises FileRefused for a workbook without sheets of cells."""
    targets: dict[str, str] = {}
    book = Book([])

    def see_relation(tag: str, given: dict[str, str]) -> None:
        kind, target = given.get("Type", ""), normpath(join("/xl", given.get("Target", "")))
        if tag != "Relationship":
            return
        if kind.endswith("/worksheet"):
            targets[given.get("Id", "")] = target
        elif kind.endswith("/sharedStrings"):
            book.texts_part = target
        elif kind.endswith("/styles"):
            book.styles_part = target

    elements(archive, "xl/_rels/workbook.xml.rels", limits, see_relation)

    def see_book(tag: str, given: dict[str, str]) -> None:
        if tag == "workbookPr":
            book.from_1904 = given.get("date1904", "").lower() in ("1", "true")
        if tag == "sheet" and len(book.sheets) < MAX_SHEETS:
            part = part_named(archive, targets.get(given.get("id", ""), ""))
            if part is not None:
                book.sheets.append(Sheet(given.get("name", ""), part, given.get("state", "visible") != "visible"))

    elements(archive, "xl/workbook.xml", limits, see_book)
    if not book.sheets:
        raise FileRefused(
            "The workbook has no sheet with cells.", advice="Save it again in your spreadsheet program, or as CSV."
        )
    book.formats = _formats(archive, book.styles_part, limits)
    return book


def _formats(archive: zipfile.ZipFile, part: str, limits: ReadingLimits) -> list[NumberFormat]:
    codes: dict[str, NumberFormat] = {}
    formats: list[NumberFormat] = []
    inside = False

    def see(tag: str, given: dict[str, str]) -> None:
        nonlocal inside
        if tag == "numFmt":
            codes[given.get("numFmtId", "")] = format_of_code(given.get("formatCode", ""))
        elif tag in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            inside = tag == "cellXfs"
        elif tag == "xf" and inside and len(formats) < MAX_STYLES:
            number = given.get("numFmtId", "0")
            usual = BUILT_IN.get(int(number), NumberFormat.PLAIN) if number.isdigit() else NumberFormat.PLAIN
            formats.append(codes.get(number, usual))

    elements(archive, part, limits, see)
    return formats


class SharedTexts:
    """Texts by number, as bytes one after another: a tenth of the memory of as many strings."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("q", [0])

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, text: str) -> None:
        self._bytes += text.encode("utf-8", "surrogatepass")
        if len(self._bytes) + 8 * len(self._ends) > TEXTS_BYTES:
            raise FileRefused(
                f"The workbook holds more than {in_words(TEXTS_BYTES)} of texts.",
                advice="Save it as CSV, and upload that file.",
            )
        self._ends.append(len(self._bytes))

    def text(self, number: int) -> str | None:
        """None if there is no such text."""
        if not 0 <= number < len(self):
            return None
        return self._bytes[self._ends[number] : self._ends[number + 1]].decode("utf-8", "replace")


def read_texts(archive: zipfile.ZipFile, part: str, limits: ReadingLimits) -> SharedTexts:
    """The texts that cells refer to; phonetic readings are left out."""
    texts = SharedTexts()
    info = part_named(archive, part)
    if info is None:
        return texts
    made = parser()
    parts: list[str] = []
    state = {"reads": False, "phonetic": False}

    def start(tag: str, _: object) -> None:
        name = local(tag)
        if name == "t":
            state["reads"] = not state["phonetic"]
        elif name == "rPh":
            state["phonetic"] = True
        elif name == "si":
            parts.clear()

    def end(tag: str) -> None:
        name = local(tag)
        if name == "t":
            state["reads"] = False
        elif name == "rPh":
            state["phonetic"] = False
        elif name == "si":
            texts.add("".join(parts))

    def characters(data: str) -> None:
        if state["reads"]:
            parts.append(data)

    made.StartElementHandler, made.EndElementHandler = start, end
    made.CharacterDataHandler = characters
    for _ in feed(made, entry(archive, info, limits, WHAT)):
        pass
    return texts
