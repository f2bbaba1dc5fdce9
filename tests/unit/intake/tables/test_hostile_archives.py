"""Archives and compressed files that are made to harm, or only oddly: their table or one sentence."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adapters.intake import source
from adapters.intake.limits import USUAL
from adapters.intake.source import start_of
from adapters.intake.tables.kinds import TableKind, kind_of, zipped_kind
from adapters.intake.tables.opened import Opened
from adapters.intake.tables.packed import joined_texts, opened_archive, tables_in
from domain.errors import FileRefused
from tests.builders.tables import TWO_CUSTOMERS, opendocument, zipped
from tests.unit.intake.tables.reading import read

CSV = b"id,tenure\nA,1\nB,2\n"
FAR = r"^The compressed file unpacks to far more data than a customer file has\."
RECORD = {"id": "A", "tenure": 1}


def entries_of(content: bytes, *, files: int, shared: bool) -> bytes:
    """An archive of equal files. `shared`: all of them are the same few bytes of the archive."""
    squeezed = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    data = squeezed.compress(content) + squeezed.flush()
    known = (zlib.crc32(content), len(data), len(content))
    body, directory = b"", b""
    for number in range(files):
        name, place = b"%04d.csv" % number, 0 if shared else len(body)
        if not (shared and number):
            body += b"PK\x03\x04" + struct.pack("<5H3I2H", 20, 0, 8, 0, 33, *known, len(name), 0) + name + data
        sizes = struct.pack("<6H3I5H2I", 20, 20, 0, 8, 0, 33, *known, len(name), 0, 0, 0, 0, 0, place)
        directory += b"PK\x01\x02" + sizes + name
    return body + directory + b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, files, files, len(directory), len(body), 0)


def test_entries_that_share_their_data_are_refused() -> None:
    assert opened_archive(io.BytesIO(entries_of(CSV, files=3, shared=False))).namelist()[-1] == "0002.csv"
    with pytest.raises(FileRefused, match=r"^The zip archive is damaged or incomplete\."):
        opened_archive(io.BytesIO(entries_of(CSV, files=3, shared=True)))


def test_many_entries_together_unpack_to_no_more_than_one() -> None:
    bomb = CSV + b"\n" * (24 * 1024**2)
    archive = opened_archive(io.BytesIO(entries_of(bomb, files=3, shared=False)))
    with pytest.raises(FileRefused, match=FAR):
        sum(map(len, joined_texts(archive, tables_in(archive), USUAL)))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_entries_of_one_name_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("march/", b"")
        archive.writestr("march/a.csv", CSV)
        archive.writestr("march\\a.csv", CSV.replace(b"1", b"9"))
    with pytest.raises(FileRefused, match=r"^The archive has several entries called “a\.csv”\. Make it again"):
        opened_archive(out)


@pytest.mark.parametrize(
    ("pack", "ending"),
    [(gzip.compress, b""), (gzip.compress, bytes(300)), (bz2.compress, b""), (lzma.compress, b"")],
    ids=["gz", "gz and zeros", "bz2", "xz"],
)
def test_a_table_in_two_compressed_parts_is_read_as_one(tmp_path: Path, pack: object, ending: bytes) -> None:
    path = tmp_path / "two"
    path.write_bytes(pack(CSV[:14]) + pack(CSV[14:]) + ending)  # type: ignore[operator]  # any of the three
    start = start_of(path, size=1_000)
    assert (start.data, start.whole) == (CSV, True)


def zstandard(content: bytes) -> bytes:
    return bytes(pa.Codec("zstd").compress(content))


SKIPPED = struct.pack("<II", 0x184D2A50, 4) + b"\0\0\0\0"


@pytest.mark.parametrize(
    "content",
    [
        zstandard(CSV[:14]) + zstandard(CSV[14:]),
        SKIPPED + zstandard(CSV),
        SKIPPED + zstandard(CSV[:14]) + SKIPPED + zstandard(CSV[14:]) + SKIPPED,
    ],
)
def test_frames_of_zstandard_are_read_as_one(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "frames.zst"
    path.write_bytes(content)
    assert kind_of(content) is TableKind.ZSTANDARD
    assert start_of(path, size=1_000).data == CSV


@pytest.mark.parametrize(
    "content",
    [gzip.compress(CSV)[:-4], bz2.compress(CSV)[:-4], lzma.compress(CSV)[:-4], zstandard(CSV) + b"junk" * 9],
    ids=["gz", "bz2", "xz", "zst"],
)
def test_the_beginning_of_a_small_file_is_refused_where_its_end_is_damaged(tmp_path: Path, content: bytes) -> None:
    """Otherwise the part before the damage would pass for the whole file."""
    path = tmp_path / "damaged"
    path.write_bytes(content)
    with pytest.raises(FileRefused, match=r"^The compressed file is damaged or incomplete\."):
        start_of(path, size=1_000)


def test_a_header_before_a_refusal_is_not_taken_for_the_whole_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns are converted first. The first customers may need more memory than there is."""

    def chunks() -> Iterator[bytes]:
        yield b"id,tenure\n"
        raise FileRefused("The Parquet file needs more memory", advice="Save it as CSV.")

    monkeypatch.setattr(source, "opened", lambda *_, **__: nullcontext(Opened(chunks(), is_table=True)))
    with pytest.raises(FileRefused, match=r"^The Parquet file needs more memory"):
        start_of(Path("any"), size=1_000)
    assert start_of(Path("any"), size=10).whole is False, "the first part is full; the rest is read later"


