"""`make gallery`: every page in every state, at four widths and in both themes, looked at and judged.

Needs Chromium. Exits with 1 if anything is wrong.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.e2e.chromium import FLAGS, chromium_of
from tests.e2e.site import ROOT, Site
from tests.forking.process import SERVER
from tests.gallery import index
from tests.gallery.installation import SETTINGS, Installation
from tests.gallery.judging import WIDTHS, Judge, Verdict
from tests.gallery.states import ALL


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", default="", help="States whose name matches this regular expression.")
    options.add_argument("--folder", type=Path, default=ROOT / ".gallery")
    options.add_argument("--widths", default=",".join(map(str, WIDTHS)), help="Widths in pixels, with commas.")
    chosen = options.parse_args()
    shutil.rmtree(chosen.folder, ignore_errors=True)
    chosen.folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="netone-gallery-") as folder:
        verdicts = look(Path(folder), chosen)
    print(index.table(verdicts))
    print(f"To look through: {index.write(chosen.folder, verdicts)}")
    return 1 if any(verdict.wrong for verdict in verdicts) else 0


def look(folder: Path, chosen: argparse.Namespace) -> list[Verdict]:
    site = Site(folder, SETTINGS)
    verdicts: list[Verdict] = []
    with sync_playwright() as playwright:
        chromium = chromium_of(playwright)
        if chromium is None:
            sys.exit("There is no Chromium on this machine: run `make chromium` first.")
        site.start()
        try:
            site.wait_for_starter()
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            visit_all(Installation(site, browser), chosen, verdicts)
            browser.close()
        finally:
            site.stop()
            SERVER.close()
    return verdicts


def visit_all(installation: Installation, chosen: argparse.Namespace, verdicts: list[Verdict]) -> None:
    judge = Judge(installation, chosen.folder, tuple(map(int, chosen.widths.split(","))))
    only = re.compile(chosen.only)
    stages = {"fresh": installation.prepare_empty, "filled": installation.fill, "held": installation.hold}
    last = [stage for stage, states in ALL.items() if any(only.search(state.name) for state in states)][-1:]
    for stage, prepare in stages.items():
        print(f"{stage} …", file=sys.stderr, flush=True)
        prepare()
        for state in ALL[stage]:
            if only.search(state.name):
                verdict = judge.judge(state, stage, len(verdicts))
                verdicts.append(verdict)
                print("\n  ".join([state.name, *verdict.wrong]), file=sys.stderr, flush=True)
        if stage in last:
            break
    installation.release()
    installation.close()


if __name__ == "__main__":
    sys.exit(main())
