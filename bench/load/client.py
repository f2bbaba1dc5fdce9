"""A browser for load tests: cookies, the CSRF token, and the time of every request."""

from __future__ import annotations

import http.client
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

PASSWORD = "correct horse battery staple 9"  # noqa: S105 (of test accounts)
TIMEOUT = 120.0
"""Seconds after which a request counts as failed."""
FAILED = 0
"""The status of a request without an answer."""
BLOCK = 256 * 1024
Body = bytes | Iterator[bytes] | None


@dataclass(frozen=True, slots=True)
class Sample:
    """One request: its name, start time (monotonic), duration in seconds, and status."""

    name: str
    at: float
    seconds: float
    status: int


@dataclass
class Samples:
    """Collects the requests of all browsers."""

    kept: list[Sample] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, sample: Sample) -> None:
        with self.lock:
            self.kept.append(sample)

    def all(self) -> list[Sample]:
        with self.lock:
            return list(self.kept)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: status, text, and redirect target."""

    status: int
    text: str = ""
    location: str = ""


class Browser:
    """One person's browser. A failed request has the status `FAILED` and raises no exception."""

    def __init__(self, port: int, samples: Samples) -> None:
        self._port, self._samples = port, samples
        self._connection: http.client.HTTPConnection | None = None
        self._cookie = self._token = ""

    def get(self, name: str, url: str, *, htmx: bool = False) -> Answer:
        return self._ask(name, "GET", url, lambda: None, {"HX-Request": "true"} if htmx else {})

    def post(self, name: str, url: str, *, htmx: bool = False, **fields: str) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} | ({"HX-Request": "true"} if htmx else {})
        body = urlencode(fields).encode()
        return self._ask(name, "POST", url, lambda: body, headers)

    def upload(self, name: str, url: str, file: Path, **fields: str) -> Answer:
        """Send a file like a form, reading it from disk in blocks."""
        edge = uuid.uuid4().hex
        field = f'--{edge}\r\nContent-Disposition: form-data; name="{{}}"\r\n\r\n{{}}\r\n'
        head = "".join(field.format(key, value) for key, value in fields.items())
        head += f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n'
        tail = f"\r\n--{edge}--\r\n"
        size = len(head) + file.stat().st_size + len(tail)
        headers = {"Content-Type": f"multipart/form-data; boundary={edge}", "Content-Length": str(size)}
        return self._ask(name, "POST", url, lambda: _blocks(head, file, tail), headers)

    def log_in(self, email: str) -> Answer:
        self.get("login page", "/login")
        self.post("login", "/login", email=email, password=PASSWORD)
        return self.get("dashboard", "/dashboard")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, name: str, method: str, url: str, body: Callable[[], Body], headers: dict[str, str]) -> Answer:
        began = time.monotonic()
        try:
            answer = self._tried_twice(method, url, body, headers)
        except (OSError, http.client.HTTPException):
            self.close()
            answer = Answer(FAILED)
        self._samples.add(Sample(name, began, time.monotonic() - began, answer.status))
        return answer

    def _tried_twice(self, method: str, url: str, body: Callable[[], Body], headers: dict[str, str]) -> Answer:
        """Repeat a request once if the server closed the idle connection, as browsers do."""
        reused = self._connection is not None
        try:
            return self._exchange(method, url, body(), headers)
        except (ConnectionError, http.client.RemoteDisconnected):
            if not reused:
                raise
            self.close()
            return self._exchange(method, url, body(), headers)

    def _exchange(self, method: str, url: str, body: Body, headers: dict[str, str]) -> Answer:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT)
        own = {"Cookie": self._cookie, "X-CSRFToken": self._token}
        self._connection.request(method, url, body, headers | {k: v for k, v in own.items() if v})
        response = self._connection.getresponse()
        text = response.read().decode("utf-8", "replace")
        for cookie in response.headers.get_all("Set-Cookie") or ():
            self._cookie = cookie.partition(";")[0]
        match = re.search(r'X-CSRFToken": "([^"]+)"', text)
        self._token = match[1] if match else self._token
        if response.will_close:
            self.close()
        location = response.headers.get("Location") or response.headers.get("HX-Redirect") or ""
        return Answer(response.status, text, location)


def _blocks(head: str, file: Path, tail: str) -> Iterator[bytes]:
    yield head.encode()
    with file.open("rb") as stream:
        while block := stream.read(BLOCK):
            yield block
    yield tail.encode()
