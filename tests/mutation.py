"""Mutation testing: change one thing in a rule at a time, and see whether a fast test fails.

    python -m tests.mutation domain/recommendation.py domain/economics.py --minutes 10

mutmut does the work, in the folder `mutants`; `[tool.mutmut]` in pyproject.toml says which tests it runs. What was
tried stays, so the next run goes on where this one stopped. `--again` tries those again that no test noticed.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MUTANTS = Path("mutants")
KILLED, SURVIVED, NO_TESTS = (1, 3), 0, 33
"""Exit codes of pytest for a mutant, and mutmut's own for one that no selected test reaches."""


@dataclass(frozen=True, slots=True)
class Module:
    """A module by its path, such as "domain/recommendation.py"."""

    path: str

    @property
    def name(self) -> str:
        return self.path.removesuffix(".py").replace("/", ".")

    @property
    def outcomes(self) -> dict[str, int | None] | None:
        """Mutant → exit code, None for one not tried yet; None where the module has to be read (again)."""
        kept, source = MUTANTS / f"{self.path}.meta", Path(self.path)
        if not kept.exists() or kept.stat().st_mtime < source.stat().st_mtime:
            return None
        outcomes: dict[str, int | None] = json.loads(kept.read_text(encoding="utf-8"))["exit_code_by_key"]
        return outcomes

    def to_try(self, *, again: bool) -> list[str]:
        outcomes = self.outcomes
        if outcomes is None:
            return [f"{self.name}.*"]
        wanted = (None, SURVIVED, NO_TESTS) if again else (None,)
        return [mutant for mutant, outcome in outcomes.items() if outcome in wanted]

    @property
    def score(self) -> str:
        """Killed by a failing test, or by running without end; survived; reached by no test; not tried."""
        counts = Counter(
            "not tried" if outcome is None else {SURVIVED: "survived", NO_TESTS: "untested"}.get(outcome, "killed")
            for outcome in (self.outcomes or {}).values()
        )
        tried = counts.total() - counts["not tried"]
        share = f"{counts['killed'] / tried:.0%}" if tried else "-"
        rest = ", ".join(f"{counts[kind]} {kind}" for kind in ("survived", "untested", "not tried"))
        return f"{self.path:<44} {share:>5}  {counts['killed']}/{tried} killed, {rest}"


MUTMUT = """
import signal
from mutmut.__main__ import cli
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell starts this in the background
cli()
"""


def run(mutants: Sequence[str], *, minutes: float) -> int:
    """mutmut's exit code; 0 too where the time was over. mutmut runs in a new session, which ends as a whole."""
    with subprocess.Popen([sys.executable, "-c", MUTMUT, "run", *mutants], start_new_session=True) as process:
        try:
            return process.wait(timeout=60 * minutes)
        except subprocess.TimeoutExpired:
            _stop(process)
            print(f"\nStopped after {minutes:g} minutes. The next run goes on from here.")
            return 0
        except KeyboardInterrupt:
            _stop(process)
            raise


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Let mutmut note what it has; end it and its workers where that takes long."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def main() -> int:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("modules", nargs="+", metavar="MODULE", help="such as domain/recommendation.py")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--again", action="store_true", help="also those that survived or that no test reached")
    given = parser.parse_args()
    modules = [Module(path) for path in given.modules]
    wanted = [mutant for module in modules for mutant in module.to_try(again=given.again)]
    code = run(wanted, minutes=given.minutes) if wanted else 0
    for module in modules:
        print(module.score)
        for mutant, outcome in (module.outcomes or {}).items():
            if outcome == SURVIVED:
                print(f"    survived: mutmut show {mutant}")
    return code


if __name__ == "__main__":
    raise SystemExit(main())
