"""A full disk while a customer is erased from a file is reported as such, and the file stays as it was."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from adapters.intake import erase_rows
from domain.errors import StorageFull


def refuse(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_erasing_from_an_upload_reports_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("customerID,tenure\nA-1,3\nA-2,4\n", "utf-8")
    monkeypatch.setattr(erase_rows, "atomic_write", refuse)

    with pytest.raises(StorageFull):
        erase_rows.erase(file, "A-1", ("customerID",))

    assert file.read_text("utf-8") == "customerID,tenure\nA-1,3\nA-2,4\n"
