"""Lists of breached passwords: plain words, or SHA-1 hashes in the format of Pwned Passwords."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from adapters.formatting.figures import number
from domain.errors import InvalidInput

MAX_WORDS = 5_000_000
"""Plain words in a list. Each takes 8 bytes of memory. For a longer list, use a sorted file of SHA-1 hashes."""
MAX_LINE = 512
"""Bytes per line of a list."""
SAMPLED = 200
"""Lines whose order is checked when a list of hashes is opened."""
SHA1_LINE = re.compile(rb"[0-9A-Fa-f]{40}(:\d+)?\s*")


class NoBreachedPasswords:
    """No list is configured."""

    configured = False

    def includes(self, password: str) -> bool:
        return False


class BreachedWords:
    """Plain words, one per line, compared without regard to case."""

    configured = True

    def __init__(self, path: Path) -> None:
        """Reads the whole list. Raises InvalidInput if it has more than `MAX_WORDS` lines."""
        self._hashes = _hashes_of(path)

    def includes(self, password: str) -> bool:
        target = _short_hash(password.strip().casefold().encode("utf-8", "surrogatepass"))
        place = int(np.searchsorted(self._hashes, target))
        return place < len(self._hashes) and bool(self._hashes[place] == target)


class BreachedHashes:
    """Sorted lines of SHA-1 hashes in hex, each with an optional `:count`, searched by binary search in the file."""

    configured = True

    def __init__(self, path: Path) -> None:
        """Raises InvalidInput if sampled lines are not sorted."""
        self._path = path
        self._check_sorted()

    def includes(self, password: str) -> bool:
        target = _sha1(password)
        with self._path.open("rb") as file:
            low, high = 0, os.fstat(file.fileno()).st_size
            while low < high:  # the first line that starts at or after `middle` decides which half to search
                middle = (low + high) // 2
                current = _hash_at(file, middle)
                if current == target:
                    return True
                if current is not None and current < target:
                    low = middle + 1
                else:
                    high = middle
        return False

    def _check_sorted(self) -> None:
        size = self._path.stat().st_size
        with self._path.open("rb") as file:
            places = sorted({size * step // SAMPLED for step in range(SAMPLED)})
            sampled = [sample for sample in (_hash_at(file, place) for place in places) if sample is not None]
        if sampled != sorted(sampled):
            raise InvalidInput(
                f"NETONE_BREACHED_PASSWORDS: the hashes in {self._path} are not sorted. "
                "Sort the file (sort -o FILE FILE), or download the version that is ordered by hash."
            )


def open_breached_passwords(path: Path | None) -> NoBreachedPasswords | BreachedWords | BreachedHashes:
    """The list in `path`. Its first line determines the format. Raises InvalidInput if the file cannot be read."""
    if path is None:
        return NoBreachedPasswords()
    try:
        with path.open("rb") as file:
            first = file.readline(MAX_LINE)
        return BreachedHashes(path) if SHA1_LINE.fullmatch(first) else BreachedWords(path)
    except OSError as error:
        raise InvalidInput(
            f"NETONE_BREACHED_PASSWORDS: the list {path} cannot be read ({error.strerror or error}). "
            "Correct the path, or remove the setting to run without a list."
        ) from error


def _hash_at(file: BinaryIO, place: int) -> bytes | None:
    """The hash in the first line that starts at or after `place`, in upper case; None after the last line."""
    if place:
        file.seek(place - 1)
        file.readline(MAX_LINE)
    else:
        file.seek(0)
    line = file.readline(MAX_LINE)
    return line[:40].upper() if line.strip() else None


def _hashes_of(path: Path) -> NDArray[np.uint64]:
    with path.open("rb") as file:
        words = (line.decode("utf-8", "surrogateescape").strip().casefold() for line in file)
        hashes = np.fromiter(
            (_short_hash(word.encode("utf-8", "surrogateescape")) for word in _limited(words, path)), dtype=np.uint64
        )
    hashes.sort()
    return hashes


def _limited(words: Iterable[str], path: Path) -> Iterator[str]:
    for place, word in enumerate(words):
        if place >= MAX_WORDS:
            raise InvalidInput(
                f"NETONE_BREACHED_PASSWORDS: {path} has more than {number(MAX_WORDS)} words. "
                "Use a file of SHA-1 hashes instead, which is searched on disk and may have any length."
            )
        if word:
            yield word


def _sha1(password: str) -> bytes:
    """The hash in upper-case hex, as in the lists. SHA-1 is only their format here, not a protection."""
    return hashlib.sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest().upper().encode()


def _short_hash(word: bytes) -> np.uint64:
    """The first 8 bytes of the SHA-256: among five million words, a collision has a probability of one in a million."""
    return np.uint64(int.from_bytes(hashlib.sha256(word).digest()[:8], "big"))
