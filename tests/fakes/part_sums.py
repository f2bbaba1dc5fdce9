"""What a writer in memory has received so far, and the fingerprint of what it stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from application.ports.results import ScoredCustomer
from domain.progress import SoFar
from tests.fakes.result_figures import Stored


class Received(Protocol):
    @property
    def customers(self) -> Sequence[ScoredCustomer]: ...
    @property
    def threshold(self) -> float: ...


def sums_so_far(writer: Received, rejected: int) -> SoFar:
    risks = [own.prediction.probability for own in writer.customers]
    paid = [
        risk * own.monthly_revenue
        for risk, own in zip(risks, writer.customers, strict=True)
        if own.monthly_revenue is not None
    ]
    likely = sum(risk >= writer.threshold for risk in risks)
    return SoFar(len(risks), rejected, likely, sum(paid) if paid else None)


def fingerprint(stored: Stored) -> str:
    return f"{stored.erased:064x}"
