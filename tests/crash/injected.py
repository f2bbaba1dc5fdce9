"""Kills at every line between a file operation and its commit: each operation, each point, on a separate copy."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.crash.fingerprint import fingerprint
from tests.crash.forked import Ended, in_child
from tests.crash.installation import Facts, move_clock, opened, prepare
from tests.crash.invariants import Allowed, check, check_trash
from tests.crash.line_kill import CHANGE, KillPoint, Watch, points_of
from tests.crash.operations import Operation
from tests.forking.server import IMPORTED

DATA = "data"
Choice = Callable[[list[KillPoint]], list[KillPoint]]
"""Which of an operation's points are taken."""


@dataclass(frozen=True)
class Violation:
    """What did not hold, and where to look."""

    operation: str
    point: str
    problems: tuple[str, ...]


@dataclass
class OperationResult:
    """One operation's row in the table."""

    operation: str
    points: int = 0
    states: int = 0
    """Different states of the disk among them."""
    killed: int = 0
    violations: list[Violation] = field(default_factory=list)


@dataclass(frozen=True)
class Trial:
    """An operation made ready in a folder: every kill begins with a copy of it."""

    operation: Operation
    folder: Path
    facts: Facts
    accepted: Sequence[str]
    allowed: Allowed


class Drill:
    """Prepares one installation in `folder` and kills operations on copies of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._base = folder / "base"
        self._log = folder / "log.txt"
        self._verdicts: dict[str, list[str]] = {}
        self.states = 0
        """How many different states were checked."""

    @property
    def prepared(self) -> Path:
        """The data directory of the undisturbed installation."""
        return self._base / DATA

    def prepare(self) -> Facts:
        """Raises AssertionError where the undisturbed installation is not as it should be."""
        _load_libraries()
        ended = in_child(lambda: _prepared(self._base / DATA), log=self._log)
        facts, model = _answer(ended)
        _learn_by_heart(model)
        assert isinstance(facts, Facts)
        return facts

    def ready(self, operation: Operation, facts: Facts) -> Trial:
        folder = self._folder / "trial"
        _copy(self._base, folder)

        def make() -> tuple[list[str], Allowed, list[str]]:
            place = opened(folder / DATA)
            accepted = operation.before(place, facts)
            allowed = operation.allowed(place, facts)
            audit = place.audit()
            place.close()
            return accepted, allowed, audit

        accepted, allowed, facts.audit = _answer(in_child(make, log=self._log))
        return Trial(operation, folder, facts, accepted, allowed)

    def points(self, trial: Trial, *, every_line: bool) -> list[KillPoint]:
        """Every point of one undisturbed run of the operation."""
        world = self._world(trial)

        def record() -> list[KillPoint]:
            watch = _act(trial, world, None, lines=every_line)
            return points_of(watch, every_line=every_line)

        points: list[KillPoint] = _answer(in_child(record, log=self._log))
        return points

    def kill(self, trial: Trial, point: KillPoint | None) -> tuple[bool, list[str]]:
        """Whether the point was reached, and what did not hold afterwards. Without a point nothing is killed."""
        world = self._world(trial)
        lines = point is not None and point.file != CHANGE
        acted = in_child(lambda: _act(trial, world, point, lines=lines) and None, log=self._log)
        if acted.failure and not acted.killed:
            return False, [f"the operation itself failed: {acted.failure}"]
        return acted.killed, self.verdict(trial, world)

    def verdict(self, trial: Trial, world: Path) -> list[str]:
        """A state that was met before has the verdict that it had then."""
        checked = in_child(lambda: _problems(trial, world, self._verdicts), log=self._log)
        if checked.answer is None:
            return [f"the check failed: {checked.failure}"]
        state, problems = checked.answer
        self.states += state not in self._verdicts
        self._verdicts[state] = problems
        return list(problems)

    def _world(self, trial: Trial) -> Path:
        world = self._folder / "world"
        _copy(trial.folder, world)
        return world


def run(
    drill: Drill, operation: Operation, facts: Facts, choose: Choice, *, every_line: bool
) -> Iterator[tuple[KillPoint | None, bool, list[str]]]:
    """Each point's outcome; first that of an undisturbed run, which must leave nothing to complain about either."""
    trial = drill.ready(operation, facts)
    yield None, False, drill.kill(trial, None)[1]
    for point in choose(drill.points(trial, every_line=every_line)):
        killed, problems = drill.kill(trial, point)
        yield point, killed, problems


def _act(trial: Trial, world: Path, point: KillPoint | None, *, lines: bool) -> Watch:
    if trial.operation.later:
        move_clock(trial.operation.later)
    place = opened(world / DATA)
    watch = Watch(world, point, lines)
    watch.start()
    try:
        trial.operation.act(place, trial.accepted)
    finally:
        watch.stop()
    return watch


def _problems(trial: Trial, world: Path, known: Mapping[str, list[str]]) -> tuple[str, list[str]]:
    state = f"{trial.operation.name} {fingerprint(world)}"
    if state in known:
        return state, known[state]
    place = opened(world / DATA)
    accepted = trial.accepted if trial.operation.promises_run else ()
    problems = check(place, trial.facts, trial.allowed, accepted)
    try:
        problems += trial.operation.after(place, trial.facts)
    except Exception as error:  # noqa: BLE001 (whatever fails here is a finding)
        problems.append(f"afterwards: {type(error).__name__}: {error}")
    return state, problems + check_trash(place, trial.facts)


def _prepared(folder: Path) -> tuple[Facts, Any]:
    """The facts, and what the trainer learned, so that later trainings need not learn it again."""
    from adapters.ml.training.logistic_trainer import LogisticTrainer

    learned: list[Any] = []
    train = LogisticTrainer.train

    def listening(*arguments: Any, **options: Any) -> Any:
        learned.append(train(*arguments, **options))
        return learned[-1]

    LogisticTrainer.train = listening  # type: ignore[method-assign]
    return prepare(folder), pickle.dumps(learned[-1])


def _learn_by_heart(model: bytes) -> None:
    """Training takes most of a check's time and changes nothing on disk: from here on its outcome is known."""
    from adapters.ml.training.logistic_trainer import LogisticTrainer

    learned = pickle.loads(model)  # noqa: S301 (our own child)
    LogisticTrainer.train = lambda *_arguments, **_options: learned  # type: ignore[method-assign]


def _load_libraries() -> None:
    """What each child would otherwise load for itself."""
    for module in (*IMPORTED, "adapters.reporting.chart_pictures"):
        import_module(module)


def _copy(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)


def _answer(ended: Ended) -> Any:
    if ended.answer is None:
        raise AssertionError(ended.failure)
    return ended.answer
