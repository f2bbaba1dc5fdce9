"""Access to `/metrics`: with a bearer token, or, if none is configured, directly from this machine."""

from __future__ import annotations

import hmac
import ipaddress
from urllib.parse import urlsplit

from flask import request

from entrypoints.settings import Settings
from entrypoints.web.request_log import FORWARDED

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def may_monitor(settings: Settings) -> bool:
    """Whether this request may read the metrics.

    With a token configured only the token counts. Without one, the request has to come from a loopback address, under
    a local host name, and through no proxy: behind a proxy every request comes from a loopback address.
    """
    if settings.metrics_token is not None:
        return _has_token(settings.metrics_token.get_secret_value())
    return settings.proxies == 0 and not _forwarded() and _is_loopback(request.remote_addr) and _has_local_name()


def _has_token(expected: str) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), expected.encode())


def _forwarded() -> bool:
    return bool(request.environ.get(FORWARDED, True))


def _is_loopback(address: str | None) -> bool:
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


def _has_local_name() -> bool:
    """Whether the Host is a local name. This excludes proxies that pass on the host, and DNS rebinding."""
    try:
        return urlsplit(f"//{request.host}").hostname in LOCAL_NAMES
    except ValueError:
        return False
