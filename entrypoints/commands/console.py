"""What the commands share: the desk, where words go, and how files are asked for."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, Protocol

import click

from domain.account import Account, system_account
from domain.run import Progress
from entrypoints.desk import Desk
from entrypoints.settings import Settings

MISTAKE = 2
OURS = 1

JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
FILE = click.Path(path_type=Path)


class Releasable(Protocol):
    def release(self) -> None: ...


class Context:
    """The settings, and the desk once a command needs it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._desk: Desk | None = None
        self._lock: Releasable | None = None

    @property
    def unopened(self) -> Desk:
        """The application on a database that was neither compared with its data directory nor upgraded."""
        from entrypoints.bootstrap import build_inline
        from entrypoints.wiring.backups import enter

        if self._lock is None:
            self._lock = enter(self.settings)
        return build_inline(self.settings)

    @property
    def desk(self) -> Desk:
        """The application on a current database, doing its work in this process."""
        if self._desk is None:
            self._desk = self.unopened
            self._desk.upgrade_database()
        return self._desk

    def close(self) -> None:
        """Let restores have the data directory again."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    @property
    def system(self) -> Account:
        return system_account(self.desk.clock.now())


def fail(message: str) -> NoReturn:
    click.echo(f"netone: {' '.join(message.split())}", err=True)
    sys.exit(MISTAKE)


def say(message: str) -> None:
    click.echo(message, err=True)


def show_json(document: object) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, default=str))


def must_exist(path: Path, *, wanted: str = "a CSV file") -> Path:
    if not path.exists():
        fail(f"There is no file {path}.")
    if path.is_dir():
        fail(f"{path} is a folder; {wanted} is needed.")
    if not path.is_file():
        fail(f"{path} is no file but a pipe or a device; write its content into a file first.")
    return path


def must_differ(*paths: Path | None) -> None:
    """So that nothing overwrites what is read, or what was written a moment before."""
    given = [path.resolve() for path in paths if path is not None]
    for path in given:
        if given.count(path) > 1:
            fail(f"{path} is named twice; each file needs a name of its own.")


def must_be_writable(out: Path) -> None:
    if not out.parent.is_dir():
        fail(f"There is no folder {out.parent} to write to.")
    if out.is_dir():
        fail(f"{out} is a folder; name a file.")


@contextmanager
def bar(title: str) -> Iterator[Callable[[Progress], None]]:
    """A progress bar on a terminal; silence in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(title, total=None)
        yield lambda step: shown.update(task, description=step.stage or title, completed=step.rows, total=step.of)
