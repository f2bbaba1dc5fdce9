"""An additive model as plain arrays: a function per attribute, and tables for pairs of attributes, in log-odds.

`margin = base_value + Σ contribution_j`. An attribute's contribution is its own function's value and half of the value
of each of its pairs. All functions have the mean 0 over the training customers, and a pair's function has the mean 0
over each of its attributes while the other one stays fixed. That makes the contributions exact Shapley values, with the
training customers as the background: docs/neural.md derives it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NUMBER_MICROSECONDS, LEVEL_MICROSECONDS, PAIR_MICROSECONDS = 0.06, 0.02, 0.03
"""The cost of each kind of function per customer, measured by `python -m bench.additive`."""
BLOCK_ROWS = 16_384
"""Rows that are scored at a time, so that a column and its temporary arrays stay in a core's cache."""


@dataclass(frozen=True, eq=False)
class NumberTerm:
    """A function of a number: straight pieces, which may jump where one ends and the next begins.

    Piece k begins at `starts[k]`, in ascending order, with `values[k]` and `slopes[k]`. The first piece begins at the
    lowest trained number; `high` is the highest. Numbers outside score like these. `missing` is the value of a missing
    number. `edges` are the ends of the bins by which a pair's table is looked up.
    """

    starts: Floats
    values: Floats
    slopes: Floats
    high: float
    missing: float
    edges: Floats

    def __post_init__(self) -> None:
        shape = (len(self.starts),)
        if not len(self.starts) or any(part.shape != shape for part in (self.starts, self.values, self.slopes)):
            raise ValueError("a number's function has at least one piece, each with a start, a value and a slope")
        _must_be_finite(self.starts, self.values, self.slopes, np.array([self.high, self.missing]), self.edges)
        if (np.diff(self.starts) <= 0).any() or self.high < self.starts[-1] or (np.diff(self.edges) <= 0).any():
            raise ValueError("the pieces and bins of a number's function are in ascending order")

    @property
    def rows(self) -> int:
        """Rows of this attribute in a pair's table: one for each bin, the last for a missing number."""
        return len(self.edges) + 2

    def of(self, codes: NDArray[np.float32]) -> Floats:
        """codes (n) → log-odds (n)."""
        lost = np.isnan(codes)
        at = np.clip(np.where(lost, self.starts[0], codes), self.starts[0], self.high)
        piece = np.searchsorted(self.starts, at, side="right") - 1
        at -= self.starts.take(piece)
        at *= self.slopes.take(piece)
        at += self.values.take(piece)
        at[lost] = self.missing
        return at

    def places(self, codes: NDArray[np.float32]) -> NDArray[np.intp]:
        """codes (n) → rows of a pair's table (n)."""
        bins = np.searchsorted(self.edges, codes.astype(np.float64), side="right")
        return np.where(np.isnan(codes), self.rows - 1, bins).astype(np.intp)

    def scaled(self, slope: float) -> NumberTerm:
        return replace(self, values=slope * self.values, slopes=slope * self.slopes, missing=slope * self.missing)


@dataclass(frozen=True, eq=False)
class LevelTerm:
    """A value per level, then for OTHER (a level that training did not name), then for a missing level."""

    table: Floats

    def __post_init__(self) -> None:
        if self.table.ndim != 1 or len(self.table) < 2:
            raise ValueError("a table of levels holds at least the values for OTHER and for a missing level")
        _must_be_finite(self.table)

    @property
    def rows(self) -> int:
        return len(self.table)

    def of(self, codes: NDArray[np.float32]) -> Floats:
        return self.table.take(self.places(codes))

    def places(self, codes: NDArray[np.float32]) -> NDArray[np.intp]:
        return np.where(np.isnan(codes), len(self.table) - 1, codes).astype(np.intp)

    def scaled(self, slope: float) -> LevelTerm:
        return LevelTerm(slope * self.table)


@dataclass(frozen=True, eq=False)
class PairTerm:
    """What two attributes add together, beyond what each adds alone: a table (rows of `first`, rows of `second`)."""

    first: int
    second: int
    table: Floats

    def __post_init__(self) -> None:
        if self.table.ndim != 2 or not 0 <= self.first < self.second:
            raise ValueError("a pair is a table of two attributes, in the order of the model")
        _must_be_finite(self.table)

    def scaled(self, slope: float) -> PairTerm:
        return replace(self, table=slope * self.table)


Term = NumberTerm | LevelTerm


