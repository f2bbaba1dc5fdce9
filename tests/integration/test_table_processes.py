"""Files of other kinds are converted by another process: what it takes, and what it leaves."""

from __future__ import annotations

import io
import os
import resource
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adapters.intake.limits import USUAL
from adapters.intake.tables.opened import opened
from domain.errors import FileRefused
from tests.builders.tables import MAIN, xlsx_of, zipped

MEMORY = 500 * 1024
"""KiB."""
needs_limits = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is limited on Linux only")


def read_all(path: Path) -> int:
    with opened(path, limits=USUAL, size=1024**2) as file:
        return sum(map(len, file.chunks))


def _parquet(values: list[str]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"id": values, "x": values}), out, compression="zstd")
    return out.getvalue()


def _texts(count: int) -> bytes:
    items = b"<si><t>" + b"x" * 1_000 + b"</t></si>"
    return b"<sst " + MAIN.encode() + b">" + items * count + b"</sst>"


@needs_limits
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (lambda: _parquet(["x" * 300_000_000]), "The Parquet file needs more memory than"),
        (lambda: xlsx_of("<row/>", more={"xl/sharedStrings.xml": _texts(62_000)}), None),
        (lambda: xlsx_of("<row/>", more={"xl/sharedStrings.xml": _texts(80_000)}), "The compressed file unpacks"),
    ],
)  # fmt: skip
def test_a_bomb_ends_in_one_sentence_within_its_memory(content: object, sentence: str | None, tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(content())  # type: ignore[operator] - made when needed, because it is large
    if sentence is None:
        assert read_all(path) == 1
    else:
        with pytest.raises(FileRefused) as refused:
            read_all(path)
        assert str(refused.value).startswith(sentence)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < MEMORY


def test_reading_only_the_start_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    rows = "".join(f'<row><c t="str"><v>A{place}</v></c><c><v>{place}</v></c></row>' for place in range(60_000))
    path = tmp_path / "large.zip"
    path.write_bytes(zipped({"large.xlsx": xlsx_of(rows)}))
    before = os.listdir("/proc/self/fd") if Path("/proc/self/fd").exists() else []
    with opened(path, limits=USUAL, size=1_000) as file:
        assert next(file.chunks).startswith(b"A0,0\nA1,1\n")
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    after = os.listdir("/proc/self/fd") if Path("/proc/self/fd").exists() else []
    assert len(after) == len(before)
    assert [file.name for file in tmp_path.iterdir()] == ["large.zip"]
