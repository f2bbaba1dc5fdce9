"""Made-up customers of several months whose bills move, and who leave because of it."""

from __future__ import annotations

import csv
import math
import random
from pathlib import Path

HEADER = ["customer_id", "SnapshotMonth", "Plan", "MonthlyCharges", "calls"]
Months = dict[str, list[list[str]]]


def customers(effect: float, *, count: int = 900, months: int = 6, seed: int = 3) -> tuple[Months, dict[str, set[str]]]:
    """Rows by month, and who leaves after it: the log-odds rise by `effect` when the bill has risen."""
    drawing = random.Random(seed)
    base = [[f"C{at}", "A", drawing.uniform(20, 80), 0.0] for at in range(count)]
    number, rows, leavers = count, Months(), dict[str, set[str]]()
    for place in range(months):
        month = f"2026-{place + 1:02d}"
        rows[month] = [[str(own[0]), month, str(own[1]), f"{own[2]:.2f}", str(drawing.randrange(4))] for own in base]
        odds = {str(own[0]): -2.2 + effect * (float(own[3]) > 0) for own in base}
        leavers[month] = {who for who, own in odds.items() if drawing.random() < 1 / (1 + math.exp(-own))}
        base = [own for own in base if own[0] not in leavers[month]]
        for own in base:
            own[3] = drawing.choice([8.0, -8.0, 12.0]) if drawing.random() < 0.3 else 0.0
            own[2] = max(5.0, float(own[2]) + float(own[3]))
            own[1] = drawing.choice("ABC") if drawing.random() < 0.1 else own[1]
        base += [[f"C{number + at}", "B", drawing.uniform(20, 80), 0.0] for at in range(count - len(base))]
        number += count
    return rows, leavers


def written(path: Path, rows: list[list[str]], header: list[str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path
