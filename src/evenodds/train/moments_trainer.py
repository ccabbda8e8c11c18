"""The trainer of `moments`: squared relative errors of three statistics, and the valid mass."""

from __future__ import annotations

from typing import Any

from evenodds.train.forward import answer_logprobs
from evenodds.train.moments_loss import moments_loss
from evenodds.train.row_trainer import RowTrainer


class MomentsTrainer(RowTrainer):
    """Lowers `moments_loss`, task by task."""

    def task_loss(self, model: Any, law: Any, inputs: dict[str, Any]) -> Any:
        """The mean over the step's tasks (a number without unit); its least value is 0."""
        lessons = [self.job.prepared[number] for number in inputs["drawn"]]
        taken: list[list[int]] = []
        before = 0
        for lesson in lessons:
            taken += [[before + edge for edge in edges] for edges in lesson.taken]
            before += len(lesson.whole.edges)
        parts = answer_logprobs(law, inputs["tasks"], taken).split(
            [len(lesson.taken) for lesson in lessons]
        )
        total = sum(
            moments_loss(part, part.new_tensor(it.values), part.new_tensor(it.target))
            for it, part in zip(lessons, parts, strict=True)
        )
        return total * (self.job.world.size / self.config.batch)

    def least(self, inputs: dict[str, Any]) -> float:
        """Nothing: a fair model has each statistic exactly."""
        return 0.0
