"""One log line and one set of metrics per request, with a request id that is returned to the client.

This WSGI middleware wraps the whole application: it also sees requests that fail before routing, and downloads until
their last byte.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars, unbind_contextvars

from entrypoints.observability import timings
from entrypoints.observability.logs import get_logger
from entrypoints.settings import Settings

ENTRY = "netone.request"
"""The key of a request's `RequestEntry` in its WSGI environment."""
FORWARDED = "netone.forwarded"
"""The key in the WSGI environment that says whether a proxy forwarded the request."""
FORWARDING_HEADERS = tuple(
    f"HTTP_{name}"
    for name in (
        *("FORWARDED", "VIA", "X_REAL_IP", "X_FORWARDED_FOR", "X_FORWARDED_BY", "X_FORWARDED_HOST"),
        *("X_FORWARDED_PORT", "X_FORWARDED_PROTO", "X_FORWARDED_SERVER", "X_FORWARDED_PREFIX"),
    )
)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET = frozenset(
    {"static", "vendor_file", "script_module", "stylesheet", "health.healthz", "health.readyz", "metrics.metrics"}
)
"""Endpoints whose requests are logged at debug level only."""

_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
log = get_logger("netone.request")

StartResponse = Callable[..., Any]
WsgiApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class RequestObserver(Protocol):
    """Counts requests."""

    def __call__(self, endpoint: str, method: str, status: int, seconds: float) -> None: ...


@dataclass(slots=True)
class RequestEntry:
    """The data collected about a request."""

    id: str
    method: str
    durations: timings.Timings
    address: str | None = None
    endpoint: str = "none"
    account: str | None = None
    status: int = 500
    bytes: int = 0
    began: float = field(default_factory=time.perf_counter)
    cpu_began: float = field(default_factory=time.thread_time)


def request_id(value: str | None) -> str:
    """The proxy's request id if it is a UUID or 32 hexadecimal digits; otherwise a new one."""
    return value if value is not None and _ID.fullmatch(value) else secrets.token_hex(16)


def register(app: Flask, settings: Settings, observe: RequestObserver) -> None:
    """Log and measure every request of this application."""
    app.wsgi_app = RequestLog(app.wsgi_app, settings, observe)  # type: ignore[method-assign]  # the way that Flask documents
    app.after_request(_note_route)


def _note_route(response: Response) -> Response:
    entry: RequestEntry | None = request.environ.get(ENTRY)
    if entry is not None:
        entry.endpoint = request.endpoint or "none"
        entry.address = request.remote_addr
        person = getattr(g, "_login_user", None)  # Flask-Login has loaded it, or the route did not need it
        account = getattr(person, "account", None)
        entry.account = str(account.id) if account is not None else None
    return response


class RequestLog:
    """The middleware."""

    def __init__(self, app: WsgiApp, settings: Settings, observe: RequestObserver) -> None:
        self._app, self._settings, self._observe = app, settings, observe

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        self._note_proxy(environ)
        method = environ.get("REQUEST_METHOD", "")
        entry = RequestEntry(
            request_id(environ.get("HTTP_X_REQUEST_ID")), method if method in METHODS else "OTHER", timings.begin()
        )
        environ[ENTRY] = entry
        bind_contextvars(request_id=entry.id)
        try:
            body = self._app(environ, self._starting(entry, start_response))
        except BaseException:
            self._end(entry)
            raise
        wrapper = environ.get("wsgi.file_wrapper")
        if isinstance(wrapper, type) and isinstance(body, wrapper):
            self._end(entry)  # a file: the server sends it after this thread has finished
            return body
        return _Counted(body, entry, self._end)

    def _note_proxy(self, environ: dict[str, Any]) -> None:
        """Record whether a proxy forwarded the request; remove the headers of an unexpected proxy."""
        environ[FORWARDED] = any(header in environ for header in FORWARDING_HEADERS)
        if not self._settings.proxies:
            for header in FORWARDING_HEADERS:
                environ.pop(header, None)

    def _starting(self, entry: RequestEntry, start_response: StartResponse) -> StartResponse:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            entry.status = int(status.split(" ", 1)[0])
            announced = next((value for name, value in headers if name.lower() == "content-length"), "0")
            entry.bytes = int(announced) if announced.isdigit() else 0
            return start_response(status, [*headers, ("X-Request-Id", entry.id)], exc_info)

        return start

    def _end(self, entry: RequestEntry) -> None:
        seconds = time.perf_counter() - entry.began
        self._observe(entry.endpoint, entry.method, entry.status, seconds)
        known = self._described(entry, seconds)
        if seconds * 1000 > self._settings.slow_ms:
            log.warning("slow request", **known)
        elif entry.endpoint in QUIET and entry.status < 500:
            log.debug("request", **known)
        else:
            log.info("request", **known)
        timings.end()
        unbind_contextvars("request_id")

    def _described(self, entry: RequestEntry, seconds: float) -> dict[str, object]:
        durations = entry.durations
        return {
            "endpoint": entry.endpoint,
            "method": entry.method,
            "status": entry.status,
            "account": entry.account,
            "address": entry.address if self._settings.log_addresses else None,
            "ms": _ms(seconds),
            "cpu_ms": _ms(time.thread_time() - entry.cpu_began),
            "sql_ms": _ms(durations.sql_seconds),
            "sql_count": durations.sql_count,
            "render_ms": _ms(durations.render_seconds),
            "bytes": entry.bytes,
        }


class _Counted:
    """A response body that counts its bytes and completes the request's entry when the server closes it."""

    def __init__(self, body: Iterable[bytes], entry: RequestEntry, end: Callable[[RequestEntry], None]) -> None:
        self._body, self._entry, self._end = body, entry, end
        self._sent = 0
        self._is_over = False

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._body:
            self._sent += len(chunk)
            yield chunk
        self._ended()

    def close(self) -> None:
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._ended()

    def _ended(self) -> None:
        """Called after the last byte, or when the client disconnects before it."""
        if not self._is_over:
            self._is_over = True
            self._entry.bytes = self._sent
            self._end(self._entry)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
