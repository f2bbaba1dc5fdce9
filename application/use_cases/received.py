"""Files as they are received: looked at and gone, or kept where nothing speaks against them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from application.ports.intake import StoredUpload, Uploads
from application.ports.system import Ids
from application.use_cases.access import NewUnitOfWork


@contextmanager
def looked_at(new_uow: NewUnitOfWork, uploads: Uploads, ids: Ids, stream: IO[bytes]) -> Iterator[Path]:
    """Where the file lies until the end of the block. Nothing of it is kept. Raises FileRefused for one too large."""
    draft = f"check-{ids.new()}"
    try:
        uploads.receive(draft, stream, limit=_limit(new_uow))
        yield uploads.path(draft)
    finally:
        uploads.discard(draft)


@contextmanager
def taken_in(new_uow: NewUnitOfWork, uploads: Uploads, upload_id: str, stream: IO[bytes]) -> Iterator[StoredUpload]:
    """The file as it was stored. It is kept unless the block ends in an error. Raises FileRefused for one too large."""
    stored = uploads.receive(upload_id, stream, limit=_limit(new_uow))
    try:
        yield stored
    except BaseException:
        uploads.discard(upload_id)
        raise


def _limit(new_uow: NewUnitOfWork) -> int:
    with new_uow() as uow:
        return uow.policies.get().upload_limit


def clean_name(name: str) -> str:
    """A file name to show: no path, no control characters, at most 200 characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable()).strip()[:200] or "customers.csv"
