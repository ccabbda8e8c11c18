"""Exact measurement of local models agrees with their own draws, under every decoding."""

from math import sqrt

import pytest
from random_models import random_local

from evenodds.distributions import parse
from evenodds.measure.exact import measure_exact
from evenodds.measure.sample import measure_draws
from evenodds.models.base import Decoding
from evenodds.tasks.task import Task

TASK = Task("roll a die", parse("uniform(1, 6)"))
DRAWS = 1000


@pytest.mark.parametrize("architecture", ["llama", "mamba"])
@pytest.mark.parametrize(
    "decoding",
    [
        Decoding(top_k=4, max_new_tokens=3),
        Decoding(temperature=0.3, top_p=0.6, max_new_tokens=2),
        Decoding(min_p=0.4, max_new_tokens=2, prefill="4"),
    ],
)
def test_exact_masses_are_the_shares_of_many_draws(architecture: str, decoding: Decoding) -> None:
    """Seeded. About 30 shares within 6.5 standard errors (and 10/n): false alarms < 1e-9 each."""
    model = random_local(architecture)
    exact = measure_exact(model, TASK, decoding, tolerance=1e-6, budget=3000)
    drawn = measure_draws(model, TASK, DRAWS, decoding, seed=1)
    assert exact.method == "exact" and exact.masses["unaccounted"] <= 1e-4
    assert exact.model_pmf is not None and drawn.model_pmf is not None
    known = {**exact.masses, **exact.model_pmf, **exact.others}
    seen = {**drawn.masses, **drawn.model_pmf}
    seen |= {text: drawn.others.get(text, seen.get(text, 0.0)) for text in exact.others}
    commonest = list(exact.others)[:10]
    for name in (*exact.masses, *exact.model_pmf, *commonest):
        if name in commonest and name not in drawn.others and known[name] < 0.05:
            continue  # beyond the 20 others that a record keeps
        p = known[name]
        assert abs(seen[name] - p) <= 6.5 * sqrt(p * (1 - p) / DRAWS) + 10 / DRAWS
