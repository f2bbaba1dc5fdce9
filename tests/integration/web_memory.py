"""Run by test_web_memory.py: what one request after another adds to the memory of a web process.

`python -m tests.integration.web_memory prepare FOLDER ROWS` makes the installation and the files; `… measure FOLDER`
answers requests in a fresh process and prints, as one JSON object, each one's status and peak growth in MiB.
"""

from __future__ import annotations

import json
import random
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from werkzeug.test import TestResponse

from application.ports.runs import RunQuery
from bench.ports import ports_of
from domain.account import Role, system_account
from domain.actor import Actor
from domain.run import RunId
from domain.training import TrainingRequest
from entrypoints.application import Application
from entrypoints.bootstrap import create_application
from entrypoints.settings import Settings
from tests.integration.web.conftest import PASSWORD, Browser, JobsLeftAlone

EMAIL = "boss@telco.example.com"
MIB = 1024**2
BOMB = 128
"""MiB to which a small file unpacks. Held in memory, it would be noticed: no request may add 100."""
NAMES = ("customerID", "tenure", "Contract", "MonthlyCharges", "TechSupport", "PaymentMethod", "Churn")


def customers(path: Path, rows: int, *, extra: int = 0) -> None:
    draw = random.Random(7)
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join([*NAMES, *(f"other_{n}" for n in range(extra))]) + "\n")
        others = "".join(f",{n % 97}" for n in range(extra))
        for n in range(rows):
            monthly = draw.random() < 0.5
            left = draw.random() < (0.45 if monthly else 0.08)
            file.write(
                f"{n:07d}-AAAAA,{draw.randrange(72)},{'Month-to-month' if monthly else 'Two year'},"
                f"{20 + draw.random() * 90:.2f},{draw.choice(('Yes', 'No'))},{draw.choice(('Card', 'Check', 'Bank'))},"
                f"{'Yes' if left else 'No'}{others}\n"
            )


def packed(start: bytes, block: bytes, times: int) -> bytes:
    """One gzip stream of `start` and `times` blocks. A block is compressed once, apart from what is before it."""
    packing = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    first = packing.compress(start) + packing.flush(zlib.Z_FULL_FLUSH)
    raw = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    repeated = raw.compress(block) + raw.flush(zlib.Z_FULL_FLUSH)
    check = zlib.crc32(start)
    for _ in range(times):
        check = zlib.crc32(block, check)
    size = (len(start) + times * len(block)) % 2**32
    end = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS).flush()
    return first + repeated * times + end + struct.pack("<II", check, size)


