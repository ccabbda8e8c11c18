"""Rollouts through evenodds' own draws: each distinct beginning of a group is computed once.

They are exact draws of the policy at temperature 1, and a pure function of the seed, the step and
the weights, however many processes there are.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch

from evenodds.train.job import Job


class Rollouts:
    """Draws the groups of a generation, each rollout up to `longest` tokens."""

    def __init__(self, job: Job, longest: int) -> None:
        self.local, self.seed, self.size = job.local, job.config.seed, job.config.group
        self.decoding = replace(job.decoding, max_new_tokens=longest)

    def drawn(self, rows: Sequence[dict[str, Any]]) -> list[list[int]]:
        """The token ids of each row's rollout, end token included.

        A group that is shared with another process is drawn whole by both, with the same seed.
        """
        groups: dict[int, list[tuple[int, ...]]] = {}
        training = self.local.model.training
        self.local.model.eval()
        try:
            with torch.no_grad():
                for row in rows:
                    if row["place"] not in groups:
                        groups[row["place"]] = self._group(row)
        finally:
            self.local.model.train(training)
        return [list(groups[row["place"]][row["rollout"]]) for row in rows]

    def _group(self, row: dict[str, Any]) -> list[tuple[int, ...]]:
        chance = random.Random(f"{self.seed} step {row['step']} rollouts {row['place']}")
        return self.local.paths(row["ids"], self.size, self.decoding, chance.getrandbits(32))
