"""The plainest laws: one outcome, equal outcomes, weighted outcomes, a coin, and mixtures."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from evenodds.distributions.family import (
    Number,
    as_law,
    chance,
    exact,
    family,
    listable,
    numbers_of,
    outcome,
    outcomes,
    shown,
    whole,
    with_distinct_texts,
)
from evenodds.distributions.law import LISTABLE, Law, Outcome
from evenodds.distributions.pmf import Pmf, whole_weights
from evenodds.distributions.ranges import long_range
from evenodds.distributions.work import charge, words
from evenodds.errors import TargetError


@family
def fixed(value: Outcome) -> Pmf[Any]:
    """The law that always gives `value`: `fixed("heads")`."""
    return Pmf.point(outcome(value))


@family
def uniform(*values: Any, step: Number | None = None, decimals: int | None = None) -> Law:
    """Equally likely outcomes.

    `uniform(1, 6)` is the range of integers from 1 to 6, both included, and `step` thins it; a
    range from 0 or more to beyond 100,000 outcomes is a tree of digits, so its outcomes are texts;
    `uniform("red", "blue")` or `uniform([1, 5, 9])` is a list without repeats;
    `uniform(0.0, 1.0, decimals=2)` is `real_uniform(0, 1, decimals=2)`.
    """
    if decimals is not None:
        from evenodds.distributions.continuous import real_uniform

        if len(values) != 2 or step is not None:
            raise TargetError("uniform with decimals takes a lower and an upper end")
        return real_uniform(values[0], values[1], decimals=decimals)
    if len(values) == 2 and all(_is_number(value) for value in values):
        return _range(values[0], values[1], 1 if step is None else step)
    if step is not None:
        raise TargetError("step belongs to a range: uniform(0, 100, step=10)")
    if len(values) > 2 and any(_is_number(value) for value in values):
        raise TargetError("uniform takes a range of two numbers, or a list: uniform([1, 5, 9])")
    listed = outcomes(values, "uniform")
    if len(set(listed)) < len(listed):
        raise TargetError("uniform lists an outcome twice; use weighted for unequal chances")
    return with_distinct_texts(Pmf.uniform(listed))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal | Fraction)


def _range(low: Any, high: Any, step: Any) -> Law:
    first, last, by = outcome(low), outcome(high), outcome(step)
    start, end, unit = (
        exact(first, "the lower end"),
        exact(last, "the upper end"),
        exact(by, "step"),
    )
    if unit <= 0 or start > end:
        raise TargetError(
            f"the range from {shown(low)} to {shown(high)} by {shown(step)} is empty; "
            "give the lower end first and a positive step"
        )
    size = int((end - start) // unit) + 1
    what = f"uniform({shown(low)}, {shown(high)})"
    if isinstance(first, int) and isinstance(last, int) and isinstance(by, int):
        if size > LISTABLE and by == 1 and first >= 0:
            return long_range(first, last)
        listable(size, what)
        return Pmf.uniform(range(first, last + 1, by))
    if step == 1:
        raise TargetError(
            f"{what} is a range between decimal numbers; give its resolution: "
            "decimals=2 for a real number, or step=0.1 for equally likely points"
        )
    listable(size, what)
    with localcontext() as context:
        context.prec = 200
        lower, gap = Decimal(str(first)), Decimal(str(by))
        return Pmf.uniform([lower + gap * i for i in range(size)])


@family
def weighted(weights: Mapping[Any, Number] | None = None, /, **named: Number) -> Pmf[Any]:
    """Outcomes in proportion to weights that need not sum to 1.

    `weighted(red=3, blue=1)`, `weighted({"a b": 0.7, 1: 0.3})`. Weights are taken exactly as
    they are written; 0 leaves an outcome out.
    """
    if weights is not None and not isinstance(weights, Mapping):
        raise TargetError(f"weighted takes name=weight pairs or {{...}}, not {shown(weights)}")
    given = [*(weights or {}).items(), *named.items()]
    listable(len(given), "weighted")
    charge(len(given), "weighted")
    listed = [outcome(value) for value, _ in given]
    if len(set(listed)) < len(listed):
        raise TargetError("weighted names an outcome twice; add its weights up")
    shares = [exact(weight, f"the weight of {shown(value)}") for value, weight in given]
    for (value, weight), share in zip(given, shares, strict=True):
        if share < 0:
            raise TargetError(f"the weight of {shown(value)} is {weight}, negative; give 0 or more")
    pairs = zip(listed, whole_weights(shares), strict=True)
    return with_distinct_texts(Pmf(pairs))


@family
def coin(
    p: Number = Fraction(1, 2), heads: Outcome = "heads", tails: Outcome = "tails"
) -> Pmf[Any]:
    """A coin that shows `heads` with probability `p`: `coin(0.7)`, `coin(0.5, "0", "1")`."""
    up = chance(p, "the probability of heads")
    if str(heads) == str(tails):
        raise TargetError(f"both sides of the coin are {shown(heads)}; give them different names")
    weights = whole_weights([up, 1 - up])
    return Pmf(zip([outcome(heads), outcome(tails)], weights, strict=True))


@family
def mixture(*laws: Law, weights: Sequence[Number] | None = None) -> Pmf[Any]:
    """A draw from one of `laws`, chosen in proportion to `weights` (equal if not given).

    `mixture(dice("d6"), dice("d20"), weights=[3, 1])`.
    """
    if not laws:
        raise TargetError("mixture has nothing to mix; give at least one law")
    shares: Sequence[Number] = [1] * len(laws) if weights is None else weights
    if not isinstance(shares, list | tuple) or len(shares) != len(laws):
        raise TargetError(
            f"mixture has {len(laws)} laws; give as many weights, not {shown(shares)}"
        )
    exacts = [exact(share, "a weight of the mixture") for share in shares]
    if min(exacts) < 0:
        raise TargetError(f"the weights {shown(shares)} include a negative one; give 0 or more")
    parts = [as_law(law, "a part of the mixture").pmf() for law in laws]
    return with_distinct_texts(Pmf.mix(list(zip(exacts, parts, strict=True))))


@family
def maximum(law: Law, n: int) -> Pmf[Any]:
    """The largest of `n` independent draws: `maximum(dice("d6"), 3)`. P(max <= x) = P(X <= x)^n."""
    return _extreme(law, n, largest=True)


@family
def minimum(law: Law, n: int) -> Pmf[Any]:
    """The smallest of `n` independent draws: `minimum(dice("d20"), 2)`."""
    return _extreme(law, n, largest=False)


def _extreme(law: Law, n: int, *, largest: bool) -> Pmf[Any]:
    listed = numbers_of(as_law(law, "the law"), "maximum and minimum")
    whole(n, "the number of draws", 1, 10_000)
    charge(len(listed) * words(n * listed.total.bit_length()), f"{n:,} draws of this law")
    below, weights = 0, []
    for value in sorted(listed, reverse=not largest):
        so_far = below + listed.weight(value)
        weights.append((value, so_far**n - below**n))
        below = so_far
    return Pmf(sorted(weights), error=n * listed.error)
