"""Take the screenshots of the home page and the guide again: `make screenshots`.

Runs the real program with a temporary data directory, generated customers and a model trained on generated customers.
"""

from __future__ import annotations

import io
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from playwright.sync_api import expect as expect_that

from tests.e2e.chromium import FLAGS, chromium_of
from tests.e2e.site import ROOT, Site
from tests.e2e.visitor import Person, Visitor

HOME = ROOT / "entrypoints" / "web" / "static" / "img"
GUIDE = ROOT / "docs" / "img"
HOME_SIZE = (1440, 860)
GUIDE_SIZE = (1200, 760)
PHONE_SIZE = (390, 780)
TEAM = Person("Retention team", "retention@telco.example.com")
MEMBERS = "select customer_id, side from campaign_members order by customer_id"
DRAWN = "() => document.fonts.ready.then(() => !document.querySelector('.htmx-request'))"
Theme = Literal["light", "dark"]


def main() -> None:
    GUIDE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        chromium = chromium_of(playwright)
        if chromium is None:
            sys.exit("There is no Chromium on this machine: run `make chromium` first.")
        site = Site(Path(folder))
        site.start()
        try:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            take_all(browser, site)
            browser.close()
        finally:
            site.stop()


def take_all(browser: Browser, site: Site) -> None:
    site.wait_for_starter()
    files = prepared(site)
    visitor = opened(browser, site, GUIDE_SIZE)
    file = files["this month"]
    visitor.predict(files["last month"])
    run = visitor.predict(file)
    themes: tuple[Theme, ...] = ("light", "dark")
    for theme in themes:
        take(opened(browser, site, HOME_SIZE, theme), f"/predictions/{run}", HOME / f"product-{theme}.webp", quality=82)

    def choose(page: Page) -> None:
        visitor.choose(file)
        page.evaluate("scrollTo(0, 0)")

    def choose_labelled(page: Page) -> None:
        with page.expect_response("**/models/new/check"):
            page.get_by_label("Customer file").set_input_files(files["labelled"])
        page.get_by_label("What was recognised").wait_for()

    def show_customers(page: Page) -> None:
        page.locator("#customers_table").evaluate("table => table.scrollIntoView()")

    guide: list[tuple[str, str, Callable[[Page], None] | None]] = [
        ("dashboard", "/dashboard", None),
        ("new-prediction", "/predictions/new", choose),
        ("result", f"/predictions/{run}", None),
        ("customers", f"/predictions/{run}?sort=gain&dir=desc", show_customers),
        ("customer", f"/predictions/{run}/customers/{riskiest(visitor, run)}", None),
        ("history", "/history", None),
        ("insights", "/insights", None),
        ("model", "/models/v1", None),
        ("train", "/models/new", choose_labelled),
        ("admin", "/admin/settings", None),
    ]
    take_labels(visitor)
    take_months(opened(browser, site, GUIDE_SIZE))
    for name, path, ready in guide:
        take(visitor, path, GUIDE / f"{name}.webp", ready=ready)
    take(opened(browser, site, PHONE_SIZE), f"/predictions/{run}", GUIDE / "phone.webp")
    take_campaign(visitor, run, file)


def take_labels(visitor: Visitor) -> None:
    """Labels that are made from six months of made-up customers, without a column of who left."""
    file = visitor.site.folder / "customers-by-month.csv"
    must(visitor.site, "sample", "--out", str(file), "--rows", "12000", "--months", "6", "--unlabelled", "--seed", "5")
    visitor.open("/models/labels")
    visitor.page.get_by_label("Customer file").set_input_files(file)
    visitor.press("Look at the files")
    visitor.page.get_by_role("heading", name="What each month shows").wait_for()
    take(visitor, "/models/labels", GUIDE / "labels.webp")


def take_months(visitor: Visitor) -> None:
    """Four months of made-up customers that were scored, and can be trained on."""
    site = visitor.site
    file = site.folder / "all-months.csv"
    must(site, "sample", "--out", str(file), "--rows", "8000", "--months", "4", "--unlabelled", "--seed", "6")
    header, *rows = file.read_text(encoding="utf-8").splitlines()
    place = header.split(",").index("SnapshotMonth")
    for month in sorted({row.split(",")[place] for row in rows}):
        part = site.folder / f"base {month}.csv"
        part.write_text("\n".join([header, *(row for row in rows if row.split(",")[place] == month)]), "utf-8")
        must(site, "score", str(part), "--out", str(site.folder / "scored.csv"))
    take(visitor, "/models/train-again", GUIDE / "train-again.webp")


