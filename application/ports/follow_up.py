"""What a later run says about customers of an earlier one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FollowUp:
    """`customers` is the number of the earlier run's customers, of whom the later run contains `found`.

    Of the customers asked for, `present` have a row in the later run: where it has several rows of customers, in its
    last month. `marked` are marked as having left in the latest of their rows; of several in that month, in any.
    `unsaid` are present and their latest rows say nothing about it.
    """

    customers: int
    found: int
    present: frozenset[str]
    marked: frozenset[str]
    unsaid: frozenset[str]
    has_truth: bool
