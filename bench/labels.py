"""Measures how labels are made from monthly files: CPU seconds and peak memory of the whole work in a fresh process.

    python -m bench.labels [--customers 1000000] [--months 12] [--write-docs]

It generates the files, makes the training file of all months, and compares it with the generator's own labels. With
`--write-docs` the table goes into docs/labels.md, between the marks.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.measuring import Stages, in_fresh_process, peak_mb

DOCS = Path(__file__).parent.parent / "docs" / "labels.md"
BEGIN, END = "<!-- labels: begin -->", "<!-- labels: end -->"
LAST_MONTH, SEED = "2026-10", 20261130
MAX_CPU_SECONDS, MAX_MB = 60, 1_024


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--customers", type=int, default=1_000_000)
    arguments.add_argument("--months", type=int, default=12)
    arguments.add_argument("--write-docs", action="store_true")
    arguments.add_argument("--generate", metavar="FOLDER", help="used by this module for its own processes")
    arguments.add_argument("--measure", metavar="FOLDER", help="used by this module for its own processes")
    options = arguments.parse_args()
    size = ("--customers", str(options.customers), "--months", str(options.months))
    if options.generate:
        print(json.dumps({"sha256": generated(Path(options.generate), options.customers, options.months)}))
        return
    if options.measure:
        print(json.dumps(measured(Path(options.measure))))
        return
    with tempfile.TemporaryDirectory() as folder:
        # In separate processes: a process starts with the peak memory of the one that made it.
        truth = in_fresh_process("bench.labels", "--generate", folder, *size)["sha256"]
        figures = in_fresh_process("bench.labels", "--measure", folder)
        figures["equal"] = sha256_of(Path(folder) / "labelled.csv") == truth
    lines = list(report(figures, options.customers, options.months))
    print("\n".join(lines))
    if options.write_docs:
        text = DOCS.read_text("utf-8")
        before, after = text[: text.index(BEGIN)], text[text.index(END) :]
        DOCS.write_text(f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{after}", "utf-8")


def generated(folder: Path, customers: int, months: int) -> str:
    """Write the monthly files, without Churn. Returns the SHA-256 of the file that the generator itself labels."""
    from adapters.ml.sample_customers import MadeUpCustomers

    paths = MadeUpCustomers().write_months(folder, rows=customers, seed=SEED, months=months, last_month=LAST_MONTH)
    truth = hashlib.sha256()
    for place, path in enumerate(paths):
        bare = path.with_name(f"base-{path.stem[-7:]}.csv")
        labelled = place < len(paths) - 1
        with path.open("rb") as source, bare.open("wb") as target:
            for number, line in enumerate(source):
                if labelled and (number or not place):
                    truth.update(line)
                target.write(line.rpartition(b",")[0] + b"\n" if labelled else line)
        path.unlink()
    return truth.hexdigest()


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def measured(folder: Path) -> dict[str, object]:
    """CPU and wall seconds by stage, and peak memory, of labelling the files in a folder."""
    stages = Stages()
    with stages.stage("start of the program"):
        from adapters.formatting.babel_formats import formats_of
        from adapters.intake.reader import CsvCustomerFiles
        from adapters.ml.detection.leaving_column import DetectedLeavingColumns
        from adapters.security.clock import SystemClock
        from adapters.snapshots.duckdb_snapshots import DuckDbSnapshots, DuckDbSnapshotStore
        from application.use_cases.labels.make_labels import MakeLabels
        from application.use_cases.labels.recognise_snapshots import LabelFile, RecogniseSnapshot
        from domain.label_choice import LabelChoice
    for stage, name in (("reading", "add"), ("patterns", "presences"), ("comparing", "compare"), ("tenure", "falls")):
        setattr(DuckDbSnapshots, name, stages.timed(stage, getattr(DuckDbSnapshots, name)))
    DuckDbSnapshots.write = stages.timed("writing", DuckDbSnapshots.write)  # type: ignore[method-assign]  # timed here
    make = MakeLabels(
        RecogniseSnapshot(CsvCustomerFiles(), DetectedLeavingColumns()),
        DuckDbSnapshotStore(folder / "scratch"),
        SystemClock(),
        formats_of,
    )
    files = [LabelFile(path, path.name) for path in sorted(folder.glob("base-*.csv"))]
    with stages.stage("all"):
        check = make(files, LabelChoice(), target=folder / "labelled.csv")
    left_over = list((folder / "scratch").iterdir())
    shutil.rmtree(folder / "scratch")
    return {
        "cpu": stages.cpu,
        "wall": stages.wall,
        "peak_mb": peak_mb(),
        "rows": check.made.customers,
        "left": check.made.left,
        "warnings": len(check.warnings),
        "left_over": len(left_over),
    }


def report(figures: dict[str, Any], customers: int, months: int) -> Iterator[str]:
    cpu, wall = figures["cpu"], figures["wall"]
    equal = "yes" if figures["equal"] else "NO"
    peak = f"{figures['peak_mb']:,.0f} MB"
    yield f"{months} files of {customers:,} customers each, {figures['rows']:,} labelled rows. Equal to the file that"
    yield f"the generator itself labels, to the byte: {equal}. Peak memory {peak} (limit {MAX_MB:,} MB)."
    yield ""
    yield "| stage | CPU s | wall s |"
    yield "| --- | ---: | ---: |"
    for stage in cpu:
        name = f"all (limit {MAX_CPU_SECONDS} CPU s)" if stage == "all" else stage
        yield f"| {name} | {cpu[stage]:.1f} | {wall[stage]:.1f} |"


if __name__ == "__main__":
    main()
