"""The interval of a bias agrees with its verdict, and misses as rarely as it says: computed."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from evenodds.measure.eprocess import Share
from evenodds.measure.operating import Rule, stopping_rule
from evenodds.survey.analysis.rows import _Said, tv_interval
from evenodds.survey.analysis.verdicts import Judged

ALPHA = 0.05
COIN = np.array([0.5, 0.5])


def verdict(rule: Rule, n: int, s: int) -> str:
    if s <= rule.bias_low[n] or s >= rule.bias_high[n]:
        return "biased"
    return "fair" if rule.fair_low[n] <= s <= rule.fair_high[n] else "undecided"


def interval(eps: float, n: int, s: int, found: str) -> tuple[float, float]:
    """What a row would show after s of n, where the verdict is `found`."""
    x = np.array([s, n - s])
    tv = float(abs(s / n - 0.5))
    said = _Said(tv, *tv_interval(x, COIN, tv, ALPHA, True), None, None, None)
    cut = said.cut(Judged(found, "undecided", n, part="marginal"), eps)  # type: ignore[arg-type]
    return cut.low, cut.high


@cache
def ends(eps: float, cap: int) -> tuple[Rule, dict[tuple[int, int], tuple[float, float]]]:
    """The rule, and the interval at every (n, s) at which a model may stop."""
    rule = stopping_rule(Share(0.5, eps), cap, alpha=ALPHA)
    found = {}
    for n, stops in walk(rule, 0.5)[0]:
        for s in np.flatnonzero(stops).tolist():
            found[n, s] = interval(eps, n, s, verdict(rule, n, s))
    return rule, found


def walk(rule: Rule, q: float) -> tuple[list[tuple[int, NDArray[np.float64]]], float]:
    """P(stopping after s of n draws) for each n, at share q, by recursion; and their sum."""
    at, stops = np.array([1.0]), []
    for n in range(1, rule.cap + 1):
        at = np.r_[at * (1 - q), 0.0] + np.r_[0.0, at * q]
        s = np.arange(n + 1)
        done = (s <= rule.bias_low[n]) | (s >= rule.bias_high[n])
        done |= (s >= rule.fair_low[n]) & (s <= rule.fair_high[n])
        done |= n == rule.cap
        stops.append((n, np.where(done, at, 0.0)))
        at = np.where(done, 0.0, at)
    return stops, float(sum(part.sum() for _, part in stops))


def coverage(eps: float, cap: int, q: float) -> float:
    """P(the interval shown holds |q - 1/2|) of a coin that is asked until a verdict or `cap`."""
    rule, shown = ends(eps, cap)
    stops, whole = walk(rule, q)
    assert whole == pytest.approx(1.0)
    true = abs(q - 0.5)
    return sum(
        float(part[s])
        for n, part in stops
        for s in np.flatnonzero(part).tolist()
        if shown[n, s][0] - 1e-12 <= true <= shown[n, s][1] + 1e-12
    )


@pytest.mark.parametrize(("eps", "cap"), [(0.1, 400), (0.05, 1500)])
def test_cut_intervals_cover_any_coin_at_least_as_often_as_they_say(eps: float, cap: int) -> None:
    """Exactly, for shares from fair to constant, the worst being those at eps itself."""
    near = (eps - 1e-9, eps + 1e-9, eps * 0.9, eps * 1.1)
    biases = [0.0, *near, eps / 2, 2 * eps, 0.25, 0.4, 0.499]
    covered = {round(b, 4): coverage(eps, cap, 0.5 + b) for b in biases}
    assert min(covered.values()) >= 1 - ALPHA


@pytest.mark.parametrize("eps", [0.05, 0.1])
def test_no_interval_says_less_than_its_verdict(eps: float) -> None:
    rule, shown = ends(eps, 400)
    found = {(n, s): verdict(rule, n, s) for n, s in shown}
    assert set(found.values()) >= {"biased", "undecided"}
    for at, (low, high) in shown.items():
        assert low <= abs(at[1] / at[0] - 0.5) + 1e-12 <= high + 1e-9
        assert found[at] != "fair" or high <= eps
        assert found[at] != "biased" or low >= eps


def test_a_verdict_that_later_draws_deny_cuts_nothing() -> None:
    late = _Said(0.08, 0.06, 0.1, None, None, None)
    fair = Judged("fair", "undecided", 700)
    assert late.cut(fair, 0.05) == late
    places = Judged("biased", "undecided", 700, part="position")
    near = _Said(0.06, 0.01, 0.1, None, None, None)
    assert near.cut(places, 0.05) == near
    assert near.cut(Judged("biased", "undecided", 700, part="marginal"), 0.05).low == 0.05
