"""Workbooks, columnar files, records and archives with few rows, written in memory."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
Cells = Sequence[Sequence[Any]]
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def zipped(files: Mapping[str, bytes | str], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def workbook(sheets: Mapping[str, Cells], **settings: Any) -> bytes:
    """An .xlsx as a spreadsheet program writes it. Values keep their types."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, **settings})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                sheet.write(row, column, cell)
    book.close()
    return out.getvalue()


def xlsx_of(
    rows: str,
    *,
    before: str = "",
    after: str = "",
    texts: Sequence[str] = (),
    styles: str = "",
    settings: str = "",
    more: Mapping[str, bytes | str] | None = None,
) -> bytes:
    """An .xlsx with one sheet, "Data", whose rows are XML as given."""
    items = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
    return zipped(
        {
            "[Content_Types].xml": TYPES,
            "xl/workbook.xml": (
                f"<workbook {MAIN} {RELATIONS}>{settings}"
                '<sheets><sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>'
            ),
            "xl/_rels/workbook.xml.rels": relations({"rId1": "worksheets/sheet1.xml"}),
            "xl/sharedStrings.xml": f"<sst {MAIN}>{items}</sst>",
            "xl/styles.xml": f"<styleSheet {MAIN}>{styles}</styleSheet>",
            "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}>{before}<sheetData>{rows}</sheetData>{after}</worksheet>",
            **(more or {}),
        }
    )


def relations(targets: Mapping[str, str]) -> str:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    items = "".join(
        f"<Relationship Id={quoteattr(own)} Type={quoteattr(kind)} Target={quoteattr(target)}/>"
        for own, target in targets.items()
    )
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{items}</Relationships>'
    )


def inline(*cells: str) -> str:
    """A row of texts, as XML."""
    return "<row>" + "".join(f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for cell in cells) + "</row>"


def opendocument(sheets: Mapping[str, Cells]) -> bytes:
    """An .ods with texts and numbers."""

    def cell(value: Any) -> str:
        if isinstance(value, int | float):
            return f'<table:table-cell office:value-type="float" office:value="{value!r}"/>'
        text = f"<text:p>{escape(str(value))}</text:p>" if value else ""
        return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'

    tables = "".join(
        f"<table:table table:name={quoteattr(name)}>"
        + "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in sheets.items()
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": (
                '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
            ),
            "content.xml": (
                f"<office:document-content {spaces}><office:body><office:spreadsheet>{tables}"
                "</office:spreadsheet></office:body></office:document-content>"
            ),
        }
    )


def binary_workbook(rows: Cells) -> bytes:
    """An .xlsb with one sheet of texts and numbers. [MS-XLSB] 2.1.4 says how records are written."""

    def record(kind: int, data: bytes = b"") -> bytes:
        number = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
        size, length = len(data), b""
        while size > 0x7F:
            length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
        return number + length + bytes([size]) + data

    def wide(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    def cells() -> Iterator[bytes]:
        for place, row in enumerate(rows):
            yield record(0, struct.pack("<IIHBBBI", place, 0, 300, 0, 0, 0, 0))
            for column, cell in enumerate(row):
                at = struct.pack("<II", column, 0)
                if isinstance(cell, str):
                    yield record(6, at + wide(cell))
                else:
                    yield record(5, at + struct.pack("<d", cell))

    height, width = len(rows), max(map(len, rows))
    sheet = (
        record(129)
        + record(148, struct.pack("<IIII", 0, height - 1, 0, width - 1))
        + record(145)
        + b"".join(cells())
        + record(146)
        + record(130)
    )
    book = record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("Data"))
    return zipped(
        {
            "[Content_Types].xml": TYPES,
            "xl/_rels/workbook.bin.rels": relations({"rId1": "worksheets/sheet1.bin"}),
            "xl/workbook.bin": book + record(144) + record(132),
            "xl/worksheets/sheet1.bin": sheet,
        }
    )


TWO_CUSTOMERS: Cells = (
    ("customerID", "tenure", "Charges", "Contract", "Paperless"),
    ("A-1", 12, 29.85, "One year", "Yes"),
    ("A-2", 3, 1.234, "Month-to-month", "No"),
)
_OLD_WORKBOOK = (
    "78daed584d48155114feeebc793edf4b9f4fd3400311212bd340dbd44227d392169ab5c922a851870cf53d993706b628cb5c0641aba28d"
    "20441b2b887ee887dab9088c5a0441a0b56c1515b450a773cecc332d173e28a9986fb867ee3df79e6fceccb9f7dc9979395d38337ea76c"
    "163fa111212cb851e42cd1292ad14c2301ea775dae66ceb954dc00ff14a2b914c89c301ee5bf88700c39deb3d0705b7f4e12784fe51806"
    "d19e4a5a156b883de283a9d88706920ad7491347a9785524b25be47a91b764e46391bb45734964038d9d5147316db457eff46771a75629"
    "7d7130ef7db1792b9a3a94608a67f1b9cbca1b1b46937dcaecff3b3bcaf53c4c80e2d66a252ddbec9f41310570025fdd0ae04b66a53eab"
    "08f46bab5720fdb7e5fac80afa2b9a0e8cc03d21137c0c7928d1b947478be99873b0b18e5a5c6234db87d24e6ac0b2f7b7d01a75ace490"
    "6d51e49b7b4dfba495a6d4db9c4a3ab6d9ed5086ee30072dbbdf4aa74340536d1d751ea0d53b6c9936298e589eba3e0eb4914d6fad93aa"
    "1de00aad80f6548c93bc2485c4b2a4902f8b258f640f0aa45e284b2641697feee6a7576d5d1dc671d18cc846e06d179bf80ee1e23c5b90"
    "715c7a4222c354aac5629bc80bc2ba51ea65228b690c9dab3a4afccabe511973517aabe83a3b04af8dcd4bea5ba83ef6f1e083f2b10fc6"
    "56aa4fb6ce9e299e7c638ca392b6af1eb2e7631435aa465dbbca786864ceca4f2def4496fe926672b584efbbebef890598e7e8100a457a"
    "2d7e3a6ab1a5f9cfca6b85a8155a6ce9d4d27d66b502b312667e564fc83725ccf5a2bbb19d99bd31cc99e3732ae18cf89cda0a9c9ad873"
    "94ce6a313f961c9990c62991bdeddc7577eaf4d3cf86379ad9a33ebb26ecec79a356847b4c4509f7076208102040800001020408f01743"
    "c9eba9f74aaefb2fe5fc2219f1ffebcc5359087e93fcb73884141d0e7d98ee4592ce3686b39a3f1b1056192eb54a9bccff42c661baba8d"
    "3e74891f7d59cf5ffa5c534bef67d58689dfb784b2bdfe42367efee1eb7f072b84e78d"
)


def old_workbook() -> bytes:
    """TWO_CUSTOMERS as an .xls, which no library of the product writes; made with xlwt 1.3."""
    return zlib.decompress(bytes.fromhex(_OLD_WORKBOOK))
