"""Generates churn files of different shapes: frames of text with a target, like uploaded files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from adapters.ml.sample_customers import MadeUpCustomers


def _as_text(columns: dict[str, Any], log_odds: Any, rate: float, draw: np.random.Generator) -> pd.DataFrame:
    """Shift the log-odds to the given churn rate, draw who leaves, and convert everything to text."""
    low, high = -30.0, 30.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 / (1 + np.exp(-(log_odds + middle)))).mean() < rate else (low, middle)
    churned = draw.random(len(log_odds)) < 1 / (1 + np.exp(-(log_odds + low)))
    frame = pd.DataFrame(columns)
    frame["Churn"] = np.where(churned, "Yes", "No")
    return frame.astype(object).where(frame.notna(), None).map(lambda cell: cell if cell is None else str(cell))


def interactions(seed: int = 1, rows: int = 5000) -> pd.DataFrame:
    """14 % churn that depends on combinations: heavy users without the right plan, and those who call often."""
    draw = np.random.default_rng(seed)
    day, evening, night = draw.normal(180, 54, rows), draw.normal(200, 50, rows), draw.normal(200, 50, rows)
    abroad, voice = draw.random(rows) < 0.1, draw.random(rows) < 0.27
    calls, length = draw.poisson(1.6, rows), draw.integers(1, 240, rows)
    intl, messages = draw.gamma(4, 2.5, rows), np.where(voice, draw.poisson(29, rows), 0)
    log_odds = (
        4.5 * ((day > 225) & (evening > 190) & ~voice)
        + 4.0 * ((calls >= 4) & (day < 170))
        + 4.0 * (abroad & (intl > 13))
        + 2.5 * (abroad & (intl < 5))
        - 1.5 * (voice & (calls < 4))
        + 0.01 * (day - 180)
        - 4.0
    )
    columns = {
        "account  length": length, "day mins": day.round(1), "eve mins": evening.round(1), "night mins": night.round(1),
        "intl mins": intl.round(1), "intl plan": np.where(abroad, "yes", "no"),
        "voice plan": np.where(voice, "yes", "no"), "vmail messages": messages, "custserv calls": calls,
        "region": draw.choice(list("ABCDEFGH"), rows),
        "day calls": draw.poisson(100, rows), "eve calls": draw.poisson(100, rows),
    }  # fmt: skip
    return _as_text(columns, log_odds, 0.14, draw)


def bills(seed: int = 5, rows: int = 5000) -> pd.DataFrame:
    """15 % churn by rules: a bill over a limit, many calls for help, the plan for abroad. Charges repeat minutes."""
    draw = np.random.default_rng(seed)
    minutes = {name: draw.normal(mean, spread, rows).clip(0).round(1) for name, mean, spread in (
        ("day", 180, 54), ("eve", 200, 50), ("night", 200, 50), ("abroad", 10.3, 2.8))}  # fmt: skip
    prices = {"day": 0.17, "eve": 0.085, "night": 0.045, "abroad": 0.27}
    bill = sum(minutes[name] * price for name, price in prices.items())
    abroad, voicemail = draw.random(rows) < 0.095, draw.random(rows) < 0.265
    help_calls, calls_abroad = draw.poisson(1.57, rows), draw.poisson(4.4, rows)
    rate = np.where(abroad, 0.12, 0.045)
    rate = np.where((bill > 74) & ~voicemail, 0.93, rate)
    rate = np.where((help_calls >= 4) & (bill < 62), 0.82, rate)
    rate = np.where(abroad & ((minutes["abroad"] > 13.1) | (calls_abroad <= 2)), 0.95, rate)
    columns = {
        "state": [f"S{i:02d}" for i in draw.integers(0, 51, rows)], "phone number": draw.permutation(9 * rows)[:rows],
        "months": draw.integers(1, 240, rows), "plan for abroad": np.where(abroad, "yes", "no"),
        "voice mail": np.where(voicemail, "yes", "no"), "help calls": help_calls, "calls abroad": calls_abroad,
        "messages": np.where(voicemail, draw.poisson(30, rows), 0), "day calls": draw.poisson(100, rows),
        **{f"{name} minutes": used for name, used in minutes.items()},
        **{f"{name} charge": (minutes[name] * price).round(2) for name, price in prices.items()},
    }  # fmt: skip
    return _as_text(columns, np.log(rate / (1 - rate)), 0.15, draw)


def many_numbers(seed: int = 2, rows: int = 40_000) -> pd.DataFrame:
    """70 numeric columns, correlated, many values missing, weak signals and a few interactions; 25 % churn."""
    draw = np.random.default_rng(seed)
    hidden = draw.normal(size=(rows, 8))
    numbers = hidden @ draw.normal(size=(8, 70)) * 0.6 + draw.normal(size=(rows, 70))
    numbers[:, 10:20] = np.exp(numbers[:, 10:20] / 1.5)
    log_odds = 0.35 * hidden[:, 0] - 0.3 * hidden[:, 1] * (hidden[:, 2] > 0) + 0.25 * np.abs(hidden[:, 3])
    log_odds = log_odds + 0.3 * np.tanh(numbers[:, 25]) - 0.3 * (numbers[:, 30] > 1) * (numbers[:, 31] < 0)
    lost = draw.random((rows, 70)) < draw.choice([0.0, 0.02, 0.2, 0.5], 70)
    log_odds = log_odds + 0.4 * lost[:, np.flatnonzero(lost.any(axis=0))[0]]
    columns = {f"usage_{j}": np.where(lost[:, j], np.nan, numbers[:, j].round(3)) for j in range(70)}
    return _as_text(columns, log_odds, 0.25, draw)


def few_leavers(seed: int = 3, rows: int = 30_000) -> pd.DataFrame:
    """2 % churn, mostly additive."""
    draw = np.random.default_rng(seed)
    tenure, bill = draw.integers(0, 73, rows), draw.gamma(6, 9, rows)
    contract, calls = draw.choice(["Monthly", "Yearly", "Two years"], rows, p=[0.5, 0.3, 0.2]), draw.poisson(1.1, rows)
    complaint, age = draw.random(rows) < 0.06, draw.integers(18, 90, rows)
    log_odds = 1.4 * (contract == "Monthly") - 0.05 * tenure + 0.015 * bill + 0.4 * calls + 1.8 * complaint
    log_odds = log_odds + 0.8 * (complaint & (contract == "Monthly")) - 0.01 * age
    columns = {
        "Tenure": tenure, "Monthly bill": bill.round(2), "Contract": contract, "Calls": calls,
        "Complaint": np.where(complaint, "1", "0"), "Age": age, "Channel": draw.choice(list("PQRS"), rows),
        **{f"noise {j}": draw.normal(size=rows).round(2) for j in range(6)},
    }  # fmt: skip
    return _as_text(columns, log_odds, 0.02, draw)


def many_levels(seed: int = 4, rows: int = 20_000) -> pd.DataFrame:
    """Two text columns of 200 and 2,000 levels, each level with an effect, and a few numbers; 20 % churn."""
    draw = np.random.default_rng(seed)
    town, handset = draw.zipf(1.3, rows) % 200, (draw.random(rows) ** 2 * 2000).astype(int)
    town_effect, handset_effect = draw.normal(0, 0.8, 200), draw.normal(0, 0.7, 2000)
    tenure, bill = draw.exponential(24, rows), draw.gamma(6, 9, rows)
    log_odds = town_effect[town] + handset_effect[handset] - 0.03 * tenure + 0.01 * bill
    columns = {
        "Town": [f"Town {i}" for i in town], "Handset": [f"H{i:04d}" for i in handset],
        "Tenure": tenure.round(1), "Bill": bill.round(2), "Plan": draw.choice(["S", "M", "L", "XL"], rows),
    }  # fmt: skip
    return _as_text(columns, log_odds, 0.20, draw)


def counts(seed: int = 6, rows: int = 3_000) -> pd.DataFrame:
    """16 % churn among customers of 400 kinds with nearly equal counts of use; the kind nearly decides who leaves."""
    draw = np.random.default_rng(seed)
    kinds = 400
    active, young = draw.random(kinds) < 0.75, draw.random(kinds) < 0.35
    calls = np.where(active, draw.gamma(2.0, 40, kinds), draw.gamma(0.8, 12, kinds))
    messages = np.where(young, draw.gamma(1.5, 70, kinds), draw.gamma(0.9, 20, kinds))
    minutes, months = draw.gamma(9, 0.12, kinds), draw.integers(3, 46, kinds)
    paid, complaint = draw.binomial(9, np.where(young, 0.05, 0.2)), draw.random(kinds) < 0.08
    use = np.log1p(calls) + 0.5 * np.log1p(messages)
    log_odds = 2.0 * (3.5 - use) + 6.0 * complaint - 1.5 * active - 0.6 * paid + draw.normal(0, 3.5, kinds)
    kind = draw.integers(0, kinds, rows)

    def near(count: Any, spread: float = 0.06) -> Any:
        return (count[kind] * draw.normal(1.0, spread, rows)).clip(0).round().astype(int)

    called = near(calls)
    columns = {
        "call failures": draw.poisson(called / 9), "complaints": complaint[kind].astype(int), "calls": called,
        "months": months[kind] + draw.integers(0, 3, rows), "charge step": paid[kind],
        "seconds of use": near(60 * calls * minutes), "messages": near(messages),
        "distinct numbers": near(0.4 * calls, 0.1), "age group": np.where(young[kind], 2, 3 + kind % 3),
        "status": np.where(active[kind], "active", "not active"),
    }  # fmt: skip
    return _as_text(columns, 2.0 * log_odds[kind], 0.16, draw)


def deep_interactions(seed: int = 7, rows: int = 4_000) -> pd.DataFrame:
    """14 % churn by rules of four conditions each, with soft edges, over numbers that otherwise say nothing."""
    draw = np.random.default_rng(seed)
    names = ("day minutes", "evening minutes", "night minutes", "data", "bill", "months", "age", "roaming")
    numbers = draw.normal(size=(rows, len(names)))
    plan, abroad = draw.random(rows) < 0.3, draw.random(rows) < 0.12
    calls = draw.poisson(1.6, rows)
    rule = np.random.default_rng(77)
    log_odds = np.full(rows, -4.0)
    for _ in range(7):
        chosen, sides = rule.choice(len(names), 3, replace=False), rule.choice([-1.0, 1.0], 3)
        inside = np.prod(1 / (1 + np.exp(-6.0 * (sides * numbers[:, chosen] + 0.35))), axis=1)
        log_odds = log_odds + 9.0 * inside * (plan if rule.random() < 0.5 else ~plan)
    log_odds = log_odds + 4.0 * ((calls >= 4) & (numbers[:, 0] < 0)) + 3.5 * (abroad & (numbers[:, 7] > 0.5))
    scales = {name: (180 + 50 * numbers[:, place]).round(1) for place, name in enumerate(names)}
    columns = {
        **scales, "voice plan": np.where(plan, "yes", "no"), "plan abroad": np.where(abroad, "yes", "no"),
        "help calls": calls, "area": draw.choice(list("ABC"), rows),
    }  # fmt: skip
    return _as_text(columns, 1.5 * log_odds, 0.14, draw)


def many_leaves(seed: int = 8, rows: int = 70_000) -> pd.DataFrame:
    """55 % churn of internet customers, from few numbers whose effect differs from region to region of their values."""
    draw = np.random.default_rng(seed)
    months, left = draw.gamma(3, 12, rows).round(1), draw.exponential(0.9, rows).round(2)
    no_contract = draw.random(rows) < 0.45
    bill, down = draw.gamma(4, 5, rows).round(), draw.gamma(1.5, 28, rows).round(1)
    up, failures = (down * draw.beta(2, 12, rows)).round(1), draw.poisson(0.3, rows)
    tv, films = draw.random(rows) < 0.8, draw.random(rows) < 0.33
    effect = np.random.default_rng(88)

    def steps(numbers: Any, count: int) -> Any:
        return np.digitize(numbers, np.quantile(numbers, np.linspace(0, 1, count + 1)[1:-1]))

    regions = (steps(months, 14), steps(bill, 8), steps(down, 12))
    log_odds = 4.0 * effect.normal(size=(14, 8, 12))[regions]
    log_odds = log_odds + 2.0 * effect.normal(size=(14, 2, 2))[regions[0], tv.astype(int), films.astype(int)]
    log_odds = log_odds + np.where(no_contract, 3.0, -4.0 * np.minimum(left, 1.0) - 1.0) + 1.0 * failures
    columns = {
        "tv": np.where(tv, 1, 0), "film package": np.where(films, 1, 0), "months": months, "bill": bill,
        "contract left": np.where(no_contract, np.nan, left), "failures": failures, "download": down, "upload": up,
    }  # fmt: skip
    return _as_text(columns, 2.0 * log_odds, 0.55, draw)


def months_with_drift(seed: int = 9, rows: int = 24_000) -> pd.DataFrame:
    """Twelve months of the product's sample, in which churn rises by 0.1 log-odds a month."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "months.csv"
        MadeUpCustomers().write(path, rows=rows, seed=seed, months=12, last_month="2026-10", drift=0.1)
        return pd.read_csv(path, dtype=str, keep_default_na=False)


SHAPES: dict[str, Callable[..., pd.DataFrame]] = {
    "interactions": interactions,
    "bills": bills,
    "numbers": many_numbers,
    "few-leavers": few_leavers,
    "levels": many_levels,
    "counts": counts,
    "deep": deep_interactions,
    "leaves": many_leaves,
    "months": months_with_drift,
}
