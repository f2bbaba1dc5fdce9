"""Files as they are received: looked at and gone, or kept where nothing speaks against them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from application.ports.intake import StoredUpload, Uploads
from application.ports.persistence import UnitOfWork
from application.ports.system import Ids
from application.use_cases.access import NewUnitOfWork
from application.use_cases.disposal import expect_upload


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
def taken_in(
    new_uow: NewUnitOfWork, uploads: Uploads, upload_id: str, stream: IO[bytes], *, now: datetime
) -> Iterator[StoredUpload]:
    """The file as it was stored. Raises FileRefused for one too large.

    It is written down beforehand that the file goes unless somebody claims it: a process that is killed meanwhile
    leaves a record of what to delete. The block calls `claim` in the transaction that adds its run or training.
    """
    with new_uow() as uow:
        limit = uow.policies.get().upload_limit
        expect_upload(uow, upload_id, now=now)
        uow.commit()
    try:
        yield uploads.receive(upload_id, stream, limit=limit)
    except BaseException:
        _give_back(new_uow, uploads, upload_id)
        raise


def claim(uow: UnitOfWork, upload_id: str) -> None:
    """The upload is listed from this transaction on: it is not to be deleted any more."""
    uow.deletions.remove_of(upload_id)


def _give_back(new_uow: NewUnitOfWork, uploads: Uploads, upload_id: str) -> None:
    """Delete what was received, unless its run or training was committed before the error."""
    with new_uow() as uow:
        if uow.uploads.get(upload_id) is not None:
            return
    uploads.discard(upload_id)
    with new_uow() as uow:
        uow.deletions.remove_of(upload_id)
        uow.commit()


def _limit(new_uow: NewUnitOfWork) -> int:
    with new_uow() as uow:
        return uow.policies.get().upload_limit


def clean_name(name: str) -> str:
    """A file name to show: no path, no control characters, at most 200 characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable()).strip()[:200] or "customers.csv"
