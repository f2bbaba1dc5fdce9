"""Types for rules that calculate with one customer's number or with a column of numbers.

A float and a NumPy array of floats both fulfil the protocols. The domain needs no NumPy for that: an adapter
calls the same rule with whole columns and gets a column back.
"""

from __future__ import annotations

from typing import Protocol, Self, TypeVar

Answer_co = TypeVar("Answer_co", covariant=True)
Other_contra = TypeVar("Other_contra", contravariant=True)


class Ordered(Protocol[Answer_co]):
    """Can be compared with a float. One number answers with a bool, a column with a bool per row.

    NaN, which stands for a missing number, compares as False.
    """

    def __ge__(self, other: float, /) -> Answer_co: ...
    def __le__(self, other: float, /) -> Answer_co: ...
    def __lt__(self, other: float, /) -> Answer_co: ...


class Comparable(Protocol[Other_contra, Answer_co]):
    """Can be compared with `Other`: a float with a float, a column with another row by row. NaN compares as False."""

    def __gt__(self, other: Other_contra, /) -> Answer_co: ...


class Arithmetic(Protocol):
    """Can be added, subtracted and multiplied, with its like (row by row) and with a float."""

    def __add__(self, other: Self | float, /) -> Self: ...
    def __radd__(self, other: float, /) -> Self: ...
    def __sub__(self, other: Self | float, /) -> Self: ...
    def __rsub__(self, other: float, /) -> Self: ...
    def __mul__(self, other: Self | float, /) -> Self: ...
    def __rmul__(self, other: float, /) -> Self: ...


Answer = TypeVar("Answer")
Other = TypeVar("Other")
Amount = TypeVar("Amount", bound=Arithmetic)
