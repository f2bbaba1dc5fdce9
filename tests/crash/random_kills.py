"""Kills at random: a real server at work, a signal at a random moment, and what is left of it and on disk."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.crash.activities import ACTIVITIES, OFFLINE, RESTORED, Ledger, Trial, in_background, people
from tests.crash.browser import Browser
from tests.crash.forked import in_child
from tests.crash.installation import LARGE, Facts, content_of, move_clock, opened
from tests.crash.invariants import Allowed, check, check_running, check_trash
from tests.crash.operations import restored_without
from tests.crash.service import Service, send

SETTLED_WITHIN = 120.0
PAUSE = 7.0
"""Seconds for which a paused process sleeps: longer than the server of these rounds waits for a heartbeat."""
VICTIMS = ("web", "worker", "both", "everything", "web, asked to end", "worker, asked to end", "worker paused")


@dataclass
class Round:
    """One kill and its verdict."""

    number: int
    activity: str
    victim: str
    delay: float
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        verdict = "ok" if not self.problems else "; ".join(self.problems)
        return f"{self.number:>3}  {self.activity:<28} {self.victim:<20} after {self.delay:4.1f} s  {verdict}"


class Rounds:
    """Rounds on one installation that lives on from kill to kill. `close` ends every process."""

    def __init__(self, folder: Path, prepared: Path, facts: Facts, *, seed: int, forked: bool = False) -> None:
        self._folder = folder
        self._data = folder / "live"
        self._log = folder / "rounds.txt"
        shutil.copytree(prepared, self._data)
        self._facts, self._draw = facts, random.Random(seed)
        self._service = Service(self._data, folder / "serve.txt", forked=forked)
        self._people: tuple[Browser, Browser] | None = None
        self._names = iter(_in_turn(self._draw))

    def begin(self) -> None:
        """Start, log in, and learn what an undisturbed run of the large file gives. Raises AssertionError."""
        self._service.start()
        _must(self._service.wait_until_ready())
        self._people = people(self._service)
        answer = self._people[1].post("/predictions", file=(LARGE, content_of(LARGE)))
        _must(self._settle())
        facts = _asked(in_child(lambda: opened(self._data, upgrade=False).facts(), log=self._log))
        facts.references = self._facts.references | {LARGE: facts.scores[answer.last]}
        self._facts = facts

    def close(self) -> None:
        self._service.end_by_force()

    def rounds(self, how_many: int) -> Iterator[Round]:
        for number in range(1, how_many + 1):
            name = next(self._names)
            act, longest = ACTIVITIES[name]
            victim = "everything" if name in OFFLINE else self._draw.choice(VICTIMS)
            current = Round(number, name, victim, self._draw.uniform(0.0, longest))
            ledger = self._kill(current, act)
            self._judge(current, ledger)
            yield current

    def _kill(self, current: Round, act: Callable[[Trial], None]) -> Ledger:
        assert self._people is not None
        ledger = Ledger()
        if current.activity in OFFLINE:
            self._stop(current)
        trial = Trial(
            self._service, *self._people, self._done_runs(), tuple(self._facts.models), self._draw, ledger, self._folder
        )
        thread = in_background(act, trial)
        time.sleep(current.delay)
        answered = len(ledger.refused)
        self._strike(current.victim)
        thread.join(timeout=120)
        if thread.is_alive():
            current.problems.append("the activity hangs")
        refused = ledger.refused[:answered] if "web" in current.victim or not self._service.running else ledger.refused
        current.problems += refused
        return ledger

    def _stop(self, current: Round) -> None:
        """A stopped server; for a restore with a backup of what it has, for a start begun again."""
        backup = self._folder / RESTORED
        backup.unlink(missing_ok=True)
        if current.activity == "restore" and self._service.command("backup", str(backup)).wait(timeout=120):
            current.problems.append("the backup failed")
        current.problems += _as_list(self._service.stop())
        if current.activity == "start":
            self._service.start()

    def _strike(self, victim: str) -> None:
        service = self._service
        web, worker = service.web, service.worker()
        number = signal.SIGTERM if "asked" in victim else signal.SIGKILL
        if victim == "worker paused":
            _pause(worker)
        elif victim == "everything":
            for pid in service.processes():
                if pid != worker or self._draw.random() < 0.5:  # a worker without a server must end too
                    send(pid, signal.SIGKILL)
        else:
            for target in (web if "worker" not in victim else None, worker if "web" not in victim else None):
                if target is not None:
                    send(target, number)

    def _judge(self, current: Round, ledger: Ledger) -> None:
        allowed = Allowed(
            runs_gone=frozenset(ledger.may_be_gone),
            uploads_gone=frozenset(ledger.may_be_gone),
            accounts_gone=frozenset(ledger.asked_to_leave),
            scores_changed=ledger.erased,
            stages_changed=ledger.promoted,
            audit_cut=ledger.restored,
        )
        if current.victim not in ("worker", "worker, asked to end", "worker paused"):
            current.problems += _as_list(self._service.wait_until_ended())
        if not self._service.running:
            current.problems += _as_list(self._service.wait_until_gone())
            self._service.end_by_force()
            current.problems += self._judge_remains(allowed, ledger)
            in_child(self._sweep, log=self._log)
            self._service.start()
        current.problems += _as_list(self._service.wait_until_ready())
        if ledger.restored:  # everybody was logged out
            self._people = people(self._service)
        current.problems += _as_list(self._settle())
        current.problems += self._judge_running(allowed, ledger)

    def _judge_remains(self, allowed: Allowed, ledger: Ledger) -> list[str]:
        """A copy of what the kill left, opened in a later hour."""
        remains = self._folder / "remains"
        shutil.rmtree(remains, ignore_errors=True)
        shutil.copytree(self._data, remains)

        def verdict() -> list[str]:
            place = opened(remains)
            problems = check(place, self._facts, allowed, ledger.accepted)
            return (
                problems + check_trash(place, self._facts) + _backup_problems(ledger.backup, self._folder / "restored")
            )

        ended = in_child(verdict, log=self._log)
        return [ended.failure] if ended.answer is None else list(ended.answer)

    def _sweep(self) -> None:
        """Rounds follow each other faster than leftovers grow old: let some hours pass."""
        move_clock(timedelta(hours=3))
        opened(self._data).application.maintenance.sweep_leftovers()

    def _judge_running(self, allowed: Allowed, ledger: Ledger) -> list[str]:
        """The living installation; what it holds now is what the next round must not lose."""

        def verdict() -> tuple[list[str], Facts]:
            place = opened(self._data, upgrade=False)
            return check_running(place, self._facts, allowed, ledger.accepted), place.facts()

        ended = in_child(verdict, log=self._log)
        if ended.answer is None:
            return [ended.failure]
        problems, facts = ended.answer
        facts.references, facts.names = self._facts.references, self._facts.names | facts.names
        self._facts = facts
        return list(problems)

    def _settle(self) -> str | None:
        """Wait until nothing is queued or running any more."""
        until = time.monotonic() + SETTLED_WITHIN
        while time.monotonic() < until:
            left = self._sql(
                "SELECT (SELECT count(*) FROM runs WHERE state IN ('queued', 'running')) +"
                " (SELECT count(*) FROM trainings WHERE state IN ('queued', 'running'))"
            )
            if left == [(0,)]:
                return None
            time.sleep(0.25)
        return f"{left[0][0]} jobs are unfinished after {SETTLED_WITHIN:.0f} s"

    def _done_runs(self) -> tuple[str, ...]:
        return tuple(run_id for (run_id,) in self._sql("SELECT id FROM runs WHERE state = 'done' ORDER BY id"))

    def _sql(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self._data / 'netone.db'}?mode=ro", uri=True, timeout=30)) as connection:
            return connection.execute(query).fetchall()


def table(rounds: list[Round]) -> str:
    """Kills by activity, and how many of them left something to complain about."""
    kills, bad = Counter(r.activity for r in rounds), Counter(r.activity for r in rounds if r.problems)
    lines = [f"{name:<30} {kills[name]:>5} kills {bad[name]:>5} violations" for name in ACTIVITIES if kills[name]]
    victims = Counter(r.victim for r in rounds)
    return "\n".join([*lines, "", *(f"{name:<30} {victims[name]:>5} times" for name in VICTIMS if victims[name])])


def _in_turn(draw: random.Random) -> Iterator[str]:
    """Every activity equally often, in a drawn order."""
    while True:
        names = list(ACTIVITIES)
        draw.shuffle(names)
        yield from names


def _pause(pid: int | None) -> None:
    """As a closed laptop does."""
    if pid is not None:
        send(pid, signal.SIGSTOP)
        time.sleep(PAUSE)
        send(pid, signal.SIGCONT)


def _backup_problems(backup: Path | None, target: Path) -> list[str]:
    """A backup that is there is whole. What was deleted while it was made may be missing."""
    return [] if backup is None or not backup.exists() else restored_without(backup, target, Facts())


def _as_list(problem: str | None) -> list[str]:
    return [] if problem is None else [problem]


def _must(problem: str | None) -> None:
    if problem is not None:
        raise AssertionError(problem)


def _asked(ended: Any) -> Facts:
    if ended.answer is None:
        raise AssertionError(ended.failure)
    assert isinstance(ended.answer, Facts)
    return ended.answer
