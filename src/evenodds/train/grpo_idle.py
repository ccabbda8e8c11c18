"""The exact chance that a group of rollouts moves nothing, from the policy's probabilities.

A group is idle when all its advantages are zero. For every reward here that depends on how often
each answer occurs alone: an answer may occur n times only for certain n. With such sets of allowed
n, the chance is G! times the coefficient of z^G in a product of sums of (p z)^n / n!.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from math import exp, lgamma, log
from typing import Any

import numpy as np

from evenodds.distributions import Law
from evenodds.train.rewards import INVALID

Allowed = Sequence[Collection[int]]
"""For every answer how often it may occur, 0 to the group's size."""


def chance(probs: Sequence[float], allowed: Allowed, size: int) -> float:
    """P(each answer i occurs n_i times with n_i in allowed[i]) among `size` independent answers.

    >>> round(chance([0.5, 0.5], [{0, 1, 2}, {0}], 2), 3)
    0.25
    """
    series = np.zeros(size + 1)
    series[0] = 1.0
    for p, counts in zip(probs, allowed, strict=True):
        factor = np.zeros(size + 1)
        for n in counts:
            if n == 0 or (p > 0 and n <= size):
                factor[n] = exp(n * log(p) - lgamma(n + 1)) if n else 1.0
        series = np.convolve(series, factor)[: size + 1]
    return float(min(1.0, series[size] * exp(lgamma(size + 1))))


def idle_chance(name: str, model: Mapping[Any, float], law: Law, size: int) -> float:
    """The chance that a group of `size` answers has no gradient under the reward `name`.

    `model` maps outcomes of `law` to the policy's probabilities; what they leave of 1 is invalid.
    """
    outcomes = list(model)
    probs = [model[x] for x in outcomes]
    probs.append(max(0.0, 1 - sum(probs)))
    return _IDLE[name](probs, [float(law.prob(x)) for x in outcomes], size)


def _valid(probs: Sequence[float], target: Sequence[float], size: int) -> float:
    return float(sum(probs[:-1]) ** size + probs[-1] ** size)


def _group(probs: Sequence[float], target: Sequence[float], size: int) -> float:
    return 1.0


def _gapo(probs: Sequence[float], target: Sequence[float], size: int) -> float:
    """All invalid, or all valid and every outcome that occurs equally often."""
    equal = (n for n in range(1, size + 1) if size % n == 0)
    even = sum(chance(probs[:-1], [{0, n}] * len(target), size) for n in equal)
    return float(even + probs[-1] ** size)


def _witness(probs: Sequence[float], target: Sequence[float], size: int) -> float:
    """Every outcome that occurs does so 1 + (G - 1) q times, and no answer is invalid."""
    wanted = [1 + (size - 1) * q for q in target]
    allowed: list[Collection[int]] = [
        {0, round(n)} if abs(n - round(n)) < 1e-9 else {0} for n in wanted
    ]
    return chance(probs, [*allowed, {0} if INVALID else {0, 1}], size)


_IDLE: dict[str, Callable[[Sequence[float], Sequence[float], int], float]] = {
    "valid": _valid,
    "witness": _witness,
    "gapo": _gapo,
    "group": _group,
}
