"""Names of files that leave the product: each says what is in it, and every file system takes it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import PurePath

MAX_PART = 60
MAX_BYTES = 200
"""Bytes of a name without its day and ending. Most file systems allow 255 bytes in all."""
_UNSAFE = re.compile(r"[^\w.()+ -]+|[\x00-\x1f]")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices."""


def file_name(*parts: str, ending: str, day: date | None = None) -> str:
    """The parts joined by dashes, then the day. Empty parts are left out.

    A part may be anything that a person typed, such as the name of an uploaded file or of a campaign.
    """
    own = [text for part in parts if (text := _tidy(part))]
    stem = "-".join(own).encode()[:MAX_BYTES].decode("utf-8", "ignore").strip(" .-") or "file"
    if _RESERVED.fullmatch(stem):
        stem = f"file-{stem}"
    dated = stem if day is None else f"{stem}-{day.isoformat()}"
    return f"{dated}.{ending}"


def stem_of(name: str) -> str:
    """A file's name without its folder and endings such as .csv.gz."""
    stem = PurePath(name.replace("\\", "/")).name
    return re.sub(r"(\.[A-Za-z][A-Za-z0-9]{1,7}){1,2}$", "", stem) or stem


def _tidy(part: str) -> str:
    return re.sub(r"[\s-]+", "-", _UNSAFE.sub("-", part)).strip("-. ")[:MAX_PART].strip("-. ")
