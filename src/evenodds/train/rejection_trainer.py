"""The trainer of `rejection`: it draws, keeps, and repeats what it kept."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from evenodds.train.collate import collate
from evenodds.train.forward import edge_loss
from evenodds.train.heard import heard
from evenodds.train.job import Job
from evenodds.train.rejection import kept
from evenodds.train.row_trainer import RowTrainer
from evenodds.train.rows import one_hot, path_row
from evenodds.train.taught import layout

Tokens = tuple[int, ...]


class RejectionTrainer(RowTrainer):
    """Cross-entropy of the kept replies; `job.prepared` are prompts."""

    joins = False  # what a step teaches is known only when the model has answered

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self.decoding = replace(
            job.decoding,
            temperature=1.0,
            top_k=0,
            top_p=1.0,
            min_p=0.0,
            max_new_tokens=job.config.tokens,
        )
        self.valid: list[float] = []

    def seen(self) -> dict[str, float]:
        """The share of replies since the last time that were answers."""
        valid, self.valid = self.valid, []
        return {"valid": sum(valid) / len(valid)} if valid else {}

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """(1 - r) L + r R of one step's batch, in nats."""
        return self.with_replay(model, self.kept_loss(model, inputs), self.least(inputs))

    def kept_loss(self, model: Any, inputs: dict[str, Any]) -> Any:
        """The mean over the step's prompts, in nats; where nothing is kept a prompt counts 0."""
        rows, scales = [], []
        for place, (number, ids) in enumerate(
            zip(inputs["drawn"], inputs["contexts"], strict=True)
        ):
            context = tuple(ids)
            for path, weight in self._kept(number, context, place).items():
                rows.append(path_row(context, path, one_hot(path)))
                scales.append(weight * self.job.world.size / self.config.batch)
        how = layout(self.job, max(len(row) for row in rows))
        batch = self._prepare_inputs_of_rows(collate(rows, how, scales))
        return edge_loss(self.logprobs(model, batch), batch)

    def _kept(self, number: int, context: Tokens, place: int) -> dict[Tokens, float]:
        """Distinct replies with their weights; one of weight 0 where none is an answer."""
        paths = self._replies(context, place)
        task, local = self.job.prepared[number].task, self.job.local
        said = [(local.text(path), path[-1] not in local.ends) for path in paths]
        outcomes = heard(said, task, self.job.decoding)
        self.valid.append(sum(outcome is not None for outcome in outcomes) / len(outcomes))
        weights: defaultdict[Tokens, float] = defaultdict(float)
        for path, weight in zip(paths, kept(outcomes, task.law), strict=True):
            weights[path] += weight
        return {path: w for path, w in weights.items() if w} or {paths[0]: 0.0}

    def _replies(self, context: Tokens, place: int) -> Sequence[Tokens]:
        """Draws of the model as it now is; chance depends on the seed, the step, the place."""
        among_all = self.job.world.rank + place * self.job.world.size
        name = f"{self.config.seed} step {self.state.global_step} replies {among_all}"
        seed = random.Random(name).getrandbits(32)
        training = self.job.model.training
        self.job.model.eval()
        try:
            return self.job.local.paths(context, self.config.draws, self.decoding, seed)
        finally:
            self.job.model.train(training)
