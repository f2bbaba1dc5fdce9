"""Bytes of the data directory by kind."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine

from adapters.persistence.storage import LocalStorage


def test_every_file_is_counted_once_under_its_kind(tmp_path: Path) -> None:
    for name, size in {
        "netone.db": 100,
        "netone.db-wal": 20,
        "queue.db": 3,
        "uploads/run-1.upload": 400,
        "results/run-1/customers.parquet": 5_000,
        "results/run-1/exports/a.pdf": 60,
        "models/v1/model.json": 700,
        "trash/20261129T093900Z-1a2b3c4d/results/run-2/customers.parquet": 8_000,
        "tmp/half.csv": 9,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * size)
    (tmp_path / "uploads" / "link").symlink_to(tmp_path / "netone.db")
    (tmp_path / "elsewhere").symlink_to(tmp_path / "trash", target_is_directory=True)

    use = LocalStorage(tmp_path, create_engine("sqlite://")).use()

    assert (use.database, use.uploads, use.results, use.models, use.trash, use.other) == (
        *(120, 400, 5_060, 700, 8_000),
        12,
    )
    assert use.together == 14_292
    assert use.disk_free <= use.disk_total


def test_an_empty_directory_has_no_bytes(tmp_path: Path) -> None:
    assert LocalStorage(tmp_path, create_engine("sqlite://")).use().together == 0
