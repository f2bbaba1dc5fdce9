"""The last cells of a customer's line: message, offer cost and contact cost. Each distinct offer is written once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from domain.formats import Formats
from domain.playbook import Action, Playbook
from domain.recommendation import NO_OFFER, Offer, offer_of

KEPT = 50_000
"""Distinct offers in the cache. It is cleared beyond this number, to limit memory."""
UNKNOWN = float("nan")


@dataclass(slots=True)
class OfferTexts:
    """Writes offers. `as_cells` makes texts safe for spreadsheets and quotes them."""

    playbook: Playbook
    formats: Formats
    as_cells: Callable[[list[str]], Any]
    known: dict[tuple[str, float], str] = field(default_factory=dict)

    def of(self, place: NDArray[np.int16], revenue: NDArray[np.float64], actions: Sequence[str]) -> Any:
        """One text per customer. `place` is the action's position in `actions`, −1 for none; `revenue` may be NaN."""
        texts: list[str] = []
        codes = np.zeros(len(place), np.int32)
        for position in np.unique(place).tolist():
            rows = np.flatnonzero(place == position)
            action = self.playbook.action(actions[position]) if position >= 0 else None
            if action is None:
                codes[rows] = len(texts)
                texts += self._texts([NO_OFFER])
                continue
            amounts, inverse = [UNKNOWN], np.zeros(len(rows), np.intp)
            if action.depends_on_revenue:
                distinct, inverse = np.unique(revenue[rows], return_inverse=True)
                amounts = distinct.tolist()
            codes[rows] = len(texts) + inverse
            texts += self._offers(action, amounts)
        return pa.array(texts, pa.string()).take(pa.array(codes))

    def _offers(self, action: Action, revenues: list[float]) -> list[str]:
        if len(self.known) > KEPT:
            self.known.clear()
        missing = [revenue for revenue in revenues if (action.id, revenue) not in self.known]
        if missing:
            offers = [offer_of(action, None if revenue != revenue else revenue, self.formats) for revenue in missing]
            keys = [(action.id, revenue) for revenue in missing]
            self.known.update(zip(keys, self._texts(offers), strict=True))
        return [self.known[action.id, revenue] for revenue in revenues]

    def _texts(self, offers: list[Offer]) -> list[str]:
        messages = self.as_cells([offer.message for offer in offers]).to_pylist()
        return [
            f"{message},{offer.offer_cost!r},{offer.contact_cost!r}"
            for message, offer in zip(messages, offers, strict=True)
        ]
