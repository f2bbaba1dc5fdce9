"""An installation with results, uploads and models on disk."""

from __future__ import annotations

import io
import os
from pathlib import Path

from domain.account import Account, system_account
from domain.actor import Actor
from domain.run import JobState, RunId
from domain.training import TrainingRequest
from entrypoints.application import Application
from entrypoints.bootstrap import build_inline
from entrypoints.settings import Settings

LONG_AGO = 1_600_000_000


def customers(rows: int = 60, *, training: bool = False) -> bytes:
    lines = ["customerID,tenure,Contract,MonthlyCharges" + (",Churn" if training else "")]
    for n in range(rows):
        leaves = (n * 7919) % 100 < (55 if n % 2 else 8)
        line = f"{n:05d}-AAAAA,{n % 72},{'Month-to-month' if n % 2 else 'Two year'},{20 + n % 90}"
        lines.append(f"{line},{'Yes' if leaves else 'No'}" if training else line)
    return "\n".join(lines).encode()


class Place:
    """An installation in which files are as old as leftovers have to be."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(data_dir=folder, bcrypt_cost=4)
        self.folder = folder
        self.application = self.opened()

    def train(self) -> None:
        request = TrainingRequest(algorithm="logistic", effort="low")
        training = self.application.models.submit_training(
            io.BytesIO(customers(240, training=True)), "l.csv", request, by=Actor(self.admin)
        )
        trained = self.application.models.train_model(training.id)
        assert trained is not None
        assert trained.state is JobState.DONE, trained.error

    def opened(self) -> Application:
        application = build_inline(self.settings)
        application.maintenance.upgrade_database()
        return application

    @property
    def admin(self) -> Account:
        return system_account(self.application.now())

    def scored(self, content: bytes | None = None) -> RunId:
        run = self.application.predictions.submit_scoring(
            io.BytesIO(content or customers()), "march.csv", by=Actor(self.admin)
        )
        ended = self.application.predictions.score_run(run.id)
        assert ended is not None
        assert ended.state is JobState.DONE, ended.error
        return run.id

    def age(self) -> None:
        for kind in ("results", "uploads", "models"):
            for path in [*(self.folder / kind).rglob("*")]:
                os.utime(path, (LONG_AGO, LONG_AGO))

    def files(self) -> set[str]:
        return {
            str(path.relative_to(self.folder))
            for kind in ("results", "uploads", "models")
            for path in (self.folder / kind).rglob("*")
            if path.is_file()
        }

    def orphans(self, count: int) -> list[str]:
        """Results that no record stands for, in the way in which a run's are stored."""
        names = [f"orphan-{n}" for n in range(count)]
        for name in names:
            (self.folder / "results" / name).mkdir(parents=True)
            (self.folder / "results" / name / "customers.parquet").write_bytes(b"PAR1")
        self.age()
        return names
