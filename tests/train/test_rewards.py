"""Rewards and advantages, proved by adding up every group: where each of them comes to rest."""

import math
from fractions import Fraction

import numpy as np
import pytest
from grpo_enumeration import expected_update, groups
from hypothesis import given, settings
from hypothesis import strategies as st

from evenodds.distributions import parse
from evenodds.errors import RunError
from evenodds.train.advantage import advantages, centred, is_idle
from evenodds.train.rewards import INVALID, REWARDS, gapo, group, valid, witness

COIN = parse("weighted({'heads': 9, 'tails': 1})").law
DIE = parse("uniform(1, 6)").law
LOADED = parse("weighted({1: 1, 2: 2, 3: 3})").law


def outcomes_of(law, *, invalid):
    return [*law.pmf(), *([None] if invalid else [])]


def target_of(outcomes, law):
    return np.array([0.0 if x is None else float(law.prob(x)) for x in outcomes])


def policies(size):
    """Policies with some mass on everything."""
    weight = st.floats(0.05, 1.0)
    return st.lists(weight, min_size=size, max_size=size).map(lambda w: np.array(w) / sum(w))


def softmax(logits):
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


def test_rewards_by_hand():
    answers = [4, 4, 4, 1, None]
    assert valid(answers, DIE) == [1, 1, 1, 1, 0]
    assert witness(answers, DIE) == pytest.approx(
        [2 * (1 / 6 - 2 / 4)] * 3 + [2 * (1 / 6)] + [-INVALID]
    )
    assert gapo(answers, DIE) == pytest.approx(
        [1 - (3 / 4 - 1 / 6)] * 3 + [1 - (1 / 4 - 1 / 6), -1]
    )
    assert group(answers, DIE) == pytest.approx([1 / 6 + 1 / 6] * 5)


def test_a_witness_of_one_has_no_others():
    with pytest.raises(RunError, match="2 or more"):
        witness([4], DIE)


@given(policy=policies(4), size=st.integers(2, 5), cost=st.sampled_from([0.0, 0.5, INVALID]))
@settings(max_examples=40)
def test_a_witness_climbs_the_squared_distance_whatever_the_groups_size(policy, size, cost):
    """E[update] = d/dlogits of -|p - q|^2 - cost * p(invalid), for groups of every size."""
    outcomes = outcomes_of(LOADED, invalid=True)
    slope = 2 * (target_of(outcomes, LOADED) - policy) - cost * np.array([0, 0, 0, 1])
    closed = policy * (slope - policy @ slope)
    found = expected_update(outcomes, policy, size, lambda a: witness(a, LOADED, invalid=cost))
    assert found == pytest.approx(closed, abs=1e-12)


@pytest.mark.parametrize("law", [COIN, DIE, LOADED], ids=["coin", "die", "loaded"])
@pytest.mark.parametrize("invalid", [False, True], ids=["", "invalid"])
def test_a_witness_moves_nothing_at_the_target(law, invalid):
    outcomes = outcomes_of(law, invalid=invalid)
    target = target_of(outcomes, law)
    found = expected_update(outcomes, target, 4, lambda a: advantages("witness", a, law))
    assert found == pytest.approx(np.zeros(len(outcomes)), abs=1e-12)


@given(policy=policies(4))
def test_a_witness_rests_nowhere_else(policy):
    """With some mass on everything, invalid answers included, it always moves."""
    outcomes = outcomes_of(LOADED, invalid=True)
    found = expected_update(outcomes, policy, 2, lambda a: advantages("witness", a, LOADED))
    assert np.abs(found).max() > 1e-3


@pytest.mark.parametrize(("law", "size"), [(COIN, 8), (DIE, 2), (LOADED, 4)])
def test_following_a_witness_ends_at_the_target_from_a_favourite(law, size):
    outcomes = outcomes_of(law, invalid=True)
    logits = np.zeros(len(outcomes))
    logits[-2:] = 2.0, 1.0  # the last outcome is the favourite, and many answers are invalid
    for _ in range(1500):
        policy = softmax(logits)
        slope = expected_update(outcomes, policy, 2, lambda a: advantages("witness", a, law))
        logits += 2 * slope
    reached = expected_update(
        outcomes, softmax(logits), size, lambda a: advantages("witness", a, law)
    )
    assert np.abs(reached).max() < 5e-3
    assert np.abs(softmax(logits) - target_of(outcomes, law)).sum() / 2 < 0.01


def fixed_point(law, size, advantage):
    """Where heads of a coin settle: the update is positive below and negative above."""
    low, high = 0.5, 1 - 1e-9
    for _ in range(60):
        middle = (low + high) / 2
        policy = [middle, 1 - middle]
        up = expected_update(["heads", "tails"], policy, size, advantage)[0] > 0
        low, high = (middle, high) if up else (low, middle)
    return low


