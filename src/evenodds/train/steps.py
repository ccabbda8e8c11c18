"""What each optimizer step sees: step i is a pure function of the seed and i.

That is what lets a killed run go on to the very weights it would have had.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

from torch.utils.data import Dataset

from evenodds.train.collate import Layout, Tensors, collate
from evenodds.train.config import MatchConfig
from evenodds.train.rows import Row


class Lesson(Protocol):
    """Something that gives a row whenever it is asked: a task, prepared."""

    def row(self, rng: random.Random, noise: float = 0.0) -> Row:
        """A row, drawn with `rng` alone; its prompt is varied with probability `noise`."""
        ...


class Steps(Dataset[dict[str, Any]]):
    """The batches of a run: `self[i]` = {"tasks": tensors, "replay": tensors or absent, "entropy"}.

    "entropy" (nats) is the least value that the tasks' cross-entropy can take on this batch.
    """

    def __init__(
        self,
        lessons: Sequence[Lesson],
        replay: Sequence[Row],
        config: MatchConfig,
        layout: Layout,
        length: int,
    ) -> None:
        self.lessons, self.replay = lessons, replay
        self.config, self.layout, self.length = config, layout, length

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> dict[str, Any]:
        rng = random.Random(f"{self.config.seed} step {index}")
        noise = noise_at(index, self.config)
        rows = [self.lessons[i].row(rng, noise) for i in self.drawn(index, self.config.batch)]
        batch: dict[str, Any] = {
            "tasks": collate(rows, self.layout),
            "entropy": sum(row.entropy for row in rows) / len(rows),
        }
        if self.replay and self.config.replay:
            batch["replay"] = self._replayed(index)
        return batch

    def drawn(self, index: int, count: int) -> list[int]:
        """The numbers of the lessons of step `index`: shuffled afresh in each pass over them."""
        size = len(self.lessons)
        places = range(index * count, (index + 1) * count)
        return [self._shuffled("tasks", size, p // size)[p % size] for p in places]

    def _replayed(self, index: int) -> Tensors:
        size, count = len(self.replay), self.config.replay_rows
        places = range(index * count, (index + 1) * count)
        order = [self._shuffled("replay", size, p // size)[p % size] for p in places]
        return collate([self.replay[i] for i in order], self.layout)

    def _shuffled(self, what: str, size: int, turn: int) -> list[int]:
        return _permutation(f"{self.config.seed} {what} {turn}", size)


def noise_at(index: int, config: MatchConfig) -> float:
    """The share of varied prompts at step `index`: it falls linearly from `noise` to none."""
    return config.noise * (1 - index / config.steps)


@lru_cache(maxsize=8)
def _permutation(seed: str, size: int) -> list[int]:
    order = list(range(size))
    random.Random(seed).shuffle(order)
    return order
