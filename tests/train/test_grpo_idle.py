"""The chance of a group that moves nothing: the series against every group that can be drawn."""

import numpy as np
import pytest
from grpo_enumeration import groups
from hypothesis import given, settings
from hypothesis import strategies as st

from evenodds.distributions import parse
from evenodds.train.advantage import advantages, is_idle
from evenodds.train.grpo_idle import chance, idle_chance
from evenodds.train.rewards import REWARDS

LAWS = [
    "uniform(1, 3)",
    "weighted({1: 1, 2: 1, 3: 2})",
    "weighted({'a': 1, 'b': 4})",
    "uniform(7, 7)",
    "uniform(1, 2)",
]


@pytest.mark.parametrize("text", LAWS)
@pytest.mark.parametrize("name", sorted(REWARDS))
@given(weights=st.lists(st.floats(0.02, 1.0), min_size=4, max_size=4), size=st.integers(2, 6))
@settings(max_examples=15)
def test_the_chance_is_the_mass_of_the_idle_groups(text, name, weights, size):
    law = parse(text).law
    outcomes = [*law.pmf(), None]
    policy = np.array(weights[: len(outcomes)]) / sum(weights[: len(outcomes)])
    brute = sum(
        p
        for answers, p in groups(outcomes, policy, size)
        if is_idle(advantages(name, answers, law))
    )
    model = dict(zip(outcomes[:-1], policy[:-1], strict=True))
    assert idle_chance(name, model, law, size) == pytest.approx(brute, abs=1e-9)


def test_a_model_that_never_errs_leaves_plain_grpo_idle():
    law = parse("uniform(1, 6)").law
    model = {1: 0.1, 2: 0.0, 3: 0.0, 4: 0.9, 5: 0.0, 6: 0.0}
    assert idle_chance("valid", model, law, 16) == pytest.approx(1.0)
    assert idle_chance("gapo", model, law, 2) == pytest.approx(1.0)
    assert idle_chance("witness", model, law, 16) == 0.0


def test_the_chance_of_all_groups_is_one():
    everything = [range(9)] * 3
    assert chance([0.2, 0.3, 0.5], everything, 8) == pytest.approx(1.0)


def test_many_outcomes_and_large_groups_stay_finite():
    law = parse("uniform(1, 1000)").law
    model = dict.fromkeys(law.pmf(), 1 / 1000)
    distinct = np.prod([1 - i / 1000 for i in range(64)])
    assert idle_chance("gapo", model, law, 64) == pytest.approx(distinct, rel=1e-3)
