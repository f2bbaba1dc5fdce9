"""Run by test_full_disk.py in a new mount namespace: an installation on a small disk that gets full.

Prints what each request answered as one JSON object.
"""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.ports import ports_of
from domain.account import Role, system_account
from domain.actor import Actor
from domain.run import RunId
from domain.training import TrainingRequest
from entrypoints.application import Application
from entrypoints.bootstrap import create_application
from entrypoints.settings import Settings
from tests.fakes.security import FixedClock
from tests.integration.web.conftest import PASSWORD, Browser, JobsLeftAlone

MIB = 1024**2
EMAIL = "branch@telco.example.com"


def customers(rows: int = 300) -> bytes:
    lines = ["customerID,tenure,Contract,MonthlyCharges,Churn"]
    for n in range(rows):
        leaves = (n * 7919) % 100 < (55 if n % 2 == 0 else 8)
        contract = "Month-to-month" if n % 2 == 0 else "Two year"
        lines.append(f"{n:05d}-AAAAA,{(n * 13) % 72},{contract},{20 + (n * 31) % 90},{'Yes' if leaves else 'No'}")
    return "\n".join(lines).encode()


class SmallDisk:
    """Other programs' files beside the data directory."""

    def __init__(self, folder: Path) -> None:
        self.filler = folder / "filler"

    def fill(self) -> None:
        """To the last byte."""
        with self.filler.open("ab", buffering=0) as file:
            for size in (MIB, 4096, 1):
                try:
                    while True:
                        file.write(b"\0" * size)
                except OSError:
                    continue

    def leave(self, free: int) -> None:
        self.fill()
        with self.filler.open("r+b") as file:
            file.truncate(max(0, self.filler.stat().st_size - free))

    def empty(self) -> None:
        self.filler.unlink(missing_ok=True)


def scored(application: Application, by: Any, name: str) -> RunId:
    run = application.predictions.submit_scoring(io.BytesIO(customers()), name, by=Actor(by))
    done = application.predictions.score_run(run.id)
    assert done is not None
    assert done.error is None, done.error
    return run.id


def main(folder: Path) -> dict[str, Any]:
    settings = Settings(data_dir=folder / "data", bcrypt_cost=4, test=True, reserve_bytes=16 * MIB)
    app = create_application(settings, jobs=JobsLeftAlone())
    application: Application = app.extensions["netone"]
    analyst = application.administration.add_account(
        "North", EMAIL, PASSWORD, Role.ANALYST, by=Actor(system_account(application.now()))
    )
    request = TrainingRequest(algorithm="logistic", effort="low")
    application.models.train_model(
        application.models.submit_training(io.BytesIO(customers()), "l.csv", request, by=Actor(analyst)).id
    )
    runs = [scored(application, analyst, f"{number}.csv") for number in range(2)]
    application.maintenance.keep_reserve()
    disk, said = SmallDisk(folder), dict[str, Any]()
    said["reserve file"] = (settings.folder / "reserve").stat().st_size

    stopped = application.predictions.submit_scoring(io.BytesIO(customers()), "stopped.csv", by=Actor(analyst))
    disk.leave(2 * MIB)
    failed = application.predictions.score_run(stopped.id)
    assert failed is not None
    said["stopped run"] = [failed.state.value, failed.error]
    said["reserve file is kept"] = (settings.folder / "reserve").exists()

    disk.fill()
    browser = Browser(app)
    said["log in"] = browser.log_in(EMAIL).status_code
    said["reserve file is released"] = not (settings.folder / "reserve").exists()
    upload = browser.post(
        "/predictions", {"file": (io.BytesIO(customers()), "more.csv")}, content_type="multipart/form-data"
    )
    said["upload"] = [upload.status_code, upload.headers.get("Retry-After"), upload.get_data(as_text=True)]
    said["history"] = browser.get("/history").status_code
    said["csv"] = browser.get(f"/predictions/{runs[0]}/export.csv").status_code
    said["pdf"] = browser.get(f"/predictions/{runs[0]}/export.pdf").status_code
    said["delete"] = browser.post(f"/predictions/{runs[0]}/delete", {"sure": "yes"}).status_code
    finish = application.predictions.finish_run_deletions
    said["deleted for good"] = replace(finish, clock=FixedClock(application.now() + timedelta(seconds=30)))()
    said["left of it"] = [str(path) for path in settings.folder.rglob(f"*{runs[0]}*")]
    said["gone"] = browser.get(f"/predictions/{runs[0]}").status_code

    disk.empty()
    application.maintenance.keep_reserve()
    said["reserve file is back"] = (settings.folder / "reserve").exists()
    again = browser.post(f"/predictions/{stopped.id}/retry")
    said["retry"] = again.status_code
    with ports_of(application).new_reading() as uow:
        (queued,) = uow.runs.unfinished()
    rerun = application.predictions.score_run(queued.id)
    assert rerun is not None
    said["run again"] = rerun.state.value
    return said


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]))) + "\n")
