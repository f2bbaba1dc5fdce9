"""Campaigns with a known truth: how often the intervals contain it, and how often harm is found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from adapters.campaigns.adjusted import LeastSquaresEffect
from application.ports.campaign_records import Assignment
from application.use_cases.campaigns.measuring import counted, final_effect
from domain.campaign_choice import ACTIONS_A_FIFTH
from domain.campaign_effect import CampaignEffect, Grouping, Reading, effect_of
from domain.campaign_members import Arm, Outcome, Side
from domain.draw import PURPOSE_CONTROL, drawn, risk_fifths
from domain.effect import NOTHING_KNOWN, Difference, Group, difference_of, difference_so_far, noticeable_harm

WHEN = datetime(2026, 12, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Scenario:
    """Campaigns that are alike. Risks are drawn from a Beta distribution with these two parameters.

    Contact multiplies the risk of the contacted by 1 − `saved`; by 1 + `harm` for those whose action is the first.
    """

    name: str
    members: int
    control: float
    risk: tuple[float, float]
    saved: float = 0.0
    actions: int = 4
    harm: float = 0.0

    @property
    def churn(self) -> float:
        return self.risk[0] / sum(self.risk)


SCENARIOS = (
    Scenario("No effect", 1_000, 0.1, (1.0, 3.0)),
    Scenario("No effect, risks far apart", 1_000, 0.1, (0.4, 1.2)),
    Scenario("A tenth of the leavers kept", 3_000, 0.2, (0.8, 2.4), saved=0.1),
    Scenario("A third of the leavers kept", 1_000, 0.1, (0.4, 1.2), saved=0.33),
    Scenario("Half of the leavers kept, risks far apart", 2_000, 0.2, (0.3, 0.5), saved=0.5),
    Scenario("Small groups, no effect", 200, 0.2, (1.0, 3.0), actions=8),
    Scenario("Small groups, a third kept", 300, 0.1, (0.4, 1.2), saved=0.33),
    Scenario("2 % leave, no effect", 2_000, 0.1, (0.2, 9.8)),
    Scenario("2 % leave, half kept", 3_000, 0.1, (0.2, 9.8), saved=0.5),
    Scenario("95 % leave, no effect", 1_000, 0.1, (19.0, 1.0)),
    Scenario("Contact harms", 1_000, 0.1, (0.4, 1.2), saved=-0.2),
)


@dataclass(slots=True)
class Coverage:
    """Campaigns whose 95 % interval contained the truth."""

    scenario: Scenario
    campaigns: int = 0
    plain: int = 0
    adjusted: int = 0
    textbook: int = 0
    """Newcombe's interval without regard to the strata of the draw."""
    widths: dict[str, float] = field(default_factory=dict)

    def add(self, effect: CampaignEffect, truth: float) -> None:
        intervals = {
            "plain": effect.plain,
            "adjusted": effect.adjusted or NOTHING_KNOWN,
            "textbook": difference_of(effect.contacted, effect.control),
        }
        self.campaigns += 1
        for name, interval in intervals.items():
            setattr(self, name, getattr(self, name) + _contains(interval, truth))
            self.widths[name] = self.widths.get(name, 0.0) + interval.high - interval.low

    def share(self, name: str) -> float:
        return float(getattr(self, name)) / self.campaigns

    def width(self, name: str) -> float:
        return self.widths[name] / self.campaigns


def coverage(scenario: Scenario, campaigns: int, seed: int) -> Coverage:
    found = Coverage(scenario)
    chance = np.random.default_rng(seed)
    for _ in range(campaigns):
        members, truth = simulated(scenario, chance)
        found.add(final_effect(_names(scenario), members, LeastSquaresEffect(), at=WHEN), truth)
    return found


def _contains(interval: Difference, truth: float) -> bool:
    return interval.low <= truth <= interval.high


