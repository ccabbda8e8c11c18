"""Goodness of fit against a known pmf: exact or simulated p-values, never asymptotic ones.

The asymptotic G test of uniform 1..100 at n = 200 has a true size of .24 at nominal .05, so the
null law of every statistic comes from `null`. One statistic is not enough: on a big support G and
Pearson miss a sharpened pmf and a dropped tail altogether. The omnibus test takes the least
p-value of four statistics and calibrates it on the same tables, so that its size is exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenodds.measure.cells import OMNIBUS, TESTS, TWO_SIDED, Floats, value
from evenodds.measure.null import Null, null

TIE = 1e-9


@dataclass(frozen=True)
class Tested:
    """One test of one table: the statistic, its p-value, and its lower tail P(T <= t).

    For two-sided statistics `p_value` is min(1, 2 min(tails)). A tiny `p_lower` of a one-sided
    statistic says that the counts lie closer to the target than chance allows.
    """

    value: float
    p_value: float
    p_lower: float


def goodness_of_fit(
    counts: Floats, p: Floats, *, seed: int = 0, law: Null | None = None
) -> dict[str, Tested]:
    """All tests of counts (K,) against p (K,): `TESTS` and "omnibus", whose value is the least p.

    `law` may hand in the null of `TESTS` where it is already known.
    """
    law = law or null(p, int(counts.sum()), TESTS, seed=seed)
    tests = {name: compared(name, value(cell, counts, p), law) for name, cell in TESTS.items()}
    return {**tests, "omnibus": omnibus({name: tests[name] for name in OMNIBUS}, law)}


def compared(name: str, observed: float, law: Null) -> Tested:
    """The p-value of one observed statistic under its null."""
    upper = _mass(law, law.values[name] >= observed - _slack(observed))
    lower = _mass(law, law.values[name] <= observed + _slack(observed))
    return Tested(observed, two_sided(upper, lower) if name in TWO_SIDED else upper, lower)


def two_sided(upper: float, lower: float) -> float:
    """Twice the smaller tail, at most 1."""
    return min(1.0, 2 * min(upper, lower))


def omnibus(tests: Mapping[str, Tested], law: Null) -> Tested:
    """The least p-value of several tests, calibrated: P(min p <= observed min p) under the null."""
    least = min(test.p_value for test in tests.values())
    everywhere = np.full(len(law.weights), np.inf)
    for name, test in tests.items():
        np.minimum(everywhere, p_values(name, test.value, law), out=everywhere)
    calibrated = _mass(law, everywhere <= least * (1 + TIE))
    return Tested(least, calibrated, 1.0 - _mass(law, everywhere < least * (1 - TIE)))


def p_values(name: str, observed: float, law: Null) -> Floats:
    """The p-value that each table of the null would have had, the observed one among them."""
    upper, lower = _tails(law.values[name], law.weights)
    if not law.exact:
        rest = 1.0 - law.weights.sum()
        upper = upper + rest * (observed >= law.values[name] - _slack(observed))
        lower = lower + rest * (observed <= law.values[name] + _slack(observed))
    return np.minimum(1.0, 2 * np.minimum(upper, lower)) if name in TWO_SIDED else upper


def _mass(law: Null, rows: NDArray[np.bool_]) -> float:
    """P(marked tables); where the null was simulated, (1 + marked) / (1 + tables)."""
    if not law.exact:
        return (1 + int(rows.sum())) / (1 + law.tables)
    return min(1.0, float(law.weights[rows].sum()))


def _slack(observed: float) -> float:
    return TIE * max(1.0, abs(observed))


def _tails(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """P(T >= t) and P(T <= t) at each of its own values, near-equal values counted as ties."""
    order = np.argsort(values)
    ordered = values[order]
    new = np.diff(ordered) > TIE * np.maximum(1.0, np.abs(ordered[1:]))
    group = np.cumsum(np.r_[0, new])
    mass = np.bincount(group, weights[order]).astype(np.float64)
    upper, lower = np.cumsum(mass[::-1])[::-1], np.cumsum(mass)
    back = np.empty_like(order)
    back[order] = group
    return upper[back], lower[back]
