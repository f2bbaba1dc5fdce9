"""Creates the data directory and, at the first start, the cookie key and the password hashing cost."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from adapters.durable import atomic_write
from adapters.security.passwords import calibrated_cost
from adapters.storage.directory import remove_old_drafts
from entrypoints.settings import Settings


def write_privately() -> None:
    """Make files that this process creates from now on readable by its own user only."""
    os.umask(0o077)


def prepare_folder(settings: Settings) -> None:
    """Create the data directory, accessible to this process's user only."""
    for folder in (settings.folder, settings.scratch):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    remove_old_drafts(settings.folder)


def secret_key(settings: Settings) -> str:
    """The key that signs cookies; created at the first start."""
    return _read_or_create(settings.folder / "secret.key", lambda: secrets.token_hex(32))


def bcrypt_cost(settings: Settings) -> int:
    """The configured cost; otherwise measured at the first start and stored, so that all processes use the same."""
    return settings.bcrypt_cost or int(_read_or_create(settings.folder / "bcrypt-cost", lambda: str(calibrated_cost())))


def _read_or_create(path: Path, make: Callable[[], str]) -> str:
    """The content of `path`; created with `make` if missing. If two processes create it at once, the first wins."""
    if not path.exists():
        with suppress(FileExistsError), atomic_write(path, replace=False) as file:
            file.write(make().encode("ascii"))
    return path.read_text(encoding="ascii").strip()
