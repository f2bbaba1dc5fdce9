"""The folder of one DuckDB database, which is deleted with all that DuckDB spills into it."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from adapters.storage.room import DiskRoom
from domain.errors import StorageFull

FOLDER = "snapshots-"
"""Beginning of the names of such folders."""


@contextmanager
def scratch_folder(scratch: Path, room: DiskRoom) -> Iterator[Path]:
    """A new folder under `scratch`, readable only by this user. Raises StorageFull if DuckDB finds no room in it."""
    room.check()
    folder = scratch / f"{FOLDER}{secrets.token_hex(8)}"
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder
    except duckdb.Error as error:
        if "no space left" in str(error).lower():
            raise StorageFull from error
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)
