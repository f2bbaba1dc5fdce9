"""The installation of the gallery: empty at first, then filled with everything that a page can show, then held."""

from __future__ import annotations

import csv
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser
from playwright.sync_api import expect as expect_that

from bench.ports import ports_of
from domain.account import LinkPurpose, OneTimeLink, Role, system_account
from domain.actor import Actor
from domain.run import RunId
from entrypoints.application import Application
from entrypoints.bootstrap import build_inline
from entrypoints.settings import Settings
from tests.builders.months import monthly_files
from tests.e2e.site import Site, wait_for
from tests.e2e.test_second_factor import set_up
from tests.e2e.visitor import Person, Visitor
from tests.gallery.actions import CAREFUL

TEAM = Person("Retention team", "retention@telco.example.com")
LONG = Person(
    "Wilhelmina-Alexandrina von Hohenstaufen-Mukarombwa the Younger, Regional Manager",
    "wilhelmina.alexandrina.von.hohenstaufen-mukarombwa@customer-retention.telco.example.com",
)
PEOPLE = {
    "admin": (TEAM, Role.ADMIN),
    "newcomer": (Person("Nyasha Newcomer", "newcomer@telco.example.com"), Role.ANALYST),
    "viewer": (Person("Vimbai Viewer", "viewer@telco.example.com"), Role.VIEWER),
    "long": (LONG, Role.ANALYST),
    "careful": (CAREFUL, Role.ANALYST),
}
LONG_NAME = "export of all residential and business customers of the southern region including inactive ones_final_v2"
SETTINGS = {"NETONE_SILENT_SECONDS": "86400", "NETONE_FOLDER_SECONDS": "0.5"}
"""A worker that is held counts as working."""
MEMBERS = "select customer_id, side from campaign_members where campaign_id = ? order by customer_id"


