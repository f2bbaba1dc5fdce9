"""Monthly files of generated customers, as a team has them that does not record who left."""

from __future__ import annotations

from pathlib import Path

from adapters.ml.sample_customers import MadeUpCustomers


def monthly_files(folder: Path, name: str, *, rows: int, seed: int, months: int, last_month: str) -> list[Path]:
    """One file per month of one base, without labels; the month is in the file's name alone: "base 2026-11.csv"."""
    files = []
    made = MadeUpCustomers().write_months(folder, rows=rows, seed=seed, months=months, last_month=last_month)
    for path in made:
        lines = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
        kept = [place for place, column in enumerate(lines[0]) if column not in ("SnapshotMonth", "Churn")]
        files.append(folder / f"{name} {path.stem[-7:]}.csv")
        files[-1].write_text("\n".join(",".join(line[place] for place in kept) for line in lines), encoding="utf-8")
    return files
