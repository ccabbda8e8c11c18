"""Distances: identity, symmetry, bounds, and the inequalities that tie them together."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from evenodds.distributions import (
    Pmf,
    cross_entropy,
    entropy,
    hellinger,
    js,
    kl,
    tv,
    wasserstein1,
)
from evenodds.errors import TargetError

Masses = dict[int, float]
masses = st.dictionaries(st.integers(0, 6), st.integers(1, 50), min_size=1).map(
    lambda rows: Pmf(rows).probs()
)


@given(masses)
def test_nothing_is_at_a_distance_from_itself(p: Masses) -> None:
    assert [d(p, p) for d in (tv, kl, js, hellinger, wasserstein1)] == [0, 0, 0, 0, 0]


@given(masses, masses)
def test_bounds_and_symmetry(p: Masses, q: Masses) -> None:
    assert 0 <= tv(p, q) <= 1 + 1e-12
    assert 0 <= js(p, q) <= math.log(2)
    for symmetric in (tv, js, hellinger, wasserstein1):
        assert symmetric(p, q) == pytest.approx(symmetric(q, p), abs=1e-12)


@given(masses, masses)
def test_the_inequalities_between_them(p: Masses, q: Masses) -> None:
    """Le Cam: H^2 <= tv <= H sqrt(2 - H^2); Pinsker: 2 tv^2 <= kl; tv <= W1 <= 6 tv on 0..6."""
    h, d = hellinger(p, q), tv(p, q)
    assert h * h - 1e-9 <= d <= h * math.sqrt(max(0.0, 2 - h * h)) + 1e-9
    assert 2 * d * d <= kl(p, q) + 1e-9
    assert d - 1e-9 <= wasserstein1(p, q) <= 6 * d + 1e-9


@given(masses, masses)
def test_cross_entropy_is_entropy_plus_kl(p: Masses, q: Masses) -> None:
    if set(p) <= set(q):
        assert cross_entropy(p, q) == pytest.approx(entropy(p) + kl(p, q), abs=1e-9)
    else:
        assert cross_entropy(p, q) == kl(p, q) == math.inf


@given(masses, masses)
def test_js_is_the_mean_kl_to_the_midpoint(p: Masses, q: Masses) -> None:
    middle = {x: (p.get(x, 0) + q.get(x, 0)) / 2 for x in {*p, *q}}
    assert js(p, q) == pytest.approx((kl(p, middle) + kl(q, middle)) / 2, abs=1e-9)


@given(masses, masses)
def test_wasserstein1_is_scipys(p: Masses, q: Masses) -> None:
    slow = stats.wasserstein_distance(list(p), list(q), list(p.values()), list(q.values()))
    assert wasserstein1(p, q) == pytest.approx(slow, abs=1e-9)


def test_either_side_may_carry_more_categories() -> None:
    assert tv({"a": 1.0}, {"b": 0.25, "malformed": 0.75}) == 1
    assert tv({"a": 0.5, "b": 0.5}, {"a": 0.5, "malformed": 0.5}) == 0.5
    assert kl({"a": 1.0}, {"a": 0.5, "x": 0.5}) == pytest.approx(math.log(2))
    assert kl({"a": 0.0, "b": 1.0}, {"b": 1.0}) == 0


def test_labels_lie_at_no_distance() -> None:
    with pytest.raises(TargetError, match="tv"):
        wasserstein1({"a": 1.0}, {"b": 1.0})
