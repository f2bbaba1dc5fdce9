"""The SHA-256 of every file in a run's folder, written into the folder before it is published.

The hash of the manifest is stored in the database, so that every changed bit in the folder is detected.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from adapters.storage.hashing import sha256_of

MANIFEST = "manifest.json"
Signature = tuple[tuple[str, int, int, int], ...]
"""Name, inode, time of the last change and size of every file. Equal as long as no file was written."""


def seal(folder: Path) -> str:
    """Write the manifest of a complete folder. Returns the manifest's SHA-256."""
    hashes = {path.name: sha256_of(path) for path in _files(folder) if path.name != MANIFEST}
    (folder / MANIFEST).write_text(json.dumps({"sha256": hashes}, indent=1), "utf-8")
    return sha256_of(folder / MANIFEST)


def fingerprint(folder: Path) -> str | None:
    """The SHA-256 of the folder's manifest; None for a folder from a version without manifests."""
    try:
        return sha256_of(folder / MANIFEST)
    except FileNotFoundError:
        return None


def damaged_files(folder: Path, *, accepted: Collection[str] = ()) -> tuple[str, ...]:
    """Names of missing or changed files; the manifest's name if the manifest is damaged.

    `accepted` are valid hashes of the manifest. Without any, a folder without a manifest counts as undamaged.
    """
    actual = fingerprint(folder)
    if actual is None:
        return (MANIFEST,) if accepted else ()
    if accepted and actual not in accepted:
        return (MANIFEST,)
    try:
        listed = dict(json.loads((folder / MANIFEST).read_text("utf-8"))["sha256"])
    except (ValueError, KeyError, TypeError):
        return (MANIFEST,)
    return tuple(name for name, expected in sorted(listed.items()) if not _matches(folder / name, expected))


def signature_of(folder: Path) -> Signature:
    """Raises FileNotFoundError if the folder was deleted in the meantime."""
    stats = [(path.name, path.stat()) for path in _files(folder)]
    return tuple((name, stat.st_ino, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file())


def _matches(path: Path, expected: object) -> bool:
    try:
        return sha256_of(path) == expected
    except (OSError, ValueError):
        return False
