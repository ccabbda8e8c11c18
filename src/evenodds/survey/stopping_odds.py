"""Evidence from shown odds: what `stopping_parts` does with tosses, with their probabilities.

An observation x in 0..1 (the odds of outcome 0 in one reply) has the mean that a toss has, and less
variance. Against "the mean is at most m" the wealth of a gambler who stakes l_t >= 0,

    product over t of 1 + l_t (x_t - m),    l_t <= 1/m, chosen before x_t is seen,

is an e-process (Waudby-Smith & Ramdas 2024, "Estimating means of bounded random variables by
betting"), and likewise with l_t <= 0 against "at least m". The stake is the one that would have
grown fastest on what came before, up to second order: (mean - m) / (variance + (mean - m)^2).

What is shown need not be how the endpoint draws. So the evidence is half that of the draws alone
and half the gambler's, a mean of e-processes and so one itself; and a second gambler bets that
draws and odds disagree (`Agreement`). When that one has won, the odds of the model count no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, inf, log, log1p
from typing import Protocol, cast

from evenodds.survey.stopping_parts import Evidence, Pair, Part, Several
from evenodds.survey.store_rows import Odds

__all__ = ["Agreement", "ShownEvidence", "begun"]

DISTRUST = 0.01
"""Probability that odds which the draws do follow are distrusted all the same."""
_BOLD = 0.9
_KEPT = 10.0
_HALF = log(0.5)


class ShownEvidence(Evidence, Protocol):
    """The evidence of draws some of which come with their odds."""

    def show(self, outcome: int, odds: Odds) -> None:
        """Take note of a draw, and of the odds that it was drawn with; () where none are shown."""

    def distrust(self) -> None:
        """Let the odds count no more, those of the past neither where that can be."""


def begun(part: Part) -> ShownEvidence:
    """The evidence of a part for a model that shows odds, before anything was asked."""
    return _Pair(part) if isinstance(part, Pair) else _Several(cast(Several, part))


class _Bet:
    """Bets against a mean on one side of `edge`: at most it (`sign` 1), at least it (-1).

    `aim` bounds the mean that is hoped for: fairness is proved by means near p0.
    """

    __slots__ = ("aim", "edge", "most", "sign", "wealth")

    def __init__(self, edge: float, sign: int, aim: tuple[float, float]) -> None:
        self.edge, self.sign, self.aim = edge, sign, aim
        self.most = _BOLD / (edge if sign > 0 else 1 - edge)
        self.wealth = 0.0

    def take(self, x: float, mean: float, variance: float) -> None:
        """Win or lose on an observation; `mean`, `variance` are those of what came before."""
        low, high = self.aim
        gap = self.sign * (min(high, max(low, mean)) - self.edge)
        if gap > 0:
            stake = min(gap / (variance + gap * gap), self.most)
            self.wealth += log1p(self.sign * stake * (x - self.edge))


class _Pair(ShownEvidence):
    """A `Pair` with odds: `zeros` of `n` draws, the gambler's bets, what the stakes are made of."""

    __slots__ = ("against_bets", "fair_bets", "n", "part", "squares", "sum", "trusted", "zeros")

    def __init__(self, part: Pair) -> None:
        self.part, self.trusted = part, True
        p0, eps = part.share.p0, part.share.eps
        near = (max(0.0, p0 - eps / 2), min(1.0, p0 + eps / 2))
        edges = [(edge, 1 if edge > p0 else -1) for edge in part.share.sides]
        self.against_bets = [_Bet(edge, sign, (0.0, 1.0)) for edge, sign in edges]
        self.fair_bets = [_Bet(edge, -sign, near) for edge, sign in edges]
        self.n, self.zeros, self.sum, self.squares = 0, 0, 0.0, 0.0

    def add(self, outcome: int) -> None:
        self.show(outcome, ())

    def show(self, outcome: int, odds: Odds) -> None:
        x = odds[0] if odds else float(outcome == 0)
        if self.trusted:
            mean, variance = self._moments()
            for bet in (*self.against_bets, *self.fair_bets):
                bet.take(x, mean, variance)
        self.n, self.zeros = self.n + 1, self.zeros + (outcome == 0)
        self.sum, self.squares = self.sum + x, self.squares + x * x

    def distrust(self) -> None:
        self.trusted = False

    def _moments(self) -> tuple[float, float]:
        """Mean and variance so far, with those of a fair toss counted in: 10 and 1 times."""
        p0 = self.part.share.p0
        mean = (self.sum + _KEPT * p0) / (self.n + _KEPT)
        around = self.squares - 2 * mean * self.sum + self.n * mean * mean
        return mean, (max(0.0, around) + p0 * (1 - p0)) / (self.n + 1)

    def against(self) -> bool:
        return self.log_bias() >= log(self.part.at / self.part.weight)

    def certified(self) -> bool:
        return self.log_fair() >= log(self.part.at)

    def log_bias(self) -> float:
        wealth = [bet.wealth for bet in self.against_bets]
        shown = _log_sum(wealth) - log(len(wealth)) if wealth else -inf
        return self._both(self.part.near(self.n, self.zeros)[0], shown)

    def log_fair(self) -> float:
        shown = min((bet.wealth for bet in self.fair_bets), default=inf)
        return self._both(self.part.near(self.n, self.zeros)[1], shown)

    def _both(self, plain: float, shown: float) -> float:
        return _HALF + (_log_sum([plain, shown]) if self.trusted else plain)


