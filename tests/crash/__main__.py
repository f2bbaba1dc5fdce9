"""`python -m tests.crash`: kill the product at random and at chosen lines, and check what is left."""

from __future__ import annotations

import argparse
import copy
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.crash import injected
from tests.crash.injected import Drill, OperationResult, Violation
from tests.crash.installation import LARGE, ROWS, Facts
from tests.crash.line_kill import KillPoint
from tests.crash.operations import OPERATIONS
from tests.crash.random_kills import Round, Rounds, table
from tests.forking.process import SERVER

IN_MEMORY = Path("/dev/shm")  # noqa: S108 (only where it is a folder of memory; nothing secret goes there)


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that the server that is killed ends too
    ROWS[LARGE] = options.large
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="netone-crash-", dir=IN_MEMORY if IN_MEMORY.is_dir() else None))
    try:
        drill = Drill(folder)
        facts = drill.prepare()
        rounds = kill_at_random(options, folder, drill.prepared, facts) if options.kills else []
        results = inject(options, drill, facts) if not options.random_only else []
    finally:
        SERVER.close()
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    return report(rounds, results, seconds=time.monotonic() - started)


def kill_at_random(options: argparse.Namespace, folder: Path, prepared: Path, facts: Facts) -> list[Round]:
    running = Rounds(folder, prepared, copy.deepcopy(facts), seed=options.seed, forked=options.forked)
    done: list[Round] = []
    try:
        running.begin()
        for current in running.rounds(options.kills):
            done.append(current)
            print(current, flush=True)
    finally:
        running.close()
    return done


def inject(options: argparse.Namespace, drill: Drill, facts: Facts) -> list[OperationResult]:
    unknown = set(options.only) - {operation.name for operation in OPERATIONS}
    if unknown:
        raise SystemExit(f"There is no operation {min(unknown)}. There are: {', '.join(o.name for o in OPERATIONS)}")
    chosen = [operation for operation in OPERATIONS if not options.only or operation.name in options.only]
    draw = random.Random(options.seed)

    def choose(points: list[KillPoint]) -> list[KillPoint]:
        if options.at:
            return [KillPoint.parse(options.at)]
        if options.most and len(points) > options.most:
            return sorted(draw.sample(points, options.most), key=points.index)
        return points

    results = []
    for operation in chosen:
        result = OperationResult(operation.name)
        started = time.monotonic()
        for point, killed, problems in injected.run(
            drill, operation, facts, choose, every_line=not options.changes_only
        ):
            result.points += point is not None
            result.killed += killed
            if problems:
                result.violations.append(Violation(operation.name, str(point or "undisturbed"), tuple(problems)))
        result.states, drill.states = drill.states, 0
        results.append(result)
        print(
            f"{operation.name:<30} {result.points:>5} points {result.killed:>5} kills {result.states:>4} states"
            f" {len(result.violations):>5} violations {time.monotonic() - started:>6.0f} s",
            flush=True,
        )
    return results


def report(rounds: list[Round], results: list[OperationResult], *, seconds: float) -> int:
    if rounds:
        print(f"\n{table(rounds)}")
    violations = [violation for result in results for violation in result.violations]
    grouped: dict[tuple[str, str], list[str]] = {}
    for violation in violations:
        for problem in violation.problems:
            grouped.setdefault((violation.operation, _shape(problem)), []).append(violation.point)
    for (operation, problem), points in grouped.items():
        print(f"\n{operation}: {problem}\n  at {len(points)} points, the first: {', '.join(points[:3])}")
        print(f"  again: python -m tests.crash --only '{operation}' --at {points[0]}")
    bad = [current for current in rounds if current.problems]
    print(f"\nat random: {len(rounds)} kills, {len(bad)} violations")
    print(f"injected: {sum(result.killed for result in results)} kills, {len(violations)} violations")
    print(f"{seconds:.0f} s")
    return 1 if violations or bad else 0


def _shape(problem: str) -> str:
    """The problem without ids, so that equal ones are counted together."""
    words = problem.split()
    return " ".join("…" if len(word) > 30 and "-" in word else word for word in words)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=0, help="how many random kills of a running server")
    parser.add_argument("--large", type=int, default=ROWS[LARGE], help="customers of the large file")
    parser.add_argument("--random-only", action="store_true", help="no injected kills")
    parser.add_argument("--only", action="append", default=[], help="an operation by its name; may be repeated")
    parser.add_argument("--at", help="one kill point, as a report names it")
    parser.add_argument("--most", type=int, default=0, help="at most so many points of each operation (0: all)")
    parser.add_argument("--changes-only", action="store_true", help="kill before each change on disk, not at each line")
    parser.add_argument("--forked", action="store_true", help="start servers as forks, without imports: quicker")
    parser.add_argument("--keep", action="store_true", help="keep the folders")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
