"""Which algorithms can train here: some need libraries that are installed separately."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from application.ports.models import Trainer, Trainers
from domain.errors import InvalidInput
from domain.model import Algorithm, how_to_install


@dataclass(frozen=True, slots=True)
class MissingAlgorithms:
    """Lists the algorithms that cannot train here, each with the sentence that says how to install its libraries."""

    installed: Callable[[], frozenset[Algorithm]]

    def __call__(self) -> dict[Algorithm, str]:
        installed = self.installed()
        return {own: how_to_install(own) for own in Algorithm if own not in installed}


def trainer_of(trainers: Trainers, algorithm: Algorithm) -> Trainer:
    """Raises InvalidInput if the algorithm's libraries are not installed."""
    if algorithm not in trainers:
        raise InvalidInput(how_to_install(algorithm), field="algorithm")
    return trainers[algorithm]
