"""Does it matter which mark a draw bears? Mean squares by mark, and their law if it does not.

Draws of M models fall into L levels of a factor, each call's level drawn at random and independent
of all that came before. If the factor does nothing, the levels are marks put on a model's draws at
random, whatever decided how many draws there are; so, given the draws and how often each mark is
used, every way to put them is equally likely. That law is exact, and is drawn from.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evenodds.measure.cells import Floats
from evenodds.survey.analysis.tables import Ints

__all__ = ["counts_by_mark", "excess", "marked_anew", "mean_squares"]

PERMUTED = 499
FEWEST = 199
WORK = 20_000_000
MOST_DEALT = 12
"""Outcomes: of more, shuffling the draws is quicker than dealing them out by counts."""


def counts_by_mark(model: Ints, mark: Ints, outcome: Ints, shape: tuple[int, int, int]) -> Ints:
    """Draws of each model with each mark and outcome, shape (M, L, K)."""
    _, many, k = shape
    flat = np.bincount((model * many + mark) * k + outcome, minlength=int(np.prod(shape)))
    return np.asarray(flat.reshape(shape), dtype=np.int64)


def mean_squares(counts: Floats, target: Floats) -> tuple[Floats, Floats]:
    """Half the mean product over pairs of draws of one model and mark, and the number of pairs.

    counts (..., M, L, K), target (K,) -> (..., M, L) each; 0 of 0 pairs. For a coin the first is
    (p - 1/2)^2 without sampling noise: see `components`.
    """
    n = counts.sum(axis=-1)
    same = (counts * (counts - 1.0)).sum(axis=-1)
    pairs = n * (n - 1.0)
    product = same - 2 * (n - 1) * (counts @ target) + pairs * float(target @ target)
    return np.where(pairs > 0, product / np.maximum(pairs, 1.0) / 2, 0.0), pairs


def excess(square: Floats, pairs: Floats) -> Floats:
    """How far each level's mean square lies above that of the model's other levels: (..., M, L).

    nan where a level or all the others have no pairs.
    """
    weighed = square * pairs
    rest = pairs.sum(axis=-1, keepdims=True) - pairs
    others = (weighed.sum(axis=-1, keepdims=True) - weighed) / np.maximum(rest, 1.0)
    return np.where((pairs > 0) & (rest > 0), square - others, np.nan)


def marked_anew(counts: Ints, rng: np.random.Generator) -> Iterator[Ints]:
    """Counts (M, L, K) with the marks of each model put at random on its draws, many times."""
    if counts.shape[2] <= MOST_DEALT:
        yield from (_dealt(counts, rng) for _ in range(PERMUTED))
        return
    model, mark, outcome = (np.repeat(each, counts.ravel()) for each in _places(counts.shape))
    for _ in range(int(np.clip(WORK / max(1, len(model)), FEWEST, PERMUTED))):
        order = np.argsort(model + rng.random(len(model)), kind="stable")
        yield counts_by_mark(model, mark[order], outcome, counts.shape)


def _places(shape: tuple[int, ...]) -> list[Ints]:
    return [np.asarray(each.ravel(), dtype=np.int64) for each in np.indices(shape)]


def _dealt(counts: Ints, rng: np.random.Generator) -> Ints:
    """Outcome by outcome, mark by mark: a hypergeometric number of the places that are left."""
    made, room = np.empty_like(counts), counts.sum(axis=2)
    for outcome in range(counts.shape[2] - 1):
        left, places = counts[:, :, outcome].sum(axis=1), room.sum(axis=1)
        for at in range(counts.shape[1]):
            taken = rng.hypergeometric(room[:, at], places - room[:, at], left)
            made[:, at, outcome] = taken
            left, places = left - taken, places - room[:, at]
        room = room - made[:, :, outcome]
    made[:, :, -1] = room
    return made
