"""The comparisons of a campaign's effect as lines of a table: for the page, files and the command line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.campaign_effect import CampaignEffect, Compared, GroupEffect, Grouping
from domain.csv_text import Cell
from domain.effect import Difference

HEADER = (
    "comparison",
    "name",
    "contacted",
    "contacted_stayed",
    "left_alone",
    "left_alone_stayed",
    "difference",
    "low",
    "high",
    "finding",
)
"""Columns of the CSV. Differences are shares from −1 to 1; empty where a group is too small."""


@dataclass(frozen=True, slots=True)
class EffectLine:
    """One comparison. `difference` is None where a group is too small; `finding` is harmed, helped or empty."""

    comparison: str
    name: str
    compared: Compared
    difference: Difference | None
    finding: str = ""

    @property
    def cells(self) -> list[Cell]:
        first, second, shown = self.compared.contacted, self.compared.control, self.difference
        limits: list[Cell] = [None] * 3 if shown is None else [shown.value, shown.low, shown.high]
        counts: list[Cell] = [first.members, first.stayed, second.members, second.stayed]
        return [self.comparison, self.name, *counts, *limits, self.finding]


def effect_lines(effect: CampaignEffect) -> tuple[EffectLine, ...]:
    """All customers, the adjusted difference, each action and risk fifth, and the two offers."""
    return tuple(_lines(effect))


def _lines(effect: CampaignEffect) -> Iterator[EffectLine]:
    whole = Compared(effect.contacted, effect.control, effect.plain, 1.0)
    shown = effect.plain if whole.large_enough else None
    yield EffectLine("all", "All customers", whole, shown)
    if effect.adjusted is not None:
        adjusted = effect.adjusted if whole.large_enough else None
        yield EffectLine("adjusted", "All, adjusted for risk and action", whole, adjusted)
    for grouping in Grouping:
        for group in effect.by(grouping):
            yield _group(group)
    if effect.offers is not None:
        shown = effect.offers.difference if effect.offers.large_enough else None
        yield EffectLine("offers", "Best offer against second-best", effect.offers, shown)


def _group(group: GroupEffect) -> EffectLine:
    finding = "harmed" if group.harmed else "helped" if group.helped else ""
    shown = group.compared.difference if group.compared.large_enough else None
    return EffectLine("action" if group.by is Grouping.ACTION else "risk", group.name, group.compared, shown, finding)
