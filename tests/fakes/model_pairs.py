"""Two models on the same rows, by plain loops."""

from __future__ import annotations

from math import log, sqrt
from typing import NamedTuple

from application.ports.model_comparison import ModelPairs, ScoredFile
from domain.model_comparison import ComparedFigures, PairedFigures


class Row(NamedTuple):
    probability: float
    month: str | None
    left: bool | None
    id: str


def _rows(file: ScoredFile) -> dict[int, Row]:
    rows = {}
    for batch in file.batches:
        scored, names = file.scorer.score(batch), batch.data.schema.names
        absent = [None] * batch.rows
        months, lefts = (
            batch.data.column(name).to_pylist() if name in names else absent for name in ("month", "actual")
        )
        places, ids = (batch.data.column(name).to_pylist() for name in ("row", "id"))
        for place, *own in zip(places, scored.probability.tolist(), months, lefts, ids, strict=True):
            rows[place] = Row(*own)
    return rows


class PairsInMemory:
    """Fulfils ModelPairs."""

    def compare(
        self, candidate: ScoredFile, champion: ScoredFile | None, *, months: tuple[str, ...]
    ) -> PairedFigures | None:
        mine = {place: row for place, row in _rows(candidate).items() if row.month in months and row.left is not None}
        theirs = _rows(champion) if champion is not None else {}
        both = [place for place in mine if champion is None or place in theirs]
        if not both:
            return None
        lefts = [bool(mine[place].left) for place in both]
        own = [mine[place].probability for place in both]
        if champion is None:
            return PairedFigures(len(both), sum(lefts), _figures(own, lefts))
        other = [theirs[place].probability for place in both]
        lost = [_loss(p, left) - _loss(q, left) for p, q, left in zip(own, other, lefts, strict=True)]
        mean = sum(lost) / len(lost)
        by_customer: dict[str, float] = {}
        for place, value in zip(both, lost, strict=True):
            by_customer[mine[place].id] = by_customer.get(mine[place].id, 0.0) + value - mean
        error = sqrt(sum(value * value for value in by_customer.values())) / len(lost)
        return PairedFigures(len(both), sum(lefts), _figures(own, lefts), _figures(other, lefts), mean, error)


def _loss(probability: float, left: bool) -> float:
    return -log(probability if left else 1.0 - probability)


def _figures(scores: list[float], lefts: list[bool]) -> ComparedFigures:
    expected = sum(scores)
    reach = 1.959964 * sqrt(sum(p * (1.0 - p) for p in scores))
    loss = sum(map(_loss, scores, lefts)) / len(lefts)
    return ComparedFigures(loss, _auc(scores, lefts), expected, max(0.0, expected - reach), expected + reach)


def _auc(scores: list[float], lefts: list[bool]) -> float | None:
    gone = [p for p, left in zip(scores, lefts, strict=True) if left]
    stayed = [p for p, left in zip(scores, lefts, strict=True) if not left]
    if not gone or not stayed:
        return None
    won = sum((p > q) + 0.5 * (p == q) for p in gone for q in stayed)
    return won / (len(gone) * len(stayed))


_: type[ModelPairs] = PairsInMemory
