"""Playbooks as texts, choosing the members of a campaign, and estimating its effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from domain.allocation import Limits, Worth
from domain.effect import Difference
from domain.message import MessageColumns
from domain.playbook import Action, Playbook


class PlaybookTexts(Protocol):
    """A playbook as a text that people can edit."""

    def write(self, playbook: Playbook) -> str: ...
    def read(self, content: bytes, columns: MessageColumns) -> tuple[Action, ...]:
        """The actions of a text, whose messages may name these columns.

        Raises InvalidInput for a text that cannot be read, and NotAPlaybook with every problem of its actions.
        """


@dataclass(frozen=True, slots=True)
class Candidates:
    """Customers who may become members, with what each action would earn and cost (NumPy arrays).

    `gain` float64 (actions × customers): expected gain, −inf where the action cannot be offered to the customer ·
    `offer_cost` float64 (actions × customers) · `channels`: the channel of each action.
    """

    customers: int
    gain: Any
    offer_cost: Any
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Allocated:
    """The chosen action per customer (int16, −1 for none), its gain, and an upper bound of any choice's gain."""

    action: Any
    gain: float
    bound: float
    worth: Worth


class Allocator(Protocol):
    """Chooses at most one action per customer so that the sum of the expected gains is as high as possible.

    The choice keeps all limits. The same candidates always give the same choice.
    """

    def allocate(self, candidates: Candidates, limits: Limits) -> Allocated: ...


@dataclass(frozen=True, slots=True)
class Assigned:
    """A campaign's members as columns of equal length (NumPy arrays).

    `contacted` bool: assigned to contact, else control · `stayed` bool · `risk` float64: the churn probability
    predicted beforehand · `stratum` int64, from 0: the stratum within which the draw took place.
    """

    contacted: Any
    stayed: Any
    risk: Any
    stratum: Any


class AdjustedEffect(Protocol):
    """Estimates the difference of the retained shares, adjusted for risk and stratum, with its 95 % interval."""

    def adjusted(self, members: Assigned) -> Difference: ...
