"""What many models say together about each: shrunken estimates of how far each is from its law.

The law q_j of a model is a draw from a mixture of Dirichlet laws (Beta for two outcomes), whose
components stand on a grid of means and concentrations and whose weights are learnt from all models:
x_j ~ Multinomial(n_j, q_j), q_j ~ sum_g w_g Dirichlet(a_g), w ~ Dirichlet(1/G, ...). One component
is the target itself, so that a fair model can be estimated as fair. A single Dirichlet for all
models, its parameters on the grid, is the special case of one component of weight 1; where half of
240 models are fair and half nearly constant it doubles the error of the estimates and puts a third
too few models within .05 (benchmarks/survey_ranking.py compares them).

The posterior is drawn by Gibbs sampling: a component for each model, then the weights. It
conditions on the counts alone, so it does not matter how it was decided when to stop drawing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from evenodds.measure.cells import Floats

__all__ = ["Posterior", "grid", "log_marginals", "posterior"]

CONCENTRATIONS = (
    0.1,
    0.3,
    1.0,
    2.0,
    4.0,
    8.0,
    16.0,
    32.0,
    64.0,
    128.0,
    256.0,
    512.0,
    1024.0,
    4096.0,
)
POOLED = (0.3, 1.0, 4.0, 16.0, 64.0, 256.0)
MEANS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
TIGHT = (8.0, 32.0, 128.0, 512.0)
EXACT = 1e9
SWEEPS, BURN, EM = 1_000, 100, 30
WORK = 30_000_000
FEWEST = 250

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Posterior:
    """Draws from the posterior: `tv` (S, M), the tv of each model's law to the target.

    `known` (M,): whether a model had any valid draw; what is said of the others is the prior's.
    """

    tv: Floats
    known: npt.NDArray[np.bool_]

    @property
    def mean(self) -> Floats:
        """Posterior mean of each tv, (M,): the shrunken estimate."""
        return np.asarray(self.tv.mean(axis=0))

    def interval(self, mass: float = 0.95) -> tuple[Floats, Floats]:
        """Ends of the central interval of each tv, (M,) each."""
        low, high = np.quantile(self.tv, [(1 - mass) / 2, (1 + mass) / 2], axis=0)
        return low, high

    def within(self, eps: float) -> Floats:
        """P(tv < eps) of each model, (M,)."""
        return np.asarray((self.tv < eps).mean(axis=0))


def posterior(
    counts: Floats | Ints, target: Floats, *, seed: int = 0, draws: int = SWEEPS
) -> Posterior:
    """Draw each model's tv given the counts of all; counts (M, K), target (K,).

    Fewer draws are taken of many models with many outcomes, never less than 250.
    """
    x, rng = np.asarray(counts, dtype=np.float64), np.random.default_rng(seed)
    alphas = grid(x, target)
    logs = log_marginals(x, alphas)
    chances = np.exp(logs - logs.max(axis=1, keepdims=True))
    weights = _likeliest_weights(chances)
    sweeps = max(FEWEST, min(draws, WORK // max(1, x.size)))
    tv = np.empty((sweeps, len(x)))
    for at in range(-BURN, sweeps):
        part = _components(chances * weights, rng)
        weights = _weights(part, len(alphas), rng)
        if at >= 0:
            tv[at] = np.where(part == 0, 0.0, _drawn_tv(alphas[part] + x, target, rng))
    return Posterior(tv, x.sum(axis=1) > 0)


def grid(x: Floats, target: Floats) -> Floats:
    """Parameters (G, K) of the components: around the target, around what models say on average,
    and, for two outcomes, tightly around every share. The first is the target itself."""
    rows = [EXACT * target]
    rows += [c * target for c in CONCENTRATIONS]
    rows += [c * _pooled(x, target) for c in POOLED]
    if len(target) == 2:
        rows += [c * np.array([m, 1 - m]) for m in MEANS for c in TIGHT]
    return np.array(rows)


def _pooled(x: Floats, target: Floats) -> Floats:
    """The mean share of each outcome over models, the target counting as one more model."""
    n = x.sum(axis=1, keepdims=True)
    shares = (x / np.maximum(n, 1.0))[n[:, 0] > 0]
    return np.asarray((shares.sum(axis=0) + target) / (len(shares) + 1))


def log_marginals(x: Floats, alphas: Floats) -> Floats:
    """Log probability of a sequence with counts x under each component: (M, K), (G, K) -> (M, G).

    >>> log_marginals(np.array([[1.0, 1.0]]), np.array([[1.0, 1.0]])).round(4).tolist()
    [[-1.7918]]
    """
    whole = alphas.sum(axis=1)
    logs = gammaln(whole)[None, :] - gammaln(whole[None, :] + x.sum(axis=1)[:, None])
    for k in range(x.shape[1]):
        seen, place = np.unique(x[:, k], return_inverse=True)
        a = alphas[None, :, k]
        logs += (gammaln(a + seen[:, None]) - gammaln(a))[place]
    return np.asarray(logs)


def _likeliest_weights(chances: Floats) -> Floats:
    """Weights to start from: some steps of expectation maximisation."""
    many = chances.shape[1]
    weights = np.full(many, 1 / many)
    for _ in range(EM):
        share = chances * weights
        weights = (share / share.sum(axis=1, keepdims=True)).sum(axis=0) + 1 / many
        weights /= weights.sum()
    return weights


def _components(chances: Floats, rng: np.random.Generator) -> Ints:
    """A component for each model, with these chances (M, G), not normalised."""
    total = np.cumsum(chances, axis=1)
    aim = rng.random(len(total)) * total[:, -1]
    return np.asarray(np.minimum((total < aim[:, None]).sum(axis=1), chances.shape[1] - 1))


def _weights(part: Ints, many: int, rng: np.random.Generator) -> Floats:
    return np.maximum(rng.dirichlet(np.bincount(part, minlength=many) + 1 / many), 1e-300)


def _drawn_tv(parameters: Floats, target: Floats, rng: np.random.Generator) -> Floats:
    """The tv to the target of one law drawn from each Dirichlet, (M, K) -> (M,)."""
    if len(target) == 2:
        return np.asarray(abs(rng.beta(parameters[:, 0], parameters[:, 1]) - target[0]))
    law = rng.standard_gamma(parameters)
    law /= law.sum(axis=1, keepdims=True)
    return np.asarray(np.maximum(law - target, 0.0).sum(axis=1))
