"""The noise floor: how far from the target a perfect sampler's n draws lie, on average, exactly.

Each expectation is a sum over the outcomes of E f(X) with X binomial; outcomes of equal
probability are summed once.
"""

from math import exp, floor, lgamma, log, log1p

import numpy as np

from evenodds.measure.cells import Cell, Floats

CELLS = 20_000_000


def expected_tv(p: Floats, n: int) -> float:
    """E TV of n perfect draws: sum 2 v C(n, v) p^v q^(n-v+1) / (2 n), v = floor(n p) + 1.

    De Moivre's formula for the mean absolute deviation of a binomial (1730; Diaconis & Zabell
    1991). p has shape (K,) and sums to 1.

    >>> round(expected_tv(np.array([0.5, 0.5]), 50), 4)
    0.0561
    """
    return sum(many * mean_deviation(one, n) for one, many in _distinct(p)) / (2 * n)


def mean_deviation(p: float, n: int) -> float:
    """E|X - n p| of X ~ Binomial(n, p)."""
    if p <= 0 or p >= 1:
        return 0.0
    v = min(n, floor(n * p) + 1)
    logs = lgamma(n + 1) - lgamma(v + 1) - lgamma(n - v + 1) + v * log(p) + (n - v + 1) * log1p(-p)
    return 2 * v * exp(logs)


def expected(cell: Cell, p: Floats, n: int) -> float | None:
    """E of a statistic of n perfect draws, exactly; None where the sums would be too long."""
    pairs = _distinct(p)
    if len(pairs) * (n + 1) > CELLS:
        return None
    return float(sum(many * _binomial_mean(cell, one, n) for one, many in pairs))


def _binomial_mean(cell: Cell, p: float, n: int) -> float:
    from scipy.stats import binom

    x = np.arange(n + 1, dtype=np.float64)
    return float(binom.pmf(x, n, p) @ cell(x, np.full(n + 1, p), n))


def _distinct(p: Floats) -> list[tuple[float, int]]:
    values, many = np.unique(p, return_counts=True)
    return list(zip(values.tolist(), many.tolist(), strict=True))
