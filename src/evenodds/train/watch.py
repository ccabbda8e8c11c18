"""What watches a run: its means, its events and probes, and the reasons to stop."""

from __future__ import annotations

import math
from typing import Any

import torch
from transformers import TrainerCallback

from evenodds.train.divergence import Divergence
from evenodds.train.drift import CONTROL, Drift
from evenodds.train.events import Event
from evenodds.train.job import Job
from evenodds.train.loggers import NONE, loggable, place_logs


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
    """After each step: the mean of the weights, events, probes, and the reasons to stop.

    `reason` is why the run ended and `says` what the drift guard or a divergence has to say of it.
    """

    def __init__(self, trainer: Any, job: Job) -> None:
        self.trainer, self.job, self.config = trainer, job, job.config
        self.sums = _nothing()
        self.excess = RunningMean(0.9)
        self.drift, self.divergence = Drift(job.config), Divergence(job.config)
        self.measured = -1
        self.reason, self.says = "steps", ""
        self.last_loss = math.nan
        self.held: list[dict[str, float]] | None = []
        place_logs(trainer, job.checkpoints.parent / "logs")

    def see(self, loss: Any, entropy: float, replay: Any) -> None:
        """Take note of one batch's losses (nats); `entropy` is the least that `loss` can be."""
        value = float(loss.detach())
        kept = 0.0 if replay is None else float(replay.detach())
        seen = {"loss": value, "entropy": entropy, "replay": kept, "batches": 1.0}
        for name, number in seen.items():
            self.sums[name] += number
        self.excess.add(value - entropy)
        self.divergence.see(value - entropy if math.isfinite(kept) else kept, self.excess.value)

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Hand on what loggers could not take before they were set up."""
        held, self.held = self.held or [], None
        for numbers in held:
            self.trainer.log(numbers)

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Everything that happens between two steps."""
        step = state.global_step
        self.trainer.average.update(step)
        looks = control.should_save or self._is_due(step)
        reason = self._sound(self._reason(step), looks=looks)
        if step % self.config.log_every == 0 or reason:
            self.log(step)
        if reason not in ("interrupted", "diverged") and (reason or self._is_due(step)):
            self.measure(step)
            reason = reason or ("drift" if self.drift.stops else None)
        if reason:
            self._end(reason, control)

    def _is_due(self, step: int) -> bool:
        return bool(self.config.probe_every) and step % self.config.probe_every == 0

    def _sound(self, reason: str | None, *, looks: bool) -> str | None:
        """The reason, or "diverged" where weights that are no numbers would be written."""
        if reason or looks:
            self.divergence.check(self.trainer.average.live.values())
            self.divergence.why = self.job.world.anyones(self.divergence.why)
        return "diverged" if self.divergence.why else reason

    def _end(self, reason: str, control: Any) -> None:
        """Stop here; what diverged is not written, and anything else is."""
        self.level()
        self.reason = reason
        control.should_training_stop = True
        control.should_save = reason != "diverged"
        step = self.trainer.state.global_step
        if reason == "diverged":
            self.says = f"{self.divergence.why} at step {step}: {self.divergence.advice()}"
        elif reason in ("steps", "seconds") and (rose := self.divergence.ended(self.excess.value)):
            self.tell("warning", step, {"says": rose})
        says = self.says if reason in ("drift", "diverged") else None
        self.tell("stop", step, {"reason": reason, "says": says})

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Say that a checkpoint is whole."""
        self.tell("checkpoint", state.global_step, {})

    def log(self, step: int) -> None:
        """Tell the means since the last time."""
        count = self.sums.pop("batches") or math.nan
        means = self._over_processes({name: total / count for name, total in self.sums.items()})
        self.last_loss = means["loss"]
        lr = float(self.trainer._get_learning_rate())
        seen = self._over_processes(self.trainer.seen())
        self.tell("step", step, {**means, **seen, "lr": lr})
        self.sums = _nothing()

    def measure(self, step: int) -> None:
        """Measure the chosen tasks, with the mean of the weights if one is kept; once a step."""
        if self.job.probe is None or step == self.measured:
            return
        self.measured = step
        self.trainer.model.eval()
        with torch.no_grad(), self.trainer.average.applied():
            found = self.job.world.agreed(self.job.probe())
        self.tell("probe", step, dict(found))
        control = found.get(CONTROL)
        if warning := self.drift.see(control):
            numbers = {CONTROL: control, "before": self.drift.before}
            self.tell("warning", step, {"says": warning, **numbers})
            self.says = warning

    def tell(self, kind: str, step: int, values: dict[str, Any]) -> None:
        """Hand an event on, and its numbers to whatever logger the run reports to."""
        if self.job.world.first:
            self.job.tell(Event(kind, step, self.job.clock.seconds(), values))
        if kind not in ("step", "probe") or self.config.report_to == NONE:
            return
        numbers = loggable(kind, values)
        if self.held is None:
            self.trainer.log(numbers)
        else:
            self.held.append(numbers)

    def level(self) -> None:
        """Put means over all processes in the place of this one's; every process must ask."""
        if self.job.world.size == 1:
            return
        self.sums = self._over_processes(self.sums)
        self.excess.total = self._over_processes({"excess": self.excess.total})["excess"]
        first = {str(number): value for number, value in enumerate(self.divergence.first)}
        self.divergence.first = list(self._over_processes(first).values())

    def _over_processes(self, means: dict[str, float]) -> dict[str, float]:
        if self.job.world.size == 1:
            return means
        numbers, device = list(means.values()), self.trainer.args.device
        values = torch.tensor(numbers, dtype=torch.float64, device=device)
        mean = self.trainer.accelerator.reduce(values, reduction="mean")
        return dict(zip(means, mean.tolist(), strict=True))

    def _reason(self, step: int) -> str | None:
        """Why to stop after this step, as soon as one process has a reason."""
        excess = self.excess.value
        if self.config.margin is not None:
            excess = self._over_processes({"excess": excess})["excess"]
        return self.job.world.anyones(self._own_reason(step, excess))

    def _own_reason(self, step: int, excess: float) -> str | None:
        margin, limit = self.config.margin, self.config.seconds
        if self.divergence.why:
            return "diverged"
        if self.job.stopped():
            return "interrupted"
        if limit is not None and self.job.clock.seconds() >= limit:
            return "seconds"
        if margin is not None and step >= 10 and excess <= margin:
            return "margin"
        return "steps" if step >= self.config.steps else None

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {
            "seconds": self.job.clock.seconds(),
            "sums": self.sums,
            "excess": [self.excess.total, self.excess.weight],
            "drift": self.drift.state(),
            "divergence": self.divergence.state(),
            "measured": self.measured,
            "last_loss": None if math.isnan(self.last_loss) else self.last_loss,
            "reason": self.reason,
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Take up what `state` kept."""
        self.job.clock.resume_at(kept["seconds"])
        self.sums = kept["sums"]
        self.excess.total, self.excess.weight = kept["excess"]
        self.drift.restore(kept["drift"])
        self.divergence.restore(kept["divergence"])
        self.measured = kept["measured"]
        self.last_loss = math.nan if kept["last_loss"] is None else kept["last_loss"]


def _nothing() -> dict[str, float]:
    return {"loss": 0.0, "entropy": 0.0, "replay": 0.0, "batches": 0.0}
