"""Which prompts each generation of a GRPO run asks, and how often.

Generation i is a pure function of the seed and i: a resumed run goes on with the groups that it
would have had, and several processes share one generation.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch.utils.data import Dataset

from evenodds.errors import RunError
from evenodds.train.grpo import GrpoConfig
from evenodds.train.lesson import Prompts
from evenodds.train.order import Order
from evenodds.train.steps import noise_at
from evenodds.train.world import World


@dataclass(frozen=True)
class Share:
    """How the rollouts of a step are divided: rows a process, in `passes` forwards of `rows`."""

    process: int
    rows: int

    @property
    def passes(self) -> int:
        """Forward passes, and so gradient accumulation, of a step."""
        return self.process // self.rows


def groups(config: GrpoConfig, tasks: int) -> int:
    """Groups a step: `batch`, but no more than there are tasks, for larger groups tell more."""
    return min(config.batch, tasks)


def share(config: GrpoConfig, tasks: int, world: World) -> Share:
    """The share of one process. RunError where the rollouts cannot be divided evenly."""
    total = groups(config, tasks) * config.group
    if total % world.size:
        raise RunError(
            f"{groups(config, tasks)} groups of {config.group} rollouts cannot be shared evenly by "
            f"{world.size} processes: make group a multiple of {world.size}"
        )
    process = total // world.size
    rows = next(n for n in range(min(process, config.rows), 0, -1) if process % n == 0)
    return Share(process, rows)


class Generations(Dataset[list[dict[str, Any]]]):
    """`self[j]`: the rows of this process at the j-th forward pass of a run.

    A row says its `task` (a number), its `place` among the step's groups, its `rollout` within the
    group, the `step` that it is drawn at and the token `ids` to go on from. All passes of one
    generation have the same rows: TRL draws at the first and keeps the others' share of it.
    """

    def __init__(
        self,
        prompts: Sequence[Prompts],
        order: Order,
        config: GrpoConfig,
        world: World = World(),  # noqa: B008  frozen
    ) -> None:
        self.prompts, self.order, self.config, self.world = prompts, order, config, world
        self.size = groups(config, len(prompts))
        self.share = share(config, len(prompts), world)

    def __len__(self) -> int:
        return self.config.steps * self.share.passes

    def __getitem__(self, index: int) -> list[dict[str, Any]]:
        step = index // self.share.passes // self.config.iterations * self.config.iterations
        first = self.world.rank * self.share.process
        drawn = self.order.drawn(step, self.size)
        rows = range(first, first + self.share.process)
        places = sorted({row // self.config.group for row in rows})
        asked = {place: self._asked(step, place, drawn[place]) for place in places}
        size = self.config.group
        return [{**asked[row // size], "rollout": row % size} for row in rows]

    def _asked(self, step: int, place: int, number: int) -> dict[str, Any]:
        """What all rows of a group share; its prompt may be varied."""
        rng = random.Random(f"{self.config.seed} step {step} group {place}")
        ids = self.prompts[number].draw(rng, noise_at(step, self.config))
        prompt = self.prompts[number].prompt
        return {"prompt": prompt, "task": number, "place": place, "step": step, "ids": ids}
