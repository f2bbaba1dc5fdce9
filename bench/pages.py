"""Measures the server's cost of a request with a large run, or with many runs. Prints one JSON object.

python -m bench.pages FOLDER FILE SMALL_FILE [--repeats 5] [--reports | --score]

Requests go through the web application with login, database and templates. The small file's run is opened first, so
that imports and templates do not count. Caches of the large run count only where stated. Reports are
measured in a separate process (`--reports`), and scoring in another (`--score`), so that memory is measured separately.
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

from application.use_cases.predictions.score_run import ScoreRun
from bench.measuring import in_fresh_process, peak_mb
from bench.reference import scorer_of
from domain.account import Role, system_account
from domain.actor import Actor
from domain.customer_query import CustomerQuery
from domain.run import RunId
from entrypoints.application import Application
from entrypoints.bootstrap import create_application
from entrypoints.settings import Settings

PASSWORD = "correct horse battery staple 9"  # noqa: S105 - of a test account in a temporary folder
REPORTED = 200
"""Customers in the printed report."""
RUNS = 10_000
"""Runs in the history."""


@dataclass(frozen=True)
class Site:
    """The application and a browser that is logged in."""

    application: Application
    browser: FlaskClient

    @classmethod
    def open(cls, folder: Path) -> Site:
        app = create_application(Settings(data_dir=folder / "data", bcrypt_cost=4))
        application: Application = app.extensions["netone"]
        email = f"{time.time_ns()}@telco.example.com"
        application.administration.add_account(
            "Bench", email, PASSWORD, Role.ADMIN, by=Actor(system_account(application.now()))
        )
        browser = app.test_client()
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get("/login").get_data(as_text=True))
        assert token is not None  # noqa: S101 - every form has a token
        browser.post("/login", data={"csrf_token": token[1], "email": email, "password": PASSWORD})
        return cls(application, browser)

    def refresh(self, url: str) -> Callable[[], None]:
        def ask() -> None:
            answer = self.browser.get(url, headers={"HX-Request": "true"})
            assert answer.status_code == 200, answer.get_data(as_text=True)[:500]  # noqa: S101 - otherwise the figure is not valid

        return ask

    def scored(self, file: Path, scorer: Any) -> str:
        application = self.application
        with file.open("rb") as stream:
            run = application.predictions.submit_scoring(stream, file.name, by=Actor(system_account(application.now())))
        _scoring_with(application, scorer)(run.id)
        return run.id


def _scoring_with(application: Application, scorer: Any) -> ScoreRun:
    """The use case with this scorer, independent of the run's model."""
    score_run = application.predictions.score_run
    scoring_pass = replace(score_run.scoring_pass, registry=_Registry(scorer))  # type: ignore[arg-type]  # only `scorer` is called
    return replace(score_run, scoring_pass=scoring_pass)


@dataclass(frozen=True)
class _Registry:
    own: Any

    def scorer(self, _: str) -> Any:
        return self.own


def refreshes(run: str) -> dict[str, Iterator[str]]:
    """URLs of refreshes by name. Each has a threshold, filter or attribute that was not requested before."""
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
    milliseconds = {"Insights: first opening": _cpu(site.refresh(f"/insights?run={big}")) * 1e3}
    for name, addresses in refreshes(big).items():
        samples = [_cpu(site.refresh(next(addresses))) * 1e3 for _ in range(repeats)]
        milliseconds |= {f"{name}, first": samples[0], name: float(np.median(samples[1:]))}
    return milliseconds | history(site, big, repeats=repeats)


def history(site: Site, run: str, *, repeats: int) -> dict[str, float]:
    """The list of many runs, which differ only in names and times."""
    with site.application.predictions.delete_runs.new_uow() as uow:
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
    """The printed report, with the peak memory after it."""
    by = system_account(site.application.now())
    threshold = site.application.predictions.view_run(RunId(run), by=by).run.threshold
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        query = CustomerQuery(threshold)

        def printed() -> None:
            site.application.reports.export_pdf(RunId(run), query, path / "out.pdf", by=Actor(by), customers=REPORTED)

        return {"pdf_s": _cpu(printed), "pdf_peak_mb": peak_mb()}


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
    arguments.add_argument("--reports", action="store_true", help="Reports instead of pages.")
    arguments.add_argument("--score", action="store_true", help="Only a run of the large file.")
    options = arguments.parse_args()
    site = Site.open(options.folder)
    if options.score:
        results: dict[str, Any] = {"run": site.scored(options.file, scorer_of(site.application, options.folder))}
    elif options.reports:
        files = (str(given) for given in (options.folder, options.file, options.small))
        results = reports(site, in_fresh_process("bench.pages", *files, "--score")["run"])
    else:
        scorer = scorer_of(site.application, options.folder)
        runs = [site.scored(file, scorer) for file in (options.file, options.small)]
        results = measured(site, *runs, repeats=options.repeats)
    print(json.dumps(results))


if __name__ == "__main__":
    main()
