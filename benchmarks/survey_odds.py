"""What shown log-probabilities save a survey: `python benchmarks/survey_odds.py [--models N]`.

Simulated models answer a coin in 80 prompts of two orders each. A model's odds differ from prompt
to prompt by a standard deviation of 0 to .3 (and between orders by .05), about a mean that is off
by a known bias. The same draws are judged twice, with the odds they came with and without: draws
a model until the verdict (eps .05, alpha .05, cap 1,500; bounds on position and invalid replies .1)
and, for models whose bias is exactly eps, where either verdict is wrong, how often one fell.

Every answer is one token here. Of an answer of several tokens only what the last one leaves open
counts, so real endpoints save less the more of their labels are split. Then the ranks of 240
models at 40 draws each, biases spread evenly over 0 to .5: how often their 95% intervals hold the
true rank, and how wide they are, with odds and without. Exits with 1 when a share of wrong verdicts
passes alpha by more than chance allows, or when rank intervals cover less than .93.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import replace

import numpy as np

from evenodds.survey.analysis.analysis import Settings, analyse_question
from evenodds.survey.analysis.tables import Table, Tables, counted_table
from evenodds.survey.analysis.verdicts import Judged
from evenodds.survey.question import QUESTIONS
from evenodds.survey.reading import Reading
from evenodds.survey.stopping import Stopper

COIN = QUESTIONS["coin"]
EPS = ALPHA = 0.05
PROMPTS = 80
SPREADS = (0.0, 0.1, 0.2, 0.3)
BIASES = (0.0, 0.02, 0.1, 0.2, 0.35)


def model(bias: float, spread: float, rng: np.random.Generator) -> np.ndarray:
    """P(outcome 0) in each prompt and order, (80, 2), its mean exactly .5 + bias."""
    common = rng.normal(0, spread, (PROMPTS, 1))
    odds = 0.5 + bias + common + rng.normal(0, 0.05, (PROMPTS, 1)) * (1, -1)
    for _ in range(50):
        odds = np.clip(odds + 0.5 + bias - odds.mean(), 0, 1)
    return odds


def verdict(
    odds: np.ndarray, rng: np.random.Generator, cap: int, *, shown: bool
) -> tuple[str, int]:
    """The verdict on a model and the draws that it took."""
    stopper = Stopper(COIN, eps=EPS, alpha=ALPHA, cap=cap, showing=["m"] if shown else [])
    i = 0
    while not stopper.done("m"):
        prompt, order = int(rng.integers(PROMPTS)), int(rng.integers(2))
        p = round(float(odds[prompt, order]), 9)
        said = int(rng.random() >= p)
        stopper.see("m", i, Reading("outcome", said, (said - order) % 2, odds=(p, 1 - p)))
        i += 1
    return stopper.verdict("m"), stopper.standing("m").n


def judged(
    bias: float, spread: float, models: int, cap: int
) -> dict[bool, tuple[float, Counter[str]]]:
    """With odds and without: mean draws, and verdicts."""
    found = {}
    for shown in (True, False):
        rng = np.random.default_rng([int(1000 * bias), int(1000 * spread)])
        pairs = [verdict(model(bias, spread, rng), rng, cap, shown=shown) for _ in range(models)]
        found[shown] = float(np.mean([n for _, n in pairs])), Counter(v for v, _ in pairs)
    return found


def world(models: int, n: int, spread: float, seed: int) -> tuple[Table, np.ndarray]:
    """Draws of models with their odds, which differ by `spread` either way; their true tv."""
    rng = np.random.default_rng(seed)
    bias = rng.uniform(0, 0.5, models) * rng.choice((-1, 1), models)
    odds = np.clip(0.5 + bias[:, None] + spread * rng.choice((-1, 1), (models, n)), 0, 1)
    said = (rng.random((models, n)) >= odds).astype(np.int64)
    names = [f"m{k:03}" for k in range(models)]
    counts = np.stack([n - said.sum(axis=1), said.sum(axis=1)], axis=1)
    bare = counted_table("coin", names, counts, np.array([0.5, 0.5]), ("a", "b"))
    shown = {
        name: {i: (float(p), float(1 - p)) for i, p in enumerate(row)}
        for name, row in zip(names, odds, strict=True)
    }
    ends = np.clip(0.5 + bias[:, None] + spread * np.array([-1, 1]), 0, 1).mean(axis=1)
    table = replace(bare, outcome=said.ravel(), showing=frozenset(names), odds=shown)
    return table, np.abs(ends - 0.5)


def ranks(n: int, spread: float, worlds: int) -> dict[str, float]:
    """Coverage and mean width of rank intervals, with odds and without."""
    found: dict[str, list[float]] = {}
    for seed in range(worlds):
        table, true = world(240, n, spread, seed)
        judged = [Judged("undecided", "undecided", n, shown=n) for _ in table.models]
        rank = np.argsort(np.argsort(true)) + 1
        for name, each in (("odds", table), ("alone", replace(table, showing=frozenset()))):
            rows = analyse_question(each, judged, Tables((each,)), Settings()).rows
            low, high = (
                np.array([getattr(r, f"rank_{end}") for r in rows]) for end in ("low", "high")
            )
            held = float(np.mean((low <= rank) & (rank <= high)))
            found.setdefault(f"{name}: covered", []).append(held)
            found.setdefault(f"{name}: width", []).append(float(np.mean(high - low)))
    return {name: float(np.mean(each)) for name, each in found.items()}


def main() -> int:
    """Measure and print; 1 when an error rate is beyond its bound."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", type=int, default=100)
    parser.add_argument("--worlds", type=int, default=6)
    parser.add_argument("--cap", type=int, default=1500)
    chosen = parser.parse_args()
    print("| bias | sd between prompts | draws, odds shown | draws alone | times fewer |")
    print("|---|---|---|---|---|")
    for bias in BIASES:
        for spread in SPREADS:
            found = judged(bias, spread, chosen.models, chosen.cap)
            with_odds, alone = found[True][0], found[False][0]
            fewer = alone / with_odds
            row = f"| {bias} | {spread} | {with_odds:,.0f} | {alone:,.0f} | {fewer:.1f} |"
            print(row, flush=True)
    worst, most = 0.0, ALPHA + 3 * (ALPHA * (1 - ALPHA) / chosen.models) ** 0.5
    for spread in SPREADS:
        told = judged(EPS, spread, chosen.models, chosen.cap)[True][1]
        wrong = {name: told[name] / chosen.models for name in ("fair", "biased")}
        worst = max(worst, *wrong.values())
        print(
            f"bias exactly eps, sd {spread}: " + ", ".join(f"{k} {v:.3f}" for k, v in wrong.items())
        )
    least = 1.0
    for spread in (0.1, 0.25):
        told = ranks(40, spread, chosen.worlds)
        least = min(least, told["odds: covered"])
        print(f"ranks, sd {spread}: " + ", ".join(f"{k} {v:.3f}" for k, v in told.items()))
    return int(worst > most or least < 0.93)


if __name__ == "__main__":
    sys.exit(main())
