"""How the session cookie is signed."""

from __future__ import annotations

import hashlib

from flask.sessions import SecureCookieSessionInterface


class Sha256Sessions(SecureCookieSessionInterface):
    """Signs with HMAC-SHA-256; Flask's default is HMAC-SHA-1. Cookies signed otherwise are nobody's."""

    digest_method = staticmethod(hashlib.sha256)
