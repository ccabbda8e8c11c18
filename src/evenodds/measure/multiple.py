"""Many hypotheses at once: which are refuted, at a stated share of false refutations.

Benjamini & Hochberg (1995) for independent or positively dependent p-values, Benjamini & Yekutieli
(2001) for any dependence, e-BH (Wang & Ramdas 2022) for e-values under any dependence, so also for
tests that stopped when they liked.
"""

from collections.abc import Sequence
from math import fsum


def discoveries(p_values: Sequence[float], alpha: float) -> int:
    """How many hypotheses Benjamini & Hochberg (1995) reject at false discovery rate `alpha`.

    >>> discoveries([0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344], 0.05)
    8
    """
    return sum(benjamini_hochberg(p_values, alpha))


def benjamini_hochberg(p_values: Sequence[float], alpha: float = 0.05) -> list[bool]:
    """Which hypotheses are rejected: the k smallest, k the largest with p_(k) <= k alpha/m.

    Controls the false discovery rate under independence (Benjamini & Hochberg 1995).

    >>> benjamini_hochberg([0.04, 0.001, 0.5])
    [False, True, False]
    """
    return [adjusted <= alpha * (1 + 1e-12) for adjusted in adjusted_p(p_values)]


def benjamini_yekutieli(p_values: Sequence[float], alpha: float = 0.05) -> list[bool]:
    """The same under any dependence, at the price of the factor 1 + 1/2 + ... + 1/m."""
    return [each <= alpha * (1 + 1e-12) for each in adjusted_p(p_values, dependent=True)]


def adaptive_bh(p_values: Sequence[float], alpha: float = 0.05) -> list[bool]:
    """The same with an estimate of how many hypotheses are true, instead of all of them.

    That is m0 = (1 + number of p above alpha) / (1 - alpha): most p-values of true hypotheses lie
    there. Rejected are p <= alpha with p_(k) <= k alpha/m0, for the last such k. Controls the false
    discovery rate for independent p-values, p-values of true hypotheses being uniform or greater
    (Storey, Taylor & Siegmund 2004, JRSS B 66, 187). So it serves for tests that stopped when they
    liked, each by its own draws alone, with p the inverse of an e-process.

    >>> adaptive_bh([0.049, 0.048, 0.047, 0.9])
    [True, True, True, False]
    >>> benjamini_hochberg([0.049, 0.048, 0.047, 0.9])
    [False, False, False, False]
    """
    if any(not 0 <= p <= 1 for p in p_values):
        raise ValueError("p-values lie between 0 and 1")
    true = (1 + sum(p > alpha for p in p_values)) / (1 - alpha)
    small = sorted(p for p in p_values if p <= alpha)
    held = [p for k, p in enumerate(small, 1) if p * true <= k * alpha * (1 + 1e-12)]
    return [p <= max(held, default=-1.0) for p in p_values]


def adjusted_p(p_values: Sequence[float], *, dependent: bool = False) -> list[float]:
    """The least false discovery rate at which each hypothesis is rejected, in the given order.

    `dependent` takes the factor of Benjamini & Yekutieli (2001). Raises ValueError for a p-value
    outside 0..1.
    """
    if any(not 0 <= p <= 1 for p in p_values):
        raise ValueError("p-values lie between 0 and 1")
    m = len(p_values)
    factor = fsum(1 / k for k in range(1, m + 1)) if dependent else 1.0
    adjusted, least = [0.0] * m, 1.0
    order = sorted(range(m), key=lambda i: p_values[i])
    for rank in range(m, 0, -1):
        at = order[rank - 1]
        least = min(least, p_values[at] * m * factor / rank)
        adjusted[at] = least
    return adjusted


def e_bh(e_values: Sequence[float], alpha: float = 0.05) -> list[bool]:
    """Which hypotheses e-BH rejects: the k largest, k the last with e_(k) >= m/(k alpha).

    Controls the false discovery rate under any dependence (Wang & Ramdas 2022, JRSS B 84, 822).
    Raises ValueError for a negative e-value.

    >>> e_bh([50.0, 25.0, 1.0, 0.2], alpha=0.1)
    [True, True, False, False]
    """
    if any(not e >= 0 for e in e_values):
        raise ValueError("e-values are 0 or more")
    m = len(e_values)
    order = sorted(range(m), key=lambda i: -e_values[i])
    enough = [k for k, i in enumerate(order, 1) if e_values[i] * k * alpha >= m * (1 - 1e-12)]
    rejected = set(order[: max(enough, default=0)])
    return [i in rejected for i in range(m)]


def e_bh_pairs(
    pairs: Sequence[tuple[float, float]], alpha: float = 0.05
) -> list[tuple[bool, bool]]:
    """Which of m pairs of contrary hypotheses fall, of all that fall a share alpha wrongly.

    Each pair holds the e-values against two hypotheses of which one at least is false, such as
    "biased" and "not biased" of a model. Of the 2m hypotheses at most m are true, so e-BH at level
    2 alpha, which rejects the k largest of 2m for the last k with e_(k) >= 2m / (2 k alpha), keeps
    the false discovery rate at alpha. Directly: a true hypothesis i that falls has
    1 <= e_i k alpha / m, so the false share, 1/k for each of them, is at most alpha/m times the sum
    of e-values of true hypotheses; these are m at most, and 1 on average at most. That holds
    under any dependence, and for e-processes stopped when one likes. Where most pairs are decided,
    k is near m and the bar near 1/alpha, while e-BH on one side alone asks for m / (k alpha) with
    the k of that side. What is bounded is the share among all, not among those of one side.
    Raises ValueError for a negative e-value.

    >>> e_bh_pairs([(40.0, 0.0), (0.0, 25.0), (1.0, 1.0)], alpha=0.1)
    [(True, False), (False, True), (False, False)]
    >>> e_bh([0.0, 25.0, 1.0], alpha=0.1)  # the second side alone
    [False, False, False]
    """
    fallen = e_bh([value for pair in pairs for value in pair], 2 * alpha)
    return list(zip(fallen[::2], fallen[1::2], strict=True))
