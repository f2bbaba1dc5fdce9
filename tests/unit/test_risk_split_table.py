"""The split of a change of risk as lines of a file."""

from __future__ import annotations

from domain.risk_split import Cause, CausePart, Part, PartKind, risk_split
from domain.risk_split_table import HEADER, split_rows


def test_every_cause_and_part_is_a_line_in_full_precision() -> None:
    price = Part(PartKind.ATTRIBUTE, 0.0512345, "Price", error=0.0025, changed=0.75, mean_move=4.5)
    unchanged = Part(PartKind.UNCHANGED, 0.0087655)
    values = CausePart(Cause.VALUES, 0.06, (price, unchanged))
    split = risk_split(0.25, 0.3, (values, CausePart(Cause.MODEL, -0.01, error=0.001)), decimals=2)
    rows = split_rows(split)
    assert rows[0][:2] == ["all", None]
    assert rows[1:] == [
        ["values", None, 0.06, None, 6.0, None, None],
        ["values", "Price", 0.0512345, 0.0025, 5.12, 0.75, 4.5],
        ["values", "unchanged values", 0.0087655, None, 0.88, None, None],
        ["model", None, -0.01, 0.001, -1.0, None, None],
    ]
    assert {len(row) for row in rows} == {len(HEADER)}
