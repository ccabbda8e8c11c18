"""What a table of the two tails of a ranking does to effects, shown by simulation.

Worlds of 240 models whose biases are U(0, .5), about 46 draws of each; a table keeps the 20 that
showed least bias and the 20 that showed most. A trait that means nothing is thrown over the models.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from evenodds.measure.cells import Floats
from evenodds.survey.analysis.regression import naive
from evenodds.survey.analysis.tables import Ints

__all__ = ["Tails", "tails"]

WORLDS, MODELS, SHOWN, DRAWS = 300, 240, 20, 46
TRAIT, EFFECT = 0.25, 0.05


@dataclass(frozen=True)
class Tails:
    """What `worlds` simulated tables say of traits, from all models and from the two tails.

    `false_all`, `false_tails`: how often a trait that means nothing is "significant" at .05 in a
    plain binomial regression. `chance_all`, `chance_tails`: standard deviation of the difference in
    mean bias that such a trait shows. `effect`: a true difference; `found_all`, `found_tails`: its
    mean estimate.
    """

    worlds: int
    false_all: float
    false_tails: float
    chance_all: float
    chance_tails: float
    effect: float
    found_all: float
    found_tails: float

    def to_json(self) -> dict[str, Any]:
        """The numbers as JSON values."""
        return asdict(self)


def tails(worlds: int = WORLDS, seed: int = 0) -> Tails:
    """Simulate `worlds` tables of null traits, and as many of one with a true effect of .05."""
    rng = np.random.default_rng(seed)
    null = np.array([_world(rng, 0.0) for _ in range(worlds)])
    real = np.array([_world(rng, EFFECT) for _ in range(worlds)])
    false, spread, found = (null[:, :2] <= 0.05).mean(axis=0), null[:, 2:].std(axis=0), real[:, 2:]
    mean = found.mean(axis=0)
    return Tails(
        worlds,
        float(false[0]),
        float(false[1]),
        float(spread[0]),
        float(spread[1]),
        EFFECT,
        float(mean[0]),
        float(mean[1]),
    )


def _world(rng: np.random.Generator, effect: float) -> list[float]:
    """p-value and difference in mean bias, each of all models and of the tails."""
    trait = (rng.random(MODELS) < TRAIT).astype(np.float64)
    bias = np.clip(rng.uniform(0.0, 0.5, MODELS) - effect * trait, 0.0, 0.5)
    k = rng.binomial(DRAWS, 0.5 + bias)
    away = abs(k / DRAWS - 0.5)
    order = np.argsort(away + 1e-9 * rng.random(MODELS))
    shown = np.r_[order[:SHOWN], order[-SHOWN:]]
    every = np.arange(MODELS)
    p = [_p(np.maximum(k, DRAWS - k)[rows], trait[rows]) for rows in (every, shown)]
    return [*p, _difference(away, trait), _difference(away[shown], trait[shown])]


def _p(k: Ints, trait: Floats) -> float:
    if trait.min() == trait.max():
        return 1.0
    return float(naive(k.astype(np.float64), np.full(len(k), float(DRAWS)), trait[:, None])[0])


def _difference(away: Floats, trait: Floats) -> float:
    if trait.min() == trait.max():
        return 0.0
    return float(away[trait == 0].mean() - away[trait == 1].mean())
