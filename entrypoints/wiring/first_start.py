"""The data directory and what is made in it at the first start: the key of the cookies, the cost of a password."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from adapters.security.passwords import calibrated_cost
from adapters.storage.directory import draft_of, remove_old_drafts
from entrypoints.settings import Settings


def write_privately() -> None:
    """What this process writes from now on is for its own user alone."""
    os.umask(0o077)


def prepare_folder(settings: Settings) -> None:
    """The data directory, for this program's user alone."""
    for folder in (settings.folder, settings.scratch):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    remove_old_drafts(settings.folder)


def secret_key(settings: Settings) -> str:
    """The key that signs cookies, made at the first start."""
    return _kept(settings.folder / "secret.key", lambda: secrets.token_hex(32))


def bcrypt_cost(settings: Settings) -> int:
    """As set; else measured at the first start and kept, so that every process takes as long for every password."""
    return settings.bcrypt_cost or int(_kept(settings.folder / "bcrypt-cost", lambda: str(calibrated_cost())))


def _kept(path: Path, make: Callable[[], str]) -> str:
    """What is made at the first start and kept for its owner alone; of two processes at once, the first decides."""
    if not path.exists():
        draft = draft_of(path)
        draft.touch(mode=0o600)
        draft.write_text(make(), encoding="ascii")
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="ascii").strip()
