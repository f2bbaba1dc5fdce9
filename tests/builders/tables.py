"""Workbooks, columnar files, records and archives with few rows, written in memory."""

from __future__ import annotations

import base64
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
    "c-rk)O-L0{6#nkKc|PAupHI_30}&xB(?HwQLMPLb7MiumBB)V^4D~&kHwLyS%UlLQtD=n{L>nuJe&~nVxd@C}1VNy+Y!wx>P^WXw"
    "%rh+)J}9Y}Z@6dfJ@=k(&dj;@+?jbfT{ts-r)(BKp%Ec0xKZRR(J3m?Od|p6cU`V#&bd_F0RI%CxfIBpFdpT<h;R%!-m}nfTYpXx"
    "cu(aR2GO2MS`}-EJ>r9@*oOv^3fD;!N2z#KB(huNdXcwe<YSS$MRQ4H1C5<gM=@=*SMT&^ai>-(eQ_}FeX)5fnmUwVif8e;%gP%Y"
    "Mw5NY?EgDE%Jn=<fa2C_B`w?RpFuGNZ~|Z53gAm-r9P_&^lPhEApN)H`p63UE1C|Bz&#-od<=Og(YZ%Qi|Lqiu(6I>Tw*lahtf`J"
    "z_RzZ&>D5D<dAJq<ePg<`=pho)Z3g&I=0#EP=@X>2Q9nbN~c3WQ*9k}9-!4bY?(GGj#!?$J`S{zO>eD}svY18t$_AajFY@1g~YO?"
    "kS~iRk7N%Dq+TdXCP8U`?&hagZCxG4anX#(M&NB1oA?gl;yhcBaa?*rBEwXw#bTSt3&Ofl>SZE}X$+mKI!gS?zEK%-QF^QBIy(ff"
    "jm=ByTc|$v@!*5<u@A;ps!z7go++MuV~nGcwyz$t=VKH#szzPA%6MpG&dN_M??jgVl4f$XgzvlS?}-JN=jad$MS3lMI%=_{`OnI0"
    "g{T!;Z0Xd}eP*=+vl3>0R!_(`CCv4ryRn^_y)n$0<8vzEjQE_|3Y?nQbCk|%F+Y|ZnUKaQk-hEQb$9CY)6a%Cn%Sd1yC&@Hd81Z@"
    "drU<M_XlDK5FkK+009C72=Es}$?K{2O0N4a<@_QU@&D`0Q&|Xpll-?hgcKbPeVFb=lFl}Uvzk8}5LOv3wMv`J|3b!Ly1I=%bcr8*"
    "S<hekTvJQ$XVr#@-?xOaz5YTre*WR>e+Mgs=Zy"
)


def old_workbook() -> bytes:
    """TWO_CUSTOMERS as an .xls, which no library of the product writes; made with xlwt 1.3."""
    return zlib.decompress(base64.b85decode("".join(_OLD_WORKBOOK)))
