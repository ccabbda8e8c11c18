"""`Pmf`: a probability mass function with integer weights.

Integers inside, fractions at the door: weights are positive integers, reduced by their greatest
common divisor, so that equal laws have equal weights and no rounding ever enters.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from numbers import Rational
from random import Random
from typing import Any, Generic, TypeVar

from evenodds.distributions.law import LISTABLE
from evenodds.distributions.work import charge
from evenodds.errors import TargetError, TooLargeError

T = TypeVar("T", bound=Hashable)
U = TypeVar("U", bound=Hashable)


def log_ratio(numerator: int, denominator: int) -> float:
    """The natural logarithm of a probability given as two integers, accurate at both ends.

    >>> log_ratio(1, 10**400)
    -921.034037197618...
    """
    if numerator == 0:
        return -math.inf
    ratio = numerator / denominator
    if ratio > 0.5:
        return math.log1p(-(denominator - numerator) / denominator)
    return math.log(ratio) if ratio > 1e-300 else math.log(numerator) - math.log(denominator)


def whole_weights(weights: Iterable[Fraction]) -> list[int]:
    """Integers in the same proportion as the given non-negative fractions."""
    exact = list(weights)
    common = math.lcm(*(weight.denominator for weight in exact))
    return [weight.numerator * (common // weight.denominator) for weight in exact]


class Pmf(Generic[T]):
    """A frozen map from outcomes to positive integer weights.

    >>> die = Pmf.uniform(range(1, 7))
    >>> die.prob(3), die.mean(), die.variance()
    (Fraction(1, 6), Fraction(7, 2), Fraction(35, 12))

    Equal outcomes add up, outcomes of weight 0 are left out, the order of first appearance is
    kept. `error` bounds the total variation distance to the law that this one stands for.
    Two pmfs are equal when their weights and errors are, whatever the order.

    Raises `TargetError` for no outcome of positive weight, for a negative weight and for a weight
    that is no integer.
    """

    def __init__(self, weights: Mapping[T, int] | Iterable[tuple[T, int]], *, error: float = 0.0):
        pairs = weights.items() if isinstance(weights, Mapping) else weights
        merged: dict[T, int] = {}
        for outcome, weight in pairs:
            if not isinstance(weight, int) or weight < 0:
                raise TargetError(
                    f"the weight of {outcome!r} is {weight!r}; weights are integers, 0 or more"
                )
            if weight:
                merged[outcome] = merged.get(outcome, 0) + weight
        if not merged:
            raise TargetError("a law needs at least one outcome of positive weight")
        if not 0 <= error < math.inf:
            raise TargetError(f"an error bound of {error!r} is no distance; give 0 or more")
        divisor = math.gcd(*merged.values())
        self._weights = {x: w // divisor for x, w in merged.items()} if divisor > 1 else merged
        self.total = sum(self._weights.values())
        self.error = min(float(error), 1.0)
        charge(len(merged), "this law")

    # --- what it is -------------------------------------------------------------------------

    @property
    def support(self) -> tuple[T, ...]:
        """The outcomes, in order of first appearance."""
        return tuple(self._weights)

    @property
    def support_size(self) -> int:
        """The number of outcomes."""
        return len(self._weights)

    def items(self) -> Iterable[tuple[T, int]]:
        """Pairs of outcome and weight; the weights sum to `total`."""
        return self._weights.items()

    def weight(self, outcome: T, /) -> int:
        """The weight of `outcome`, out of `total`; 0 off the support."""
        return self._weights.get(outcome, 0)

    def __len__(self) -> int:
        return len(self._weights)

    def __iter__(self) -> Iterator[T]:
        return iter(self._weights)

    def __contains__(self, outcome: object) -> bool:
        return outcome in self._weights

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pmf):
            return NotImplemented
        return self._weights == other._weights and self.error == other.error

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(frozenset(self._weights.items()))

    def __repr__(self) -> str:
        shown = ", ".join(f"{x!r}: {w}" for x, w in list(self._weights.items())[:8])
        more = f", ... {len(self)} outcomes" if len(self) > 8 else ""
        return f"Pmf({{{shown}{more}}}{f', error={self.error:.3g}' if self.error else ''})"

    # --- what it says -----------------------------------------------------------------------

    def prob(self, outcome: T, /) -> Fraction:
        """The exact probability of `outcome`; 0 off the support."""
        return Fraction(self._weights.get(outcome, 0), self.total)

    def logprob(self, outcome: T, /) -> float:
        """The natural logarithm of `prob(outcome)`; `-inf` off the support."""
        return log_ratio(self._weights.get(outcome, 0), self.total)

    def probs(self) -> dict[T, float]:
        """Every outcome with its probability as a float, each correctly rounded."""
        return {x: w / self.total for x, w in self._weights.items()}

    def entropy(self) -> float:
        """The Shannon entropy, -sum p ln p, in nats."""
        terms = (w / self.total * log_ratio(w, self.total) for w in self._weights.values())
        return max(0.0, -math.fsum(terms))

    def mean(self) -> Fraction | None:
        """The exact mean; `None` when an outcome is no number."""
        return self._moments[0] if self._moments else None

    def variance(self) -> Fraction | None:
        """The exact variance, E[x^2] - E[x]^2; `None` when an outcome is no number."""
        return self._moments[1] if self._moments else None

    @cached_property
    def _moments(self) -> tuple[Fraction, Fraction] | None:
        ratios = [_integer_ratio(x) for x in self._weights]
        if None in ratios:
            return None
        exact = [ratio for ratio in ratios if ratio is not None]
        scale = math.lcm(*(bottom for _, bottom in exact))
        scaled = [top * (scale // bottom) for top, bottom in exact]
        weighted = list(zip(scaled, self._weights.values(), strict=True))
        mean = Fraction(sum(x * w for x, w in weighted), self.total * scale)
        square = Fraction(sum(x * x * w for x, w in weighted), self.total * scale * scale)
        return mean, square - mean * mean

    def draw(self, rng: Random, /) -> T:
        """One outcome, chosen by one integer below `total`: exactly fair, given a fair `rng`."""
        return self.outcome_at(rng.randrange(self.total))

    def outcome_at(self, index: int) -> T:
        """The outcome that the integer `index`, 0 <= index < total, stands for.

        The first outcome owns the first integers, as many as its weight, and so on in order.
        """
        return self.support_list[bisect_right(self._cumulative, index)]

    @cached_property
    def support_list(self) -> list[T]:
        """The outcomes as a list, for quick access by position."""
        return list(self._weights)

    @cached_property
    def _cumulative(self) -> list[int]:
        return list(accumulate(self._weights.values()))

    def pmf(self, limit: int = LISTABLE) -> "Pmf[T]":
        """This law itself; `TooLargeError` when it has more than `limit` outcomes."""
        if len(self) > limit:
            raise TooLargeError(f"{len(self):,} outcomes are more than the {limit:,} asked for")
        return self

    # --- what it becomes --------------------------------------------------------------------

    def map(self, function: Callable[[T], U]) -> "Pmf[U]":
        """The law of `function(outcome)`; outcomes that become equal add up."""
        return Pmf(((function(x), w) for x, w in self.items()), error=self.error)

    def where(self, predicate: Callable[[T], bool]) -> "Pmf[T]":
        """The law given that `predicate(outcome)` holds.

        The error grows to at most error / P(predicate), since tv(P|A, Q|A) <= tv(P, Q) / P(A).
        Raises `TargetError` when the predicate holds for no outcome.
        """
        kept = [(x, w) for x, w in self.items() if predicate(x)]
        mass = sum(w for _, w in kept)
        if not mass:
            raise TargetError("no outcome of the law meets the condition; loosen it")
        return Pmf(kept, error=self.error * (self.total / mass) if self.error else 0.0)

    def then(self, function: "Callable[[T], Pmf[U]]") -> "Pmf[U]":
        """The law of a draw from `function(outcome)`, where `outcome` is drawn from this law."""
        mixed = Pmf.mix([(w, function(x)) for x, w in self.items()])
        return Pmf(mixed._weights, error=self.error + mixed.error) if self.error else mixed

    def product(self, other: "Pmf[U]") -> "Pmf[tuple[T, U]]":
        """The law of a pair of independent draws, one from each."""
        pairs = (((x, y), v * w) for x, v in self.items() for y, w in other.items())
        return Pmf(pairs, error=self.error + other.error)

    @staticmethod
    def mix(parts: Sequence[tuple[int | Fraction, "Pmf[U]"]]) -> "Pmf[U]":
        """The law of a draw from one part, chosen in proportion to the parts' weights."""
        shares = whole_weights(Fraction(weight) for weight, _ in parts)
        charge(sum(len(part) for _, part in parts), "this mixture")
        common = math.lcm(*(part.total for _, part in parts))
        merged: dict[U, int] = {}
        for share, (_, part) in zip(shares, parts, strict=True):
            scale = share * (common // part.total)
            for outcome, weight in part.items():
                merged[outcome] = merged.get(outcome, 0) + scale * weight
        total = sum(shares) or 1
        error = math.fsum(
            s / total * part.error for s, (_, part) in zip(shares, parts, strict=True)
        )
        return Pmf(merged, error=error)

    @staticmethod
    def uniform(outcomes: Iterable[U]) -> "Pmf[U]":
        """Equal weights; an outcome that is given twice is twice as likely."""
        return Pmf((outcome, 1) for outcome in outcomes)

    @staticmethod
    def point(outcome: U) -> "Pmf[U]":
        """The law that always gives `outcome`."""
        return Pmf({outcome: 1})


def _integer_ratio(outcome: Any) -> tuple[int, int] | None:
    """A finite number as numerator and denominator; `None` for anything else."""
    if isinstance(outcome, bool | str):
        return None
    if isinstance(outcome, Rational):
        return int(outcome.numerator), int(outcome.denominator)
    try:
        top, bottom = outcome.as_integer_ratio()
    except (AttributeError, OverflowError, ValueError):
        return None
    return int(top), int(bottom)
