"""Names of files: they say what is inside, and every file system takes them."""

from __future__ import annotations

from datetime import date

import pytest

from domain.file_names import file_name, stem_of

DAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("predictions", "customers-2026-11", "critical"), "predictions-customers-2026-11-critical-2026-12-01.csv"),
        (("list", "Win back / May: “gold”", ""), "list-Win-back-May-gold-2026-12-01.csv"),
        (("Südost & Ηράκλειο",), "Südost-Ηράκλειο-2026-12-01.csv"),
        (("../../etc/passwd",), "etc-passwd-2026-12-01.csv"),
        (("con",), "file-con-2026-12-01.csv"),
        (("a\r\nb\0c",), "a-b-c-2026-12-01.csv"),
        (("...", " - "), "file-2026-12-01.csv"),
        (("x" * 400,), "x" * 60 + "-2026-12-01.csv"),
    ],
)
def test_a_name_is_safe_and_ends_with_the_day(parts: tuple[str, ...], name: str) -> None:
    assert file_name(*parts, ending="csv", day=DAY) == name


def test_many_parts_stay_within_the_limit_of_file_systems() -> None:
    name = file_name(*["語" * 60] * 9, ending="parquet", day=DAY)
    assert len(name.encode()) <= 255
    assert name.endswith("-2026-12-01.parquet")


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("customers-2026-11.csv", "customers-2026-11"),
        ("base.csv.gz", "base"),
        ("v1.2026", "v1.2026"),
        (".csv", ".csv"),
        ("C:\\data\\März.xlsx", "März"),
    ],
)
def test_the_stem_is_the_name_without_folder_and_endings(name: str, stem: str) -> None:
    assert stem_of(name) == stem
