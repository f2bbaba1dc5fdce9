"""The cells of an XLSX file."""

from __future__ import annotations

import re
import zipfile
from xml.etree import ElementTree as ET

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def cells_of(book: zipfile.ZipFile, name: str) -> list[list[str | float]]:
    """A sheet's rows; text is written in place, so there is no list of shared strings to look it up in."""
    strings: list[str] = []
    if "xl/sharedStrings.xml" in book.namelist():
        tree = ET.fromstring(book.read("xl/sharedStrings.xml"))  # noqa: S314 - of our own making
        strings = ["".join(part.text or "" for part in item.iter(f"{SHEET}t")) for item in tree.iter(f"{SHEET}si")]
    lines: list[list[str | float]] = []
    for row in ET.fromstring(book.read(name)).iter(f"{SHEET}row"):  # noqa: S314 - of our own making
        line: list[str | float] = []
        for cell in row.iter(f"{SHEET}c"):
            place = column_of(cell.attrib["r"])
            line.extend([""] * (place - len(line)))
            line.append(value_of(cell, strings))
        lines.append(line)
    width = len(lines[0])
    return [line + [""] * (width - len(line)) for line in lines]


def value_of(cell: ET.Element, strings: list[str]) -> str | float:
    kind, value = cell.attrib.get("t"), cell.findtext(f"{SHEET}v") or ""
    if kind == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{SHEET}t"))
    return strings[int(value)] if kind == "s" else float(value) if value else ""


def column_of(reference: str) -> int:
    """ "A1" → 0, "AB7" → 27."""
    place = 0
    for letter in re.match(r"[A-Z]+", reference)[0]:  # type: ignore[index]
        place = place * 26 + ord(letter) - 64
    return place - 1
