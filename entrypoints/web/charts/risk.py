"""The risk of a run's customers, and of one customer over several runs."""

from __future__ import annotations

from collections.abc import Sequence

from application.queries import ThresholdFigures
from application.use_cases.predictions.past_risks import RiskByMonth
from domain.run import RunSummary
from entrypoints.web.charts.axes import SHARES, whole_step
from entrypoints.web.charts.specification import XY, Axis, BarSet, Line, Rule
from entrypoints.web.counting import in_percent
from entrypoints.web.formats import month, percent


def risk_spread(summary: RunSummary, at_threshold: ThresholdFigures) -> XY:
    """Customers by churn probability, coloured by label; the bin that contains the threshold has both colours."""
    counts = summary.histogram
    width = 100.0 / len(counts)
    threshold = at_threshold.threshold * 100
    staying, leaving = _split(counts, threshold, width, at_threshold.likely_to_leave)
    centres = [(i + 0.5) * width for i in range(len(counts))]
    step = whole_step(max(counts, default=1))
    return XY(
        linear=True,
        stacked=True,
        x=Axis(min=0, max=100, step=10, unit="%"),
        y=Axis(min=0, max=step * -(-max(counts, default=1) // step), step=step),
        bar_width=0.84,
        titles=[f"{i * width:g}–{(i + 1) * width:g}%" for i in range(len(counts))],
        rules=[Rule(threshold, f"Threshold {percent(threshold / 100)}", "right" if threshold < 70 else "left")],
        series=[
            BarSet(name="Staying", color="c-stay", data=list(zip(centres, staying, strict=True))),
            BarSet(name="Likely to leave", color="c-leave", data=list(zip(centres, leaving, strict=True))),
        ],
    )


def _split(counts: Sequence[int], threshold: float, width: float, likely: int) -> tuple[list[int], list[int]]:
    cut = min(int(threshold / width), len(counts) - 1)
    above = sum(counts[cut + 1 :])
    within = min(max(likely - above, 0), counts[cut])
    staying = [n if i < cut else (n - within if i == cut else 0) for i, n in enumerate(counts)]
    leaving = [n if i > cut else (within if i == cut else 0) for i, n in enumerate(counts)]
    return staying, leaving


def past_risks(past: RiskByMonth) -> XY:
    """A customer's risk by month, with the average of each prediction. This prediction's month is marked."""
    risks = [risk for _, risk in past.months]
    titles = [month(name) for name, _ in past.months]
    last = max(place for place, risk in enumerate(risks) if risk is not None)
    current = last if past.current is None else past.current
    own = risks[current]
    return XY(
        unit="%",
        labels=titles,
        titles=[f"{title} (this prediction)" if place == current else title for place, title in enumerate(titles)],
        name="Month",
        months=True,
        y=SHARES,
        series=[
            Line(
                name="Risk",
                data=[None if risk is None else risk.probability * 100 for risk in risks],
                color="c-leave",
                dots=True,
                label=f"{percent(own.probability)}, this prediction" if own else "",
                label_short=percent(own.probability) if own else "",
                label_at=None if current == last else current,
                label_dy=0 if current == last else -14,
            ),
            Line(
                name="Average",
                data=[in_percent(risk.mean_probability) if risk and risk.mean_probability else None for risk in risks],
                color="ink-3",
                thin=True,
                dash=True,
                silent=True,
                label="Average",
            ),
        ],
    )
