"""Uploads arrive whole, or not at all."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from pathlib import Path

import pytest

from adapters.intake.uploads import FileUploads
from domain.errors import FileRefused, InvalidInput

ID, OTHER = "01970000-0000-7000-8000-000000000001", "01970000-0000-7000-8000-000000000002"
LONG_AGO = 1_600_000_000


def test_a_file_is_kept_as_it_came_with_its_hash(tmp_path: Path) -> None:
    content = os.urandom(3_000_000)
    uploads = FileUploads(tmp_path / "uploads")
    stored = uploads.receive(ID, io.BytesIO(content), limit=len(content))
    assert (stored.sha256, stored.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert uploads.path(ID).read_bytes() == content
    if os.name == "posix":
        assert stat.S_IMODE(uploads.path(ID).stat().st_mode) == 0o600


@pytest.mark.parametrize(("content", "said"), [(b"", "is empty"), (b"x" * 2049, "larger than 2 KiB")])
def test_a_rejected_upload_is_not_stored(content: bytes, said: str, tmp_path: Path) -> None:
    uploads = FileUploads(tmp_path)
    with pytest.raises(FileRefused, match=said):
        uploads.receive(ID, io.BytesIO(content), limit=2048)
    assert list(tmp_path.iterdir()) == []


def test_a_stream_that_breaks_leaves_nothing_and_an_earlier_file_as_it_was(tmp_path: Path) -> None:
    class Breaking(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise ConnectionError("gone")
            return super().read(10)

    uploads = FileUploads(tmp_path)
    uploads.receive(ID, io.BytesIO(b"first"), limit=100)
    with pytest.raises(ConnectionError):
        uploads.receive(ID, Breaking(b"x" * 50), limit=100)
    assert uploads.path(ID).read_bytes() == b"first"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("hostile", ["", "..", "../x", "a/b", "a\\b", ".hidden", "a\0b", "x" * 65, "é", "a b"])
def test_names_that_are_not_ids_are_never_used_as_paths(hostile: str, tmp_path: Path) -> None:
    uploads = FileUploads(tmp_path)
    for use in (uploads.path, uploads.rejected_path, uploads.discard):
        with pytest.raises(InvalidInput):
            use(hostile)
    with pytest.raises(InvalidInput):
        uploads.receive(hostile, io.BytesIO(b"x"), limit=10)


def test_discarding_removes_file_and_rejected_rows_and_can_be_repeated(tmp_path: Path) -> None:
    uploads = FileUploads(tmp_path)
    uploads.receive(ID, io.BytesIO(b"x"), limit=10)
    uploads.rejected_path(ID).write_text("line", encoding="utf-8")
    uploads.discard(ID)
    uploads.discard(ID)
    assert list(tmp_path.iterdir()) == []


def test_the_list_of_rejected_rows_outlives_its_file_where_that_is_wanted(tmp_path: Path) -> None:
    uploads = FileUploads(tmp_path)
    for own in (ID, OTHER):
        uploads.receive(own, io.BytesIO(b"x"), limit=10)
        uploads.rejected_path(own).write_text("line", encoding="utf-8")
        uploads.discard_file(own)
        os.utime(uploads.rejected_path(own), (LONG_AGO, LONG_AGO))
    assert uploads.ids() == [ID, OTHER]
    assert uploads.sweep_unfinished() == 0
    assert uploads.rejected_path(ID).exists()


def test_drafts_are_deleted_after_an_hour_and_complete_uploads_never(tmp_path: Path) -> None:
    uploads = FileUploads(tmp_path)
    for own in (ID, f"check-{ID}", f"check-{OTHER}"):
        uploads.receive(own, io.BytesIO(b"x"), limit=10)
    for own in (ID, f"check-{ID}"):
        os.utime(uploads.path(own), (LONG_AGO, LONG_AGO))
    assert uploads.sweep_unfinished() == 1
    assert uploads.ids() == [ID, f"check-{OTHER}"]
