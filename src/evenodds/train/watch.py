"""What watches a run: its clock, its means, its events and probes, and the reasons to stop."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from transformers import TrainerCallback

from evenodds.train.events import Event

if TYPE_CHECKING:
    from evenodds.train.match import MatchTrainer


class Clock:
    """CPU seconds of this process spent on a run, those before a resume included."""

    def __init__(self) -> None:
        self.start = time.process_time()

    def seconds(self) -> float:
        """CPU seconds since the start of the run."""
        return time.process_time() - self.start

    def resume_at(self, seconds: float) -> None:
        """Go on counting from `seconds`."""
        self.start = time.process_time() - seconds


class RunningMean:
    """An exponentially weighted mean, corrected for its start."""

    def __init__(self, decay: float) -> None:
        self.decay, self.total, self.weight = decay, 0.0, 0.0

    def add(self, value: float) -> None:
        """Take in one value."""
        self.total = self.decay * self.total + (1 - self.decay) * value
        self.weight = self.decay * self.weight + (1 - self.decay)

    @property
    def value(self) -> float:
        """The mean; infinite before the first value."""
        return self.total / self.weight if self.weight else math.inf


class Watch(TrainerCallback):
    """After each step: the mean of the weights, events, probes, and the reasons to stop."""

    def __init__(
        self,
        trainer: MatchTrainer,
        tell: Callable[[Event], None],
        probe: Callable[[], dict[str, float]] | None,
        stopped: Callable[[], bool],
    ) -> None:
        self.trainer, self.tell, self.probe, self.stopped = trainer, tell, probe, stopped
        self.config = trainer.config
        self.sums = {"loss": 0.0, "entropy": 0.0, "replay": 0.0, "steps": 0.0}
        self.excess = RunningMean(0.9)
        self.reason = "steps"
        self.last_loss = math.nan

    def see(self, loss: Any, entropy: float, replay: Any) -> None:
        """Take note of one step's losses (nats)."""
        value = float(loss.detach())
        floor = entropy if self.config.divergence == "forward" else 0.0
        kept = 0.0 if replay is None else float(replay.detach())
        seen = {"loss": value, "entropy": floor, "replay": kept, "steps": 1.0}
        for name, number in seen.items():
            self.sums[name] += number
        self.excess.add(value - floor)

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Everything that happens between two steps."""
        step = state.global_step
        self.trainer.average.update(step)
        reason = self._reason(step)
        if step % self.config.log_every == 0 or reason:
            self.log(step)
        if self.config.probe_every and step % self.config.probe_every == 0:
            self.measure(step)
        if reason:
            self.reason = reason
            control.should_training_stop = True
            control.should_save = True

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Say that a checkpoint is whole."""
        self._tell("checkpoint", state.global_step, {})

    def log(self, step: int) -> None:
        """Tell the means since the last time."""
        count = self.sums.pop("steps") or math.nan
        means: dict[str, float | str | None] = {k: v / count for k, v in self.sums.items()}
        self.last_loss = self.sums["loss"] / count
        self._tell("step", step, {**means, "lr": self.trainer._get_learning_rate()})
        self.sums = {"loss": 0.0, "entropy": 0.0, "replay": 0.0, "steps": 0.0}

    def measure(self, step: int) -> None:
        """Measure the chosen tasks exactly, with the mean of the weights if one is kept."""
        if self.probe is None:
            return
        self.trainer.model.eval()
        with torch.no_grad(), self.trainer.average.applied():
            self._tell("probe", step, dict(self.probe()))

    def _tell(self, kind: str, step: int, values: dict[str, float | str | None]) -> None:
        self.tell(Event(kind, step, self.trainer.clock.seconds(), values))

    def _reason(self, step: int) -> str | None:
        margin, limit = self.config.margin, self.config.seconds
        if self.stopped():
            return "interrupted"
        if limit is not None and self.trainer.clock.seconds() >= limit:
            return "seconds"
        if margin is not None and step >= 10 and self.excess.value <= margin:
            return "margin"
        return "steps" if step >= self.config.steps else None

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {
            "seconds": self.trainer.clock.seconds(),
            "sums": self.sums,
            "excess": [self.excess.total, self.excess.weight],
            "last_loss": None if math.isnan(self.last_loss) else self.last_loss,
            "reason": self.reason,
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Take up what `state` kept."""
        self.trainer.clock.resume_at(kept["seconds"])
        self.sums = kept["sums"]
        self.excess.total, self.excess.weight = kept["excess"]
        self.last_loss = math.nan if kept["last_loss"] is None else kept["last_loss"]
