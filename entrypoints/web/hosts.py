"""Checks the Host header and client addresses of requests before Flask sees them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any

from werkzeug.wrappers import Response

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
"""Names accepted with any port if the site is bound to loopback and no host names are configured."""
UNKNOWN_ADDRESS = "unknown"
MAX_HOST = 253
HOST = re.compile(r"(?P<name>[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?\.?|\[[a-f0-9:.]+\])(?::\d{1,5})?", re.IGNORECASE)
MAX_LABEL = 63
REFUSAL = (
    "This host name is not served here. If it is one of yours, an administrator can add it to NETONE_ALLOWED_HOSTS.\n"
)


class KnownHosts:
    """Answers 400 if the Host header is malformed or not one of the configured names."""

    def __init__(self, app: WsgiApp, allowed: Iterable[str], headers: dict[str, str]) -> None:
        """`headers` are added to the 400 response. An allowed name that starts with a dot includes its subdomains."""
        self._app, self._headers = app, headers
        self._allowed = tuple(_bare(name) for name in allowed)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        value = environ.get("HTTP_HOST")
        environ["REMOTE_ADDR"] = known_address(environ.get("REMOTE_ADDR"))
        if value is None or self._serves(value):  # without a Host header, URLs use the server's own name
            return self._app(environ, start_response)
        refusal = Response(REFUSAL, 400, self._headers, mimetype="text/plain")
        return refusal(environ, start_response)

    def _serves(self, value: str) -> bool:
        match = HOST.fullmatch(value) if len(value) <= MAX_HOST else None
        if match is None or any(len(label) > MAX_LABEL or not label for label in _bare(match["name"]).split(".")):
            return False
        name = _bare(match["name"])
        return not self._allowed or any(
            name == own or (own.startswith(".") and name.endswith(own)) for own in self._allowed
        )


def _bare(name: str) -> str:
    """The host name in lower case, without port and trailing dot."""
    name = name.strip().lower()
    return (name if name.endswith("]") else re.sub(r":\d+$", "", name)).rstrip(".")


def is_local(host: str) -> bool:
    """Whether the host, with or without port, is a name of this machine."""
    return _bare(host) in LOCAL_HOSTS


def known_address(value: str | None) -> str:
    """The IP address in normal form, without port and zone; "unknown" if it is invalid."""
    text = (value or "").strip()
    marked = re.fullmatch(r"\[([^\]]+)\](?::\d+)?", text) or re.fullmatch(r"([\d.]+):\d+", text)
    bare = marked[1] if marked else text
    try:
        return str(ip_address(bare.partition("%")[0]))
    except ValueError:
        return UNKNOWN_ADDRESS
