"""A test of all files names every file that fails, and fails without files."""

from __future__ import annotations

import pytest

from tests.architecture.every_file import ROOT, for_every


def test_every_file_that_fails_is_named() -> None:
    @for_every("path", [ROOT / "README.md", ROOT / "docs" / "guide.md", ROOT / "Makefile"])
    def check(path: object, wanted: str) -> None:
        assert str(path).endswith(wanted), "another ending"

    with pytest.raises(AssertionError) as failed:
        check(wanted=".md")
    assert str(failed.value).startswith("Makefile: another ending")
    assert "README.md" not in str(failed.value)
    with pytest.raises(AssertionError, match=r"(?s)README.md: .*docs/guide.md: "):
        check(wanted="file")


def test_without_any_file_nothing_is_proved() -> None:
    @for_every("path", [])
    def check(path: object) -> None: ...

    with pytest.raises(AssertionError, match="no file is checked"):
        check()
