"""The session cookie: how it is signed, and which responses carry it."""

from __future__ import annotations

import hashlib

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

from entrypoints.web.access import UNGUARDED

FILES_FOUND = (200, 206, 304)


class Sha256Sessions(SecureCookieSessionInterface):
    """Signs with HMAC-SHA-256; Flask's default is HMAC-SHA-1. Cookies with another signature are ignored."""

    digest_method = staticmethod(hashlib.sha256)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Files of the front end are the same for everybody. With a cookie, or varying by it, no cache keeps them."""
        if request.endpoint in UNGUARDED and response.status_code in FILES_FOUND:
            return
        super().save_session(app, session, response)
