"""The trainer of `match`: which divergence between target and model a step lowers."""

from __future__ import annotations

from typing import Any

from evenodds.train.forward import task_loss
from evenodds.train.job import Job
from evenodds.train.row_trainer import RowTrainer


class MatchTrainer(RowTrainer):
    """Lowers the chosen divergence at the supervised nodes."""

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        if job.config.half:
            self.forward.halve()

    def task_loss(self, model: Any, law: Any, inputs: dict[str, Any]) -> Any:
        """The mean over the step's tasks, in nats."""
        return task_loss(law, inputs["tasks"], self.config.divergence)

    def least(self, inputs: dict[str, Any]) -> float:
        """The targets' entropy for a cross-entropy, nothing for a divergence."""
        return float(inputs["entropy"]) if self.config.divergence == "forward" else 0.0
