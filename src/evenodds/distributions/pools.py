"""Dice pools: what the notation says, computed by icepool."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from evenodds.distributions.counts import TAIL
from evenodds.distributions.family import family, listable, shown
from evenodds.distributions.notation import Pool, read_notation
from evenodds.distributions.pmf import Pmf
from evenodds.distributions.work import charge, words
from evenodds.errors import TargetError, TooLargeError

MOST_FACES = 400
"""The most faces of a die of which several are kept: icepool recurses over them."""

if TYPE_CHECKING:
    from icepool import Die


@family
def dice(notation: str) -> Pmf[int]:
    """The sum of dice: `dice("4d6kh3")`, `dice("2d6+1d4-1")`, `dice("3d6!")`, `dice("d20r1")`.

    Modifiers apply to each die in turn: `r1` rolls again as long as it shows 1, `ro<2` once if it
    shows less than 2, `!` adds another roll on the highest face; then `kh3`, `kl1`, `dh1`, `dl1`
    keep or drop the highest or lowest. `d%` has 100 sides, `dF` shows -1, 0 or 1. Exploding dice
    are cut where at most 1e-12 of the mass is left, and say so in `error`.

    Raises `TargetError` for other notation, `TooLargeError` for too many dice or sides.
    """
    pools, constant = read_notation(notation)
    what = f"dice({shown(notation)})"
    listable(1 + sum(p.count * (p.faces[1] - p.faces[0]) for p in pools), what)
    together: Pmf[int] = Pmf.point(constant)
    for pool in pools:
        together = _added(together, _pool_sum(pool, what), pool.sign, what)
    return Pmf(sorted(together.items()), error=together.error)


def _added(one: Pmf[int], other: Pmf[int], sign: int, what: str) -> Pmf[int]:
    """The law of a draw from `one` plus `sign` times a draw from `other`."""
    charge(len(one) * len(other) // 8, what)
    weights: dict[int, int] = {}
    for x, v in one.items():
        for y, w in other.items():
            weights[x + sign * y] = weights.get(x + sign * y, 0) + v * w
    return Pmf(weights, error=one.error + other.error)


def _pool_sum(pool: Pool, what: str) -> Pmf[int]:
    """The law of the sum of the kept dice of one pool."""
    die, error = _die(pool, what)
    low, high = pool.keep
    if high - low == pool.count:
        return Pmf(power([(x, w) for x, w in die.items()], pool.count, what), error=error)
    if high - low == 1 and (low == 0 or high == pool.count):
        charge(2 * len(die) * words(pool.count * die.denominator().bit_length()), what)
        extreme = die.highest(pool.count, 1) if low else die.lowest(pool.count, 1)
        return Pmf(extreme.items(), error=error)
    if len(die) > MOST_FACES:
        raise TooLargeError(f"{len(die)} faces are too many to keep from; give up to {MOST_FACES}")
    charge(pool.count**2 * (high - low) * len(die) ** 2 // 30, what)
    return Pmf(die.keep(pool.count, slice(low, high)).items(), error=error)


def _die(pool: Pool, what: str) -> tuple[Die[int], float]:
    """One die of the pool after rerolls and explosions, and the pool's error from cutting these."""
    import icepool

    charge(pool.faces[1] - pool.faces[0] + 1, what)
    die: Die[int] = icepool.Die(range(pool.faces[0], pool.faces[1] + 1))
    for reroll in pool.rerolls:
        die = die.reroll(reroll.applies, depth=1 if reroll.once else "inf")
        if die.is_empty():
            raise TargetError(f"{what} rolls every face again for ever; reroll fewer faces")
    if not pool.explode:
        return die, 0.0
    top = die.max_outcome()
    again = float(die.probability(top))
    if again == 1:
        raise TargetError(f"{what} explodes for ever; a die that explodes needs two faces")
    depth = math.ceil(math.log(TAIL / pool.count) / math.log(again))
    listable(pool.count * depth * len(die), what)
    charge(depth * len(die) * words(depth * die.denominator().bit_length()), what)
    exploding = die.explode([top], depth=depth, end=icepool.Reroll)
    return exploding, min(1.0, pool.count * again ** (depth + 1))


def power(die: Sequence[tuple[int, int]], count: int, what: str) -> list[tuple[int, int]]:
    """The weights of the sum of `count` equal dice.

    With P(x) = sum p_i x^i and p_0 > 0, the coefficients of P^n follow J. C. P. Miller's
    recurrence k p_0 a_k = sum_i (i n - (k - i)) p_i a_{k-i} (Knuth, TAOCP vol. 2, 4.7 (9)).
    It takes dice x sides^2 steps, where repeated convolution takes dice^2 x sides^2.
    """
    first = min(x for x, _ in die)
    p = {x - first: w for x, w in die}
    size, digits = max(p) * count + 1, words(count * sum(p.values()).bit_length())
    charge(size * max(1, len(p) * (1 + digits // 8) // 8) if count > 1 else 0, what)
    if count == 1:
        return sorted(die)
    sums = [p[0] ** count]
    steps = [(i, w) for i, w in p.items() if i]
    for k in range(1, size):
        terms = ((i * count - k + i) * w * sums[k - i] for i, w in steps if i <= k)
        sums.append(sum(terms) // (k * p[0]))
    return [(count * first + k, weight) for k, weight in enumerate(sums) if weight]
