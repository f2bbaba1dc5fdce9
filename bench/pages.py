"""What a request costs the server when a run is big, or when there are many. Prints one JSON object.

python -m bench.pages FOLDER FILE SMALL_FILE [--repeats 5] [--reports | --score]

Through the web application, logged in, database and templates included. The small file's run is looked at first, so
that imports and templates don't count; what is remembered of the big one counts only where it is said. Reports and
downloads are made in a process of their own (`--reports`), and scored in another (`--score`), so that their memory is
theirs.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from flask.testing import FlaskClient

from application.ports.results import CustomerQuery
from bench.measuring import in_fresh_process, peak_mb
from bench.reference import scorer_of
from domain.account import Role, system_account
from domain.run import RunId
from entrypoints.bootstrap import create_application
from entrypoints.desk import Desk
from entrypoints.settings import Settings

PASSWORD = "correct horse battery staple 9"  # noqa: S105 - of a made-up account in a folder that goes away
REPORTED = 200
"""Customers in the printed report."""
RUNS = 10_000
"""Runs in the history."""


@dataclass(frozen=True)
class Site:
    """The application and a browser that is logged in."""

    desk: Desk
    browser: FlaskClient

    @classmethod
    def open(cls, folder: Path) -> Site:
        app = create_application(Settings(data_dir=folder / "data", bcrypt_cost=4))
        desk: Desk = app.extensions["netone"]
        email = f"{time.time_ns()}@telco.example.com"
        desk.add_account("Bench", email, PASSWORD, Role.ADMIN, by=system_account(desk.clock.now()))
        browser = app.test_client()
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get("/login").get_data(as_text=True))
        assert token is not None  # noqa: S101 - every form has one
        browser.post("/login", data={"csrf_token": token[1], "email": email, "password": PASSWORD})
        return cls(desk, browser)

    def refresh(self, url: str) -> Callable[[], None]:
        def ask() -> None:
            answer = self.browser.get(url, headers={"HX-Request": "true"})
            assert answer.status_code == 200, answer.get_data(as_text=True)[:500]  # noqa: S101 - else it is no figure

        return ask

    def scored(self, file: Path, scorer: Any) -> str:
        desk = self.desk
        with file.open("rb") as stream:
            run = desk.submit_scoring(stream, file.name, by=system_account(desk.clock.now()))
        replace(desk.score_run, registry=_Registry(scorer))(run.id)  # type: ignore[arg-type]
        return run.id


@dataclass(frozen=True)
class _Registry:
    own: Any

    def scorer(self, _: str) -> Any:
        return self.own


def refreshes(run: str) -> dict[str, Iterator[str]]:
    """By name, addresses of a refresh; each one's threshold, filter or attribute was not asked for before."""
    thresholds = iter(np.round(np.linspace(20, 60, 400), 1).tolist())
    month, more = "Contract=Month-to-month", "PaymentMethod=Electronic check"

    def page(path: str = "/insights", **asked: str) -> Iterator[str]:
        while True:
            at = f"&percent={next(thresholds)}&of={run}"
            yield f"{path}?run={run}{at}" + "".join(f"&{name}={value}" for name, value in asked.items())

    return {
        "Insights: threshold moved": page(),
        "Insights: filter and threshold": page(filter=month),
        "Insights: another filter": page(filter=more),
        "Insights: likely leavers alone": page(label="leaving"),
        "Insights: filter and label": page(filter="InternetService=Fiber optic", label="staying"),
        "Insights: attribute": page("/insights/attribute", attribute="MonthlyCharges"),
        "Insights: two attributes": page("/insights/together", first="tenure", second="MonthlyCharges"),
        "Insights: segments sorted": page("/insights/segments", sort="lift"),
    }


def measured(site: Site, big: str, small: str, *, repeats: int) -> dict[str, float]:
    for addresses in refreshes(small).values():
        site.refresh(next(addresses))()
    found = {"Insights: first opening": _cpu(site.refresh(f"/insights?run={big}")) * 1e3}
    for name, addresses in refreshes(big).items():
        taken = [_cpu(site.refresh(next(addresses))) * 1e3 for _ in range(repeats)]
        found |= {f"{name}, first": taken[0], name: float(np.median(taken[1:]))}
    return found | history(site, big, repeats=repeats)


def history(site: Site, run: str, *, repeats: int) -> dict[str, float]:
    """The list of many runs, all alike but for their names and times."""
    with site.desk.delete_runs.new_uow() as uow:
        one = uow.runs.get(RunId(run))
        for place in range(RUNS):
            name, at = f"month-{place:05}.csv", one.created_at - timedelta(minutes=place)
            uow.runs.add(replace(one, id=RunId(str(uuid4())), file_name=name, created_at=at))
        uow.commit()
    asked = {
        "History: first page": "/history",
        "History: deep page": f"/history?page={RUNS // 12}",
        "History: searched": "/history?q=month-0777",
        "History: filtered and sorted": "/history?state=done&period=year&sort=leaving",
    }
    site.refresh("/history?size=25")()
    times = {name: [_cpu(site.refresh(url)) * 1e3 for _ in range(repeats)] for name, url in asked.items()}
    return {name: float(np.median(taken)) for name, taken in times.items()}


def reports(site: Site, run: str) -> dict[str, float]:
    """The printed report, then a CSV as it streams; peak memory after each."""
    by = system_account(site.desk.clock.now())
    threshold = site.desk.view_run(RunId(run), by=by).run.threshold
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        query = CustomerQuery(threshold)

        def printed() -> None:
            site.desk.export_pdf(RunId(run), query, path / "out.pdf", by=by, customers=REPORTED)

        def streamed() -> None:
            answer = site.browser.get(f"/predictions/{run}/export.csv", buffered=False)
            with (path / "out.csv").open("wb") as file:
                file.writelines(answer.iter_encoded())

        return {"pdf_s": _cpu(printed), "pdf_peak_mb": peak_mb(), "csv_s": _cpu(streamed), "csv_peak_mb": peak_mb()}


def _cpu(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("file", type=Path)
    arguments.add_argument("small", type=Path)
    arguments.add_argument("--repeats", type=int, default=5)
    arguments.add_argument("--reports", action="store_true", help="Reports and downloads instead of pages.")
    arguments.add_argument("--score", action="store_true", help="Nothing but a run of the big file.")
    options = arguments.parse_args()
    site = Site.open(options.folder)
    scorer = scorer_of(site.desk, options.folder)
    if options.score:
        found: dict[str, Any] = {"run": site.scored(options.file, scorer)}
    elif options.reports:
        files = (str(given) for given in (options.folder, options.file, options.small))
        found = reports(site, in_fresh_process("bench.pages", *files, "--score")["run"])
    else:
        runs = [site.scored(file, scorer) for file in (options.file, options.small)]
        found = measured(site, *runs, repeats=options.repeats)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
