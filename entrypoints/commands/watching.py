"""`netone watch`: look at watched folders in the foreground, and do their work."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from application.use_cases.folders.look import RuleLook
from domain.errors import DomainError
from domain.export import ExportKind
from domain.folders.files import FileState, FolderFile
from domain.folders.names import shown_name
from domain.folders.rule import RESULT_KINDS, FolderRule, FolderRuleId, Then
from domain.run import RunId
from domain.training import TrainingId
from entrypoints.commands.console import JSON, MISTAKE, Context, fail, say, show_json
from entrypoints.commands.scoring import ensure_model

LOOKS_BEFORE_THE_END = 3
"""With --once: looks that a file needs to be taken."""


def _results(_: click.Context, __: click.Parameter, value: str | None) -> tuple[ExportKind, ...]:
    known = {kind.value: kind for kind in RESULT_KINDS}
    names = [name.strip().lower() for name in (value or "").split(",") if name.strip()]
    for name in names:
        if name not in known:
            raise click.BadParameter(f"{name!r} is not one of {', '.join(known)}.")
    return tuple(known[name] for name in names)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option(
    "--then",
    type=click.Choice([own.value for own in Then]),
    default=Then.PREDICT.value,
    show_default=True,
    help="What is done with each file.",
)
@click.option(
    "--results",
    callback=_results,
    metavar="KINDS",
    help="Write the results next to the file: csv, xlsx, parquet, or several with commas.",
)
@click.option("--once", is_flag=True, help="Do what is there, and end.")
@JSON
@click.pass_obj
def watch(
    obj: Context, folder: Path | None, then: str, results: tuple[ExportKind, ...], once: bool, as_json: bool
) -> None:
    """Watch FOLDER, or without one the folders of Admin → Folders, until Ctrl-C."""
    if as_json and not once:
        raise click.UsageError("--json prints one object at the end, so it needs --once.")
    if folder is None and (results or then != Then.PREDICT.value):
        raise click.UsageError("--then and --results belong to a FOLDER; other rules are changed in Admin → Folders.")
    rule = None if folder is None else _rule(obj, folder, Then(then), results)
    if not as_json:
        _say_what(obj, rule)
    logging.getLogger("netone").addHandler(logging.NullHandler())  # problems are said in a sentence
    if rule is not None and rule.then is Then.PREDICT:
        ensure_model(obj, None)
    watched = Watched(obj, rule.id if rule else None, quiet=as_json)
    try:
        with _kept_alive(obj):
            ended = watched.once() if once else watched.forever()
    finally:
        obj.application.folders.look.release()
    if as_json:
        show_json({"files": [_described(look, file) for look, file in ended]})
    if watched.problems or any(file.state is FileState.REFUSED for _, file in ended):
        sys.exit(MISTAKE)


def _rule(obj: Context, folder: Path, then: Then, results: tuple[ExportKind, ...]) -> FolderRule:
    if not folder.is_dir():
        fail(f"There is no folder {shown_name(str(folder))}.")
    return obj.application.folders.add.by_command(folder.resolve(), then, results, by=obj.operator)


def _say_what(obj: Context, rule: FolderRule | None) -> None:
    if rule is not None:
        say(f"Watching {rule.folder}: {rule.then.words.lower()}. Stop with Ctrl-C.")
        return
    view = obj.application.folders.view(by=obj.operator.account)
    names = [own.rule.folder for own in view.folders if not own.rule.by_command]
    if not names:
        say("There is no rule yet. Make one in Admin → Folders, or name a folder: netone watch FOLDER.")
    else:
        say(f"Watching {', '.join(names)}. Stop with Ctrl-C.")


class Watched:
    """The folders that this command watches. It does the work itself, one file after the other."""

    def __init__(self, obj: Context, rule_id: FolderRuleId | None, *, quiet: bool) -> None:
        self._obj, self._rule_id, self._quiet = obj, rule_id, quiet
        self._problems: dict[str, str] = {}
        self._ended: list[tuple[RuleLook, FolderFile]] = []

    @property
    def problems(self) -> bool:
        """Whether a folder needs somebody."""
        return any(self._problems.values())

    def forever(self) -> list[tuple[RuleLook, FolderFile]]:
        while True:
            self._ended.clear()
            self._look()
            time.sleep(self._obj.settings.folder_seconds)

    def once(self) -> list[tuple[RuleLook, FolderFile]]:
        """Look until all that was there and does not grow came to its place. Returns it."""
        looks = 0
        while True:
            busy = self._look()
            looks += 1
            if not busy and looks > LOOKS_BEFORE_THE_END:
                return self._ended
            time.sleep(self._obj.settings.folder_seconds if looks <= LOOKS_BEFORE_THE_END else 0.2)

    def _look(self) -> bool:
        """Look once, and do the jobs that came of it. Returns whether some are left."""
        looks = self._obj.application.folders.look(self._rule_id)
        self._tell(looks)
        under_way = [(look.rule, file) for look in looks for file in look.under_way]
        for rule, file in under_way:
            _work(self._obj, rule, file)
        return bool(under_way)

    def _tell(self, looks: Sequence[RuleLook]) -> None:
        for look in looks:
            self._ended += [(look, file) for file in look.ended]
            for file in look.ended:
                verb = "done" if file.state is FileState.DONE else "refused"
                self._say(f"{shown_name(look.rule.folder)}/{shown_name(file.name)}: {verb}. {file.words}")
            problem = "Another process looks at it." if look.elsewhere else look.problem
            if problem and self._problems.get(look.rule.id) != problem:
                say(f"{shown_name(look.rule.folder)}: {problem}")
            self._problems[look.rule.id] = problem

    def _say(self, words: str) -> None:
        if not self._quiet:
            say(words)


def _work(obj: Context, rule: FolderRule, file: FolderFile) -> None:
    """Do a file's job, unless a worker has it. How it ends is stored with the job."""
    works: dict[Then, Callable[[str], object]] = {
        Then.PREDICT: lambda job: obj.application.predictions.score_run(RunId(job)),
        Then.TRAIN: lambda job: obj.application.models.train_model(TrainingId(job)),
    }
    if file.job_id is None or rule.then not in works:
        return
    try:
        works[rule.then](file.job_id)
    except DomainError as error:
        say(f"{shown_name(file.name)}: {error}")
    except Exception as error:  # noqa: BLE001 (stored with the job; the other files go on)
        say(f"{shown_name(file.name)}: something failed on our side ({type(error).__name__}).")


@contextmanager
def _kept_alive(obj: Context) -> Iterator[None]:
    """Show every few seconds that this process lives, also while a large file is worked on."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(obj.settings.beat_seconds):
            obj.application.folders.look.touch()
            obj.application.jobs.touch_claims()

    thread = threading.Thread(target=beat, daemon=True, name="beat")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _described(look: RuleLook, file: FolderFile) -> dict[str, object]:
    return {
        "folder": shown_name(look.rule.folder),
        "file": shown_name(file.name),
        "moved_to": f"{file.state.place.value}/{shown_name(file.target or '')}",
        "state": file.state.value,
        "words": file.words,
        "job": file.job_id,
        "sha256": file.sha256,
    }
