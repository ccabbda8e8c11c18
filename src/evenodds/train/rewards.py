"""What a group of rollouts is worth: one number for each answer, from the whole group.

A group is the answers to one prompt, in the order they were drawn: outcomes, or None for a reply
that is no outcome of the law. Each function is the reward of one arm; `witness` is an advantage
already, and only as such has it its fixed point at the target (see `evenodds.train.advantage`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Literal

from evenodds.distributions import Law
from evenodds.errors import RunError

Group = Sequence[Any]
"""The answers of one group; None stands for an invalid one."""

RewardName = Literal["valid", "witness", "gapo", "group"]
Reward = Callable[[Group, Law], list[float]]

INVALID = 1.0
"""What `witness` takes off an invalid answer; at the target there is none, so none is taken."""


def valid(answers: Group, law: Law) -> list[float]:
    """1 for an outcome of the law, 0 for anything else: the reward of the die article.

    It says nothing about which outcome: where every answer is valid its advantage is zero.
    """
    return [float(answer is not None) for answer in answers]


def witness(answers: Group, law: Law, invalid: float = INVALID) -> list[float]:
    """The leave-one-out advantage 2(q(x_i) - p_i(x_i)), p_i the shares among the *other* answers.

    q is the target, and "invalid" one more outcome, of target 0, with `invalid` taken off besides.
    The expected update with these numbers as advantages is the gradient of -|p - q|^2 (summed over
    outcomes, less `invalid` times the invalid mass), whatever the group's size, so it vanishes at
    the target and at no other policy that gives every outcome some mass. RunError for one answer.
    """
    others = _others(answers)
    counts = Counter(answers)
    return [
        2 * (_target(law, x) - (counts[x] - 1) / others) - (invalid if x is None else 0.0)
        for x in answers
    ]


def gapo(answers: Group, law: Law) -> list[float]:
    """1 - (f - 1/L) for an outcome with the share f of the group's valid answers, -1 for others.

    L is the number of outcomes: the reward pulls to the uniform law whatever the target. Anschel
    et al., "Group-Aware Reinforcement Learning for Output Diversity in Large Language Models",
    arXiv:2511.12596, section 3.
    """
    heard = Counter(answer for answer in answers if answer is not None)
    total = sum(heard.values())
    return [-1.0 if x is None else 1 - (heard[x] / total - 1 / law.support_size) for x in answers]


def group(answers: Group, law: Law) -> list[float]:
    """One minus the group's tv to the target, the same number for every answer in it.

    The control that cannot work: what all answers share is gone once the mean is taken off.
    """
    counts = Counter(answer for answer in answers if answer is not None)
    overlap = sum(min(n / len(answers), _target(law, x)) for x, n in counts.items())
    return [overlap] * len(answers)


REWARDS: dict[str, Reward] = {"valid": valid, "witness": witness, "gapo": gapo, "group": group}
"""Every arm by its name."""


def _target(law: Law, answer: Any) -> float:
    return 0.0 if answer is None else float(law.prob(answer))


def _others(answers: Group) -> int:
    if len(answers) < 2:
        raise RunError("a witness compares an answer with others: let a group have 2 or more")
    return len(answers) - 1