def take_campaign(visitor: Visitor, run: str, file: Path) -> None:
    """A campaign from its draft to its effect, and the playbook."""
    page = visitor.page
    visitor.open(f"/campaigns/new?run={run}")
    page.get_by_label("Name").fill("November calls")
    page.get_by_label("Members at most").fill("1200")
    page.get_by_label("Left alone").fill("25")
    visitor.press("Show whom it chooses")
    page.get_by_role("heading", name="What it can prove").wait_for()
    draft = urlsplit(page.url).path
    take(visitor, draft, GUIDE / "campaign-draft.webp")
    visitor.press("Start the campaign")
    visitor.page.get_by_role("button", name=re.compile("^Start with ")).click()
    page.locator("tr[data-member]").first.wait_for()
    for number, key in enumerate("454325"):
        page.keyboard.press("j")
        page.keyboard.press(key)
        expect_that(page.locator(f"#member-{number + 1} select")).not_to_have_value("to_contact")
    take(visitor, draft, GUIDE / "campaign-list.webp")
    visitor.predict(a_month_later(file, visitor.site.sql(MEMBERS)))
    visitor.open(f"{draft}/outcomes")
    visitor.press("Show what it says")
    visitor.press("Record and close")
    page.get_by_role("link", name="See what it changed").wait_for()
    take(visitor, f"{draft}/effect", GUIDE / "campaign-effect.webp")
    take(visitor, "/admin/playbook", GUIDE / "playbook.webp")


def a_month_later(file: Path, members: list[tuple[str, str]]) -> Path:
    """The same customers, of whom one in three members who were left alone has gone, and one in six of the others."""
    alone = [customer for customer, side in members if side == "control"]
    contacted = [customer for customer, side in members if side == "contact"]
    gone = {*alone[::3], *contacted[::6]}
    header, *rows = file.read_text(encoding="utf-8").splitlines()
    later = file.with_name("customers-december.csv")
    kept = [row for row in rows if row.split(",", 1)[0] not in gone]
    later.write_text("\n".join([header, *kept]), encoding="utf-8")
    return later


def prepared(site: Site) -> dict[str, Path]:
    """Create an account, a trained model, and files with generated customers. Returns the files by name."""
    files = {
        "labelled": site.folder / "customers-2025.csv",
        "last month": site.folder / "customers-october.csv",
        "this month": site.folder / "customers-november.csv",
    }
    must(
        site, "user", "add", TEAM.email, "--name", TEAM.name, "--role", "admin", "--password-stdin", says=TEAM.password
    )
    for seed, (name, file) in enumerate(files.items(), start=31):
        bare = [] if name == "labelled" else ["--unlabelled"]
        must(site, "sample", "--out", str(file), "--rows", "7000", "--seed", str(seed), *bare)
    must(site, "train", str(files["labelled"]), "--target", "Churn", "--promote")
    return files


def must(site: Site, *arguments: str, says: str = "") -> None:
    done = site.command(*arguments, standard_input=f"{says}\n")
    if done.returncode:
        sys.exit(done.stderr)


def opened(browser: Browser, site: Site, size: tuple[int, int], theme: Theme = "light") -> Visitor:
    viewport = ViewportSize(width=size[0], height=size[1])
    context = browser.new_context(viewport=viewport, color_scheme=theme, reduced_motion="reduce")
    return Visitor(site, context).take_session(TEAM)


def riskiest(visitor: Visitor, run: str) -> str:
    visitor.open(f"/predictions/{run}")
    return str(visitor.page.locator("#customers_table a.id").first.get_attribute("href")).rsplit("/", 1)[-1]


def take(
    visitor: Visitor, path: str, target: Path, *, ready: Callable[[Page], None] | None = None, quality: int = 72
) -> None:
    visitor.open(path)
    if ready:
        ready(visitor.page)
    visitor.page.wait_for_function(DRAWN)
    visitor.page.wait_for_load_state("networkidle")
    picture = Image.open(io.BytesIO(visitor.page.screenshot(animations="disabled")))
    picture.convert("RGB").save(target, "WEBP", quality=quality, method=6)
    if visitor.troubles:
        sys.exit("\n".join(visitor.troubles))
    print(f"{target.relative_to(ROOT)}  {target.stat().st_size / 1000:.0f} KB")  # noqa: T201 (a script that says what it made)


if __name__ == "__main__":
    main()
