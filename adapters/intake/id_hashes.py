"""Hashes of ids, and what a file's ids have in common with those that a model learned from."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from domain.training_overlap import MIN_COMPARED_IDS, IdFingerprint

Hashes = NDArray[np.uint64]

_SEED = 20261122
MAX_SAMPLED = 2**15
"""Ids of the training file that the fingerprint is made of, which bounds its size to 32 KB."""
GROUPS_PER_ID = 4
MAX_COMPARED = 2**16
"""Ids of a scored file that are kept for the comparison."""


class IdHasher:
    """64-bit multilinear hash of texts: a random odd weight per byte, the same in every process."""

    def __init__(self) -> None:
        self._weights = np.empty(0, np.uint64)

    def __call__(self, texts: Any) -> Hashes:
        """Uses offsets and bytes of the Arrow string array, so that no Python object is created per text."""
        _, offsets_buffer, bytes_buffer = texts.buffers()
        offsets = np.frombuffer(offsets_buffer, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
        lengths: NDArray[np.int64] = np.diff(offsets)
        text = np.frombuffer(bytes_buffer or b"", np.uint8)[offsets[0] : offsets[-1]]
        self._reach(int(lengths.max()))
        hashed: Hashes = lengths.astype(np.uint64) * self._weights[0]
        if len(text) == 0:
            return hashed
        if lengths.min() == lengths.max():
            cells = text.reshape(len(texts), -1).astype(np.uint64)
            hashed += cells @ self._weights[1 : 1 + cells.shape[1]]
            return hashed
        place = np.arange(len(text)) - np.repeat(offsets[:-1] - offsets[0], lengths)
        sums = np.zeros(len(text) + 1, np.uint64)
        np.cumsum(text * self._weights[1 + place], out=sums[1:])
        hashed += np.diff(sums[offsets - offsets[0]])
        return hashed

    def _reach(self, longest: int) -> None:
        if longest + 1 > len(self._weights):
            size = max(64, 2 * (longest + 1))
            rng = np.random.default_rng(_SEED)
            self._weights = rng.integers(0, 2**64, size, dtype=np.uint64, endpoint=False) | np.uint64(1)


def with_months(hashes: Hashes, months: Any) -> Hashes:
    """Hashes of ids together with their months (Arrow strings "YYYY-MM", null where unknown)."""
    texts = pc.fill_null(months.cast(pa.string()), "")
    return hashes if not len(hashes) else mixed(hashes) + IdHasher()(texts)


def fingerprint_of(hashes: Hashes, *, file_sha256: str, by_month: bool) -> IdFingerprint:
    """The fingerprint of a training file's ids. The key is made of the file's hash, so no two files share one."""
    key = int.from_bytes(hashlib.sha256(b"ids" + file_sha256.encode()).digest()[:8])
    distinct, sampled_bits = np.unique(mixed(hashes ^ np.uint64(key))), 0
    while len(distinct) > MAX_SAMPLED:
        sampled_bits += 1
        distinct = _sampled(distinct, sampled_bits)
    count = 8
    while count < GROUPS_PER_ID * len(distinct):
        count *= 2
    taken = np.zeros(count, np.uint8)
    taken[_groups(distinct, count)] = 1
    return IdFingerprint(key, sampled_bits, np.packbits(taken).tobytes(), by_month)


class CommonIds:
    """Estimates which share of a file's ids a model learned from, batch by batch."""

    def __init__(self, known: IdFingerprint | None) -> None:
        self._known, self._kept = known, list[Hashes]()
        self._sampled_bits = known.sampled_bits if known else 0
        self._count = 0

    def add(self, hashes: Hashes, months: Any | None) -> None:
        """`hashes` of a batch's ids, and the batch's months. A file without months is not compared by month."""
        if self._known is None or not len(hashes) or (self._known.by_month and months is None):
            return
        own = with_months(hashes, months) if self._known.by_month else hashes
        kept = _sampled(mixed(own ^ np.uint64(self._known.key)), self._sampled_bits)
        self._kept.append(kept)
        self._count += len(kept)
        if self._count > MAX_COMPARED:
            self._thin_out()

    def _thin_out(self) -> None:
        distinct = np.unique(np.concatenate(self._kept))
        while len(distinct) > MAX_COMPARED // 2:
            self._sampled_bits += 1
            distinct = _sampled(distinct, self._sampled_bits)
        self._kept, self._count = [distinct], len(distinct)

    def share(self) -> float | None:
        """None without a fingerprint, or with too few ids. Ids that only share a group with others are deducted."""
        if self._known is None or not self._kept:
            return None
        distinct = np.unique(np.concatenate(self._kept))
        if len(distinct) < MIN_COMPARED_IDS:
            return None
        taken = np.unpackbits(np.frombuffer(self._known.groups, np.uint8))
        by_chance = float(taken.mean())
        common = float(taken[_groups(distinct, len(taken))].mean())
        return min(1.0, max(0.0, (common - by_chance) / (1.0 - by_chance))) if by_chance < 1.0 else None


def mixed(hashes: Hashes) -> Hashes:
    """SplitMix64's finaliser: a bijection in which each input bit changes about half of the output bits."""
    bits = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def _sampled(hashes: Hashes, bits: int) -> Hashes:
    return hashes[hashes & np.uint64(2**bits - 1) == 0] if bits else hashes


def _groups(hashes: Hashes, count: int) -> NDArray[np.int64]:
    """The group of each hash, from its highest bits."""
    return (hashes >> np.uint64(64 - count.bit_length() + 1)).astype(np.int64)
