"""A folder every night, in the browser: a rule is made, a file is dropped, and the server is killed while it works."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.builders.months import monthly_files
from tests.e2e.site import ROOT, Site, wait_for
from tests.e2e.test_accessibility import problems_of
from tests.e2e.visitor import Person, Visitor, expect_that

ADMIN = Person("Night Admin", "night@telco.example.com")
CUSTOMERS = 30_000
"""Enough that the scoring takes a moment, in which the server can be killed."""


@pytest.fixture(scope="module")
def nightly(browser: Browser, with_starter: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A separate server, because it is killed."""
    site = Site(
        tmp_path_factory.mktemp("nightly"),
        {
            "NETONE_FOLDER_SECONDS": "0.3",
            "NETONE_SILENT_SECONDS": "3",
            "NETONE_BEAT_SECONDS": "0.5",
            "NETONE_RESUME_SECONDS": "0.5",
        },
    )
    shutil.copytree(with_starter, site.data)
    site.start()
    yield site
    site.stop()


def killed(site: Site) -> None:
    """The whole service dies at once, as when the machine loses power."""
    workers = site.worker_pids()
    for pid in (site.pid, *workers):
        os.kill(pid, signal.SIGKILL)
    process, site._process = site._process, None
    assert process is not None
    process.wait()


def inside(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.skipif(sys.platform != "linux", reason="children of a process are read from /proc")
def test_a_dropped_file_is_predicted_once_though_the_server_is_killed(nightly: Site, browser: Browser) -> None:
    site = nightly
    (file,) = monthly_files(site.folder, "customers", rows=CUSTOMERS, seed=9, months=1, last_month="2026-11")
    added = site.command(
        "user",
        "add",
        ADMIN.email,
        "--name",
        ADMIN.name,
        "--role",
        "admin",
        "--password-stdin",
        standard_input=ADMIN.password,
    )
    assert added.returncode == 0, added.stderr
    visitor = Visitor(site, browser.new_context(reduced_motion="reduce")).take_session(ADMIN)
    page = visitor.page
    visitor.open("/admin/folders")
    expect_that(page.locator(".answer")).to_have_text("No folder is watched.")
    page.get_by_role("link", name="Watch a folder").first.click()
    page.get_by_label("Folder", exact=True).fill("crm-export")
    page.get_by_label("CSV", exact=True).check()
    page.get_by_label("Parquet").check()
    page.get_by_role("button", name="Watch this folder").click()
    expect_that(page.locator(".flashes")).to_contain_text("crm-export is watched now.")

    folder = site.data / "folders/crm-export"
    shutil.copyfile(file, folder / "base.csv.part")
    (folder / "base.csv.part").rename(folder / "base.csv")
    wait_for(
        lambda: site.sql("select id from runs where folder = 'crm-export'"), of="a prediction of the file", every=0.02
    )
    killed(site)
    assert inside(folder) == ["base.csv"]
    site.start()
    wait_for(lambda: len(inside(folder)) == 3 and "done/base.csv" in inside(folder), of="the file in done")
    assert inside(folder) == ["done/base.csv", "done/base.predictions.csv", "done/base.predictions.parquet"]
    assert (folder / "done/base.csv").read_bytes() == file.read_bytes()
    with (folder / "done/base.predictions.csv").open("rb") as results:
        assert sum(1 for _ in results) == CUSTOMERS + 1
    assert site.sql("select state, count(*) from runs group by state") == [("done", 1)]
    assert site.sql("select state, settled from folder_files") == [("done", 1)]

    visitor.open("/admin/folders")
    expect_that(page.locator("#folders")).to_contain_text("Predicted: 30,000 customers")
    page.get_by_role("link", name="Prediction of base.csv").click()
    expect_that(page.locator(".answer-note").first).to_contain_text("From the folder crm-export")
    visitor.open("/history")
    expect_that(page.get_by_role("row", name=re.compile("base.csv")).first).to_contain_text(
        "from the folder crm-export"
    )
    ((rule_id,),) = site.sql("select id from folder_rules")
    _look(visitor, ["/admin/folders", "/admin/folders/new", f"/admin/folders/{rule_id}"])

    visitor.open("/admin/folders")
    page.get_by_role("button", name="Pause crm-export").focus()
    page.keyboard.press("Enter")
    expect_that(page.locator("#folders")).to_contain_text("Paused")
    page.get_by_role("link", name="Remove crm-export").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Stop watching").click()
    expect_that(page.locator("#folders")).to_contain_text("No folder yet")
    assert len(inside(folder)) == 3
    assert visitor.troubles == []
    visitor.leave()


def _look(visitor: Visitor, paths: list[str]) -> None:
    """axe finds nothing on these pages, in both themes, and they fit every window."""
    axe = next((ROOT / "vendor_static").glob("axe-core-*/axe.min.js")).read_text(encoding="utf-8")
    found = {path: problems_of(visitor, axe, path) for path in paths}
    assert {path: problems for path, problems in found.items() if problems} == {}
    visitor.page.set_viewport_size({"width": 1440, "height": 900})
