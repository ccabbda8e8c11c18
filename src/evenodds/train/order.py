"""Which tasks a step takes: a pure function of the seed and the step.

"all": every task, shuffled afresh in each pass. "rising", a curriculum: the tasks of level 1 alone
at first, those up to level 2 after a fifth of the steps, and so on; all for the last two fifths.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import lru_cache

from evenodds.train.config import TrainConfig

RISE = 0.2  # share of the steps that each level but the last stays the highest
TOP = 4


class Order:
    """The order of a run over tasks of the given levels.

    >>> from evenodds.train.config import TrainConfig
    >>> order = Order([1, 2, 4], TrainConfig(steps=10, levels="rising"))
    >>> order.drawn(0, 3), sorted(order.drawn(9, 3))
    ([0, 0, 0], [0, 1, 2])
    """

    def __init__(self, levels: Sequence[int], config: TrainConfig) -> None:
        self.seed = config.seed
        self.stages = _stages(levels, config)

    def drawn(self, step: int, count: int) -> list[int]:
        """The numbers of the tasks of step `step`, `count` of them: pass after pass of a stage."""
        start, allowed = next(stage for stage in reversed(self.stages) if stage[0] <= step)
        places = range((step - start) * count, (step - start + 1) * count)
        name = f"{self.seed} tasks" if not start else f"{self.seed} tasks from {start}"
        return [allowed[at(name, place, len(allowed))] for place in places]


def at(name: str, place: int, size: int) -> int:
    """What stands at `place` of an endless row of passes over `size` things, each shuffled."""
    return _permutation(f"{name} {place // size}", size)[place % size]


def _stages(levels: Sequence[int], config: TrainConfig) -> list[tuple[int, list[int]]]:
    """(first step, numbers of the allowed tasks); a stage that adds none is left out."""
    if config.levels == "all":
        return [(0, list(range(len(levels))))]
    stages: list[tuple[int, list[int]]] = []
    for highest in range(1, TOP + 1):
        allowed = [i for i, level in enumerate(levels) if level <= highest]
        start = round((highest - 1) * RISE * config.steps) if stages else 0
        if allowed and (not stages or len(allowed) > len(stages[-1][1])):
            stages.append((start, allowed))
    return stages


@lru_cache(maxsize=16)
def _permutation(name: str, size: int) -> list[int]:
    order = list(range(size))
    random.Random(name).shuffle(order)
    return order
