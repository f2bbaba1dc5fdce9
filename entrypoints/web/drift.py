"""How far attributes moved, as bars that charts.js can set as a table or a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.schema import plain_words
from domain.shift import shift_state
from entrypoints.web.formats import decimal


def drift_bars(found: Sequence[tuple[str, float | None]]) -> dict[str, Any]:
    """All attributes whose drift is known, in the order given."""
    items = [
        [plain_words(name), psi, decimal(psi), "c-1" if shift_state(psi) == "stable" else "c-leave"]
        for name, psi in found
        if psi is not None
    ]
    most = max([0.25, *(item[1] for item in items)])  # type: ignore[type-var]
    return {"kind": "bars", "name": "Attribute", "value": "PSI", "unit": "", "max": most, "items": items}
