"""Continuous laws against scipy.stats: every cell is a difference of its cdf."""

import warnings
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from scipy import stats

from evenodds.distributions import (
    Pmf,
    beta,
    exponential,
    gamma,
    lognormal,
    normal,
    real_uniform,
    scipy,
    triangular,
    weibull,
)
from evenodds.errors import TargetError, TooLargeError


def cells(law: Any, outcomes: list[Any], decimals: int) -> list[float]:
    """F(x + h/2) - F(x - h/2) by scipy, from the tail where it is accurate."""
    half, found = 0.5 * 10**-decimals, []
    for outcome in outcomes:
        low, high = float(outcome) - half, float(outcome) + half
        upper = law.cdf(low) > 0.5
        found.append(law.sf(low) - law.sf(high) if upper else law.cdf(high) - law.cdf(low))
    return found


@pytest.mark.parametrize(
    ("pmf", "law", "decimals"),
    [
        (normal(100, 15, decimals=0), stats.norm(100, 15), 0),
        (normal(0, 1, decimals=2), stats.norm(0, 1), 2),
        (normal(-3.5, 0.2, decimals=1), stats.norm(-3.5, 0.2), 1),
        (lognormal(0, 0.5, decimals=1), stats.lognorm(0.5), 1),
        (lognormal(3, 0.4, decimals=0), stats.lognorm(0.4, scale=20.085536923187668), 0),
        (exponential(5, decimals=1), stats.expon(scale=5), 1),
        (weibull(1.5, 2, decimals=1), stats.weibull_min(1.5, scale=2), 1),
        (weibull(0.9, 3, decimals=0), stats.weibull_min(0.9, scale=3), 0),
        (gamma(2, 2, decimals=1), stats.gamma(2, scale=2), 1),
        (gamma(0.7, 10, decimals=0), stats.gamma(0.7, scale=10), 0),
        (beta(2, 5, decimals=2), stats.beta(2, 5), 2),
        (beta(0.5, 0.5, decimals=1), stats.beta(0.5, 0.5), 1),
        (real_uniform(0, 1, decimals=2), stats.uniform(0, 1), 2),
        (real_uniform(-0.33, 2.6, decimals=1), stats.uniform(-0.33, 2.93), 1),
        (triangular(0, 1, 3, decimals=1), stats.triang(1 / 3, 0, 3), 1),
        (triangular(0, 0, 2, decimals=0), stats.triang(0, 0, 2), 0),
    ],
)
def test_cells_are_differences_of_scipys_cdf(pmf: Pmf[Any], law: Any, decimals: int) -> None:
    expected = cells(law, list(pmf), decimals)
    assert list(pmf.probs().values()) == pytest.approx(expected, rel=1e-8, abs=1e-15)
    lost = 1 - sum(expected)
    assert lost <= pmf.error + 1e-13 < 1e-8
    assert all(str(Decimal(x)) == str(x) for x in pmf)


def test_bounded_laws_with_rational_curves_are_exact() -> None:
    flat = real_uniform(0, 1, decimals=1)
    assert [flat.weight(x) for x in flat] == [1, *[2] * 9, 1]
    assert flat.error == triangular(0, 1, 3, decimals=1).error == 0
    assert triangular(0, 1, 2, decimals=0).prob(1) == Fraction(3, 4)
    assert str(flat.support[1]) == "0.1"
    assert real_uniform(1, 6, decimals=0).prob(1) == Fraction(1, 10)


def test_the_error_covers_what_was_cut() -> None:
    narrow = normal(0, 1, decimals=1, tail=0.01)
    wide = normal(0, 1, decimals=1)
    tv = sum(abs(narrow.prob(x) - wide.prob(x)) for x in {*narrow, *wide}) / 2
    assert 0.01 < float(tv) <= narrow.error <= 0.021
    assert narrow.support_size < wide.support_size


def test_far_tails_keep_their_relative_accuracy() -> None:
    law = normal(0, 1, decimals=0, tail=1e-15)
    assert law.probs()[7] == pytest.approx(stats.norm.sf(6.5) - stats.norm.sf(7.5), rel=1e-6)
    assert law.probs()[7] == pytest.approx(law.probs()[-7], rel=1e-12)


@pytest.mark.parametrize(
    ("name", "parameters", "decimals"),
    [
        ("gumbel_r", (0, 1), 1),
        ("norm", (100, 15), 0),
        ("t", (5,), 1),
        ("skewnorm", (4, 0, 10), 0),
        ("rice", (1.5,), 1),
        ("norminvgauss", (1.25, 0.5), 0),
        ("laplace", (), 1),
    ],
)
def test_any_continuous_law_of_scipy(name: str, parameters: Any, decimals: int) -> None:
    pmf = scipy(name, *parameters, decimals=decimals, tail=1e-6)
    expected = cells(getattr(stats, name)(*parameters), list(pmf), decimals)
    assert list(pmf.probs().values()) == pytest.approx(expected, rel=1e-5, abs=1e-7)
    assert 0 < pmf.error < 1e-4


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("logser", (0.6,)), ("skellam", (3, 5)), ("betabinom", (10, 2, 3)), ("randint", (1, 7))],
)
def test_any_discrete_law_of_scipy(name: str, parameters: Any) -> None:
    pmf = scipy(name, *parameters)
    law = getattr(stats, name)(*parameters)
    assert law.pmf(list(pmf)) == pytest.approx(list(pmf.probs().values()), rel=1e-8)
    assert pmf.error < 1e-8


@pytest.mark.slow
def test_every_law_of_scipy_gives_a_pmf_or_a_refusal() -> None:
    from scipy.stats._distr_params import distcont, distdiscrete

    for name, parameters in [*distcont, *distdiscrete]:
        if not isinstance(name, str):
            continue
        continuous = isinstance(getattr(stats, name), stats.rv_continuous)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                pmf = scipy(name, *parameters, decimals=0 if continuous else None, tail=1e-3)
            except TargetError:
                continue
        assert 0 <= pmf.error < 0.01, name
        assert sum(pmf.probs().values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("build", "error"),
    [
        (lambda: normal(0, 0, decimals=1), TargetError),
        (lambda: normal(0, -1, decimals=1), TargetError),
        (lambda: normal(float("nan"), 1, decimals=1), TargetError),
        (lambda: normal(float("inf"), 1, decimals=1), TargetError),
        (lambda: normal(0, 1, decimals=-1), TargetError),
        (lambda: normal(0, 1, decimals=1.5), TargetError),
        (lambda: normal(0, 1, decimals=6), TooLargeError),
        (lambda: normal(0, 1, decimals=1, tail=0), TargetError),
        (lambda: normal(0, 1, decimals=1, tail=0.9), TargetError),
        (lambda: normal(10**20, 1, decimals=1), TargetError),
        (lambda: real_uniform(1, 0, decimals=1), TargetError),
        (lambda: triangular(0, 5, 3, decimals=1), TargetError),
        (lambda: scipy("nope", decimals=1), TargetError),
        (lambda: scipy("norm", 0, -1, decimals=1), TargetError),
        (lambda: scipy("norm", 0, 1), TargetError),
        (lambda: scipy("norm", 0, 1, 2, 3, decimals=1), TargetError),
        (lambda: scipy("logser", 0.6, decimals=1), TargetError),
        (lambda: scipy("cauchy", 0, 1, decimals=2), TooLargeError),
    ],
)
def test_bad_parameters_are_refused(build: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        build()
