"""Memory of an idle installation: `python -m bench.idle_memory`.

Starts `netone serve` as an installation does, and adds up the PSS of the web server and of its worker: memory that
several processes share counts once. Measured when the starter model is made and nobody has come yet, after a person
predicted a file, opened the pages and downloaded the list, and after a restart. Linux only.
Exits with 1 if it is more than `--most` MiB.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.load.client import PASSWORD, Browser, Samples
from bench.load.installation import LoadedSite
from domain.account import Role
from tests.e2e.site import wait_for

EMAIL = "owner@memory.example.com"
PATIENCE = 900.0
SETTLED_SECONDS = 20.0
"""After the last job: the worker returns memory to the system, and the pages are written."""


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=7_000, help="Customers of the file that is predicted.")
    arguments.add_argument("--most", type=float, default=512.0, help="MiB that the processes may take together.")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="netone-memory-") as folder:
        site = LoadedSite(Path(folder), imports_itself=True)
        site.start()
        try:
            champion = "select id from model_versions where stage = 'champion'"
            wait_for(lambda: site.sql(champion), of="a starter model", within=PATIENCE)
            taken = {"after the start": idle_mib(site)}
            use(site, options.rows)
            taken[f"after {options.rows:,} customers"] = idle_mib(site)
            site.stop()
            site.start()
            taken["after a restart"] = idle_mib(site)
        finally:
            site.stop()
    for moment, by_process in taken.items():
        parts = ", ".join(f"{name} {size:.0f}" for name, size in by_process.items())
        print(f"{moment:24} {sum(by_process.values()):5.0f} MiB ({parts})")
    return 0 if all(sum(by_process.values()) <= options.most for by_process in taken.values()) else 1


def idle_mib(site: LoadedSite) -> dict[str, float]:
    """PSS of each process in MiB, once nothing is left to do."""
    unfinished = "select id from runs where state in ('queued', 'running')"
    wait_for(lambda: not site.sql(unfinished), of="no more work", within=PATIENCE)
    time.sleep(SETTLED_SECONDS)
    return {"web server": pss_mib(site.pid), "worker": sum(map(pss_mib, site.worker_pids()))}


def pss_mib(pid: int) -> float:
    """Proportional set size: private memory, and a share of what other processes have too."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    if found is None:
        sys.exit("The kernel does not tell the PSS of a process.")
    return int(found[1]) / 1024


def use(site: LoadedSite, rows: int) -> None:
    """What a person does on a first visit."""
    added = ("user", "add", EMAIL, "--name", "Owner", "--role", Role.ADMIN.value, "--password-stdin")
    must(site.command(*added, standard_input=PASSWORD))
    file = site.folder / "customers.csv"
    must(site.command("sample", "--out", str(file), "--rows", str(rows), "--seed", "3", "--unlabelled"))
    browser = Browser(site.port, Samples())
    browser.log_in(EMAIL)
    browser.upload("upload", "/predictions", file)
    finished = "select id from runs where state = 'done'"
    run = wait_for(lambda: site.sql(finished), of="a prediction", within=PATIENCE)[0][0]
    for path in (f"/predictions/{run}", f"/predictions/{run}/customers/1", "/insights", "/models/v0", "/dashboard"):
        page = browser.get("page", path)
        if page.status != 200:
            sys.exit(f"{path} answered {page.status}")
    browser.get("list", f"/predictions/{run}/export.csv")
    browser.close()


def must(done: subprocess.CompletedProcess[str]) -> None:
    if done.returncode:
        sys.exit(done.stderr)


if __name__ == "__main__":
    sys.exit(main())
