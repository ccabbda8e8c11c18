"""From rewards to advantages: GRPO's, and the witness that is one already."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, stdev

from evenodds.distributions import Law
from evenodds.train.rewards import REWARDS, Group

EPSILON = 1e-4
"""What TRL adds to a group's standard deviation before it divides."""

ADVANTAGES = frozenset({"witness"})
"""The arms whose numbers are advantages as they are."""


def centred(rewards: Sequence[float], *, scaled: bool = True) -> list[float]:
    """GRPO's advantages: rewards less their mean, over their sample standard deviation + 1e-4.

    Shao et al., arXiv:2402.03300, equation in 4.1.2, with TRL's epsilon; unscaled: the mean alone
    is taken off (Dr. GRPO, arXiv:2503.20783). Equal rewards have advantages of exactly zero.

    >>> centred([1.0, 1.0, 1.0]), centred([1.0, 0.0], scaled=False)
    ([0.0, 0.0, 0.0], [0.5, -0.5])
    """
    if len(set(rewards)) <= 1:
        return [0.0] * len(rewards)
    mean, spread = fmean(rewards), stdev(rewards) + EPSILON if scaled else 1.0
    return [(reward - mean) / spread for reward in rewards]


def advantages(name: str, answers: Group, law: Law, *, scaled: bool = True) -> list[float]:
    """The advantages that a run with the reward `name` gives to one group.

    Taking its mean off a witness would move its fixed point from q to ((G-1) q - 1/L) / (G-2) for
    groups of G over L outcomes (a .9 coin in groups of 8 would settle at .967), and dividing by the
    standard deviation elsewhere (.867), so neither is done to it.
    """
    rewards = REWARDS[name](answers, law)
    return rewards if name in ADVANTAGES else centred(rewards, scaled=scaled)


def is_idle(advantages: Sequence[float]) -> bool:
    """True for a group that moves nothing: each of its advantages is zero.

    >>> is_idle([0.0, 0.0]), is_idle([0.5, -0.5])
    (True, False)
    """
    return all(abs(advantage) < 1e-9 for advantage in advantages)
