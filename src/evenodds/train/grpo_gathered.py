"""What a generation is worth, once the answers of all processes are together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from evenodds.distributions import Law
from evenodds.errors import RunError
from evenodds.train.advantage import advantages, is_idle
from evenodds.train.rewards import REWARDS, Group

Answer = tuple[int, Any]
"""The number of a task, and what one rollout answered to it: an outcome, or None."""


@dataclass(frozen=True)
class Gathered:
    """Rewards and advantages of all rollouts in order; the shares of idle groups, valid answers."""

    rewards: list[float]
    advantages: list[float]
    idle: float
    valid: float


def gathered(
    answers: Sequence[Answer], laws: Sequence[Law], reward: str, size: int, *, scaled: bool = True
) -> Gathered:
    """Judge consecutive groups of `size` answers, whichever processes they came from.

    Raises RunError where a group is not whole, or holds answers to several tasks.
    """
    groups = [_group(answers[start : start + size], size) for start in range(0, len(answers), size)]
    rewards = [REWARDS[reward](group, laws[task]) for task, group in groups]
    moves = [advantages(reward, group, laws[task], scaled=scaled) for task, group in groups]
    return Gathered(
        [each for group in rewards for each in group],
        [each for group in moves for each in group],
        fmean(map(is_idle, moves)),
        fmean(answer is not None for _, answer in answers),
    )


def _group(answers: Sequence[Answer], size: int) -> tuple[int, Group]:
    tasks = {task for task, _ in answers}
    if len(tasks) > 1 or len(answers) < size:
        raise RunError(
            f"a group of {size} rollouts holds {len(answers)} answers to {len(tasks)} tasks: the "
            "processes do not agree on what was asked; give them all the same command"
        )
    return answers[0][0], [answer for _, answer in answers]
