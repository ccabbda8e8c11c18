"""Is one law behind two samples of outcomes, and how far apart are the laws?

Where both numbers of draws were fixed before, the draws are exchangeable if the law is one: a
Monte Carlo permutation test of the tv between the samples, for two outcomes Fisher's exact test.
Where draws decided how many there are, that is not so, and an e-value does it: for every law q the
product over the samples of (Jeffreys' mixture / likelihood of q) is a product of e-processes on
separate draws, so at most 1 on average whenever either sample ended; its least over q is an e-value
for "some law is behind both", and p = 1 / e.
"""

from __future__ import annotations

from math import exp, lgamma, log, sqrt

import numpy as np
from scipy.special import gammaln, xlogy

from evenodds.measure.anytime import share_sequence
from evenodds.measure.cells import Floats
from evenodds.measure.interval import clopper_pearson
from evenodds.survey.analysis.tables import Ints

__all__ = ["log_e_same", "same_law_p", "tv_between"]

TABLES = 9_999


def same_law_p(x: Ints, y: Ints, *, sequential: bool, seed: int = 0) -> float:
    """p-value against one law behind counts x and y (K,); valid at any stopping if `sequential`.

    >>> round(same_law_p(np.array([3, 0]), np.array([0, 3]), sequential=False), 6)
    0.1
    """
    if sequential:
        return min(1.0, exp(-max(0.0, log_e_same(x, y))))
    return _fisher(x, y) if len(x) == 2 else _permuted(x, y, seed)


def log_e_same(x: Ints, y: Ints) -> float:
    """Log e-value against one law behind counts x and y, whenever each stopped (see the module)."""
    both = (x + y).astype(np.float64)
    likeliest = float(xlogy(both, both / both.sum()).sum())
    return _jeffreys(x) + _jeffreys(y) - likeliest


def _jeffreys(x: Ints) -> float:
    """Log probability of a sequence with counts x under the Dirichlet(1/2, ...) mixture."""
    k, n = len(x), float(x.sum())
    whole = lgamma(k / 2) - lgamma(k / 2 + n)
    return whole + float((gammaln(x + 0.5) - gammaln(0.5)).sum())


def _fisher(x: Ints, y: Ints) -> float:
    """Fisher's exact test: tables as unlikely as the one seen, given the margins."""
    n, m, hits = int(x.sum()), int(y.sum()), int(x[0] + y[0])
    k = np.arange(max(0, hits - m), min(n, hits) + 1)
    logs = _log_choose(n, k) + _log_choose(m, hits - k)
    pmf = np.exp(logs - logs.max())
    seen = pmf[int(x[0]) - k[0]]
    return min(1.0, float(pmf[pmf <= seen * (1 + 1e-9)].sum() / pmf.sum()))


def _log_choose(n: int, k: Ints) -> Floats:
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))


def _permuted(x: Ints, y: Ints, seed: int) -> float:
    """Share of tables of the same margins whose tv is as large, the one seen counting as one."""
    n, m = int(x.sum()), int(y.sum())
    rng = np.random.default_rng(seed)
    drawn = rng.multivariate_hypergeometric(x + y, n, size=TABLES, method="marginals")
    tv = abs(drawn / n - (x + y - drawn) / m).sum(axis=1) / 2
    seen = abs(x / n - y / m).sum() / 2
    return float((1 + (tv >= seen * (1 - 1e-9)).sum()) / (1 + TABLES))


def tv_between(x: Ints, y: Ints, sequential: bool, alpha: float) -> tuple[float, float, float]:
    """The tv between two samples, with the interval (1 - alpha) of that between their laws.

    From the intervals of two shares; of more outcomes from McDiarmid's bound on the tv of each
    sample to its own law, which is at most ((K - 1) / n)^(1/2) / 2 on average.
    """
    n, m = int(x.sum()), int(y.sum())
    tv = float(abs(x / n - y / m).sum() / 2)
    if len(x) == 2:
        shares = share_sequence if sequential else clopper_pearson
        a, b = shares(int(x[0]), n, alpha / 2), shares(int(y[0]), m, alpha / 2)
        low, high = a[0] - b[1], a[1] - b[0]
        least = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
        return tv, least, min(1.0, max(abs(low), abs(high)))
    away = sum(_radius(size, len(x), sequential, alpha / 2) for size in (n, m))
    return tv, max(0.0, tv - away), min(1.0, tv + away)


def _radius(n: int, k: int, sequential: bool, alpha: float) -> float:
    """What the tv of n draws to their law exceeds with probability at most alpha (at any n)."""
    log_odds = log(n * (n + 1) / alpha) if sequential else log(1 / alpha)
    return sqrt((k - 1) / n) / 2 + sqrt(log_odds / (2 * n))
