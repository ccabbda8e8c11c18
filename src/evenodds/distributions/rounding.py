"""How a continuous law becomes a pmf: rounded to a stated number of decimals.

The outcome x at d decimals stands for every value that is printed as x, so with h = 10^-d

    P(x) = F(x + h/2) - F(x - h/2).

Tails of at most `tail` on each side are cut. `error` bounds the total variation distance between
this pmf and the rounded law: the cut mass, and what floating point may have lost in the cells.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from evenodds.distributions.family import listable, shown, whole
from evenodds.distributions.pmf import Pmf, whole_weights
from evenodds.distributions.work import charge
from evenodds.errors import TargetError

TAIL = 1e-9
"""The mass cut from each tail unless another is asked for."""

MOST_DECIMALS = 12

_CELL_ERROR = 2.0**-48
"""Taken as the error of one value of F, relative to the smaller of F and 1 - F."""

_UNIT = 2**80


@dataclass(frozen=True)
class Curve:
    """A continuous law, by its two tails and their inverses.

    `below(x)` is F(x) and `above(x)` is 1 - F(x), each accurate where it is small;
    `at_below(q)` and `at_above(q)` invert them. Values are floats, or fractions where all is exact.
    """

    name: str
    below: Callable[[Any], Any]
    above: Callable[[Any], Any]
    at_below: Callable[[float], float]
    at_above: Callable[[float], float]
    exact: bool = False


def rounded(curve: Curve, decimals: int, tail: float = TAIL) -> Pmf[Decimal | int]:
    """The law of `curve` rounded to `decimals` (0 to 12); integers when `decimals` is 0.

    Raises `TooLargeError` when more outcomes than can be listed lie between the cut tails.
    """
    whole(decimals, "decimals", 0, MOST_DECIMALS)
    cut = _tail(tail)
    first, last = _grid(curve.at_below(cut), curve.at_above(cut), decimals, curve.name)
    charge(2 * (last - first + 1), curve.name)
    grid = range(first, last + 1)
    edges = [_edge(k, decimals, curve.exact) for k in range(first, last + 2)]
    below, above = [curve.below(x) for x in edges], [curve.above(x) for x in edges]
    cells = [_cell(below, above, i) for i in range(len(grid))]
    lost = below[0] + above[-1]
    blur = _blur(edges, decimals, curve)
    names = [_outcome(k, decimals) for k in grid]
    if curve.exact and lost == 0:
        return Pmf(zip(names, whole_weights(cells), strict=True))
    weights = [max(0, round(cell * _UNIT)) for cell in cells]
    slack = math.fsum(2 * _CELL_ERROR * min(b, a) for b, a in zip(below, above, strict=True))
    kept = [(x, w) for x, w in zip(names, weights, strict=True) if w]
    return Pmf(kept, error=float(lost) + slack + blur + len(grid) / _UNIT)


def _tail(tail: float) -> float:
    if not isinstance(tail, int | float | Decimal | Fraction) or not 0 < tail <= 0.1:
        raise TargetError(f"tail is {shown(tail)}; give a small mass such as 1e-9, at most 0.1")
    return float(tail)


def _grid(low: float, high: float, decimals: int, name: str) -> tuple[int, int]:
    """The first and last outcome, as multiples of 10^-decimals."""
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise TargetError(f"{name} has no finite range to round; check its parameters")
    scale = 10**decimals
    first = math.floor(Fraction(low) * scale + Fraction(1, 2))
    last = math.ceil(Fraction(high) * scale - Fraction(1, 2))
    listable(max(last - first + 1, 1), f"{name} at {decimals} decimals, up to its cut tails,")
    return first, max(first, last)


def _edge(k: int, decimals: int, exact: bool) -> Any:
    """The lower edge of the cell of outcome k: (k - 1/2) 10^-decimals."""
    edge = Fraction(2 * k - 1, 2 * 10**decimals)
    return edge if exact else float(edge)


def _blur(edges: Sequence[Any], decimals: int, curve: Curve) -> float:
    """What rounding the edges to floats may move between cells, as a mass."""
    if curve.exact:
        return 0.0
    blur = 2 * math.ulp(max(abs(edges[0]), abs(edges[-1]))) * 10**decimals
    if blur > 1e-6:
        raise TargetError(
            f"{curve.name} lies too far from 0 for {decimals} decimals; ask for fewer decimals"
        )
    return blur


def _cell(below: Sequence[Any], above: Sequence[Any], i: int) -> Any:
    """The mass of cell i, as a difference of whichever tail is smaller there."""
    if below[i] <= above[i + 1]:
        return below[i + 1] - below[i]
    return above[i] - above[i + 1]


def _outcome(k: int, decimals: int) -> Decimal | int:
    return Decimal(k).scaleb(-decimals) if decimals else k
