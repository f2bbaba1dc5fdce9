"""The SHA-256 of every file of a run's folder, written beside them before the folder gets its run's name.

The hash of the manifest itself stands in the database, so that no flipped bit goes unnoticed anywhere in the folder.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from adapters.storage.hashing import sha256_of

MANIFEST = "manifest.json"
Signature = tuple[tuple[str, int, int, int], ...]
"""Name, inode, time of the last change and size of every file: equal as long as nothing was written."""


def seal(folder: Path) -> str:
    """Write the manifest of a folder that is complete; the manifest's own SHA-256."""
    hashes = {path.name: sha256_of(path) for path in _files(folder) if path.name != MANIFEST}
    (folder / MANIFEST).write_text(json.dumps({"sha256": hashes}, indent=1), "utf-8")
    return sha256_of(folder / MANIFEST)


def fingerprint(folder: Path) -> str | None:
    """The SHA-256 of the folder's manifest; None for a folder of a version without manifests."""
    try:
        return sha256_of(folder / MANIFEST)
    except FileNotFoundError:
        return None


def damaged_files(folder: Path, *, accepted: Collection[str] = ()) -> tuple[str, ...]:
    """Names of the files that are missing or not as they were written; the manifest's where it is damaged itself.

    `accepted`: hashes that the manifest may have; without any, a folder without a manifest is taken as it is.
    """
    found = fingerprint(folder)
    if found is None:
        return (MANIFEST,) if accepted else ()
    if accepted and found not in accepted:
        return (MANIFEST,)
    try:
        listed = dict(json.loads((folder / MANIFEST).read_text("utf-8"))["sha256"])
    except (ValueError, KeyError, TypeError):
        return (MANIFEST,)
    return tuple(name for name, expected in sorted(listed.items()) if not _is(folder / name, expected))


def signature_of(folder: Path) -> Signature:
    """Raises FileNotFoundError where the folder went meanwhile."""
    stats = [(path.name, path.stat()) for path in _files(folder)]
    return tuple((name, stat.st_ino, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file())


def _is(path: Path, expected: object) -> bool:
    try:
        return sha256_of(path) == expected
    except (OSError, ValueError):
        return False
