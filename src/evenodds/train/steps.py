"""What each optimizer step sees: step i is a pure function of the seed and i.

That is what lets a killed run go on to the very weights it would have had, and several processes
divide one batch among them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Protocol

from torch.utils.data import Dataset

from evenodds.train.collate import Layout, Tensors, collate, parted
from evenodds.train.config import TrainConfig
from evenodds.train.order import Order, at
from evenodds.train.rows import Row
from evenodds.train.world import World


class Lesson(Protocol):
    """Something that gives a row whenever it is asked: a task, prepared."""

    def row(self, rng: random.Random, noise: float = 0.0) -> Row:
        """A row, drawn with `rng` alone; its prompt is varied with probability `noise`."""
        ...


class Steps(Dataset[dict[str, Any]]):
    """The batches of a run: `self[i]` = {"tasks": tensors, "drawn", "contexts", "entropy"}.

    "drawn" are the numbers of the lessons in the batch, "contexts" the token ids of their prompts;
    "entropy" (nats) is the least value that the tasks' cross-entropy can take on it. Rows of
    `replay` lie in the same lines, so that one pass serves both: "replay" then has those lines too,
    and nodes and edges of its own. Of several processes each gets its share of a step's rows,
    scaled so that the mean over processes is the mean over all rows. Each row has a seed of its
    own, so the rows of a step do not depend on how many processes there are.
    """

    def __init__(
        self,
        lessons: Sequence[Lesson],
        order: Order,
        config: TrainConfig,
        layout: Layout,
        world: World = World(),  # noqa: B008  frozen
        *,
        replay: Sequence[Row] = (),
    ) -> None:
        self.lessons, self.order, self.replay = lessons, order, replay
        self.config, self.layout, self.world = config, layout, world

    def __len__(self) -> int:
        return self.config.steps

    def __getitem__(self, index: int) -> dict[str, Any]:
        drawn = self.order.drawn(index, self.config.batch)
        noise = noise_at(index, self.config)
        places = self.world.share(range(len(drawn)))
        rows = [self.lessons[drawn[p]].row(self.rng(index, p), noise) for p in places]
        scale = self.world.size / len(drawn)
        return {
            **self._tensors(rows, scale, index),
            "drawn": [drawn[p] for p in places],
            "contexts": [row.context for row in rows],
            "entropy": scale * sum(row.entropy for row in rows),
        }

    def _tensors(self, rows: Sequence[Row], scale: float, index: int) -> dict[str, Tensors]:
        kept = _chosen(self.replay, index, self.config, self.world) if self.replay else []
        scales = [scale] * len(rows) + [self.world.size / self.config.replay_rows] * len(kept)
        both = collate([*rows, *kept], self.layout, scales)
        if not kept:
            return {"tasks": both}
        tasks, replay = parted(both, sum(len(row.edges) for row in rows))
        return {"tasks": tasks, "replay": replay}

    def rng(self, index: int, place: int) -> random.Random:
        """The chance of one row of one step."""
        return random.Random(f"{self.config.seed} step {index} row {place}")


def replayed(
    rows: Sequence[Row], index: int, config: TrainConfig, layout: Layout, world: World
) -> Tensors | None:
    """The replayed rows of step `index`, scaled likewise; None where this process has none."""
    chosen = _chosen(rows, index, config, world)
    scale = world.size / config.replay_rows
    return collate(chosen, layout, [scale] * len(chosen)) if chosen else None


def _chosen(rows: Sequence[Row], index: int, config: TrainConfig, world: World) -> list[Row]:
    count = config.replay_rows
    places = world.share(range(index * count, (index + 1) * count))
    return [rows[at(f"{config.seed} replay", place, len(rows))] for place in places]


def noise_at(index: int, config: TrainConfig) -> float:
    """The share of varied prompts at step `index`: it falls linearly from `noise` to none."""
    return config.noise * (1 - index / config.steps)
