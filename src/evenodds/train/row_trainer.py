"""A trainer over rows: `match`, `sft` and their kin differ in rows and loss, and in nothing else.

Transformers' `Trainer` carries the loop, checkpoints and resume.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, ClassVar

import torch
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

    `joins`: whether replayed rows share the pass of the tasks' rows. Raises RunError when there are
    more processes than prompts in a step.
    """

    joins: ClassVar[bool] = True

    def __init__(self, job: Job) -> None:
        job.world.has_work(job.config.batch)
        arguments = TrainingArguments(per_device_train_batch_size=1, **settings(job))
        arguments._n_gpu = min(1, arguments.n_gpu)  # DataParallel cannot split a tree of rows
        super().__init__(job=job, model=job.model, args=arguments, train_dataset=self._steps(job))

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """(1 - r) L + r R of one step's batch, in nats; one pass of the model serves both."""
        law, kept = self.laws(model, inputs)
        taught = self.task_loss(model, law, inputs)
        replayed = None if kept is None else self.replay_loss(kept, inputs["replay"])
        return self.together(model, taught, replayed, self.least(inputs))

    def laws(self, model: Any, inputs: dict[str, Any]) -> tuple[Any, Any]:
        """Log-probabilities at the tasks' nodes, and at the replayed ones if there are any."""
        tasks, replay = inputs["tasks"], inputs.get("replay")
        if replay is None:
            return self.logprobs(model, tasks), None
        places = [tasks["place"], replay["place"]]
        law, kept = self.logprobs(model, {**tasks, "place": torch.cat(places)}).split(
            [len(place) for place in places]
        )
        return law, kept

    def task_loss(self, model: Any, law: Any, inputs: dict[str, Any]) -> Any:
        """L: the mean over the step's tasks of the cross-entropy of whole answers.

        `law`: log-probabilities at the tasks' nodes, (M, V).
        """
        return edge_loss(law, inputs["tasks"])

    def least(self, inputs: dict[str, Any]) -> float:
        """The least value that L can have on this batch (nats)."""
        return float(inputs["entropy"])

    def _steps(self, job: Job) -> Steps:
        order = Order([task.level for task in job.tasks], job.config)
        replay = job.replay if self.joins and job.config.replay else ()
        how = layout(job, longest(job))
        return Steps(job.prepared, order, job.config, how, job.world, replay=replay)

    def get_train_dataloader(self) -> Any:
        """Step after step, in order; each process takes its own share of each, inside `Steps`."""
        return DataLoader(self.train_dataset, batch_size=1, collate_fn=_only)


def longest(job: Job) -> int:
    """Tokens of the longest row that this run may feed, by its `LONGEST` longest prompts."""
    chance = random.Random(0)
    by_length = sorted(range(len(job.tasks)), key=lambda i: -len(job.tasks[i].prompt))
    lessons: Sequence[Lesson] = [job.prepared[i] for i in by_length[:LONGEST]]
    return max(len(row) for row in [*(it.row(chance, 1.0) for it in lessons), *job.replay])


def _only(examples: list[dict[str, Any]]) -> dict[str, Any]:
    """The collator: one example is one step's whole batch."""
    return examples[0]
