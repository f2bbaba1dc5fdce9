"""What goes on at the running server when it is killed, and what of it was answered as accepted."""

from __future__ import annotations

import random
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash.browser import GONE, Answer, Browser
from tests.crash.installation import ADMIN, ANALYST, ERASED, LABELLED, LARGE, SMALL, content_of
from tests.crash.service import Service

DELETED_AT_ONCE = 3
RESTORED = "restored.tar"
OFFLINE = frozenset({"restore", "start"})
"""Activities that begin with a stopped server."""


@dataclass
class Ledger:
    """What the server was asked and what it answered, during one round."""

    accepted: set[str] = field(default_factory=set)
    """Predictions that the server said it had taken."""
    may_be_gone: set[str] = field(default_factory=set)
    """Predictions and uploads whose deletion was asked for."""
    asked_to_leave: set[str] = field(default_factory=set)
    """Accounts whose deletion was asked for."""
    erased: bool = False
    promoted: bool = False
    backup: Path | None = None
    restored: bool = False
    refused: list[str] = field(default_factory=list)
    """Answers that a person would call an error: 5xx of a server that was not killed."""

    def heard(self, answer: Answer, *, of: str) -> Answer:
        if answer.status >= 500:
            self.refused.append(f"{of}: status {answer.status}")
        return answer


@dataclass(frozen=True)
class Scene:
    """One round: the server, who acts, what exists, and a seeded source of choices."""

    service: Service
    admin: Browser
    analyst: Browser
    runs: tuple[str, ...]
    """Finished predictions, the oldest first."""
    versions: tuple[str, ...]
    draw: random.Random
    ledger: Ledger
    folder: Path


def score(scene: Scene) -> None:
    for name in (LARGE, SMALL, SMALL):
        file = (name, content_of(name))
        answer = scene.ledger.heard(scene.analyst.post("/predictions", file=file), of="scoring")
        if answer.status == 303:
            scene.ledger.accepted.add(answer.last)


def train(scene: Scene, *, promote: bool = False) -> None:
    fields = {"algorithm": "logistic", "effort": "low", "horizon": "the next month"}
    fields |= {"promote": "y"} if promote else {}
    file = (LABELLED, content_of(LABELLED))
    scene.ledger.promoted |= promote
    for _ in range(2):
        scene.ledger.heard(scene.admin.post("/models/new", fields, file=file), of="training")


def train_and_promote(scene: Scene) -> None:
    train(scene, promote=True)


def delete_one(scene: Scene) -> None:
    _delete(scene, 1)


def delete_many(scene: Scene) -> None:
    _delete(scene, DELETED_AT_ONCE)


def _delete(scene: Scene, how_many: int) -> None:
    runs = scene.draw.sample(scene.runs, min(how_many, max(0, len(scene.runs) - 1)))
    scene.ledger.may_be_gone |= set(runs)
    scene.ledger.heard(scene.admin.post("/history/delete", [("run", run) for run in runs]), of="deleting")


def delete_upload(scene: Scene) -> None:
    upload = scene.draw.choice(scene.runs)
    scene.ledger.may_be_gone.add(upload)
    scene.ledger.heard(scene.admin.post(f"/admin/uploads/{upload}/delete"), of="deleting an upload")


def promote(scene: Scene) -> None:
    scene.ledger.promoted = True
    for version in scene.draw.sample(scene.versions, min(2, len(scene.versions))):
        answer = scene.admin.post(f"/models/{version}/promote", {"insist": "yes", "why": "a drill"})
        scene.ledger.heard(answer, of="promoting")


def set_threshold(scene: Scene) -> None:
    for run in scene.draw.sample(scene.runs, min(3, len(scene.runs))):
        scene.ledger.heard(scene.admin.post(f"/predictions/{run}/threshold", {"threshold": "0.6"}), of="threshold")


