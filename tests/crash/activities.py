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

    def record_answer(self, answer: Answer, *, of: str) -> Answer:
        if answer.status >= 500:
            self.refused.append(f"{of}: status {answer.status}")
        return answer


@dataclass(frozen=True)
class Trial:
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


def score(trial: Trial) -> None:
    for name in (LARGE, SMALL, SMALL):
        file = (name, content_of(name))
        answer = trial.ledger.record_answer(trial.analyst.post("/predictions", file=file), of="scoring")
        if answer.status == 303:
            trial.ledger.accepted.add(answer.last)


def train(trial: Trial, *, promote: bool = False) -> None:
    fields = {"algorithm": "logistic", "effort": "low", "horizon": "the next month"}
    fields |= {"promote": "y"} if promote else {}
    file = (LABELLED, content_of(LABELLED))
    trial.ledger.promoted |= promote
    for _ in range(2):
        trial.ledger.record_answer(trial.admin.post("/models/new", fields, file=file), of="training")


def train_and_promote(trial: Trial) -> None:
    train(trial, promote=True)


def delete_one(trial: Trial) -> None:
    _delete(trial, 1)


def delete_many(trial: Trial) -> None:
    _delete(trial, DELETED_AT_ONCE)


def _delete(trial: Trial, how_many: int) -> None:
    runs = trial.draw.sample(trial.runs, min(how_many, max(0, len(trial.runs) - 1)))
    trial.ledger.may_be_gone |= set(runs)
    trial.ledger.record_answer(trial.admin.post("/history/delete", [("run", run) for run in runs]), of="deleting")


def delete_upload(trial: Trial) -> None:
    upload = trial.draw.choice(trial.runs)
    trial.ledger.may_be_gone.add(upload)
    trial.ledger.record_answer(trial.admin.post(f"/admin/uploads/{upload}/delete"), of="deleting an upload")


def promote(trial: Trial) -> None:
    trial.ledger.promoted = True
    for version in trial.draw.sample(trial.versions, min(2, len(trial.versions))):
        answer = trial.admin.post(f"/models/{version}/promote", {"force": "yes", "reason": "a drill"})
        trial.ledger.record_answer(answer, of="promoting")


def set_threshold(trial: Trial) -> None:
    for run in trial.draw.sample(trial.runs, min(3, len(trial.runs))):
        trial.ledger.record_answer(
            trial.admin.post(f"/predictions/{run}/threshold", {"threshold": "0.6"}), of="threshold"
        )


def order_exports(trial: Trial) -> None:
    run = trial.draw.choice(trial.runs)
    for kind in ("pdf", "xlsx", "csv"):
        trial.ledger.record_answer(
            trial.admin.post(f"/predictions/{run}/export.{kind}", htmx=True), of="ordering an export"
        )
        trial.ledger.record_answer(trial.admin.get(f"/predictions/{run}/export.{kind}"), of="fetching an export")


def erase_customer(trial: Trial) -> None:
    trial.ledger.erased = True
    answer = trial.admin.post("/admin/customers/erase/confirmed", {"customer_id": ERASED})
    trial.ledger.record_answer(answer, of="erasing a customer")


def delete_account(trial: Trial) -> None:
    """A new person joins, predicts, and leaves."""
    email = f"leaver-{secrets.token_hex(3)}@telco.example.com"
    leaver = Browser(trial.service.url)
    fields = {"name": "Branch Manager", "email": email, "password": PASSWORD_OF_NEW, "confirm": PASSWORD_OF_NEW}
    leaver.post("/register", fields)
    trial.ledger.asked_to_leave.add(email)
    leaver.post("/login", {"email": email, "password": PASSWORD_OF_NEW})
    answer = leaver.post("/predictions", file=(SMALL, content_of(SMALL)))
    if answer.status == 303:
        trial.ledger.may_be_gone.add(answer.last)
    trial.ledger.record_answer(
        leaver.post("/profile/delete", {"delete-current_password": PASSWORD_OF_NEW}), of="leaving"
    )


def back_up(trial: Trial) -> None:
    """On the command line; the command itself is killed together with what else is chosen."""
    file = trial.folder / f"backup-{secrets.token_hex(3)}.tar"
    trial.ledger.backup = file
    trial.service.command("backup", str(file)).wait(timeout=120)


def restore(trial: Trial) -> None:
    """The backup was made, and the server stopped, before the round."""
    trial.ledger.restored = True
    trial.service.command("restore", str(trial.folder / RESTORED), "--force").wait(timeout=120)


def score_on_the_command_line(trial: Trial) -> None:
    file = trial.folder / SMALL
    file.write_bytes(content_of(SMALL))
    trial.service.command("score", str(file), "--out", str(trial.folder / "scored.csv")).wait(timeout=120)


def start(trial: Trial) -> None:
    """Nothing but the start itself: the kill falls into it."""
    assert trial


PASSWORD_OF_NEW = "correct horse battery staple 9"
ACTIVITIES: dict[str, tuple[Callable[[Trial], None], float]] = {
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


def in_background(act: Callable[[Trial], None], trial: Trial) -> threading.Thread:
    """The activity in a separate thread; that the server goes away meanwhile is what is meant to happen."""

    def run() -> None:
        with suppress(*GONE):
            act(trial)

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
