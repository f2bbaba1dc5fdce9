"""What a request costs the server when a run is big: Insights, reports, downloads. Prints one JSON object.

python -m bench.pages FOLDER FILE SMALL_FILE [--repeats 5]

Through the web application, logged in, database and templates included. The small file's run is looked at first, so
that imports and templates don't count; what is remembered of the big one counts only where it is said.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from flask.testing import FlaskClient

from application.ports.results import CustomerQuery
from bench.measuring import peak_mb
from bench.reference import scorer_of
from domain.account import Role, system_account
from entrypoints.bootstrap import create_application
from entrypoints.desk import Desk
from entrypoints.settings import Settings

PASSWORD = "correct horse battery staple 9"  # noqa: S105 - of a made-up account in a folder that goes away
REPORTED = 200
"""Customers in the printed report."""


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


def measured(site: Site, big: str, small: str, *, repeats: int) -> dict[str, Any]:
    for addresses in refreshes(small).values():
        site.refresh(next(addresses))()
    found: dict[str, Any] = {
        "insights_ms": {"Insights: first opening": _cpu(site.refresh(f"/insights?run={big}")) * 1e3}
    }
    for name, addresses in refreshes(big).items():
        taken = [_cpu(site.refresh(next(addresses))) * 1e3 for _ in range(repeats)]
        found["insights_ms"][f"{name}, first"] = taken[0]
        found["insights_ms"][name] = float(np.median(taken[1:]))
    return found | reports(site, big)


def reports(site: Site, run: str) -> dict[str, Any]:
    by = system_account(site.desk.clock.now())
    threshold = site.desk.view_run(run, by=by).run.threshold  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder:
        before = peak_mb()
        pieces = iter(site.browser.get(f"/predictions/{run}/export.csv", buffered=False).response)
        csv = _cpu(lambda: (Path(folder) / "out.csv").open("wb").writelines(pieces))
        after_csv = peak_mb()
        query = CustomerQuery(threshold)
        pdf = _cpu(
            lambda: site.desk.export_pdf(run, query, Path(folder) / "out.pdf", by=by, customers=REPORTED)  # type: ignore[arg-type]
        )
    return {
        "csv_s": csv,
        "csv_grows_mb": after_csv - before,
        "pdf_s": pdf,
        "peak_mb": peak_mb(),
    }


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
    options = arguments.parse_args()
    site = Site.open(options.folder)
    scorer = scorer_of(site.desk, options.folder)
    runs = [site.scored(file, scorer) for file in (options.file, options.small)]
    found = measured(site, runs[0], runs[1], repeats=options.repeats)
    site.desk.delete_runs(runs, by=system_account(site.desk.clock.now()))  # type: ignore[arg-type]
    print(json.dumps(found))


if __name__ == "__main__":
    main()
