"""The trainer of `option_b`: the model answers, and is told how far its answers are from fair."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from evenodds.models.base import Decoding
from evenodds.train.collate import collate
from evenodds.train.estimates import kl_estimate
from evenodds.train.forward import answer_logprobs, edge_loss
from evenodds.train.job import Job
from evenodds.train.row_trainer import RowTrainer
from evenodds.train.rows import along, drawn_row

Replies = list[tuple[int, ...]]


class OptionBTrainer(RowTrainer):
    """CE on fair answers + lambda * KL(model, target), estimated from K answers a prompt."""

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self.estimates: list[float] = []

    def task_loss(self, model: Any, law: Any, inputs: dict[str, Any]) -> Any:
        """The mean over the step's prompts, in nats; its least value is the targets' entropy."""
        taught = edge_loss(law, inputs["tasks"])
        contexts = [tuple(ids) for ids in inputs["contexts"]]
        asked = [self.replies(ids, place) for place, ids in enumerate(contexts)]
        lessons = [self.job.prepared[number] for number in inputs["drawn"]]
        apart = self.apart(model, contexts, asked, lessons)
        self.estimates.append(float(apart.detach()))
        return taught + self.config.kl * apart

    def replies(self, context: tuple[int, ...], place: int) -> Replies:
        """K replies of the model as it now is; chance depends on the seed, the step, the place.

        `place` is among the prompts of this process: the same chance for any number of processes.
        """
        among_all = self.job.world.rank + place * self.job.world.size
        name = f"{self.config.seed} {self.state.global_step} {among_all}"
        seed = random.Random(name).getrandbits(32)
        plain = Decoding(max_new_tokens=self.config.tokens)
        was_training = self.job.model.training
        self.job.model.eval()
        try:
            return list(self.job.local.paths(context, self.config.answers, plain, seed))
        finally:
            self.job.model.train(was_training)

    def apart(
        self,
        model: Any,
        contexts: Sequence[tuple[int, ...]],
        asked: Sequence[Replies],
        lessons: Sequence[Any],
    ) -> Any:
        """The estimated KL (nats), this process's share of the mean over the step's prompts."""
        rows = [drawn_row(ids, replies) for ids, replies in zip(contexts, asked, strict=True)]
        taken: list[list[int]] = []
        before = 0
        for row, replies in zip(rows, asked, strict=True):
            taken += [[before + edge for edge in edges] for edges in along(row, replies)]
            before += len(row.edges)
        batch = self._prepare_inputs_of_rows(collate(rows, self.layout))
        shape = len(rows), self.config.answers
        laws = self.logprobs(model, batch)
        logprob = answer_logprobs(laws, batch, taken).view(shape)
        target = [
            [lesson.logprob(reply, laws.shape[-1]) for reply in replies]
            for lesson, replies in zip(lessons, asked, strict=True)
        ]
        estimates = kl_estimate(logprob, logprob.new_tensor(target))
        return estimates.sum() * (self.job.world.size / self.config.batch)

    def seen(self) -> dict[str, float]:
        """The mean of the estimated KL (nats) since it was last told."""
        told, self.estimates = self.estimates, []
        return {"kl": sum(told) / len(told)} if told else {}