@dataclass
class Installation:
    """A running site, its people, and the names that addresses of pages need."""

    site: Site
    browser: Browser
    names: dict[str, str] = field(default_factory=dict)
    _visitors: dict[str, Visitor] = field(default_factory=dict)
    _added: set[str] = field(default_factory=set)

    def application(self) -> Application:
        return build_inline(Settings(data_dir=self.site.data, bcrypt_cost=4))

    def visitor(self, name: str) -> Visitor:
        """The browser of a person, who is added and logged in when first asked for."""
        if name not in self._visitors:
            context = self.browser.new_context(reduced_motion="reduce", viewport={"width": 1440, "height": 900})
            context.set_default_timeout(60_000)
            visitor = self._visitors[name] = Visitor(self.site, context)
            if name != "nobody":
                visitor.take_session(self._person(name))
        return self._visitors[name]

    def _person(self, name: str) -> Person:
        person, role = PEOPLE[name]
        if name not in self._added:
            app = self.application()
            by = Actor(system_account(app.now()))
            app.administration.add_account(person.name, person.email, person.password, role, by=by)
            self._added.add(name)
        return person

    def close(self) -> None:
        for visitor in self._visitors.values():
            visitor.leave()

    # ── Stages ──

    def prepare_empty(self) -> None:
        self.names["setup"] = urlsplit(self.site.set_up_link).path.rsplit("/", 1)[-1]

    def fill(self) -> None:
        for step in (
            *(self._files, self._people, self._models, self._predictions, self._campaigns, self._folders),
            *(self._ids, self._links),
        ):
            step()

    def hold(self) -> None:
        """Stop the worker in the middle of a prediction, and leave other work waiting behind it."""
        visitor, page = self.visitor("admin"), self.visitor("admin").page
        self._submit("large")
        self.names["running"] = visitor.run_id
        state = "select state from runs where id = ?"
        wait_for(lambda: self.site.sql(state, self.names["running"]) == [("running",)], of="a start", every=0.02)
        time.sleep(1.5)
        for pid in self.site.worker_pids():
            os.kill(pid, signal.SIGSTOP)
        assert self.site.sql(state, self.names["running"]) == [("running",)], "the large file was not large enough"
        self._submit("this month")
        self.names["waiting"] = visitor.run_id
        visitor.open(f"/predictions/{self.names['run']}/export.pdf")
        page.wait_for_url("**/exports/**")
        self.names["export"] = urlsplit(page.url).path.rsplit("/", 1)[-1]
        visitor.open("/models/new")
        visitor.choose(Path(self.names["file labelled"]))
        visitor.press("Train model")
        page.wait_for_url("**/models/trainings/**")
        self.names["training"] = urlsplit(page.url).path.rsplit("/", 1)[-1]

    def release(self) -> None:
        for pid in self.site.worker_pids():
            os.kill(pid, signal.SIGCONT)

    # ── Filling ──

    def _files(self) -> None:
        folder = self.site.folder / "files"
        folder.mkdir()

        def sample(name: str, title: str, *more: str) -> Path:
            path = folder / f"{title}.csv"
            made = self.site.command("sample", "--out", str(path), *more)
            assert made.returncode == 0, made.stderr
            self.names[f"file {name}"] = str(path)
            return path

        sample("labelled", "customers-2025", "--rows", "3000", "--seed", "31")
        sample("large", "all-customers", "--rows", "400000", "--seed", "36", "--unlabelled")
        sample("one", "one customer", "--rows", "1", "--seed", "37", "--unlabelled")
        base = monthly_files(folder, "base", rows=1500, seed=8, months=4, last_month="2026-11")
        for number, path in enumerate(base):
            self.names[f"file month {number}"] = str(path)
        self.names["file months"] = "|".join(str(path) for path in base)
        self.names["file this month"] = str(base[-1])
        for name, title, change in CHANGED:
            self.names[f"file {name}"] = str(_changed(base[-1], folder / f"{title}.csv", change))
        many = sample("many", "many customers", "--rows", "9000", "--seed", "5", "--unlabelled")
        late = _changed(many, folder / "whole numbers but one.csv", _whole_numbers_but(9_000))
        self.names["file unclear late"] = str(late)
        (folder / "recipes.csv").write_text("dish,oven,minutes\nsoup,no,20\nbread,yes,45\n", "utf-8")
        self.names["file recipes"] = str(folder / "recipes.csv")

    def _people(self) -> None:
        for name in PEOPLE:
            self._person(name)
        set_up(self.visitor("careful"))
        newcomer = self.visitor("newcomer")
        newcomer.open("/dashboard")
        newcomer.press("Try it with sample data")
        newcomer.page.locator(".kpis").wait_for(timeout=180_000)

    def _models(self) -> None:
        trained = self.site.command(
            "train", self.names["file labelled"], "--target", "Churn", "--promote", "--effort", "low"
        )
        assert trained.returncode == 0, trained.stderr

    def _predictions(self) -> None:
        visitor = self.visitor("admin")
        months = [visitor.predict(Path(self.names[f"file month {number}"])) for number in range(4)]
        self.names |= {"graded": months[1], "run": months[3]}
        for name in ("rejected", "one", "labelled"):
            self.names[name] = visitor.predict(Path(self.names[f"file {name}"]))
        self._submit("unclear late")
        self.names["asking"] = visitor.run_id
        state = "select 1 from runs where id = ? and state not in ('queued', 'running')"
        wait_for(lambda: self.site.sql(state, self.names["asking"]), of="a question")
        self._match()
        self._fail()
        self.names["long"] = self.visitor("long").predict(Path(self.names["file long"]))
        app = self.application()
        app.predictions.share_run(RunId(self.names["run"]), shared=True, by=Actor(system_account(app.now())))

    def _match(self) -> None:
        """A match that is remembered."""
        visitor = self.visitor("admin")
        visitor.open("/predictions/new")
        visitor.choose(Path(self.names["file foreign"]))
        with visitor.checked():
            visitor.page.locator("[data-decide=suggested]").click()
        visitor.press("Predict churn")
        visitor.wait_for_result()

    def _fail(self) -> None:
        """A prediction whose file is lost before it is scored."""
        pids = self.site.worker_pids()
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        self._submit("this month")
        self.names["failed"] = self.visitor("admin").run_id
        for path in self.site.files_of(self.names["failed"]):
            path.unlink()
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
        state = "select state from runs where id = ?"
        wait_for(lambda: self.site.sql(state, self.names["failed"]) == [("failed",)], of="a failed prediction")

    def _campaigns(self) -> None:
        visitor, page = self.visitor("admin"), self.visitor("admin").page
        self.names["draft"] = self._draft("December letters")
        self.names["campaign"] = self._draft("December calls")
        self._start()
        self.names["closed"] = self._draft("November calls")
        self._start()
        gone = self._a_month_later(self.names["closed"])
        visitor.predict(gone)
        visitor.open(f"/campaigns/{self.names['closed']}/outcomes")
        visitor.press("Show what it says")
        visitor.press("Record and close")
        page.get_by_role("link", name="See what it changed").wait_for()

    def _draft(self, name: str) -> str:
        visitor, page = self.visitor("admin"), self.visitor("admin").page
        visitor.open(f"/campaigns/new?run={self.names['run']}")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Members at most").fill("300")
        page.get_by_label("Left alone").fill("30")
        visitor.press("Show whom it chooses")
        page.get_by_role("heading", name="What it can prove").wait_for()
        return urlsplit(page.url).path.rsplit("/", 1)[-1]

    def _start(self) -> None:
        visitor, page = self.visitor("admin"), self.visitor("admin").page
        visitor.press("Start the campaign")
        page.locator("tr[data-member]").first.wait_for()
        visitor.rest()
        for number, key in enumerate("454325"):
            page.keyboard.press("j")
            page.keyboard.press(key)
            expect_that(page.locator(f"#member-{number + 1} select")).not_to_have_value("to_contact")

    def _a_month_later(self, campaign: str) -> Path:
        """A third of those who were left alone has gone, and a sixth of the others."""
        members = self.site.sql(MEMBERS, campaign)
        alone = [customer for customer, side in members if side == "control"]
        contacted = [customer for customer, side in members if side == "contact"]
        gone = {*alone[::3], *contacted[::6]}
        later = Path(self.names["file this month"]).with_name("base 2026-12.csv")
        header, *rows = Path(self.names["file this month"]).read_text("utf-8").splitlines()
        later.write_text("\n".join([header, *(row for row in rows if row.split(",", 1)[0] not in gone)]), "utf-8")
        return later

    def _folders(self) -> None:
        visitor, page = self.visitor("admin"), self.visitor("admin").page
        visitor.open("/admin/folders/new")
        page.get_by_label("Folder", exact=True).fill("crm-export")
        page.get_by_label("CSV", exact=True).check()
        visitor.press("Watch this folder")
        page.locator(".flashes").wait_for()
        folder = self.site.data / "folders/crm-export"
        for name in ("this month", "recipes"):
            path = Path(self.names[f"file {name}"])
            (folder / f"{path.name}.part").write_bytes(path.read_bytes())
            (folder / f"{path.name}.part").rename(folder / path.name)
        settled = "select count(*) from folder_files where settled"
        wait_for(lambda: self.site.sql(settled) == [(2,)], of="two files of a folder")

    def _ids(self) -> None:
        by_email = "select id from accounts where email = ?"
        for name, person in {"person": LONG, "careful": CAREFUL}.items():
            self.names[name] = str(self.site.sql(by_email, person.email)[0][0])
        self.names["rule"] = str(self.site.sql("select id from folder_rules")[0][0])
        self.names["match"] = str(self.site.sql("select min(id) from remembered_matches")[0][0])

    def _links(self) -> None:
        """An invitation and a link for a new password."""
        app = self.application()
        now = app.now()
        kinds = {"invitation": LinkPurpose.INVITE, "reset": LinkPurpose.RESET}
        with ports_of(app).new_uow() as uow:
            for name, purpose in kinds.items():
                token = self.names[name] = f"{name}-{'x' * 40}"
                link = OneTimeLink(
                    token_hash=app.accounts.check_link.secrets.digest(token),
                    purpose=purpose,
                    account_id=self.names["person"] if name == "reset" else None,  # type: ignore[arg-type]
                    email=LONG.email if name == "reset" else LONG.email.replace("wilhelmina", "w"),
                    role=Role.ANALYST,
                    created_at=now,
                    expires_at=now + timedelta(hours=1),
                )
                uow.links.add(link)
            uow.commit()

    def _submit(self, file: str) -> None:
        """Send a file and do not wait for its result."""
        visitor = self.visitor("admin")
        visitor.open("/predictions/new")
        visitor.choose(Path(self.names[f"file {file}"]))
        visitor.press("Predict churn")
        visitor.page.wait_for_url("**/predictions/*-*")


