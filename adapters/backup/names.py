"""Names of files in an archive. They are the files' relative paths in the data directory."""

from __future__ import annotations

import json
import re
from pathlib import Path

DATABASE, KEY = "netone.db", "secret.key"
INSTALLATION, MARK = "installation.json", "installation.mark"
MANIFEST, SEAL = "manifest.json", "manifest.sha256"
MODELS, RESULTS, UPLOADS = "models", "results", "uploads"
FOLDERS = (MODELS, RESULTS, UPLOADS)
_SINGLE = frozenset({DATABASE, KEY, INSTALLATION})
_PART = r"[0-9A-Za-z_][0-9A-Za-z._-]*"
_IN_FOLDER = re.compile(rf"(?:models|results)/{_PART}/{_PART}|uploads/{_PART}", re.ASCII)


def is_safe(name: str) -> bool:
    """Whether an archive may contain a file of this name: a known path without "..", absolute or hidden parts."""
    return name in _SINGLE or _IN_FOLDER.fullmatch(name) is not None


def installation_of(folder: Path) -> str | None:
    """The id of the installation in this data directory; None if it has no readable id."""
    try:
        identifier = json.loads((folder / INSTALLATION).read_text("utf-8"))["id"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return identifier if isinstance(identifier, str) else None
