"""Effects with their intervals, one below the other around the line of no effect (a forest plot)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.campaign import Campaign
from domain.effect import Difference
from domain.effect_lines import EffectLine
from domain.effect_words import compared_words, finding_of, interval_words, points
from domain.formats import Formats
from entrypoints.web.charts.axes import round_axis
from entrypoints.web.charts.specification import Table


@dataclass(frozen=True, slots=True)
class ForestRow:
    """An effect: its ends and its value as shares of the plot's width, None where it is not drawn.

    `kind`: kept, lost or empty, for the colour. `url` leads to the campaign.
    """

    name: str
    words: str
    low: float | None = None
    value: float | None = None
    high: float | None = None
    kind: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Forest:
    """`zero` is the place of "no effect", `ticks` are (place, words); places are shares of the width."""

    rows: tuple[ForestRow, ...]
    zero: float
    ticks: tuple[tuple[float, str], ...]
    table: Table


def forest_of_groups(lines: Sequence[EffectLine], formats: Formats) -> Forest:
    """The comparisons of one campaign."""
    return forest([(line.name, line.difference, compared_words(line.compared, formats), "") for line in lines], formats)


def forest_of_campaigns(campaigns: Sequence[tuple[Campaign, str]], formats: Formats) -> Forest:
    """The effects of closed campaigns, each with the URL of its page."""
    entries: list[tuple[str, Difference | None, str, str]] = []
    for campaign, url in campaigns:
        effect = campaign.effect
        if effect is None or not finding_of(effect).has_figures:
            entries.append((campaign.name, None, "could not be measured", url))
        else:
            entries.append((campaign.name, effect.plain, "", url))
    return forest(entries, formats)


def forest(entries: Sequence[tuple[str, Difference | None, str, str]], formats: Formats) -> Forest:
    """`entries`: name, difference, the words shown where it is None, and a URL. Points of retention."""
    drawn = [own for _, own, _, _ in entries if own is not None]
    axis = round_axis(
        min([0.0, *(own.low * 100 for own in drawn)]), max([0.0, *(own.high * 100 for own in drawn)]), steps=4
    )
    low, high, step = (float(end or 0) for end in (axis.min, axis.max, axis.step))

    def place(share: float) -> float:
        return (share * 100 - low) / (high - low)

    rows = []
    for name, own, words, url in entries:
        if own is None:
            rows.append(ForestRow(name, words, url=url))
            continue
        kind = "" if not own.clear else "kept" if own.value > 0.0 else "lost"
        shown = interval_words(own, formats)
        rows.append(ForestRow(name, shown, place(own.low), place(own.value), place(own.high), kind, url))
    ticks = [low + step * number for number in range(round((high - low) / step) + 1)]
    return Forest(
        tuple(rows),
        place(0.0),
        tuple((place(tick / 100), points(tick / 100, formats, decimals=0 if step >= 1.0 else 1)) for tick in ticks),
        Table(columns=["Customers", "Effect on those who stay"], rows=[[row.name, row.words] for row in rows]),
    )
