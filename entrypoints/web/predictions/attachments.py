"""Names of downloads, whatever their file was called."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote


def attachment(name: str) -> str:
    """A Content-Disposition that cannot be broken out of, in ASCII and in UTF-8."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_. ") else "_" for c in name).strip(". ") or "download"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def stem(file_name: str) -> str:
    """A run's name as the beginning of a download's."""
    return Path(file_name).stem[:120] or "prediction"
