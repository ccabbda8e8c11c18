"""A mean over models with an interval, when models of one organisation are alike.

Organisations are what is independent: if the mean is b, the sums of what is left (value - b) over
the models of an organisation are as likely to be positive as negative, so the sum over all is
judged by its law under random signs, one an organisation. The p-value is exact where these sums
are symmetric about 0, whatever their spread; all sign vectors are looked at where there are at most
2^12, else 9,999 random ones and the one observed. The interval holds the b that are not rejected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from evenodds.measure.cells import Floats

__all__ = ["MeanOver", "mean_over"]

LISTED = 12
SIGNS = 9_999
FEWEST = 6
"""Organisations: of 5, all signs alike have probability 1/16, so nothing is ever below .05."""
HALVINGS = 40


@dataclass(frozen=True)
class MeanOver:
    """A mean over `models` of `organisations`; `p_value` against 0, `low` to `high` at 1 - alpha.

    All three are None where there are fewer than 6 organisations.
    """

    estimate: float
    low: float | None
    high: float | None
    p_value: float | None
    models: int
    organisations: int


def mean_over(
    values: Floats, organisations: Sequence[str], *, alpha: float = 0.05, seed: int = 0
) -> MeanOver | None:
    """The mean of values (M,), one a model, of models of the named organisations; None of none.

    >>> mean_over(np.ones(8), list("abcdefgh")).p_value
    0.0078125
    """
    if not len(values):
        return None
    member = np.unique(np.array(organisations), return_inverse=True)[1]
    sums, sizes = np.bincount(member, values), np.bincount(member).astype(np.float64)
    estimate, groups = float(values.mean()), len(sums)
    if groups < FEWEST:
        return MeanOver(estimate, None, None, None, len(values), groups)
    flipped = _signs(groups, seed) @ np.c_[sums, sizes]
    low, high = (_end(flipped, estimate, side, alpha, values) for side in (-1, 1))
    return MeanOver(estimate, low, high, _p(flipped, 0.0), len(values), groups)


def _signs(groups: int, seed: int) -> Floats:
    """Sign vectors (F, G), the first all positive: as observed."""
    if groups <= LISTED:
        return np.array(list(product((1.0, -1.0), repeat=groups)))
    rows = np.random.default_rng(seed).choice([-1.0, 1.0], size=(SIGNS, groups))
    return np.vstack([np.ones(groups), rows])


def _p(flipped: Floats, mean: float) -> float:
    """Share of sign vectors with a sum as far from 0; flipped (F, 2): of values, and of ones."""
    far = abs(flipped[:, 0] - mean * flipped[:, 1])
    return float((far >= far[0] * (1 - 1e-9) - 1e-12).mean())


def _end(flipped: Floats, estimate: float, side: int, alpha: float, values: Floats) -> float:
    """The farthest mean on one side that is not rejected."""
    kept, refused = 0.0, 2 * float(np.ptp(values)) + 1e-9
    for _ in range(HALVINGS):
        middle = (kept + refused) / 2
        inside = _p(flipped, estimate + side * middle) > alpha
        kept, refused = (middle, refused) if inside else (kept, middle)
    return estimate + side * kept