class _Several(ShownEvidence):
    """A `Several` with odds: a bet's factor is replaced by its mean under them.

    The bet against "within eps" pays s_k / nearest_k for outcome k, so its mean under the odds is
    as good an e-process, and pays better. Fairness is certified by draws alone.
    """

    def __init__(self, part: Several) -> None:
        self.part, self.plain, self.wealth, self.trusted = part, part.begin(), 0.0, True

    def add(self, outcome: int) -> None:
        self.show(outcome, ())

    def show(self, outcome: int, odds: Odds) -> None:
        before = self.plain.log_bias()
        self.plain.add(outcome)
        paid = self.plain.log_bias() - before
        if odds and self.trusted:
            gains = self.plain.gains
            paid = log(sum(q * exp(gain) for q, gain in zip(odds, gains, strict=False)))
        self.wealth += paid

    def distrust(self) -> None:
        self.trusted = False

    def against(self) -> bool:
        return self.log_bias() >= self.part.enough[0]

    def certified(self) -> bool:
        return self.plain.certified()

    def log_bias(self) -> float:
        shown = self.wealth if self.trusted else -inf
        return _HALF + _log_sum([self.plain.log_bias(), shown])

    def log_fair(self) -> float:
        return self.plain.log_fair()


class Agreement:
    """Do the draws follow the odds that are shown with them? An e-process against it.

    For a feature of the answers (outcome 0; the first place; the likeliest) let v say whether the
    draw had it, and w what the odds give it: v - w has mean 0 if they hold, and 1 + l (v - w) is a
    fair bet for any l of -.9 .. .9. The wealth is the mean over three features and both signs.
    """

    __slots__ = ("logs", "shown")

    def __init__(self) -> None:
        self.logs = [0.0] * 6
        self.shown = 0

    def take(self, outcome: int, position: int | None, odds: Odds) -> None:
        """Take note of a draw with its odds."""
        self.shown += 1
        best = max(range(len(odds)), key=odds.__getitem__)
        pairs = [(outcome == 0, odds[0]), (outcome == best, odds[best])]
        if position is not None:
            pairs.append((position == 0, odds[(outcome - position) % len(odds)]))
        for at, (v, w) in enumerate(pairs):
            self.logs[2 * at] += log1p(_BOLD * (v - w))
            self.logs[2 * at + 1] += log1p(-_BOLD * (v - w))

    @property
    def broken(self) -> bool:
        """Whether the odds are refuted."""
        return self.log_e >= -log(DISTRUST)

    @property
    def log_e(self) -> float:
        """Log e-value against "draws follow the odds" (nats)."""
        return _log_sum(self.logs) - log(len(self.logs))


def _log_sum(logs: Sequence[float]) -> float:
    top = max(logs)
    return top if top in (inf, -inf) else top + log(sum(exp(each - top) for each in logs))
