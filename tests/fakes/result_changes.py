"""How the risk of customers changed, by plain loops over customers in order of risk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from application.ports.results import ScoredCustomer
from application.ports.risk_changes import Mover, OneSided, RiskChanges
from domain.comparison import has_risen
from domain.prediction import RiskBand


def changes_between(old: Iterable[ScoredCustomer], new: Iterable[ScoredCustomer], *, movers: int) -> RiskChanges:
    before, after = latest_of(old), latest_of(new)
    both = [key for key in after if key in before]
    moves = sorted((_mover(key, before[key], after[key]) for key in both), key=lambda mover: mover.change)
    likely_before = {key for key, one in before.items() if one.prediction.likely_to_leave}
    likely_after = {key for key, one in after.items() if one.prediction.likely_to_leave}
    return RiskChanges(
        in_both=len(both),
        up=sum(has_risen(mover.change) for mover in moves),
        down=sum(has_risen(-mover.change) for mover in moves),
        newly_likely=sum(key in likely_after and key not in likely_before for key in both),
        no_longer_likely=sum(key in likely_before and key not in likely_after for key in both),
        transitions=_transitions(moves),
        new=_one_sided([one for key, one in after.items() if key not in before]),
        gone=_one_sided([one for key, one in before.items() if key not in after]),
        risers=tuple(mover for mover in moves[: -movers - 1 : -1] if mover.change > 0),
        fallers=tuple(mover for mover in moves[:movers] if mover.change < 0),
    )


def latest_of(customers: Iterable[ScoredCustomer]) -> dict[str, ScoredCustomer]:
    latest: dict[str, ScoredCustomer] = {}
    for one in customers:
        key = str(one.customer.id)
        if key not in latest or (one.month or "") > (latest[key].month or ""):
            latest[key] = one
    return latest


def _mover(key: str, old: ScoredCustomer, new: ScoredCustomer) -> Mover:
    before, after = old.prediction, new.prediction
    return Mover(key, before.row, after.row, before.probability, after.probability, before.band, after.band)


def _transitions(moves: Sequence[Mover]) -> dict[tuple[RiskBand, RiskBand], int]:
    counts = {(old, new): 0 for old in RiskBand for new in RiskBand}
    for mover in moves:
        counts[mover.band_before, mover.band_after] += 1
    return counts


def _one_sided(customers: Sequence[ScoredCustomer]) -> OneSided:
    by_band = dict.fromkeys(RiskBand, 0)
    for one in customers:
        by_band[one.prediction.band] += 1
    return OneSided(len(customers), sum(one.prediction.likely_to_leave for one in customers), by_band)