def hostile(folder: Path) -> None:
    """Small files that unpack to a lot, one line without an end, and a text in every cell."""
    header = ",".join(NAMES).encode() + b"\n"
    row = b"7,12,Two year,55.5,Yes,Card,No\n8,13,Month-to-month,65.5,No,Card,Yes\n"
    (folder / "bomb.csv.gz").write_bytes(packed(header, row * (MIB // len(row)), BOMB))
    (folder / "one-line.csv.gz").write_bytes(packed(header, b"x" * MIB, BOMB))
    (folder / "quote.csv").write_bytes(",".join(NAMES).encode() + b'\n1,"' + b"a\n" * (20 * MIB))
    # held as a text for each cell, 2.5 million of at least 52 bytes each, it would take 130 MB
    (folder / "wide.csv").write_text(
        ",".join(["customerID", "Churn", *(f"c{n}" for n in range(2_498))])
        + "\n"
        + "".join(f"{n},{'Yes' if n % 3 else 'No'}" + ",3.25" * 2_498 + "\n" for n in range(1_000))
    )
    long = "x" * 60_000
    (folder / "long-cells.csv").write_text(
        ",".join(NAMES) + "\n" + "".join(f"{n},1,{long},5,Yes,{long},No\n" for n in range(300))
    )


def web_application(folder: Path) -> Any:
    return create_application(
        Settings(data_dir=folder / "data", bcrypt_cost=4, test=True, reserve_bytes=0), jobs=JobsLeftAlone()
    )


def prepare(folder: Path, rows: int) -> None:
    folder.mkdir(exist_ok=True)
    application: Application = web_application(folder).extensions["netone"]
    boss = application.administration.add_account(
        "Boss", EMAIL, PASSWORD, Role.ADMIN, by=Actor(system_account(application.now()))
    )
    customers(folder / "labelled.csv", 5_000)
    customers(folder / "large.csv", rows)
    customers(folder / "extra.csv", 2_400, extra=1_000)  # a text for each cell would take 125 MB
    hostile(folder)
    request = TrainingRequest(algorithm="logistic", effort="low")
    with (folder / "labelled.csv").open("rb") as stream:
        application.models.train_model(
            application.models.submit_training(stream, "labelled.csv", request, by=Actor(boss)).id
        )
    for name in ("labelled.csv", "large.csv", "extra.csv"):
        with (folder / name).open("rb") as stream:
            done = application.predictions.score_run(
                application.predictions.submit_scoring(stream, name, by=Actor(boss)).id
            )
        assert done is not None
        assert done.error is None, done.error


def status(field: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    raise LookupError(field)


def grown(work: Callable[[], Any]) -> float:
    """MiB between what the process had and its highest point meanwhile."""
    Path("/proc/self/clear_refs").write_text("5")  # the highest point begins again here
    before = status("VmRSS")
    work()
    return round(status("VmHWM") - before, 1)


def form(path: Path, **fields: str) -> dict[str, Any]:
    stream: IO[bytes] = path.open("rb")
    return {"file": (stream, path.name), **fields}


class Measured:
    """A browser's requests: status, and MiB by which each made the process grow."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.requests: dict[str, tuple[int, float]] = {}

    def get(self, name: str, url: str) -> None:
        self._note(name, lambda: self.browser.get(url, buffered=False))

    def htmx(self, name: str, url: str) -> None:
        self._note(name, lambda: self.browser.htmx(url, buffered=False))

    def post(self, name: str, url: str, data: dict[str, Any], **options: Any) -> None:
        self._note(name, lambda: self.browser.post(url, data, **options))

    def _note(self, name: str, ask: Callable[[], TestResponse]) -> None:
        statuses = []

        def work() -> None:
            answer = ask()
            for _ in answer.iter_encoded():  # as a server sends it, piece by piece
                pass
            answer.close()
            statuses.append(answer.status_code)

        growth = grown(work)
        self.requests[name] = (statuses[0], growth)


def measure(folder: Path) -> dict[str, tuple[int, float]]:
    app = web_application(folder)
    browser = Browser(app)
    browser.log_in(EMAIL)
    application: Application = app.extensions["netone"]
    with ports_of(application).new_reading() as uow:
        runs = {run.file_name: run.id for run in uow.runs.find(RunQuery(limit=9)).runs}
    small = f"/predictions/{runs['labelled.csv']}"
    training = {"algorithm": "logistic", "effort": "low", "horizon": "a month"}
    for url in (small, "/insights", "/history", f"{small}/customers/9", f"{small}/export.csv"):
        browser.get(url)  # libraries are loaded once
    browser.post("/models/new/check", form(folder / "labelled.csv", **training), **MULTIPART)
    asked = Measured(browser)
    asked.post("a customer's data", "/admin/customers/export", {"customer_id": "0000007-AAAAA"})
    asked.post("erase a customer", "/admin/customers/erase/confirmed", {"customer_id": "0000007-AAAAA"})
    for path in sorted(folder.glob("*.csv*")):
        asked.post(f"check for training, {path.name}", "/models/new/check", form(path, **training), **MULTIPART)
        asked.post(f"check for scoring, {path.name}", "/predictions/check", form(path), **MULTIPART)
        asked.post(f"submit, {path.name}", "/predictions", form(path), **MULTIPART)
        asked.post(f"train, {path.name}", "/models/new", form(path, **training), **MULTIPART)
    for name in ("large.csv", "extra.csv"):
        reading(asked, name, runs[name])
    asked.get("compare", f"/history/compare?a={runs['labelled.csv']}&b={runs['large.csv']}")
    asked.get("my data", "/profile/my-data.json")
    asked.get("uploads", "/admin/uploads")
    asked.get("raw upload", f"/admin/uploads/{runs['large.csv']}/download")
    return asked.requests


MULTIPART = {"content_type": "multipart/form-data"}


def reading(asked: Measured, name: str, run_id: RunId) -> None:
    """Every page about a run."""
    here = f"/predictions/{run_id}"
    for page in ("", "?sort=gain", "?sort=id", "?q=77", "?attr=Contract&level=Two+year", "/customers/9", "/export.csv"):
        asked.get(f"result{page}, {name}", here + page)
    for page in ("/export.csv?with_input=1", "/export.csv?q=77&with_input=1", "/export.xlsx?q=77", "/export.pdf"):
        asked.get(f"result{page}, {name}", here + page)
    asked.get(f"insights, {name}", f"/insights?run={run_id}&attribute=Contract")
    for part in ("attribute", "segments", "together"):
        url = f"/insights/{part}?run={run_id}&attribute=tenure&first=Contract&second=tenure&filter=Two+year"
        asked.htmx(f"insights/{part}, {name}", url)
    asked.post(f"what if, {name}", f"{here}/customers/9/what-if", {"MonthlyCharges": "20"}, htmx=True)


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        sys.stdout.write(json.dumps(measure(Path(sys.argv[2]))) + "\n")
