"""Continuous laws, rounded to a stated number of decimals (see `rounding`).

Closed forms are used where there are any, so that scipy need not be imported; the tests hold each
against `scipy.stats`. `decimals` is the number of decimals, `tail` the mass cut from each tail.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from statistics import NormalDist
from typing import Any

from evenodds.distributions.family import Number, exact, family, shown
from evenodds.distributions.pmf import Pmf
from evenodds.distributions.rounding import TAIL, Curve, each, rounded
from evenodds.errors import TargetError

_STANDARD = NormalDist()


def _positive(value: Any, what: str) -> float:
    number = exact(value, what)
    if number <= 0:
        raise TargetError(f"{what} is {shown(value)}; give a positive number")
    return _float(number, what)


def _float(number: Fraction, what: str) -> float:
    value = float(number)
    if not 1e-100 < abs(value) < 1e100 and value:
        raise TargetError(f"{what} is {value}; give a number of ordinary size")
    return value


@family
def real_uniform(low: Number, high: Number, *, decimals: int) -> Pmf[Any]:
    """A real number between `low` and `high`, rounded: the end points get half a cell, exactly."""
    a, b = exact(low, "the lower end"), exact(high, "the upper end")
    if a >= b:
        raise TargetError(f"the range from {low} to {high} is empty; give the lower end first")

    def below(x: Fraction) -> Fraction:
        return min(max((x - a) / (b - a), Fraction(0)), Fraction(1))

    return rounded(_exact_curve("real_uniform", below, a, b), decimals)


def _exact_curve(
    name: str, below: Callable[[Fraction], Fraction], low: Fraction, high: Fraction
) -> Curve:
    """A law on low..high whose F maps fractions to fractions."""
    above = each(lambda x: 1 - below(x))
    return Curve(name, each(below), above, lambda _: low, lambda _: high, exact=True)


@family
def triangular(low: Number, mode: Number, high: Number, *, decimals: int) -> Pmf[Any]:
    """The density rises linearly from `low` to `mode` and falls to `high`; exact."""
    a, c, b = (exact(value, "an end or mode") for value in (low, mode, high))
    if not (a <= c <= b and a < b):
        raise TargetError(f"{low}, {mode}, {high} are out of order; give low <= mode <= high")

    def below(x: Fraction) -> Fraction:
        if x <= a or x >= b:
            return Fraction(int(x >= b))
        if x < c:
            return (x - a) ** 2 / ((b - a) * (c - a))
        return 1 - (b - x) ** 2 / ((b - a) * (b - c))

    return rounded(_exact_curve("triangular", below, a, b), decimals)


@family
def normal(mean: Number, sd: Number, *, decimals: int, tail: float = TAIL) -> Pmf[Any]:
    """The normal law: `normal(100, 15, decimals=0)`. F(x) = erfc((mean - x) / (sd sqrt 2)) / 2."""
    center = _float(exact(mean, "the mean"), "the mean")
    spread = _positive(sd, "the standard deviation")
    return rounded(_gaussian("normal", center, spread), decimals, tail)


def _gaussian(name: str, center: float, spread: float) -> Curve:
    return Curve(
        name,
        each(lambda x: math.erfc((center - x) / spread / math.sqrt(2)) / 2),
        each(lambda x: math.erfc((x - center) / spread / math.sqrt(2)) / 2),
        lambda q: center + spread * _STANDARD.inv_cdf(q),
        lambda q: center - spread * _STANDARD.inv_cdf(q),
    )


@family
def lognormal(mu: Number, sigma: Number, *, decimals: int, tail: float = TAIL) -> Pmf[Any]:
    """exp of a normal number of mean `mu` and standard deviation `sigma`."""
    log = _gaussian("lognormal", _float(exact(mu, "mu"), "mu"), _positive(sigma, "sigma"))

    curve = Curve(
        "lognormal",
        lambda xs: log.below([math.log(x) if x > 0 else -math.inf for x in xs]),
        lambda xs: log.above([math.log(x) if x > 0 else -math.inf for x in xs]),
        lambda q: math.exp(min(log.at_below(q), 700.0)),
        lambda q: math.exp(min(log.at_above(q), 700.0)),
    )
    return rounded(curve, decimals, tail)


@family
def exponential(mean: Number, *, decimals: int, tail: float = TAIL) -> Pmf[Any]:
    """A waiting time of the given `mean` (1 / rate). 1 - F(x) = exp(-x / mean)."""
    return _weibull("exponential", 1.0, _positive(mean, "the mean"), decimals, tail)


@family
def weibull(shape: Number, scale: Number, *, decimals: int, tail: float = TAIL) -> Pmf[Any]:
    """1 - F(x) = exp(-(x / scale)^shape), for x > 0 (scipy's weibull_min)."""
    return _weibull(
        "weibull", _positive(shape, "the shape"), _positive(scale, "the scale"), decimals, tail
    )


def _weibull(name: str, shape: float, scale: float, decimals: int, tail: float) -> Pmf[Any]:
    def hazard(x: float) -> float:
        return math.exp(min(shape * math.log(x / scale), 700.0)) if x > 0 else 0.0

    def at(hazard: float) -> float:
        return scale * math.exp(min(math.log(hazard) / shape, 700.0))

    curve = Curve(
        name,
        each(lambda x: -math.expm1(-hazard(x))),
        each(lambda x: math.exp(-hazard(x))),
        lambda q: at(-math.log1p(-q)),
        lambda q: at(-math.log(q)),
    )
    return rounded(curve, decimals, tail)


@family
def gamma(shape: Number, scale: Number, *, decimals: int, tail: float = TAIL) -> Pmf[Any]:
    """The gamma law of mean shape x scale. F is the regularised incomplete gamma function."""
    from scipy import special

    k, unit = _positive(shape, "the shape"), _positive(scale, "the scale")
    curve = Curve(
        "gamma",
        each(lambda x: float(special.gammainc(k, max(x, 0.0) / unit))),
        each(lambda x: float(special.gammaincc(k, max(x, 0.0) / unit))),
        lambda q: unit * float(special.gammaincinv(k, q)),
        lambda q: unit * float(special.gammainccinv(k, q)),
    )
    return rounded(curve, decimals, tail)


@family
def beta(a: Number, b: Number, *, decimals: int, tail: float = TAIL) -> Pmf[Any]:
    """The beta law on 0 to 1, of mean a / (a + b). F is the regularised incomplete beta."""
    from scipy import special

    p, q = _positive(a, "a"), _positive(b, "b")
    curve = Curve(
        "beta",
        each(lambda x: float(special.betainc(p, q, min(max(x, 0.0), 1.0)))),
        each(lambda x: float(special.betainc(q, p, min(max(1.0 - x, 0.0), 1.0)))),
        lambda mass: float(special.betaincinv(p, q, mass)),
        lambda mass: 1.0 - float(special.betaincinv(q, p, mass)),
    )
    return rounded(curve, decimals, tail)


@family
def scipy(
    name: str, /, *parameters: Number, decimals: int | None = None, tail: float = TAIL
) -> Pmf[Any]:
    """Any law of `scipy.stats` by its name there: `scipy("gumbel_r", 0, 1, decimals=1)`.

    `parameters` are scipy's own, in scipy's order: shapes, then loc, then scale. A discrete law
    takes no `decimals`.
    """
    from evenodds.distributions.named import continuous_law, discrete_law, frozen

    law, is_discrete = frozen(name, [_float(exact(p, "a parameter"), "it") for p in parameters])
    if is_discrete:
        if decimals is not None:
            raise TargetError(f"{name} is a law of integers; leave decimals out")
        return discrete_law(name, law, tail)
    if decimals is None:
        raise TargetError(f"{name} is continuous; say how it is rounded, such as decimals=2")
    return rounded(continuous_law(name, law), decimals, tail)
