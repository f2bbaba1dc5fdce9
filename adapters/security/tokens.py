"""Random secrets, such as those of sessions and one-time links."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_BYTES = 32


class RandomSecrets:
    """Secrets from the operating system's source of randomness."""

    def new_token(self) -> str:
        """256 bits as 43 URL-safe characters."""
        return secrets.token_urlsafe(TOKEN_BYTES)

    def digest(self, token: str) -> str:
        return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
