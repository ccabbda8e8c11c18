"""Distances between two pmfs given as plain maps from outcome to probability.

An outcome that a map does not name has probability 0, so either side may carry categories that
the other lacks. Information measures are in nats, with 0 ln 0 = 0.
"""

import math
from collections.abc import Hashable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeVar

from evenodds.errors import TargetError

T = TypeVar("T", bound=Hashable)
Masses = Mapping[T, float]


def _pairs(p: Masses[T], q: Masses[T]) -> Iterator[tuple[float, float]]:
    """The two probabilities of every outcome that either side names."""
    yield from ((mass, q.get(outcome, 0.0)) for outcome, mass in p.items())
    yield from ((0.0, mass) for outcome, mass in q.items() if outcome not in p)


def tv(p: Masses[T], q: Masses[T]) -> float:
    """Total variation distance, sum |p - q| / 2: from 0 to 1."""
    return math.fsum(abs(a - b) for a, b in _pairs(p, q)) / 2


def kl(p: Masses[T], q: Masses[T]) -> float:
    """Kullback-Leibler divergence, sum p ln(p / q), in nats; inf where q misses mass of p."""
    if any(a > 0 and b <= 0 for a, b in _pairs(p, q)):
        return math.inf
    return max(0.0, math.fsum(a * math.log(a / b) for a, b in _pairs(p, q) if a > 0))


def js(p: Masses[T], q: Masses[T]) -> float:
    """Jensen-Shannon divergence, the mean kl to the midpoint, in nats: from 0 to ln 2."""
    terms = (
        side * math.log(2 * side / (a + b)) for a, b in _pairs(p, q) for side in (a, b) if side > 0
    )
    return min(max(0.0, math.fsum(terms) / 2), math.log(2))


def entropy(p: Masses[T]) -> float:
    """Shannon entropy, -sum p ln p, in nats."""
    return max(0.0, -math.fsum(a * math.log(a) for a in p.values() if a > 0))


def cross_entropy(p: Masses[T], q: Masses[T]) -> float:
    """-sum p ln q, in nats: entropy(p) + kl(p, q); inf where q misses mass of p."""
    if any(a > 0 and b <= 0 for a, b in _pairs(p, q)):
        return math.inf
    return -math.fsum(a * math.log(b) for a, b in _pairs(p, q) if a > 0)


def hellinger(p: Masses[T], q: Masses[T]) -> float:
    """Hellinger distance, sqrt(sum (sqrt p - sqrt q)^2 / 2): from 0 to 1."""
    square = math.fsum((math.sqrt(a) - math.sqrt(b)) ** 2 for a, b in _pairs(p, q)) / 2
    return min(1.0, math.sqrt(square))


def wasserstein1(p: Mapping[Any, float], q: Mapping[Any, float]) -> float:
    """Earth mover's distance between laws of numbers, sum |F_p - F_q| dx, in units of x.

    Raises `TargetError` for outcomes that are no numbers, since they lie at no distance.
    """
    points = {*p, *q}
    if not all(isinstance(x, int | float | Decimal | Fraction) for x in points):
        raise TargetError("wasserstein1 needs outcomes that are numbers; use tv for labels")
    gap, area = 0.0, []
    for here, after in pairwise(sorted(points)):
        gap += p.get(here, 0.0) - q.get(here, 0.0)
        area.append(abs(gap) * float(after - here))
    return math.fsum(area)
