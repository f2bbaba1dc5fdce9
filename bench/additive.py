"""The cost of scoring by a neural additive model, without the libraries that train one.

    python -m bench.additive [--rows 1000000]

The model is made up, as large as one of IBM's file: three numbers of 430 pieces, sixteen attributes of few levels, and
eight pairs.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from numpy.typing import NDArray

from adapters.ml.scoring.additive import AdditiveModel, LevelTerm, NumberTerm, PairTerm, Term
from bench.shap import customers

PIECES, NUMBERS, COLUMNS, PAIRS, BINS = 430, 3, 19, 8, 11


def a_model(codes: NDArray[np.float32], *, pairs: int) -> AdditiveModel:
    draw = np.random.default_rng(1)
    terms: list[Term] = []
    for own in codes.T[:NUMBERS]:
        low, high = float(np.nanmin(own)), float(np.nanmax(own))
        starts = np.sort(np.append(low, draw.uniform(low, high, PIECES - 1)))
        edges = np.unique(np.nanquantile(own, np.arange(1, BINS + 1) / (BINS + 1)).astype(np.float64))
        terms.append(NumberTerm(starts, draw.normal(size=PIECES), draw.normal(size=PIECES), high, 0.0, edges))
    terms += [LevelTerm(draw.normal(size=int(own.max()) + 3)) for own in codes.T[NUMBERS:]]
    chosen = [(place % NUMBERS, NUMBERS + place) for place in range(pairs)]
    tables = [PairTerm(a, b, draw.normal(size=(terms[a].rows, terms[b].rows))) for a, b in chosen]
    return AdditiveModel(-1.0, tuple(terms), tuple(tables))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    codes = np.asfortranarray(customers(parser.parse_args().rows, 1)[0])
    for pairs in (0, PAIRS):
        model = a_model(codes, pairs=pairs)
        started = time.process_time()
        model.explain(codes)
        spent = (time.process_time() - started) / len(codes) * 1e6
        print(f"{len(codes):,} customers, {pairs} pairs: {spent:.2f} µs of CPU per customer with exact reasons")


if __name__ == "__main__":
    main()
