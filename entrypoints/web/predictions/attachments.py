"""Safe file names of downloads."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote


def attachment(name: str) -> str:
    """A Content-Disposition header with the name in ASCII and UTF-8, safe against header injection."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_. ") else "_" for c in name).strip(". ") or "download"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def stem(file_name: str) -> str:
    """A run's name without extension, as the start of a download's name."""
    return Path(file_name).stem[:120] or "prediction"
