"""Two attributes together: the tones of a heatmap, and its table."""

from __future__ import annotations

from collections.abc import Callable

from application.use_cases.insights.open_insights import Cross
from domain.segments import is_drawn
from domain.vocabulary.spelling import plain_words
from entrypoints.web.charts.specification import Table
from entrypoints.web.formats import percent

TONES = (("t0", 0.5), ("t1", 1.0), ("t2", 1.5), ("t3", 2.0))
"""Upper limits of the tones as multiples of the average; "t4" is above the last limit."""


def heat_ends(base: float) -> tuple[float, float]:
    """The upper limit of the lowest tone and the lower limit of the highest tone."""
    return base * TONES[0][1], base * TONES[-1][1]


def heat_tone(rate: float, base: float) -> str:
    """One of five tones relative to the average: two below it, three above."""
    ratio = rate / base if base else 0.0
    for tone, limit in TONES:
        if ratio < limit:
            return tone
    return "t4"


Words = Callable[[str, str], str]
"""A value of an attribute in words: "0–24 months with us"."""


def heat_table(cross: Cross, base: float, words: Words) -> Table:
    """The average risk of each pair of values, in the tones of the page; "–" for too few customers."""
    rows, tones = [], []
    for row in cross.rows:
        cells = [cross.cells.get((row, column)) for column in cross.columns]
        drawn = [cell if cell is not None and is_drawn(cell.customers) else None for cell in cells]
        rows.append(
            [words(cross.first, row), *("–" if cell is None else percent(cell.mean_probability) for cell in drawn)]
        )
        tones.append([None if cell is None else f"heat-{heat_tone(cell.mean_probability, base)[1:]}" for cell in drawn])
    columns = [plain_words(cross.first), *(words(cross.second, column) for column in cross.columns)]
    return Table(columns=columns, rows=rows, tones=tones)
