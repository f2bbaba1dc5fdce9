"""Files of other kinds are converted by another process: what it takes, and what it leaves."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adapters.intake.limits import USUAL
from adapters.intake.tables.kinds import TableKind
from adapters.intake.tables.opened import opened
from domain.errors import FileRefused, StorageFull
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


def _with_texts(count: int) -> bytes:
    items = b"<si><t>" + b"x" * 1_000 + b"</t></si>"
    return xlsx_of("<row/>", more={"xl/sharedStrings.xml": b"<sst " + MAIN.encode() + b">" + items * count + b"</sst>"})


@needs_limits
@pytest.mark.parametrize(
    ("kind", "content", "sentence"),
    [
        (TableKind.PARQUET, lambda: _parquet(["x" * 130_000_000]), "The Parquet file needs more memory than"),
        (TableKind.XLSX, lambda: _with_texts(62_000), None),
        (TableKind.XLSX, lambda: _with_texts(80_000), "The compressed file unpacks to far more"),
    ],
)  # fmt: skip
def test_a_bomb_ends_in_one_sentence_within_its_memory(
    kind: TableKind, content: Callable[[], bytes], sentence: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(content())
    if sentence is None:
        assert read_all(path) == 1
    else:
        with pytest.raises(FileRefused) as refused:
            read_all(path)
        assert str(refused.value).startswith(sentence)
    assert _memory_of(kind, path) < MEMORY


def _memory_of(kind: TableKind, path: Path) -> int:
    """The most memory that the converter takes, in KiB, looked at while it runs."""
    command = [sys.executable, "-m", "adapters.intake.tables.convert", kind.value]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = {**os.environ, "ARROW_DEFAULT_MEMORY_POOL": "system"}
    most = 0
    with path.open("rb") as file, subprocess.Popen(command, stdin=file, env=environment, **quiet) as process:
        while process.poll() is None:
            lines = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8").splitlines()
            most = max([most, *(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))])
            time.sleep(0.005)
    assert most > 10_000
    return most


def test_reading_only_the_start_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    rows = "".join(f'<row><c t="str"><v>A{place}</v></c><c><v>{place}</v></c></row>' for place in range(60_000))
    path = tmp_path / "large.zip"
    path.write_bytes(zipped({"large.xlsx": xlsx_of(rows)}))
    before = os.listdir("/proc/self/fd") if Path("/proc/self/fd").exists() else []
    with opened(path, limits=USUAL, size=1_000) as file:
        assert next(file.chunks).startswith(b"A0,0\nA1,1\n")
    assert not any(b"tables.convert" in command for command in _commands_of_children())
    after = os.listdir("/proc/self/fd") if Path("/proc/self/fd").exists() else []
    assert len(after) == len(before)
    assert [file.name for file in tmp_path.iterdir()] == ["large.zip"]


def _commands_of_children() -> list[bytes]:
    """The command lines of this process's children."""
    children = [own for file in Path("/proc/self/task").glob("*/children") for own in file.read_text("ascii").split()]
    return [Path(f"/proc/{child}/cmdline").read_bytes() for child in children]


def test_a_full_disk_is_named_when_a_workbook_has_to_be_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "workbook.zip"
    path.write_bytes(zipped({"customers.xlsx": xlsx_of("<row/>")}))

    class FullDisk(io.BytesIO):
        def write(self, _: object, /) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("adapters.intake.tables.opened.tempfile.TemporaryFile", FullDisk)
    with pytest.raises(StorageFull):
        read_all(path)
