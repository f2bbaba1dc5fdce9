"""`make lighthouse`: the main pages of a served installation, judged by Lighthouse on a phone and on a desktop.

    python -m tests.lighthouse [--runs 3] [--only REGEX]

Needs Chromium, and Lighthouse as `npm ci` installs it. The median of the runs counts, because a busy machine lowers
single figures. Exits with 1 if a page has less than 95 in any category.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from docs.screenshots import GUIDE_SIZE, TEAM, must, opened
from tests.builders.months import monthly_files
from tests.e2e.chromium import FLAGS, chromium_of
from tests.e2e.site import ROOT, Site
from tests.forking.process import SERVER

INSTALLED = ROOT / ".lighthouse"
PROGRAM = INSTALLED / "node_modules" / ".bin" / "lighthouse"
CATEGORIES = {"performance": "speed", "accessibility": "access", "best-practices": "practice", "seo": "search"}
"""Lighthouse's categories, and how the table calls them."""
ENOUGH = 95
PAGES = {
    "home": ("/", False),
    "log in": ("/login", False),
    "dashboard": ("/dashboard", True),
    "result": ("/predictions/{run}", True),
    "insights": ("/insights", True),
}
"""Pages by name: address, and whether somebody is logged in."""
NEW_PERSON = (TEAM.email, "--name", TEAM.name, "--role", "admin", "--password-stdin")
CUSTOMERS = 3_000
DEVICES = {"phone": [], "desktop": ["--preset=desktop"]}
BROWSER = "--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update"


@dataclass(frozen=True)
class Figures:
    """The median scores of one page on one device, and the audits that cost points."""

    page: str
    device: str
    scores: dict[str, int]
    faults: list[str]

    @property
    def is_enough(self) -> bool:
        return min(self.scores.values()) >= ENOUGH


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=3, help="Runs per page and device; the median counts.")
    options.add_argument("--only", default="", help="Pages whose name matches this regular expression.")
    options.add_argument("--folder", type=Path, default=INSTALLED / "reports", help="Where the reports are kept.")
    chosen = options.parse_args()
    if not PROGRAM.exists():
        sys.exit("Lighthouse is not installed: run `make lighthouse`.")
    shutil.rmtree(chosen.folder, ignore_errors=True)
    chosen.folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="netone-lighthouse-") as folder:
        figures = judged(Path(folder), chosen)
    print(table(figures))
    print(f"Each category needs {ENOUGH}. The reports are in {chosen.folder}.")
    return 0 if all(own.is_enough for own in figures) else 1


def judged(folder: Path, chosen: argparse.Namespace) -> list[Figures]:
    """Serve an installation with two predictions, and judge its pages."""
    site = Site(folder)
    site.start()
    try:
        site.wait_for_starter()
        with sync_playwright() as playwright:
            chromium = chromium_of(playwright)
            if chromium is None:
                sys.exit("There is no Chromium on this machine: run `make chromium` first.")
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            must(site, "user", "add", *NEW_PERSON, says=TEAM.password)
            visitor = opened(browser, site, GUIDE_SIZE)
            months = monthly_files(folder, "base", rows=CUSTOMERS, seed=8, months=2, last_month="2026-11")
            *_, run = (visitor.predict(file) for file in months)
            cookies = "; ".join(f"{own.get('name')}={own.get('value')}" for own in visitor.context.cookies())
            browser.close()
        return [
            figures_of(name, device, site.url + path.format(run=run), cookies if logged_in else "", chosen, chromium)
            for name, (path, logged_in) in PAGES.items()
            if re.search(chosen.only, name)
            for device in DEVICES
        ]
    finally:
        site.stop()
        SERVER.close()


def figures_of(name: str, device: str, url: str, cookies: str, chosen: argparse.Namespace, chromium: str) -> Figures:
    reports = []
    for number in range(1, chosen.runs + 1):
        target = chosen.folder / f"{name.replace(' ', '-')}-{device}-{number}"
        reports.append(report_of(url, device, cookies, target, chromium))
        print(f"{name}, {device}, {number}", file=sys.stderr, flush=True)
    scores = {own: statistics.median_low([score_of(report, own) for report in reports]) for own in CATEGORIES}
    return Figures(name, device, scores, sorted({fault for report in reports for fault in faults_of(report)}))


def report_of(url: str, device: str, cookies: str, target: Path, chromium: str) -> dict[str, Any]:
    """One run of Lighthouse: its report as JSON and as a page, kept at the target."""
    logged_in = ["--extra-headers", json.dumps({"Cookie": cookies})] if cookies else []
    command = [str(PROGRAM), url, "--quiet", "--no-enable-error-reporting", f"--chrome-flags={BROWSER}"]
    command += ["--output=json", "--output=html", f"--output-path={target}", *DEVICES[device], *logged_in]
    command += [f"--only-categories={','.join(CATEGORIES)}"]
    environment = {**os.environ, "CHROME_PATH": chromium}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        sys.exit(f"Lighthouse failed for {url}:\n{done.stderr}")
    report: dict[str, Any] = json.loads(target.with_name(f"{target.name}.report.json").read_text("utf-8"))
    if report["finalDisplayedUrl"].partition("?")[0] != url:
        sys.exit(f"{url} led to {report['finalDisplayedUrl']}")
    return report


def score_of(report: dict[str, Any], category: str) -> int:
    return round(report["categories"][category]["score"] * 100)


def faults_of(report: dict[str, Any]) -> list[str]:
    """The audits that count and are not perfect."""
    counting = {
        audit["id"]: name
        for name, own in report["categories"].items()
        for audit in own["auditRefs"]
        if audit["weight"] > 0
    }
    found = ((name, report["audits"][audit]) for audit, name in counting.items())
    return [
        f"{CATEGORIES[name]}: {audit['title']}"
        for name, audit in found
        if audit["score"] is not None and audit["score"] < 0.9
    ]


def table(figures: list[Figures]) -> str:
    lines = [f"{'page':12}{'device':10}" + "".join(f"{name:>10}" for name in CATEGORIES.values())]
    for own in figures:
        scores = "".join(f"{own.scores[category]:>10}" for category in CATEGORIES)
        lines.append(f"{own.page:12}{own.device:10}{scores}{'' if own.is_enough else '  less than needed'}")
        lines += [f"    {fault}" for fault in own.faults]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