def test_taking_the_mean_off_a_witness_moves_its_fixed_point():
    raw = fixed_point(COIN, 8, lambda a: advantages("witness", a, COIN))
    less_mean = fixed_point(COIN, 8, lambda a: centred(witness(a, COIN), scaled=False))
    scaled = fixed_point(COIN, 8, lambda a: centred(witness(a, COIN)))
    assert raw == pytest.approx(0.9, abs=1e-9)
    assert less_mean == pytest.approx(float(Fraction(29, 30)), abs=1e-9)  # the .967 of DESIGN
    assert scaled == pytest.approx(0.867, abs=5e-4)


@pytest.mark.parametrize("size", [5, 8])
def test_where_a_centred_witness_settles_in_closed_form(size):
    """((G - 1) q - 1/L) / (G - 2): sharper than the target, by less in larger groups."""
    outcomes = outcomes_of(LOADED, invalid=False)
    target = target_of(outcomes, LOADED)
    settled = ((size - 1) * target - 1 / 3) / (size - 2)
    found = expected_update(
        outcomes, settled, size, lambda a: centred(witness(a, LOADED), scaled=False)
    )
    assert found == pytest.approx(np.zeros(3), abs=1e-12)


def test_valid_has_no_gradient_where_every_answer_is_valid():
    outcomes = outcomes_of(DIE, invalid=False)
    policy = [0.01, 0.02, 0.05, 0.87, 0.04, 0.01]
    for answers, _ in groups(outcomes, policy, 4):
        assert advantages("valid", answers, DIE) == [0.0] * 4
    assert not expected_update(outcomes, policy, 4, lambda a: advantages("valid", a, DIE)).any()


def test_valid_sharpens_where_some_answers_are_not():
    """The likelier an outcome, the more its logit grows: the favourite gains on all others."""
    outcomes = outcomes_of(DIE, invalid=True)
    policy = [0.05, 0.1, 0.15, 0.3, 0.12, 0.08, 0.2]
    up = expected_update(outcomes, policy, 4, lambda a: advantages("valid", a, DIE))[:-1]
    assert up.min() > 0
    assert np.argsort(up).tolist() == np.argsort(policy[:-1]).tolist()


@given(policy=policies(4), size=st.integers(2, 4))
@settings(max_examples=20)
def test_one_reward_for_a_whole_group_has_no_gradient_at_all(policy, size):
    outcomes = outcomes_of(LOADED, invalid=True)
    for answers, _ in groups(outcomes, policy, size):
        assert is_idle(advantages("group", answers, LOADED))


def test_a_group_is_worth_its_overlap_with_the_target():
    assert group([1, 2, 2, 3, 3, 3], LOADED) == pytest.approx([1.0] * 6)
    assert group([None, None], LOADED) == [0.0, 0.0]
    assert group([3, 3, None, None, None, None], LOADED) == pytest.approx([1 / 3] * 6)


def test_gapo_rests_at_uniform_whatever_the_target():
    for law in (LOADED, DIE):
        outcomes = outcomes_of(law, invalid=False)
        even = np.full(len(outcomes), 1 / len(outcomes))
        found = expected_update(outcomes, even, 3, lambda a, law=law: advantages("gapo", a, law))
        assert found == pytest.approx(np.zeros(len(outcomes)), abs=1e-12)
    outcomes = outcomes_of(LOADED, invalid=False)
    at_target = expected_update(
        outcomes, target_of(outcomes, LOADED), 4, lambda a: advantages("gapo", a, LOADED)
    )
    assert at_target[0] > 0.01  # the rarest is pushed up
    assert at_target[2] < -0.01


def test_every_invalid_answer_costs_in_gapo():
    assert gapo([None, None], DIE) == [-1.0, -1.0]
    assert min(gapo([4, 4, None], DIE)[:2]) > -1.0


def test_advantages_of_equal_rewards_are_exactly_zero():
    assert centred([0.1] * 3) == [0.0] * 3  # .1 + .1 + .1 is not .3 in floats


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=8))
def test_advantages_have_no_mean_and_unit_spread(rewards):
    found = centred(rewards)
    assert math.fsum(found) == pytest.approx(0.0, abs=1e-6)
    if np.std(rewards) > 0.1:
        assert np.std(found, ddof=1) == pytest.approx(1.0, abs=1e-2)


def test_every_reward_gives_one_number_an_answer():
    for reward in REWARDS.values():
        assert len(reward([4, None, 1, 1], DIE)) == 4
