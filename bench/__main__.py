"""Compares the product's speed with alternatives: one command, one table, one JSON file.

    python -m bench [--large] [--quick] [--repeats 3] [--write-docs]

It measures CPU seconds, because wall time on a busy machine is noisy. Every figure is measured in a separate process
with OMP_WAIT_POLICY=passive and one thread for XGBoost. The contestants take turns, and the median of the repeats
counts.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.measuring import in_fresh_process, machine, medians
from bench.path import application_in
from bench.reference import LABELLED, UNLABELLED, learn
from bench.report import table, write_docs

SIZES, LARGE = (10_000, 100_000, 1_000_000), 5_000_000
QUICK = (10_000, 50_000)
SCRIPT_SIZES = (5_000, 25_000)
MEMBERS, QUICK_MEMBERS = 100_000, 2_000
"""Members of the campaign whose list is opened."""
RESULTS = Path(__file__).parent / "results"


def prepare(folder: Path, sizes: tuple[int, ...]) -> None:
    """Create files of generated customers, the starter model and the reference model."""
    application = application_in(folder)
    application.maintenance.upgrade_database()
    training = application.models.ensure_starter()
    if training is not None:
        application.models.train_model(training.id)
    sample = application.models.ensure_starter.sample
    sample.write(folder / LABELLED, rows=20_000, seed=5)
    for rows in sizes:
        sample.write(folder / UNLABELLED.format(rows), rows=rows, seed=rows, labelled=False)
    learn(application, folder)


def measured(folder: Path, sizes: tuple[int, ...], *, repeats: int) -> dict[str, Any]:
    """Measure the contestants in turns. Sizes above a million are measured only once."""
    results: dict[str, list[dict[str, Any]]] = {}

    def take(side: str, module: str, rows: int, *more: str) -> None:
        file = folder / UNLABELLED.format(rows)
        results.setdefault(side, []).append(in_fresh_process(module, str(folder), str(file), *more))

    biggest = max(size for size in sizes if size < LARGE)
    for _ in range(repeats):
        for rows in SCRIPT_SIZES:
            take(f"script {rows}", "bench.todays_script", rows)
        for rows in sizes:
            if rows < LARGE:
                take(f"path {rows}", "bench.path", rows)
        take("champion", "bench.path", biggest, "--champion")
        take("floor", "bench.floor", biggest)
    if LARGE in sizes:
        take(f"path {LARGE}", "bench.path", LARGE)
    results["reasons"] = [in_fresh_process("bench.shap", *(["--rows", "16384"] if biggest < 1_000_000 else []))]
    take("queries", "bench.queries", biggest)
    small = str(folder / UNLABELLED.format(min(sizes)))
    take("reports", "bench.pages", biggest, small, "--reports")
    take("pages", "bench.pages", biggest, small)
    times = 20 if members_of(sizes) == MEMBERS else 2
    take("lists", "bench.lists", min(sizes), "--members", str(members_of(sizes)), "--repeats", str(times))
    return {side: medians(taken) for side, taken in results.items()}


def members_of(sizes: tuple[int, ...]) -> int:
    return MEMBERS if max(sizes) >= MEMBERS else QUICK_MEMBERS


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--large", action="store_true", help="Also five million customers.")
    arguments.add_argument("--quick", action="store_true", help="Small files alone, to see that it works.")
    arguments.add_argument("--repeats", type=int, default=3)
    arguments.add_argument("--write-docs", action="store_true", help="Write docs/performance.md from the figures.")
    options = arguments.parse_args()
    sizes = QUICK if options.quick else (*SIZES, LARGE) if options.large else SIZES
    document: dict[str, Any] = {"taken_at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine()}
    with tempfile.TemporaryDirectory(prefix="netone-bench-") as folder:
        prepare(Path(folder), tuple({*sizes, *SCRIPT_SIZES}))
        document |= {"repeats": options.repeats, "sizes": sizes, "script_sizes": SCRIPT_SIZES}
        document["members"] = members_of(sizes)
        document["figures"] = measured(Path(folder), sizes, repeats=options.repeats)
    document["machine"]["load_after"] = [round(load, 1) for load in os.getloadavg()]
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / f"{document['taken_at'].replace(':', '')}.json"
    target.write_text(json.dumps(document, indent=1), "utf-8")
    print(table(document))
    print(f"\nWritten to {target.relative_to(Path.cwd()) if target.is_relative_to(Path.cwd()) else target}.")
    if options.write_docs:
        write_docs(document)


if __name__ == "__main__":
    main()
