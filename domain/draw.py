"""Random draws that anybody with the campaign's key can repeat: a keyed hash of campaign and customer decides.

No list of drawn customers has to be kept, and the order of the customers does not matter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

PURPOSE_CONTROL = "control"
PURPOSE_SECOND = "second"


def lot(key: str, purpose: str, subject: str) -> int:
    """A number in [0, 2⁶⁴), uniform over keys and independent between purposes. BLAKE2b with a key (RFC 7693)."""
    text = f"{purpose}\x00{subject}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8, key=key.encode()[:64]).digest(), "big")


def drawn(key: str, purpose: str, customers: Sequence[str], strata: Sequence[int], share: float) -> frozenset[int]:
    """Positions of a random share of the customers, drawn within each stratum.

    Everybody is drawn with exactly the probability `share`. A stratum of n customers gives ⌊share·n⌋ or one more, and
    all strata together share·N, rounded up or down: the fractions are joined along the strata from a random start
    (systematic rounding; Särndal, Swensson & Wretman, Model Assisted Survey Sampling, 1992, §3.4).
    """
    members: dict[int, list[int]] = {}
    for place, stratum in enumerate(strata):
        members.setdefault(stratum, []).append(place)
    reached = lot(key, purpose, "\x00start") / 2.0**64
    taken: list[int] = []
    for stratum in sorted(members):
        places = sorted(members[stratum], key=lambda place: (lot(key, purpose, customers[place]), customers[place]))
        before, reached = int(reached), reached + share * len(places)
        taken += places[: int(reached) - before]
    return frozenset(taken)


def risk_fifths(probabilities: Sequence[float], fifths: int = 5) -> list[int]:
    """The risk fifth of each member, 1 (lowest) to 5 (highest); members of equal risk in the order given."""
    order = sorted(range(len(probabilities)), key=lambda place: probabilities[place])
    fifth = [0] * len(order)
    for rank, place in enumerate(order):
        fifth[place] = rank * fifths // len(order) + 1
    return fifth
