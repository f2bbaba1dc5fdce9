"""Receiving files: temporary uploads that are deleted after a check, and stored uploads of runs and trainings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from application.ports.intake import StoredUpload, Uploads
from application.ports.system import Ids
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.maintenance.file_deletion import expect_upload
from application.use_cases.permissions import NewUnitOfWork

MAX_FILE_NAME_LENGTH = 200


@contextmanager
def temporary_upload(
    new_uow: NewUnitOfWork, uploads: Uploads, ids: Ids, stream: IO[bytes]
) -> Iterator[tuple[Path, StoredUpload]]:
    """The path, hash and size of an upload that is deleted at the end of the block.

    Raises FileRefused if it is too large.
    """
    draft = f"check-{ids.new()}"
    try:
        stored = uploads.receive(draft, stream, limit=_limit(new_uow))
        yield uploads.path(draft), stored
    finally:
        uploads.discard(draft)


@contextmanager
def stored_upload(
    new_uow: NewUnitOfWork, uploads: Uploads, upload_id: str, stream: IO[bytes], *, now: datetime
) -> Iterator[StoredUpload]:
    """Store an upload. Raises FileRefused if it is too large.

    A pending deletion is recorded before the file is received, so that the file is deleted if the process is killed.
    The block calls `claim`, which removes that record, in the transaction that adds its run or training.
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
    """Remove the pending deletion of an upload that now has a record."""
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
    """A file name to show: no path, no control characters, at most MAX_FILE_NAME_LENGTH characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable()).strip()[:MAX_FILE_NAME_LENGTH] or "customers.csv"
