"""Playbooks as texts, choosing the members of a campaign, and estimating its effect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from application.ports.columns import CustomerColumns
from domain.allocation import Limits, Worth
from domain.campaign import CampaignRequest, Excluded
from domain.campaign_choice import Selected
from domain.effect import Difference
from domain.message import MessageColumns
from domain.playbook import Action, Playbook
from domain.recommendation import Economics
from domain.schema import CustomerSchema


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
class Basis:
    """What gains are calculated from."""

    schema: CustomerSchema
    playbook: Playbook
    economics: Economics


@dataclass(frozen=True, slots=True)
class Choice:
    """The customers who were chosen, in the file's order. `gain` and `bound` are those of the allocation."""

    matching: int
    excluded: tuple[tuple[Excluded, int], ...]
    selected: Sequence[Selected]
    gain: float
    bound: float
    worth: Worth


class Chooser(Protocol):
    """Chooses the customers of a campaign and an action for each, within the limits.

    Of several rows of a customer, the one of the latest month counts; of several in that month, the highest risk.
    `barred` are the ids that cannot become members, by reason. Customers who have left by the file's own truth cannot
    either, unless `with_leavers`, for made-up customers. The same arguments always give the same choice.
    """

    def choose(
        self,
        stored: Iterable[CustomerColumns],
        request: CampaignRequest,
        basis: Basis,
        *,
        barred: Mapping[Excluded, frozenset[str]],
        with_leavers: bool = False,
        on_rows: Callable[[int], None] = lambda _: None,
    ) -> Choice: ...


@dataclass(frozen=True, slots=True)
class Assigned:
    """A campaign's members as columns of equal length (sequences, or NumPy arrays).

    `contacted` bool: assigned to contact, else control · `stayed` bool · `risk` float64: the churn probability
    predicted beforehand · `stratum` int64, from 0: the stratum within which the draw took place.
    """

    contacted: Any
    stayed: Any
    risk: Any
    stratum: Any


class AdjustedEffect(Protocol):
    """Estimates the difference of the retained shares, adjusted for risk and stratum, with its 95% interval."""

    def adjusted(self, members: Assigned) -> Difference: ...