@dataclass(frozen=True, eq=False)
class AdditiveModel:
    """`terms` has one function for each attribute of the vocabulary, in its order."""

    base_value: float
    terms: tuple[Term, ...]
    pairs: tuple[PairTerm, ...] = ()

    def __post_init__(self) -> None:
        _must_be_finite(np.array(self.base_value))
        for pair in self.pairs:
            if pair.second >= len(self.terms):
                raise ValueError("a pair names an attribute that the model does not have")
            if pair.table.shape != (self.terms[pair.first].rows, self.terms[pair.second].rows):
                raise ValueError("a pair's table does not fit its attributes")

    def explain(self, codes: NDArray[np.float32]) -> tuple[Floats, Floats]:
        """codes float32 (n, attributes) → contributions (n, attributes), margins (n).

        Each cell is computed separately and added up in the order of the attributes, so neither the batch nor the
        number of threads changes a bit.
        """
        if codes.ndim != 2 or codes.shape[1] != len(self.terms):
            raise ValueError(f"codes of {len(self.terms)} attributes are expected, not {codes.shape}")
        contributions, margins = np.empty(codes.shape), np.empty(len(codes))
        for first in range(0, len(codes), BLOCK_ROWS):
            rows = slice(first, first + BLOCK_ROWS)
            block = self._explain(codes[rows])
            contributions[rows] = block.T
            margins[rows] = self.base_value
            for contribution in block:
                margins[rows] += contribution
        return contributions, margins

    def own(self, attribute: int, codes: NDArray[np.float32]) -> Floats:
        """What an attribute adds without its pairs: codes (n) → log-odds (n)."""
        return self.terms[attribute].of(codes)

    def _explain(self, codes: NDArray[np.float32]) -> Floats:
        """codes (n, attributes) → contributions (attributes, n)."""
        block = np.empty(codes.shape[::-1])
        for place, term in enumerate(self.terms):
            block[place] = term.of(codes[:, place])
        places = {place: self.terms[place].places(codes[:, place]) for place in self._paired()}
        for pair in self.pairs:
            cell = places[pair.first] * pair.table.shape[1] + places[pair.second]
            half = 0.5 * pair.table.reshape(-1).take(cell)
            block[pair.first] += half
            block[pair.second] += half
        return block

    @property
    def microseconds(self) -> float:
        """The cost per customer, the same on every machine, because it is counted and not measured."""
        numbers = sum(isinstance(term, NumberTerm) for term in self.terms)
        own = NUMBER_MICROSECONDS * numbers + LEVEL_MICROSECONDS * (len(self.terms) - numbers)
        return own + PAIR_MICROSECONDS * len(self.pairs)

    def _paired(self) -> list[int]:
        return sorted({place for pair in self.pairs for place in (pair.first, pair.second)})

    def scaled(self, slope: float, shift: float) -> AdditiveModel:
        """The model with margin `slope · m + shift`."""
        return AdditiveModel(
            slope * self.base_value + shift,
            tuple(term.scaled(slope) for term in self.terms),
            tuple(pair.scaled(slope) for pair in self.pairs),
        )

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """The model as arrays without objects. `from_arrays` reads them."""
        arrays: dict[str, NDArray[Any]] = {
            "base_value": np.array(self.base_value),
            "is_number": np.array([isinstance(term, NumberTerm) for term in self.terms], bool),
            "pairs": np.array([(pair.first, pair.second) for pair in self.pairs], np.int32).reshape(-1, 2),
        }
        for place, term in enumerate(self.terms):
            if isinstance(term, NumberTerm):
                arrays[f"pieces_{place}"] = np.stack([term.starts, term.values, term.slopes])
                arrays[f"ends_{place}"] = np.array([term.high, term.missing])
                arrays[f"edges_{place}"] = term.edges
            else:
                arrays[f"levels_{place}"] = term.table
        return arrays | {f"pair_{place}": pair.table for place, pair in enumerate(self.pairs)}

    @classmethod
    def from_arrays(cls, arrays: Any) -> AdditiveModel:
        """Raises KeyError or ValueError if `to_arrays` did not write them."""
        is_number = arrays["is_number"].tolist()
        terms = tuple(_term(arrays, place, number) for place, number in enumerate(is_number))
        pairs = arrays["pairs"].tolist()
        return cls(
            float(arrays["base_value"]),
            terms,
            tuple(PairTerm(first, second, _floats(arrays, f"pair_{i}")) for i, (first, second) in enumerate(pairs)),
        )


def _term(arrays: Any, place: int, is_number: bool) -> Term:
    if not is_number:
        return LevelTerm(_floats(arrays, f"levels_{place}"))
    starts, values, slopes = _floats(arrays, f"pieces_{place}")
    high, missing = _floats(arrays, f"ends_{place}").tolist()
    return NumberTerm(starts, values, slopes, high, missing, _floats(arrays, f"edges_{place}"))


def _floats(arrays: Any, name: str) -> Floats:
    array: Floats = arrays[name]
    if array.dtype != np.float64:
        raise ValueError(f"{name} holds {array.dtype}, not float64")
    return array


def _must_be_finite(*parts: NDArray[Any]) -> None:
    if not all(np.isfinite(part).all() for part in parts):
        raise ValueError("an additive model holds finite numbers only")


def means_of(terms: Sequence[Term], codes: NDArray[np.float32]) -> Floats:
    """Each function's mean over the rows."""
    return np.array([float(term.of(codes[:, place]).mean()) for place, term in enumerate(terms)])