Table = list[list[str]]
RENAMED = {"Contract": "Bindung", "PaymentMethod": "Payment_Type", "MonthlyCharges": "Amount"}


def _changed(source: Path, target: Path, change: Callable[[Table], Table]) -> Path:
    with source.open(newline="", encoding="utf-8") as file:
        rows = change(list(csv.reader(file)))
    with target.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return target


def _renamed(rows: Table) -> Table:
    return [[RENAMED.get(name, name) for name in rows[0]], *rows[1:200]]


def _renamed_again(rows: Table) -> Table:
    return [["Sex" if name == "gender" else name for name in _renamed(rows)[0]], *rows[1:200]]


def _with_wrong_cells(rows: Table) -> Table:
    bill = rows[0].index("MonthlyCharges")
    return [
        rows[0],
        *(
            [*row[:bill], "ninety", *row[bill + 1 :]] if number % 40 == 7 else row
            for number, row in enumerate(rows[1:])
        ),
    ]


def _long(rows: Table) -> Table:
    own = rows[0].index("customerID")
    for number, row in enumerate(rows[1:]):
        row[own] = f"{row[own]}-account-of-the-southern-region-with-a-very-long-number-{number:08d}"
    return rows[:400]


def _whole_numbers_but(place: int) -> Callable[[Table], Table]:
    """Bills without decimals, but for one that can be read in two ways: asked about at once, or further down."""

    def change(rows: Table) -> Table:
        bill = rows[0].index("MonthlyCharges")
        for row in rows[1:]:
            row[bill] = row[bill].partition(".")[0]
        rows[place][bill] = "2.915"
        return rows

    return change


CHANGED = (
    ("foreign", "export-2026-11", _renamed),
    ("foreign again", "crm-2026-11", _renamed_again),
    ("rejected", "customers with wrong cells", _with_wrong_cells),
    ("long", LONG_NAME, _long),
    ("unclear", "whole numbers", _whole_numbers_but(3)),
)
