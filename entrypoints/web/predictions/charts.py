"""What the result's and the customer's charts draw, as the plain data that the page's script reads."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log10

from application.ports.persistence import PastRisk
from application.ports.results import Outlook
from domain.evaluation import RoundCurves
from domain.run import RunSummary

Spec = dict[str, object]


def pie(outlook: Outlook) -> Spec:
    """Likely to leave against staying."""
    return {
        "kind": "pie",
        "labels": ["Likely to leave", "Staying"],
        "data": [outlook.likely_to_leave, outlook.customers - outlook.likely_to_leave],
        "colors": ["c-leave", "c-stay"],
    }


def spread(summary: RunSummary, outlook: Outlook) -> Spec:
    """Customers by churn probability, coloured by the label; the bin that the threshold cuts holds both."""
    counts = summary.histogram
    width = 100.0 / len(counts)
    threshold = outlook.threshold * 100
    staying, leaving = _split(counts, threshold, width, outlook.likely_to_leave)
    step = round_step(max(counts, default=1))
    centres = [(i + 0.5) * width for i in range(len(counts))]
    return {
        "kind": "xy",
        "unit": "",
        "linear": True,
        "stacked": True,
        "xMin": 0,
        "xMax": 100,
        "xStep": 10,
        "xUnit": "%",
        "yStep": step,
        "yMin": 0,
        "yMax": step * -(-max(counts, default=1) // step),
        "barWidth": 0.84,
        "titles": [f"{i * width:g}–{(i + 1) * width:g}%" for i in range(len(counts))],
        "rules": [
            {"at": threshold, "label": f"Threshold {threshold:.1f}%", "side": "right" if threshold < 70 else "left"}
        ],
        "series": [
            {"name": "Staying", "type": "bar", "color": "c-stay", "data": list(zip(centres, staying, strict=True))},
            {
                "name": "Likely to leave",
                "type": "bar",
                "color": "c-leave",
                "data": list(zip(centres, leaving, strict=True)),
            },
        ],
    }


def _split(counts: Sequence[int], threshold: float, width: float, likely: int) -> tuple[list[int], list[int]]:
    cut = min(int(threshold / width), len(counts) - 1)
    above = sum(counts[cut + 1 :])
    within = min(max(likely - above, 0), counts[cut])
    staying = [n if i < cut else (n - within if i == cut else 0) for i, n in enumerate(counts)]
    leaving = [n if i > cut else (within if i == cut else 0) for i, n in enumerate(counts)]
    return staying, leaving


def round_step(largest: float, ticks: int = 4) -> float:
    """A round distance between an axis's ticks: 1, 2 or 5 times a power of ten."""
    raw = max(largest, 1) / ticks
    power = 10 ** int(log10(raw)) if raw >= 1 else 1
    return next(step * power for step in (1, 2, 5, 10) if step * power >= raw)


def rounds(curves: RoundCurves) -> Spec:
    """Accuracy on training and held-out customers by boosting round."""
    series = [curves.training_accuracy, curves.validation_accuracy]
    low = min(min(line) for line in series) * 100
    high = max(max(line) for line in series) * 100
    step = 1 if high - low < 6 else 2 if high - low < 12 else 5
    floor, ceiling = step * int(low // step), step * (int(high // step) + 1)
    validation: Spec = {
        "name": "Held-out customers",
        "color": "c-1",
        "data": [[r, a * 100] for r, a in zip(curves.rounds, curves.validation_accuracy, strict=True)],
        "label": "Held out",
    }
    if curves.validation_accuracy_low:
        validation["lo"] = [a * 100 for a in curves.validation_accuracy_low]
        validation["hi"] = [a * 100 for a in curves.validation_accuracy_high]
    spec: Spec = {
        "kind": "xy",
        "unit": "%",
        "linear": True,
        "xMin": 0,
        "xMax": curves.rounds[-1],
        "xStep": round_step(curves.rounds[-1], 6),
        "xUnit": "",
        "xTitle": "Boosting round",
        "yMin": floor,
        "yMax": ceiling,
        "yStep": step,
        "padRight": 70,
        "series": [
            {
                "name": "Training customers",
                "color": "c-3",
                "data": [[r, a * 100] for r, a in zip(curves.rounds, curves.training_accuracy, strict=True)],
                "label": "Training",
            },
            validation,
        ],
    }
    if curves.chosen_round is not None:
        spec["rules"] = [{"at": curves.chosen_round, "label": f"Stops at round {curves.chosen_round}", "side": "left"}]
    return spec


def past(risks: Sequence[PastRisk], labels: Sequence[str]) -> Spec:
    """A customer's risk over runs, beside the average of each run."""
    return {
        "kind": "xy",
        "unit": "%",
        "labels": list(labels),
        "yMin": 0,
        "yMax": 100,
        "yStep": 25,
        "padRight": 60,
        "series": [
            {
                "name": "Risk",
                "data": [risk.probability * 100 for risk in risks],
                "color": "c-leave",
                "dots": True,
                "label": f"{risks[-1].probability:.1%}",
            },
            {
                "name": "Average",
                "data": [risk.mean_probability * 100 for risk in risks],
                "color": "ink-3",
                "thin": True,
                "dash": True,
                "silent": True,
                "label": "Average",
            },
        ],
    }


def sigmoid(margin: float) -> float:
    """Probability of a log-odds."""
    return 1.0 / (1.0 + exp(-margin)) if margin >= 0 else exp(margin) / (1.0 + exp(margin))
