"""Imports the allocator at its first use, because SciPy's optimiser takes time and memory that other jobs need."""

from __future__ import annotations

from application.ports.campaigns import Allocated, Candidates
from domain.allocation import Limits


class LateAllocator:
    """Implements `application.ports.campaigns.Allocator`."""

    def allocate(self, candidates: Candidates, limits: Limits) -> Allocated:
        from adapters.campaigns.allocator import HighsAllocator

        return HighsAllocator().allocate(candidates, limits)
