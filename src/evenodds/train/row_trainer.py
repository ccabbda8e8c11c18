"""A trainer over rows: `match`, `sft` and their kin differ in rows and loss, and in nothing else.

Transformers' `Trainer` carries the loop, checkpoints and resume.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from torch.utils.data import DataLoader
from transformers import Trainer, TrainingArguments

from evenodds.train.forward import edge_loss
from evenodds.train.job import Job
from evenodds.train.order import Order
from evenodds.train.steps import Lesson, Steps
from evenodds.train.taught import Taught, layout, settings

LONGEST = 500  # rows are drawn to see how long they are; prompts are most of a row


class RowTrainer(Taught, Trainer):
    """Teaches lessons: `job.prepared`. The loss is the cross-entropy of the rows' edges.

    Raises RunError when there are more processes than prompts in a step.
    """

    def __init__(self, job: Job) -> None:
        job.world.has_work(job.config.batch)
        arguments = TrainingArguments(per_device_train_batch_size=1, **settings(job))
        arguments._n_gpu = min(1, arguments.n_gpu)  # DataParallel cannot split a tree of rows
        super().__init__(job=job, model=job.model, args=arguments, train_dataset=_steps(job))

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """(1 - r) L + r R of one step's batch, in nats."""
        return self.with_replay(model, self.task_loss(model, inputs), self.least(inputs))

    def task_loss(self, model: Any, inputs: dict[str, Any]) -> Any:
        """L: the mean over the step's tasks of the cross-entropy of whole answers."""
        return edge_loss(self.logprobs(model, inputs["tasks"]), inputs["tasks"])

    def least(self, inputs: dict[str, Any]) -> float:
        """The least value that L can have on this batch (nats)."""
        return float(inputs["entropy"])

    def get_train_dataloader(self) -> Any:
        """Step after step, in order; each process takes its own share of each, inside `Steps`."""
        return DataLoader(self.train_dataset, batch_size=1, collate_fn=_only)


def _steps(job: Job) -> Steps:
    order = Order([task.level for task in job.tasks], job.config)
    return Steps(job.prepared, order, job.config, layout(job, longest(job)), job.world)


def longest(job: Job) -> int:
    """Tokens of the longest row that this run may feed, by its `LONGEST` longest prompts."""
    chance = random.Random(0)
    by_length = sorted(range(len(job.tasks)), key=lambda i: -len(job.tasks[i].prompt))
    lessons: Sequence[Lesson] = [job.prepared[i] for i in by_length[:LONGEST]]
    return max(len(row) for row in [*(it.row(chance, 1.0) for it in lessons), *job.replay])


def _only(examples: list[dict[str, Any]]) -> dict[str, Any]:
    """The collator: one example is one step's whole batch."""
    return examples[0]
