"""Background load: health checks, a large file, a long queue, exports, and another person's small file."""

from __future__ import annotations

import http.client
import re
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bench.load.client import FAILED, Browser, Sample, Samples
from bench.load.installation import LoadedSite

CHECK_EVERY = 0.5
EXPORTS = 8
EXPORTS_EVERY = 60.0
STRANGER_EVERY = 30.0
QUEUE = 20
UNFINISHED = "select count(*) from runs where state in ('queued', 'running') and file_name = ?"


class HealthChecks(threading.Thread):
    """Requests `/healthz` twice a second, each time on a new connection."""

    def __init__(self, port: int, stop: threading.Event) -> None:
        super().__init__(name="health", daemon=True)
        self.samples = Samples()
        self._port, self._stop_asking = port, stop

    def run(self) -> None:
        while not self._stop_asking.wait(CHECK_EVERY):
            began, status = time.monotonic(), FAILED
            with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)) as connection:
                try:
                    connection.request("GET", "/healthz")
                    response = connection.getresponse()
                    response.read()
                    status = response.status
                except (OSError, http.client.HTTPException):
                    status = FAILED
            self.samples.add(Sample("/healthz", began, time.monotonic() - began, status))


@dataclass
class KeepBusy:
    """Uploads a file again whenever fewer than `least` of its runs are unfinished."""

    site: LoadedSite
    browser: Browser
    email: str
    file: Path
    least: int
    name: str
    uploaded: int = 0
    refused: int = 0

    def work(self, stop: threading.Event) -> None:
        self.browser.log_in(self.email)
        while not stop.is_set():
            missing = self.least - int(self.site.sql(UNFINISHED, self.file.name)[0][0])
            for _ in range(missing):
                if stop.is_set():
                    break
                answer = self.browser.upload(self.name, "/predictions", self.file)
                if answer.location.startswith("/predictions/"):
                    self.uploaded += 1
                else:
                    self.refused += 1
                    break
            stop.wait(2.0)
        self.browser.close()


@dataclass
class OrderExports:
    """Orders eight different PDFs at once, and again every minute. Downloads each when it is ready."""

    browser: Browser
    email: str
    run: str
    ordered: int = 0
    fetched: int = 0
    waits: list[float] = field(default_factory=list)

    def work(self, stop: threading.Event) -> None:
        self.browser.log_in(self.email)
        waiting: dict[str, float] = {}
        due = 0.0
        while not stop.is_set():
            if not waiting and time.monotonic() > due:
                due = time.monotonic() + EXPORTS_EVERY
                waiting = self._order()
            for poll in list(waiting):
                self._fetch(poll, waiting)
            stop.wait(2.0)
        self.browser.close()

    def _order(self) -> dict[str, float]:
        waiting = {}
        for number in range(EXPORTS):
            self.ordered += 1
            url = f"/predictions/{self.run}/export.pdf?percent={30 + self.ordered % 60}&customers={100 + number}"
            answer = self.browser.post("export order", url, htmx=True)
            match = re.search(rf"/predictions/{self.run}/exports/([0-9a-f-]+)", answer.text)
            if match:
                waiting[match[0]] = time.monotonic()
        return waiting

    def _fetch(self, poll: str, waiting: dict[str, float]) -> None:
        answer = self.browser.get("export poll", poll, htmx=True)
        if f"{poll}/file" in answer.text:
            self.waits.append(time.monotonic() - waiting.pop(poll))
            self.fetched += self.browser.get("export file", f"{poll}/file").status == 200


@dataclass(frozen=True, slots=True)
class Turn:
    """A small file of another person: seconds until it was done, and jobs that started between its upload and start."""

    seconds: float
    in_front: int


@dataclass
class Stranger:
    """Uploads a small file every half minute and waits until it is scored."""

    site: LoadedSite
    browser: Browser
    email: str
    file: Path
    turns: list[Turn] = field(default_factory=list)
    unfinished: int = 0

    def work(self, stop: threading.Event) -> None:
        self.browser.log_in(self.email)
        while not stop.wait(1.0):
            began = time.monotonic()
            answer = self.browser.upload("small upload", "/predictions", self.file)
            run = answer.location.rpartition("/")[2]
            self.unfinished += 1
            while not stop.is_set() and self._state(run) not in ("done", "failed", "cancelled"):
                stop.wait(0.2)
            if self._state(run) == "done":
                self.unfinished -= 1
                self.turns.append(Turn(time.monotonic() - began, self._in_front(run)))
            stop.wait(max(0.0, STRANGER_EVERY - (time.monotonic() - began)))
        self.browser.close()

    def _state(self, run: str) -> str:
        rows = self.site.sql("select state from runs where id = ?", run)
        return str(rows[0][0]) if rows else ""

    def _in_front(self, run: str) -> int:
        query = (
            "select count(*) from runs as other, runs as own where own.id = ? and other.id <> own.id "
            "and other.started_at > own.created_at and other.started_at < own.started_at"
        )
        return int(self.site.sql(query, run)[0][0])
