"""Host names under which the site is answered, and addresses of clients: checked before Flask sees them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any

from werkzeug.wrappers import Response

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
"""Answered, with any port, where the site is bound to this machine and no names are configured."""
UNKNOWN_ADDRESS = "unknown"
MAX_HOST = 253
HOST = re.compile(r"(?P<name>[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?\.?|\[[a-f0-9:.]+\])(?::\d{1,5})?", re.IGNORECASE)
MAX_LABEL = 63
REFUSAL = (
    "This host name is not served here. If it is one of yours, an administrator can add it to NETONE_ALLOWED_HOSTS.\n"
)


class KnownHosts:
    """Answers 400 to a request whose Host is malformed or, where names are configured, not one of them."""

    def __init__(self, app: WsgiApp, allowed: Iterable[str], headers: dict[str, str]) -> None:
        """`headers` go along with the refusal. An allowed name that begins with a dot includes its subdomains."""
        self._app, self._headers = app, headers
        self._allowed = tuple(_bare(name) for name in allowed)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        given = environ.get("HTTP_HOST")
        environ["REMOTE_ADDR"] = known_address(environ.get("REMOTE_ADDR"))
        if given is None or self._serves(given):  # without a Host, addresses are made from the server's own name
            return self._app(environ, start_response)
        refusal = Response(REFUSAL, 400, self._headers, mimetype="text/plain")
        return refusal(environ, start_response)

    def _serves(self, given: str) -> bool:
        found = HOST.fullmatch(given) if len(given) <= MAX_HOST else None
        if found is None or any(len(label) > MAX_LABEL or not label for label in _bare(found["name"]).split(".")):
            return False
        name = _bare(found["name"])
        return not self._allowed or any(
            name == own or (own.startswith(".") and name.endswith(own)) for own in self._allowed
        )


def _bare(name: str) -> str:
    """In lower case, without port and final dot."""
    name = name.strip().lower()
    return (name if name.endswith("]") else re.sub(r":\d+$", "", name)).rstrip(".")


def is_local(host: str) -> bool:
    """Whether the host, with or without port, is a name of this machine."""
    return _bare(host) in LOCAL_HOSTS


def known_address(given: str | None) -> str:
    """The IP address as it is usually written, without port and zone; "unknown" for anything else."""
    text = (given or "").strip()
    bracketed = re.fullmatch(r"\[([^\]]+)\](?::\d+)?", text)
    with_port = re.fullmatch(r"([\d.]+):\d+", text)
    bare = (bracketed or with_port)[1] if bracketed or with_port else text  # type: ignore[index]
    try:
        return str(ip_address(bare.partition("%")[0]))
    except ValueError:
        return UNKNOWN_ADDRESS
