"""The evidence of one model's draws about one share or one law, kept up draw by draw.

A `Pair` is two outcomes (a coin, first or second place, valid or not): its e-processes depend on
two counts alone, so "reached" is looked up in a table of bounds on them. A `Several` is the
Dirichlet bet of `measure.dirichlet` on more outcomes; whether it is fair is looked at when the
number of draws has grown by 2%.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import Protocol

import numpy as np

from evenodds.measure import dirichlet, setwise
from evenodds.measure.cells import Floats
from evenodds.measure.eprocess import Share
from evenodds.measure.operating import stopping_rule

__all__ = ["Evidence", "Pair", "Part", "Several"]


Bounds = tuple[list[int], list[int], list[int], list[int]]


class Evidence(Protocol):
    """What the draws of one model say of one part of the verdict."""

    def add(self, outcome: int) -> None:
        """Take note of a draw, an index of an outcome."""

    def against(self) -> bool:
        """Whether the e-value against the null "within the bound" has reached its threshold."""

    def certified(self) -> bool:
        """Whether the e-value against "beyond the bound" has reached its threshold, at a look."""

    def log_bias(self) -> float:
        """Log e-value against "within the bound" by now."""

    def log_fair(self) -> float:
        """Log e-value against "beyond the bound" by now."""


class Part(Protocol):
    """One part of a verdict, the same for all models: a null, and how its evidence begins."""

    @property
    def weight(self) -> float:
        """Its share of the error of "biased"."""

    def begin(self) -> Evidence:
        """The evidence of a model that has not been asked."""


@dataclass(frozen=True)
class Pair:
    """Is the share of outcome 0 within eps of p0? `share` says which; up to `cap` draws.

    The part has `weight` of the error of "biased": its e-value counts against the null at
    at / weight, and certifies at `at`.
    """

    share: Share
    cap: int
    weight: float
    at: float

    def begin(self) -> Evidence:
        """The evidence of a model that has not been asked."""
        return _PairEvidence(self)

    @property
    def bounds(self) -> Bounds:
        """Bounds on the draws of outcome 0 for n = 0..cap (see `measure.operating.Rule`)."""
        return _bounds(self.share, self.cap, self.at / self.weight, self.at)

    def log_e(self, n: int, s: int) -> tuple[float, float]:
        """Log e-values against "within" and "beyond" eps after s of n draws; kept, for n <= cap."""
        known = _kept(self.share)
        found = known.get((n, s))
        if found is None:
            found = float(self.share.log_bias(n, s)), float(self.share.log_fair(n, s))
            known[n, s] = found
        return found

    def near(self, n: int, s: int) -> tuple[float, float]:
        """The same, for one who asks after every draw: a block of (n, s) is computed at a time."""
        blocks = _blocks(self.share)
        place = n // _BLOCK[0], s // _BLOCK[1]
        found = blocks.get(place)
        if found is None:
            found = blocks[place] = _block(self.share, *place)
        row, column = n % _BLOCK[0], s % _BLOCK[1]
        return found[0][row][column], found[1][row][column]


_BLOCK = 32, 16
"""Draws, and draws of outcome 0, of which e-values are computed together."""


@lru_cache(maxsize=32)
def _blocks(share: Share) -> dict[tuple[int, int], tuple[list[list[float]], list[list[float]]]]:
    """Log e-values of either kind by blocks, as far as they were asked for."""
    return {}


def _block(share: Share, row: int, column: int) -> tuple[list[list[float]], list[list[float]]]:
    n = (row * _BLOCK[0] + np.arange(_BLOCK[0]))[:, None]
    s = np.minimum(n, (column * _BLOCK[1] + np.arange(_BLOCK[1]))[None, :])
    return share.log_bias(n, s).tolist(), share.log_fair(n, s).tolist()


@lru_cache(maxsize=32)
def _bounds(share: Share, cap: int, bias_at: float, fair_at: float) -> Bounds:
    rule = stopping_rule(share, cap, bias_at=bias_at, fair_at=fair_at, minimum=1)
    sides = (rule.bias_low, rule.bias_high, rule.fair_low, rule.fair_high)
    low, high, fair_low, fair_high = (side.tolist() for side in sides)
    return low, high, fair_low, fair_high


@lru_cache(maxsize=32)
def _kept(share: Share) -> dict[tuple[int, int], tuple[float, float]]:
    """Log e-values by (n, s), as far as they were asked for."""
    return {}


class _PairEvidence:
    """Draws so far, and those of outcome 0."""

    __slots__ = ("bounds", "n", "part", "s")

    def __init__(self, part: Pair) -> None:
        self.part, self.bounds = part, part.bounds
        self.n = self.s = 0

    def add(self, outcome: int) -> None:
        self.n += 1
        self.s += outcome == 0

    def against(self) -> bool:
        n, s = self.n, self.s
        return s <= self.bounds[0][n] or s >= self.bounds[1][n]

    def certified(self) -> bool:
        n = self.n
        return self.bounds[2][n] <= self.s <= self.bounds[3][n]

    def log_bias(self) -> float:
        return self.part.log_e(self.n, self.s)[0]

    def log_fair(self) -> float:
        return self.part.log_e(self.n, self.s)[1]


class Several:
    """Is tv(law, p) within eps? Target probabilities `p`, shape (K,), K > 2; see `Pair`."""

    def __init__(self, p: Floats, eps: float, weight: float, at: float) -> None:
        self.p, self.eps, self.weight = p, eps, weight
        self.enough = log(at / weight), log(at)
        self.prior, self.target = dirichlet.Prior.around(p), np.r_[p, 0.0]
        self._first = self.gains(np.zeros(len(p) + 1))

    def begin(self) -> SeveralEvidence:
        """The evidence of a model that has not been asked."""
        return SeveralEvidence(self, self._first)

    def gains(self, counts: Floats) -> list[float]:
        """What each outcome of the next draw adds to the log e-value against tv <= eps."""
        s = self.prior.predictive(counts)
        with np.errstate(divide="ignore"):
            return [*np.log(s / dirichlet.nearest_within(s, self.target, self.eps)).tolist()]


class SeveralEvidence:
    """Counts, the bet of the current block of draws, and where that block ends.

    `gains`: what each outcome of the last draw added, or would have, to the log e-value.
    """

    __slots__ = ("counts", "end", "gains", "looked", "n", "part", "wealth")

    def __init__(self, part: Several, gains: list[float]) -> None:
        self.part, self.gains = part, gains
        self.counts = [0] * (len(part.p) + 1)
        self.n, self.end, self.wealth = 0, 1, 0.0
        self.looked = (0, False)

    def add(self, outcome: int) -> None:
        if self.n == self.end:
            self._renew()
        self.n += 1
        self.counts[outcome] += 1
        self.wealth += self.gains[outcome]

    def _renew(self) -> None:
        """Bet anew after what was seen (see `dirichlet.blocks`)."""
        self.gains = self.part.gains(np.array(self.counts, dtype=np.float64))
        grown = int(dirichlet.GROWTH * self.n) if self.n >= dirichlet.EVERY else 1
        self.end = self.n + max(1, grown)

    def against(self) -> bool:
        return self.wealth >= self.part.enough[0]

    def certified(self) -> bool:
        if self.n != self.end:
            return False
        if self.looked[0] != self.n:
            self.looked = (self.n, self._near() and self.log_fair() >= self.part.enough[1])
        return self.looked[1]

    def _near(self) -> bool:
        """Whether the draws' own tv is within eps: else no e-value certifies."""
        shares = np.array(self.counts[:-1]) / self.n
        return bool(np.maximum(self.part.p - shares, 0.0).sum() < self.part.eps)

    def log_bias(self) -> float:
        return self.wealth

    def log_fair(self) -> float:
        counts = np.array(self.counts[:-1], dtype=np.int64)
        return setwise.log_fair(counts, self.part.p, 0, self.part.eps) if self.n else 0.0