def test_a_spreadsheet_with_a_password_is_refused_as_such() -> None:
    manifest = "<manifest><file-entry><encryption-data/></file-entry></manifest>"
    with zipfile.ZipFile(io.BytesIO(opendocument({"S": TWO_CUSTOMERS}))) as plain:
        parts = {name: plain.read(name) for name in plain.namelist()}
    assert zipped_kind(zipfile.ZipFile(io.BytesIO(zipped(parts)))) is TableKind.ODS
    protected = zipped({**parts, "META-INF/manifest.xml": manifest, "content.xml": bytes(range(256))})
    with pytest.raises(FileRefused, match=r"^The file is protected with a password\."):
        zipped_kind(zipfile.ZipFile(io.BytesIO(protected)))


def test_a_page_of_parquet_that_was_changed_is_refused_where_it_has_a_checksum() -> None:
    out = io.BytesIO()
    table = pa.table({"id": ["A", "B"], "tenure": pa.array([1.5, 2.5])})
    pq.write_table(table, out, compression="none", use_dictionary=False, write_page_checksum=True)
    good = out.getvalue()
    assert read(good, TableKind.PARQUET).lines == ["id,tenure", "A,1.5", "B,2.5"]
    changed = good.replace(struct.pack("<2d", 1.5, 2.5), struct.pack("<2d", 1.5, 9.5))
    with pytest.raises(FileRefused, match=r"^The Parquet file is damaged or incomplete\."):
        read(changed, TableKind.PARQUET)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pa.array([b"\xff\xfe\0"]), "binary"),
        (pa.array([0], pa.timestamp("us", "Mars/Base")), "timestamp[us, tz=Mars/Base]"),
    ],
)
def test_a_column_of_parquet_that_is_no_text_is_named(values: pa.Array, kind: str) -> None:
    out = io.BytesIO()
    pq.write_table(pa.table({"id": ["A"], "photo": values}), out)
    with pytest.raises(FileRefused) as refused:
        read(out.getvalue(), TableKind.PARQUET)
    assert str(refused.value).startswith(f"The column “photo” holds values of the type {kind} that are no text, number")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"id": "A", "tenure": 1, "tenure": 60}', "Record 1 has the field “tenure” twice."),
        ('{"plan.price": 1, "plan": {"price": 2}}', "Record 1 has the field “plan.price” twice."),
        (json.dumps({"id": ["A", "B"], "tenure": [1, 2]}), "Record 1 has a list in each field: the file holds columns"),
        (json.dumps({"data": [RECORD, RECORD]}), "The field “data” of record 1 holds a list of records, which may be"),
        (json.dumps({"meta": {"rows": 1}, "rows": [RECORD]}), "The field “rows” of record 1 holds a list of records,"),
        (json.dumps(RECORD | {"tags": ["a"]}), "The field “tags” of record 1 holds a list or a deeper record,"),
    ],
)
def test_records_that_say_something_twice_or_hold_the_table_within_are_refused(content: str, sentence: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read(content.encode(), TableKind.JSON)
    assert str(refused.value).startswith(sentence)


def test_a_number_that_is_too_large_stays_as_it_is_written() -> None:
    assert read(b'{"id": "A", "tenure": 1e400}', TableKind.JSON).lines == ["id,tenure", "A,1e400"]
