"""Files as they are received: looked at and gone, or kept where nothing speaks against them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from application.ports.intake import StoredUpload, Uploads
from application.ports.system import Ids


@contextmanager
def looked_at(uploads: Uploads, ids: Ids, stream: IO[bytes], *, limit: int) -> Iterator[Path]:
    """Where the file lies until the end of the block. Nothing of it is kept."""
    draft = f"check-{ids.new()}"
    try:
        uploads.receive(draft, stream, limit=limit)
        yield uploads.path(draft)
    finally:
        uploads.discard(draft)


@contextmanager
def taken_in(uploads: Uploads, upload_id: str, stream: IO[bytes], *, limit: int) -> Iterator[StoredUpload]:
    """The file as it was stored. It is kept unless the block ends in an error."""
    stored = uploads.receive(upload_id, stream, limit=limit)
    try:
        yield stored
    except BaseException:
        uploads.discard(upload_id)
        raise
