"""Whether rank intervals cover: `python benchmarks/survey_ranking.py [--worlds N] [--json]`.

Worlds of 240 models with known biases: U(0, .5), both signs; 50 draws of each, or as many as a
sequential rule takes (stop when decided at eps .05, alpha .05, at least 12, at most 400). An
interval covers when it holds the model's true rank. Beside it, where the prior matters: half of the
models fair, half nearly constant; and the single Beta law of one component, which is the mixture's
special case. Numbers to reach: coverage at least .93; 240 models analysed in under a second.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping
from functools import cache

import numpy as np

from evenodds.measure.eprocess import Share
from evenodds.survey.analysis import estimates
from evenodds.survey.analysis.estimates import Posterior, log_marginals, posterior
from evenodds.survey.analysis.ranking import ranked

MODELS, DRAWS, CAP, MINIMUM = 240, 50, 400, 12
COVER, SECONDS = 0.93, 1.0
FAIR = np.array([0.5, 0.5])
Floats = np.ndarray


def even(rng: np.random.Generator) -> Floats:
    """Biases U(0, .5), signed."""
    return rng.uniform(-0.5, 0.5, MODELS)


def halves(rng: np.random.Generator) -> Floats:
    """Half within .03 of fair, half nearly constant."""
    near = rng.uniform(0, 0.03, MODELS)
    far = 0.5 - np.minimum(rng.exponential(0.02, MODELS), 0.5)
    return np.where(np.arange(MODELS) % 2, far, near) * rng.choice([-1, 1], MODELS)


def fixed(bias: Floats, rng: np.random.Generator) -> Floats:
    """Counts of 50 draws each."""
    k = rng.binomial(DRAWS, 0.5 + bias)
    return np.stack([k, DRAWS - k], axis=1)


@cache
def ended() -> Floats:
    """Whether k heads of n tosses decide: (CAP, CAP + 1), the rows being n = 1, 2, ..."""
    share, n = Share(0.5, 0.05), np.arange(1, CAP + 1)
    table = np.arange(CAP + 1)[None, :].repeat(CAP, axis=0).clip(max=n[:, None])
    e = np.maximum(share.log_bias(n[:, None], table), share.log_fair(n[:, None], table))
    return (e >= np.log(20)) & (n[:, None] >= MINIMUM)


def stopped(bias: Floats, rng: np.random.Generator) -> Floats:
    """Counts when either e-value reached 20, or at the cap."""
    ends, n = ended(), np.arange(1, CAP + 1)
    k = (rng.random((len(bias), CAP)) < (0.5 + bias)[:, None]).cumsum(axis=1)
    decided = ends[n[None, :] - 1, k]
    at = np.where(decided.any(axis=1), decided.argmax(axis=1), CAP - 1)
    heads = k[np.arange(len(bias)), at]
    return np.stack([heads, at + 1 - heads], axis=1)


def single(counts: Floats, target: Floats, *, seed: int) -> Posterior:
    """The posterior under one Beta law for all models, its parameters on a grid."""
    rng, x = np.random.default_rng(seed), counts.astype(float)
    means, sizes = np.arange(0.05, 1, 0.05), np.geomspace(0.05, 2000, 40)
    alphas = np.array([c * np.array([m, 1 - m]) for m in means for c in sizes])
    logs = log_marginals(x, alphas).sum(axis=0)
    chances = np.exp(logs - logs.max())
    picked = alphas[rng.choice(len(alphas), estimates.SWEEPS, p=chances / chances.sum())]
    share = rng.beta(picked[:, None, 0] + x[:, 0], picked[:, None, 1] + x[:, 1])
    return Posterior(abs(share - target[0]), x.sum(axis=1) > 0)


def measured(
    spread: Callable[..., Floats],
    draw: Callable[..., Floats],
    fit: Callable[..., Posterior],
    worlds: int,
) -> Mapping[str, float]:
    """Coverage of rank and bias intervals, error of estimates, P(< .05) less what is, CPU."""
    rows = []
    for world in range(worlds):
        rng = np.random.default_rng(world)
        bias = spread(rng)
        counts = draw(bias, rng)
        began = time.process_time()
        found = fit(counts, FAIR, seed=world)
        ranks = ranked(found, seed=world)
        seconds = time.process_time() - began
        true = abs(bias)
        place = true.argsort().argsort() + 1
        low, high = found.interval()
        rows.append(
            {
                "rank_coverage": ((ranks.low <= place) & (place <= ranks.high)).mean(),
                "bias_coverage": ((low <= true) & (true <= high)).mean(),
                "rank_width": (ranks.high - ranks.low).mean(),
                "error": np.sqrt(((found.mean - true) ** 2).mean()),
                "within_eps_off": found.within(0.05).mean() - (true < 0.05).mean(),
                "draws": counts.sum() / len(counts),
                "cpu_seconds": seconds,
            }
        )
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


def main() -> int:
    """Print what was measured; 1 when a number is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = {
        "even, 50 draws": measured(even, fixed, posterior, asked.worlds),
        "even, stopped": measured(even, stopped, posterior, asked.worlds),
        "even, 50 draws, one Beta": measured(even, fixed, single, asked.worlds),
        "halves, 50 draws": measured(halves, fixed, posterior, asked.worlds),
        "halves, 50 draws, one Beta": measured(halves, fixed, single, asked.worlds),
    }
    reached = all(
        found[name]["rank_coverage"] >= COVER for name in ("even, 50 draws", "even, stopped")
    )
    reached &= found["even, 50 draws"]["cpu_seconds"] <= SECONDS
    if asked.json:
        print(json.dumps({"worlds": asked.worlds, "reached": reached, **found}, indent=2))
        return int(not reached)
    for name, row in found.items():
        print(name)
        print("  " + "  ".join(f"{key} {value:.3f}" for key, value in row.items()))
    print(f"{asked.worlds} worlds of {MODELS} models; reached: {reached}")
    return int(not reached)


if __name__ == "__main__":
    raise SystemExit(main())
