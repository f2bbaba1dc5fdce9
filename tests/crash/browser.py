"""A person at the running server: logs in, sends forms, and hears whether they were accepted."""

from __future__ import annotations

import http.client
import re
import secrets
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from http.cookiejar import CookieJar
from typing import Any

from tests.crash.installation import PASSWORD

TIMEOUT = 60.0
GONE = (OSError, http.client.HTTPException)
"""What a browser gets when the server is killed while it answers."""


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    body: str

    @property
    def last(self) -> str:
        """The last part of the address that the answer leads to: an id."""
        return urllib.parse.urlsplit(self.location).path.rstrip("/").rsplit("/", 1)[-1]


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class Browser:
    """Cookies and the CSRF token of one person. Raises one of GONE where the server is gone."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._open = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar()), _NoRedirects()
        ).open

    def log_in(self, email: str) -> Answer:
        return self.post("/login", {"email": email, "password": PASSWORD})

    def get(self, path: str, *, htmx: bool = False) -> Answer:
        return self._send(urllib.request.Request(self._url + path, headers=_headers(htmx)))  # noqa: S310 (our own server)

    def post(
        self,
        path: str,
        fields: dict[str, str] | Sequence[tuple[str, str]] = (),
        *,
        file: tuple[str, bytes] | None = None,
        htmx: bool = False,
    ) -> Answer:
        pairs = list(fields.items()) if isinstance(fields, dict) else list(fields)
        headers = _headers(htmx) | {"X-CSRFToken": self._token()}
        if file is None:
            body, kind = urllib.parse.urlencode(pairs).encode(), "application/x-www-form-urlencoded"
        else:
            body, kind = _multipart(pairs, file)
        request = urllib.request.Request(self._url + path, body, headers | {"Content-Type": kind})  # noqa: S310
        return self._send(request)

    def _token(self) -> str:
        token = re.search(r'X-CSRFToken": "([^"]+)"', self.get("/no-such-page").body)
        if token is None:
            raise OSError("a page without a CSRF token")
        return token[1]

    def _send(self, request: urllib.request.Request) -> Answer:
        try:
            with self._open(request, timeout=TIMEOUT) as answer:
                return _answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return _answer(error.code, error.headers, error.read())


def _headers(htmx: bool) -> dict[str, str]:
    return {"HX-Request": "true"} if htmx else {}


def _answer(status: int, headers: Any, body: bytes) -> Answer:
    location = headers.get("Location") or headers.get("HX-Redirect") or ""
    return Answer(status, location, body.decode("utf-8", "replace"))


def _multipart(pairs: Sequence[tuple[str, str]], file: tuple[str, bytes]) -> tuple[bytes, str]:
    mark, (file_name, content) = secrets.token_hex(12), file
    head = f"--{mark}\r\nContent-Disposition: form-data; name="
    parts = [f'{head}"{name}"\r\n\r\n{value}\r\n'.encode() for name, value in pairs]
    parts.append(f'{head}"file"; filename="{file_name}"\r\nContent-Type: text/csv\r\n\r\n'.encode() + content + b"\r\n")
    return b"".join([*parts, f"--{mark}--\r\n".encode()]), f"multipart/form-data; boundary={mark}"
