"""Ranks with what is known of them: an interval, and the chance to be among the best.

Ranks count from 1, the least biased. Each posterior draw ranks all models; ties, such as models
that are exactly fair in that draw, are broken at random, so that none is placed by its name.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evenodds.measure.cells import Floats
from evenodds.survey.analysis.estimates import Ints, Posterior

__all__ = ["Ranks", "ranked", "ranks"]

TIE = 1e-9
MASS = 0.95


@dataclass(frozen=True)
class Ranks:
    """Of each of M models the 95% interval of its rank, `low` and `high` (M,), whole numbers.

    `first`, `last` (M,): probability to be among the `top` least and most biased models.
    """

    low: Ints
    high: Ints
    first: Floats
    last: Floats
    top: int


def ranks(tv: Floats, seed: int = 0) -> Ints:
    """Rank of each model in each posterior draw, (S, M) -> (S, M), 1 the least tv.

    >>> ranks(np.array([[0.3, 0.1, 0.2]])).tolist()
    [[3, 1, 2]]
    """
    jitter = TIE * np.random.default_rng(seed).random(tv.shape)
    order = np.argsort(tv + jitter, axis=1)
    found = np.empty(tv.shape, dtype=np.int64)
    np.put_along_axis(found, order, np.arange(1, tv.shape[1] + 1)[None, :], axis=1)
    return found


def ranked(posterior: Posterior, top: int = 20, seed: int = 0) -> Ranks:
    """Rank intervals and P(top), P(bottom) of each model; `top` is at most half of the models."""
    each = ranks(posterior.tv, seed)
    many = each.shape[1]
    top = max(1, min(top, many // 2))
    low, high = np.quantile(
        each, [(1 - MASS) / 2, (1 + MASS) / 2], axis=0, method="inverted_cdf"
    ).astype(np.int64)
    first, last = (each <= top).mean(axis=0), (each > many - top).mean(axis=0)
    return Ranks(low, high, first, last, top)
