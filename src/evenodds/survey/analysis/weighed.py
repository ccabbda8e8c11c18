"""What a model's draws come to when the odds that they came with stand in their place.

The mean of odds has the mean of draws (see `survey.odds`) and mostly less variance. For what takes
counts, such as the shrunken estimates, it becomes counts of as many draws as would vary as much:
n' = n sum_k m_k (1 - m_k) / sum_k s_k^2, m and s^2 the mean and variance of the odds. As a prompt
whose share is below 1/n may not have been asked at all, n' is at most n^2.

For two outcomes the interval is a confidence sequence for the mean of bounded variables, valid at
any stopping time: the means that no gambler has refuted (Waudby-Smith & Ramdas 2024).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evenodds.measure.cells import Floats
from evenodds.survey.analysis.tables import Table
from evenodds.survey.analysis.verdicts import Judged
from evenodds.survey.store_rows import Odds

__all__ = ["Weighed", "mean_sequence", "weighed"]

FEWEST = 2
STEPS = 2_000
_BOLD, _KEPT, _PIECE = 0.9, 10.0, 256


@dataclass(frozen=True)
class Weighed:
    """One model: mean odds (K,), counts (K,) of equal variance, and how many replies showed any.

    `x` (N, K): the odds of each valid draw in order, 0 and 1 where none were shown.
    """

    mean: Floats
    counts: Floats
    shown: int
    x: Floats


def weighed(table: Table, judged: Sequence[Judged]) -> dict[int, Weighed]:
    """By its index, each model that showed odds which its draws agree with."""
    found = {}
    for at, (model, verdict) in enumerate(zip(table.models, judged, strict=True)):
        odds = table.odds.get(model)
        if model in table.showing and odds and verdict.trusted:
            each = _weighed(table, at, odds)
            if each.shown and len(each.x) >= FEWEST:
                found[at] = each
    return found


def _weighed(table: Table, model: int, odds: Mapping[int, Odds]) -> Weighed:
    rows = table.rows(model)
    valid = table.outcome[rows] >= 0
    numbers, outcomes = table.i[rows][valid].tolist(), table.outcome[rows][valid]
    x = np.eye(len(table.target))[outcomes]
    shown = [at for at, i in enumerate(numbers) if i in odds]
    for at in shown:
        x[at] = odds[numbers[at]]
    mean = x.mean(axis=0) if len(x) else table.target
    return Weighed(mean, mean * _draws(x, mean), len(shown), x)


def _draws(x: Floats, mean: Floats) -> float:
    """How many draws vary as much as the mean of these odds; at least as many as there are."""
    n = len(x)
    if n < FEWEST:
        return float(n)
    plain, left = float((mean * (1 - mean)).sum()), float(x.var(axis=0, ddof=1).sum())
    if plain < 1e-12:
        return float(n)
    return float(np.clip(n * plain / max(left, 1e-300), n, n * n))


def mean_sequence(x: Floats, alpha: float) -> tuple[float, float]:
    """Interval of the mean of variables in 0..1 after x (N,), at any stopping time: 1 - alpha.

    All m against which a gambler has not won 1/alpha, who stakes on x - m what would have grown
    fastest so far; in steps of 1/2,000, rounded outwards.

    >>> low, high = mean_sequence(np.full(50, 0.5), 0.05)
    >>> round(low, 2), round(high, 2)
    (0.46, 0.54)
    """
    m = np.linspace(0.0, 1.0, STEPS + 1)
    wealth = np.zeros_like(m)
    mean, variance = _before(x)
    with np.errstate(divide="ignore"):
        least, most = -_BOLD / (1 - m), _BOLD / m
    for start in range(0, len(x), _PIECE):
        piece = slice(start, start + _PIECE)
        gap = mean[piece, None] - m
        stake = np.clip(gap / (variance[piece, None] + gap**2), least, most)
        wealth += np.log1p(stake * (x[piece, None] - m)).sum(axis=0)
    open_ = np.flatnonzero(wealth < -np.log(alpha))
    low, high = (int(open_[0]), int(open_[-1])) if len(open_) else (0, STEPS)
    return float(m[max(0, low - 1)]), float(m[min(STEPS, high + 1)])


def _before(x: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of what came before each of x; a fair toss counts 10 and 1 times."""
    t = np.arange(len(x))
    sums, squares = np.r_[0.0, np.cumsum(x)[:-1]], np.r_[0.0, np.cumsum(x * x)[:-1]]
    mean = (sums + _KEPT * 0.5) / (t + _KEPT)
    around = np.maximum(squares - 2 * mean * sums + t * mean**2, 0.0)
    return mean, (around + 0.25) / (t + 1)
