"""Signing of the session cookie."""

from __future__ import annotations

import hashlib

from flask.sessions import SecureCookieSessionInterface


class Sha256Sessions(SecureCookieSessionInterface):
    """Signs with HMAC-SHA-256; Flask's default is HMAC-SHA-1. Cookies with another signature are ignored."""

    digest_method = staticmethod(hashlib.sha256)
