"""Code that the commands share: the application, output, and checks of file arguments."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol

import click

from domain.account import system_account
from domain.actor import Actor
from domain.formats import Formats
from domain.progress import Progress
from entrypoints.application import Application
from entrypoints.settings import Settings

if TYPE_CHECKING:
    from entrypoints.bootstrap import ClosedInstallation

MISTAKE = 2
OURS = 1

JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
FILE = click.Path(path_type=Path)


class Releasable(Protocol):
    def release(self) -> None: ...


class Context:
    """The settings, and the application, which is built when a command first needs it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._application: Application | None = None
        self._lock: Releasable | None = None

    @property
    def closed(self) -> ClosedInstallation:
        """The data directory without an application, for commands that check or restore it."""
        from entrypoints.bootstrap import ClosedInstallation

        return ClosedInstallation(self.settings)

    @property
    def formats(self) -> Formats:
        """How numbers without a currency are written."""
        return self.closed.plain_formats()

    @property
    def unopened(self) -> Application:
        """The application without checking that the database matches the data directory, and without upgrading it."""
        from entrypoints.bootstrap import build_inline

        if self._lock is None:
            self._lock = self.closed.enter()
        return build_inline(self.settings)

    @property
    def application(self) -> Application:
        """The application with an upgraded database. It runs jobs in this process."""
        if self._application is None:
            self._application = self.unopened
            self._application.maintenance.upgrade_database()
        return self._application

    def close(self) -> None:
        """Release the lock on the data directory, so that a restore can run."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    @property
    def operator(self) -> Actor:
        """Anyone who runs a command. They may do everything, and have no IP address."""
        return Actor(system_account(self.application.now()))


def fail(message: str) -> NoReturn:
    click.echo(f"netone: {' '.join(message.split())}", err=True)
    sys.exit(MISTAKE)


def say(message: str) -> None:
    click.echo(message, err=True)


def show_json(document: object) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, default=str))


def must_exist(path: Path, *, expected: str = "a CSV file") -> Path:
    if not path.exists():
        fail(f"There is no file {path}.")
    if path.is_dir():
        fail(f"{path} is a folder; give {expected}.")
    if not path.is_file():
        fail(f"{path} is a pipe or a device, not a file; write its content to a file first.")
    return path


def must_differ(*paths: Path | None) -> None:
    """Refuse two arguments that name the same file, so that no output overwrites an input or another output."""
    resolved = [path.resolve() for path in paths if path is not None]
    for path in resolved:
        if resolved.count(path) > 1:
            fail(f"{path} is given twice; use a different name for each file.")


def must_be_writable(out: Path) -> None:
    if not out.parent.is_dir():
        fail(f"There is no folder {out.parent} to write to.")
    if out.is_dir():
        fail(f"{out} is a folder; give the name of a file.")


@contextmanager
def bar(title: str) -> Iterator[Callable[[Progress], None]]:
    """Show a progress bar on a terminal; print nothing in a pipe. Yields a callback that takes the progress."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as progress_bar:
        task = progress_bar.add_task(title, total=None)
        yield lambda step: progress_bar.update(task, description=step.words, completed=step.done, total=step.of)


def printable(text: str) -> str:
    """Without characters that a terminal would obey. Ids come from files, and hold any character."""
    return "".join(character if character.isprintable() else "�" for character in text)
