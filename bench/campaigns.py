"""Measures how well a campaign's effect is estimated, on campaigns with a known truth.

    python -m bench.campaigns [--campaigns 2000] [--write-docs]

It prints the tables, and with `--write-docs` writes them into docs/campaigns.md, between the marks.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from bench.simulated_campaigns import DAYS, SCENARIOS, Coverage, HarmFound, Watched, coverage, harm_found, watched

DOCS = Path(__file__).parent.parent / "docs" / "campaigns.md"
BEGIN, END = "<!-- simulated: begin -->", "<!-- simulated: end -->"
SIZES = ((900, 100, 0.25), (450, 50, 0.30), (180, 20, 0.30), (500, 500, 0.10), (4_500, 500, 0.05), (90, 10, 0.50))
"""Contacted, controls and churn of the campaigns that are looked at daily."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--campaigns", type=int, default=2_000)
    arguments.add_argument("--write-docs", action="store_true")
    options = arguments.parse_args()
    lines = list(report(options.campaigns))
    print("\n".join(lines))
    if options.write_docs:
        text = DOCS.read_text("utf-8")
        before, after = text[: text.index(BEGIN)], text[text.index(END) :]
        DOCS.write_text(f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{after}", "utf-8")


def report(campaigns: int) -> Iterator[str]:
    yield f"{campaigns:,} campaigns in each row, seeds 1 to {len(SCENARIOS)}. Share of 95 % intervals that contain the"
    yield "truth, and their mean width in points. The last column is Newcombe's interval without regard to the draw."
    yield ""
    yield "| campaigns | members | left alone | churn | plain | adjusted | Newcombe |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for seed, scenario in enumerate(SCENARIOS, start=1):
        yield _coverage_row(coverage(scenario, campaigns, seed))
    yield ""
    yield f"Without any effect, looked at daily for {DAYS} days: share of campaigns in which the interval excludes 0 on"
    yield "some day."
    yield ""
    yield "| contacted | left alone | churn | running interval | interval that is meant to be read once |"
    yield "|---:|---:|---:|---:|---:|"
    for seed, size in enumerate(SIZES, start=1):
        yield _watched_row(size, watched(*size, campaigns=campaigns, seed=seed))
    yield ""
    yield from _harm(harm_found(campaigns=campaigns, seed=1))


def _coverage_row(found: Coverage) -> str:
    scenario = found.scenario
    cells = [f"{found.share(name):.1%} ({found.width(name) * 100:.1f})" for name in ("plain", "adjusted", "textbook")]
    begin = f"| {scenario.name} | {scenario.members:,} | {scenario.control:.0%} | {scenario.churn:.0%} |"
    return f"{begin} {' | '.join(cells)} |"


def _watched_row(size: tuple[int, int, float], found: Watched) -> str:
    contacted, control, churn = size
    running, once = found.running / found.campaigns, found.once / found.campaigns
    return f"| {contacted:,} | {control:,} | {churn:.0%} | {running:.1%} | {once:.1%} |"


def _harm(found: HarmFound) -> Iterator[str]:
    share, alarms = found.found / found.campaigns, found.false_alarms / found.campaigns
    yield f"Contact drives {found.harm * 100:.1f} points more of one action's customers away, a tenth of the members:"
    yield f"the harm that is to be found 8 times in 10. It was found in {share:.1%} of {found.campaigns:,} campaigns;"
    yield f"another action was named in {alarms:.1%}."


if __name__ == "__main__":
    main()