def order_exports(scene: Scene) -> None:
    run = scene.draw.choice(scene.runs)
    for kind in ("pdf", "xlsx", "csv"):
        scene.ledger.heard(scene.admin.post(f"/predictions/{run}/export.{kind}", htmx=True), of="ordering an export")
        scene.ledger.heard(scene.admin.get(f"/predictions/{run}/export.{kind}"), of="fetching an export")


def erase_customer(scene: Scene) -> None:
    scene.ledger.erased = True
    answer = scene.admin.post("/admin/customers/erase/confirmed", {"customer_id": ERASED})
    scene.ledger.heard(answer, of="erasing a customer")


def delete_account(scene: Scene) -> None:
    """A new person joins, predicts, and leaves."""
    email = f"leaver-{secrets.token_hex(3)}@telco.example.com"
    leaver = Browser(scene.service.url)
    fields = {"name": "Branch Desk", "email": email, "password": PASSWORD_OF_NEW, "confirm": PASSWORD_OF_NEW}
    leaver.post("/register", fields)
    scene.ledger.asked_to_leave.add(email)
    leaver.post("/login", {"email": email, "password": PASSWORD_OF_NEW})
    answer = leaver.post("/predictions", file=(SMALL, content_of(SMALL)))
    if answer.status == 303:
        scene.ledger.may_be_gone.add(answer.last)
    scene.ledger.heard(leaver.post("/profile/delete", {"delete-current_password": PASSWORD_OF_NEW}), of="leaving")


def back_up(scene: Scene) -> None:
    """On the command line; the command itself is killed together with what else is chosen."""
    file = scene.folder / f"backup-{secrets.token_hex(3)}.tar"
    scene.ledger.backup = file
    scene.service.command("backup", str(file)).wait(timeout=120)


def restore(scene: Scene) -> None:
    """The backup was made, and the server stopped, before the round."""
    scene.ledger.restored = True
    scene.service.command("restore", str(scene.folder / RESTORED), "--force").wait(timeout=120)


def score_on_the_command_line(scene: Scene) -> None:
    file = scene.folder / SMALL
    file.write_bytes(content_of(SMALL))
    scene.service.command("score", str(file), "--out", str(scene.folder / "scored.csv")).wait(timeout=120)


def start(scene: Scene) -> None:
    """Nothing but the start itself: the kill falls into it."""
    assert scene


PASSWORD_OF_NEW = "correct horse battery staple 9"
ACTIVITIES: dict[str, tuple[Callable[[Scene], None], float]] = {
    "upload and scoring": (score, 4.0),
    "training": (train, 4.0),
    "training with promotion": (train_and_promote, 4.0),
    "deleting one": (delete_one, 0.6),
    "deleting many": (delete_many, 0.8),
    "deleting an upload": (delete_upload, 0.4),
    "promotion": (promote, 0.5),
    "threshold": (set_threshold, 0.5),
    "report and exports": (order_exports, 6.0),
    "erasing a customer": (erase_customer, 2.5),
    "deleting an account": (delete_account, 1.5),
    "backup": (back_up, 2.5),
    "scoring on the command line": (score_on_the_command_line, 5.0),
    "restore": (restore, 4.0),
    "start": (start, 6.0),
}
"""Each with the seconds within which the kill falls."""


def in_background(act: Callable[[Scene], None], scene: Scene) -> threading.Thread:
    """The activity in a thread of its own; that the server goes away meanwhile is what is meant to happen."""

    def run() -> None:
        with suppress(*GONE):
            act(scene)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def people(service: Service) -> tuple[Browser, Browser]:
    """The administrator and the analyst, logged in."""
    admin, analyst = Browser(service.url), Browser(service.url)
    for browser, email in ((admin, ADMIN), (analyst, ANALYST)):
        answer = browser.log_in(email)
        if answer.status != 303:
            raise AssertionError(f"{email} cannot log in: status {answer.status}")
    return admin, analyst