def simulated(scenario: Scenario, chance: np.random.Generator) -> tuple[list[Assignment], float]:
    """The members of one campaign with their outcomes, and the mean effect of contact on their retention."""
    members = scenario.members
    risk = chance.beta(*scenario.risk, members)
    fifths = np.asarray(risk_fifths(risk.tolist()))
    actions = chance.integers(0, scenario.actions, members)
    strata = fifths * ACTIONS_A_FIFTH + actions
    key = str(chance.integers(1 << 62))
    controls = drawn(key, PURPOSE_CONTROL, [str(one) for one in range(members)], strata.tolist(), scenario.control)
    kept = np.where((actions == 0) & (scenario.harm > 0.0), -scenario.harm, scenario.saved)
    contacted_risk = np.minimum(1.0, risk * (1.0 - kept))
    is_control = np.isin(np.arange(members), list(controls))
    left = chance.random(members) < np.where(is_control, risk, contacted_risk)
    columns = zip(is_control, left, risk, strata, fifths, actions, strict=True)
    return [_member(*one) for one in columns], float(np.mean(risk - contacted_risk))


def _member(is_control: bool, left: bool, risk: float, stratum: int, fifth: int, action: int) -> Assignment:
    return Assignment(
        side=Side.CONTROL if is_control else Side.CONTACT,
        outcome=Outcome.LEFT if left else Outcome.STAYED,
        probability=float(risk),
        stratum=int(stratum),
        fifth=int(fifth),
        action_id=str(action),
        arm=Arm.BEST,
        value=200.0,
        spent=0.0 if is_control else 2.0,
    )


def _names(scenario: Scenario) -> dict[str, str]:
    return {str(action): f"Action {action}" for action in range(scenario.actions)}


@dataclass(frozen=True, slots=True)
class Watched:
    """Campaigns in which an interval excluded the truth on some day, of those that were looked at daily."""

    campaigns: int
    running: int
    once: int
    """With the interval that is meant to be read once."""


DAYS = 60


def watched(contacted: int, control: int, churn: float, *, campaigns: int, seed: int, days: int = DAYS) -> Watched:
    """Campaigns without an effect whose members leave on any of the days."""
    chance = np.random.default_rng(seed)
    running = once = 0
    for _ in range(campaigns):
        wrong_running = wrong_once = False
        for first, second in _daily(contacted, control, churn, days, chance):
            wrong_running = wrong_running or difference_so_far(first, second).clear
            wrong_once = wrong_once or difference_of(first, second).clear
        running += wrong_running
        once += wrong_once
    return Watched(campaigns, running, once)


def _daily(
    contacted: int, control: int, churn: float, days: int, chance: np.random.Generator
) -> Iterator[tuple[Group, Group]]:
    left: list[npt.NDArray[Any]] = []
    for members in (contacted, control):
        leavers = int(chance.binomial(members, churn))
        left.append(np.cumsum(np.bincount(chance.integers(0, days, leavers), minlength=days)))
    for day in range(days):
        yield Group(contacted, contacted - int(left[0][day])), Group(control, control - int(left[1][day]))


@dataclass(frozen=True, slots=True)
class HarmFound:
    """Campaigns in which contact harms the customers of one action, a tenth of the members.

    `harm` is the smallest one that the effect page promises to find 8 times in 10, in points of retention.
    """

    campaigns: int
    harm: float
    found: int
    false_alarms: int
    """Campaigns in which another action was named as well."""


def harm_found(*, campaigns: int, seed: int, members: int = 4_000, control: float = 0.5) -> HarmFound:
    """Ten actions, equally often. Fifths are not counted as false alarms: they contain the harmed customers."""
    scenario = Scenario("Harm", members, control, (2.0, 4.0), actions=10)
    each = members // 10
    harm = noticeable_harm(
        Group(round(each * (1 - control)), 0), Group(round(each * control), 0), scenario.churn, groups=15
    )
    scenario = replace(scenario, harm=harm / scenario.churn)
    chance = np.random.default_rng(seed)
    found = false_alarms = 0
    for _ in range(campaigns):
        drawn_members = counted(simulated(scenario, chance)[0])
        effect = effect_of(drawn_members, _names(scenario), Reading.FINAL, at=WHEN)
        named = {group.key for group in effect.harmed if group.by is Grouping.ACTION}
        found += "0" in named
        false_alarms += bool(named - {"0"})
    return HarmFound(campaigns, harm, found, false_alarms)
