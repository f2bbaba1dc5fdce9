"""Codes of authenticator apps, computed with pyotp. Keys are derived and never stored."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b32encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pyotp

from domain.second_factor import CODE_DIGITS, RECOVERY_ALPHABET, RECOVERY_LENGTH

ISSUER = "NetOne Churn"
SEED_BYTES = 32
KEY_BYTES = 20
"""160 bits, as RFC 4226 recommends; 32 characters in base 32."""
_LABEL = b"netone second factor v1 "


@dataclass(frozen=True, slots=True)
class DerivedTimeCodes:
    """TOTP (RFC 6238). A key is HMAC-SHA256 of its random seed under the installation's secret, cut to 160 bits."""

    read_secret: Callable[[], str] = field(repr=False)
    """Called only when a key is needed: creating this object must not create the file with the secret."""

    def key_mark(self) -> str:
        return self._derived(b"mark").hex()[:16]

    def new_seed(self) -> str:
        return secrets.token_hex(SEED_BYTES)

    def key(self, seed: str) -> str:
        return b32encode(self._derived(b"key " + seed.encode("ascii"))[:KEY_BYTES]).decode("ascii")

    def uri(self, seed: str, *, email: str) -> str:
        return pyotp.TOTP(self.key(seed), digits=CODE_DIGITS).provisioning_uri(name=email, issuer_name=ISSUER)

    def matching_step(self, seed: str, code: str, *, steps: Sequence[int]) -> int | None:
        return matching_step(self.key(seed), code, steps=steps)

    def _derived(self, info: bytes) -> bytes:
        return hmac.new(self.read_secret().encode("utf-8"), _LABEL + info, hashlib.sha256).digest()


def matching_step(key: str, code: str, *, steps: Sequence[int], digits: int = CODE_DIGITS) -> int | None:
    """The time step that `code` belongs to; None if there is none. Compares all steps, each in constant time."""
    codes = pyotp.HOTP(key, digits=digits)
    encoded, matched = code.encode("utf-8", "surrogatepass"), None
    for step in steps:
        if hmac.compare_digest(codes.at(step).encode("ascii"), encoded):
            matched = step
    return matched


class RandomRecoveryCodes:
    """Recovery codes from the operating system's random source."""

    def new_code(self) -> str:
        return "".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(RECOVERY_LENGTH))
