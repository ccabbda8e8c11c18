"""The noise floor against the published table, against every table, and against simulation."""

import itertools
from fractions import Fraction
from math import comb, factorial, prod

import numpy as np
import pytest

from evenodds.measure import cells
from evenodds.measure.floor import expected, expected_tv, mean_deviation
from evenodds.measure.interval import any_outcomes, clopper_pearson, two_outcomes
from evenodds.measure.null import null

TABLE = {
    (2, 50): 0.0561, (2, 100): 0.0398, (2, 1000): 0.0126,
    (6, 50): 0.127, (6, 100): 0.0895, (6, 1000): 0.0282,
    (100, 50): 0.605, (100, 100): 0.366, (100, 1000): 0.124,
}  # fmt: skip


@pytest.mark.parametrize(("outcomes", "n"), TABLE)
def test_expected_tv_of_the_published_table(outcomes: int, n: int) -> None:
    found = expected_tv(np.full(outcomes, 1 / outcomes), n)
    assert found == pytest.approx(TABLE[outcomes, n], abs=0.0005 if found > 0.1 else 0.00005)


@pytest.mark.parametrize("p", [Fraction(1, 6), Fraction(1, 2), Fraction(9, 10), Fraction(1, 100)])
@pytest.mark.parametrize("n", [1, 2, 7, 30])
def test_mean_deviation_is_de_moivres(p: Fraction, n: int) -> None:
    exact = sum(comb(n, k) * p**k * (1 - p) ** (n - k) * abs(k - n * p) for k in range(n + 1))
    assert mean_deviation(float(p), n) == pytest.approx(float(exact), rel=1e-12)


def brute_tables(p: list[Fraction], n: int) -> list[tuple[tuple[int, ...], Fraction]]:
    """Every table with its probability, in exact fractions."""
    found = []
    for x in itertools.product(range(n + 1), repeat=len(p)):
        if sum(x) == n:
            ways = factorial(n) // prod(map(factorial, x))
            found.append((x, ways * prod(q**k for q, k in zip(p, x, strict=True))))
    return found


@pytest.mark.parametrize("name", ["tv", "js", "entropy", "g"])
def test_expectations_equal_the_mean_over_every_table(name: str) -> None:
    p, n = [Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)], 6
    cell = {**cells.TESTS, **cells.DISTANCES}[name]
    law = np.array(p, dtype=np.float64)
    exact = sum(
        float(weight) * cells.value(cell, np.array(x, dtype=np.float64), law)
        for x, weight in brute_tables(p, n)
    )
    assert expected({name: cell}, law, n) == pytest.approx({name: exact}, rel=1e-12)
    assert null(law, n, {name: cell}).mean(name) == pytest.approx(exact, rel=1e-12)


def test_expectation_that_would_take_too_long_is_left_out() -> None:
    assert expected(cells.DISTANCES, np.arange(1, 2001) / 2001000, 100_000) is None


def test_clopper_pearson_is_exact_at_both_ends() -> None:
    """At its ends the interval leaves alpha / 2 in the tail (Clopper & Pearson 1934)."""
    low, high = clopper_pearson(3, 20)
    upper = sum(comb(20, k) * low**k * (1 - low) ** (20 - k) for k in range(3, 21))
    lower = sum(comb(20, k) * high**k * (1 - high) ** (20 - k) for k in range(4))
    assert (upper, lower) == pytest.approx((0.025, 0.025), abs=1e-12)
    assert clopper_pearson(20, 20)[1] == 1.0


def test_interval_of_two_outcomes_covers_by_enumeration() -> None:
    """Coverage of |q - .5| at n = 30, over a grid of true q, is at least .95."""
    n = 30
    for q in np.linspace(0.02, 0.98, 49):
        covered = 0.0
        for k in range(n + 1):
            low, high = two_outcomes(k, n, 0.5)
            if low - 1e-12 <= abs(q - 0.5) <= high + 1e-12:
                covered += comb(n, k) * q**k * (1 - q) ** (n - k)
        assert covered >= 0.95


def test_interval_of_a_fair_die_covers_zero() -> None:
    assert any_outcomes(0.1, 50, 0.21)[0] == 0.0
    assert any_outcomes(0.9, 50, 0.21)[1] == 1.0
