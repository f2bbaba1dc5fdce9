"""Several processes that look at the same folder, and processes that die at any step."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from domain.account import AccountId
from domain.export import ExportKind
from domain.folders.files import FileState
from domain.folders.growth import Sightings
from tests.unit.use_cases.scoring.application import FILE
from tests.unit.use_cases.watching import CRM, STILL, WatchingApplication, watching


@pytest.fixture
def app(tmp_path: Path) -> WatchingApplication:
    return watching(tmp_path / "data", results=(ExportKind.CSV, ExportKind.XLSX))


class Killed(BaseException):
    """The process is killed here."""


def another_process(app: WatchingApplication, name: str) -> WatchingApplication:
    """Another process on the same database, folders and files. It has seen nothing yet."""
    return replace(app, looker=name, seen=Sightings(STILL))


def test_two_processes_take_a_file_once(app: WatchingApplication) -> None:
    other = another_process(app, "worker-2")
    app.drop()
    for own in (app, other):
        own.look()
    app.clock.move(seconds=STILL)
    assert [own.look_now().elsewhere for own in (app, other)] == [False, True]
    assert len(app.runs) == 1
    app.look.release()
    app.work()
    assert (other.look_now().elsewhere, app.look_now().elsewhere) == (False, True)
    assert app.place("done")[0] == "customers.csv"


def test_a_process_that_wakes_up_late_stores_nothing(app: WatchingApplication) -> None:
    """It slept between claim and run, another process took its place, and then it goes on."""
    other = another_process(app, "worker-2")
    app.drop()

    def sleep(method: str) -> None:
        if method == "open":
            app.folders.before = lambda _: None
            app.clock.move(minutes=5)
            other.look_later()

    app.folders.before = sleep
    app.look_later()
    assert len(app.runs) == 1
    app.look.release()
    other.until_settled()
    assert (app.done_runs(), len(app.records())) == (["customers.csv"], 1)


def crash_at(app: WatchingApplication, step: int) -> int:
    """Let the process die at its n-th step: a call of the folders, or a commit, before or after it. Returns the number
    of steps that it took."""
    taken = 0

    def stop(_: str) -> None:
        nonlocal taken
        taken += 1
        if taken == step:
            raise Killed

    unit = type(app.new_uow())
    commit = unit.commit

    def commit_or_die(self: object) -> None:
        stop("before the commit")
        commit(self)  # type: ignore[arg-type]  # the method of the class itself
        stop("after the commit")

    app.folders.before = stop
    unit.commit = commit_or_die  # type: ignore[method-assign]  # for this one look
    try:
        app.look()
    finally:
        app.folders.before = lambda _: None
        unit.commit = commit  # type: ignore[method-assign]  # as it was
    return taken


@pytest.mark.parametrize("look", ["take", "settle", "refuse", "copy"])
def test_a_crash_at_any_step_neither_repeats_nor_loses(tmp_path: Path, look: str) -> None:
    step, died = 1, True
    while died:
        app = watching(tmp_path / str(step), results=(ExportKind.CSV,))
        if look == "copy":
            app.drop("first.csv")
            app.until_settled()
        app.drop("base.csv", b"a,b\n1,2\n" if look == "refuse" else FILE)
        app.look()
        app.clock.move(seconds=STILL)
        if look == "settle":
            app.look()
            app.work()
        try:
            crash_at(app, step)
            died = False
        except Killed:
            pass
        app.clock.move(minutes=1)  # the dead process is silent
        later = another_process(app, "worker-2")
        later.until_settled()
        _check_the_end(later, look)
        step += 1
    assert step > 8


def _check_the_end(app: WatchingApplication, look: str) -> None:
    if look == "refuse":
        assert app.place("refused") == ["base.csv", "base.csv.txt"]
        assert ([own.state for own in app.records()], app.runs) == ([FileState.REFUSED], ())
        return
    assert len(app.runs) == 1
    assert [own.state for own in app.records()] == [FileState.DONE]
    done = app.folders.inside(f"{CRM}/done")
    assert done["base.csv"] == FILE
    results = ["base.predictions.csv"] if look != "copy" else ["first.predictions.csv"]
    assert [name for name in sorted(done) if "predictions" in name] == results
    assert AccountId(app.runs[0].owner) == "analyst"
