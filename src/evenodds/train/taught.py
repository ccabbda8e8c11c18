"""What every trainer of evenodds has, whatever its method: a mixin over Transformers' `Trainer`.

A clock, the running mean of the weights, the fall of the learning rate, replay, events and probes,
and checkpoints that are whole or not there. It stands to the left of the trainer that it extends:

    class GrpoTrainer(Taught, trl.GRPOTrainer): ...
"""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.optim.lr_scheduler import LambdaLR
from transformers.trainer_callback import PrinterCallback

from evenodds.ledger.files import write_atomically
from evenodds.train import losses, precision, strategy
from evenodds.train.average import Average
from evenodds.train.collate import Layout
from evenodds.train.forward import Forward, edge_loss, node_weight
from evenodds.train.job import Job
from evenodds.train.schedule import lr_factor
from evenodds.train.steps import replayed
from evenodds.train.watch import Watch

if TYPE_CHECKING:
    from transformers import Trainer as Base
else:
    Base = object

STATE = "evenodds.json"
AVERAGE = "average.safetensors"


class Taught(Base):
    """A trainer with a job. Everything else that it is given goes to the trainer it extends.

    The loss of a step is (1 - r) L + r R: L the method's, R the mean over replayed replies of their
    cross-entropy a token (or of the KL to the untrained model along them), r the replay share.
    """

    def __init__(self, *args: Any, job: Job, **kwargs: Any) -> None:
        self.job, self.config, self.clock = job, job.config, job.clock
        self.forward = Forward(job.model)
        if precision.halves(job.model):
            self.forward.halve()
        self.average = Average(job.model, job.config.average)
        self.untrained = _untrained(job)
        super().__init__(*args, **kwargs)
        self.pop_callback(PrinterCallback)
        self.watch = Watch(self, job)
        self.add_callback(self.watch)

    def preflight(self) -> dict[str, Any]:
        """What the method says before the first step: numbers, and a sentence under "says"."""
        return {}

    def seen(self) -> dict[str, float]:
        """What the method itself has to tell of the steps since it was last asked."""
        return {}

    def logprobs(self, model: Any, batch: dict[str, Any]) -> Any:
        """Log-probabilities at the supervised nodes of a batch of rows, (M, V)."""
        return self.forward.logprobs(model, batch)

    def with_replay(self, model: Any, taught: Any, entropy: float = 0.0) -> Any:
        """(1 - r) L + r R of this step, in nats, R of a pass of its own; `entropy`: L's least."""
        batch = self.replay_batch() if self.job.replay and self.config.replay else None
        kept = None if batch is None else self.replay_loss(self.logprobs(model, batch), batch)
        return self.together(model, taught, kept, entropy)

    def together(self, model: Any, taught: Any, kept: Any, entropy: float) -> Any:
        """(1 - r) L + r R, and told to the watch; `kept` is None where nothing is replayed here."""
        share = self.config.replay if self.job.replay else 0.0
        self.watch.see(taught, entropy, kept)
        loss = (1 - share) * taught if kept is None else (1 - share) * taught + share * kept
        return strategy.touched(loss, model, self.accelerator)

    def replay_batch(self) -> dict[str, Any] | None:
        """The replayed replies of this step; None where this process has none of them."""
        rows = (self.job.replay, self.state.global_step, self.config)
        batch = replayed(*rows, self.layout, self.job.world)
        return None if batch is None else self._prepare_inputs_of_rows(batch)

    def replay_loss(self, logprob: Any, batch: dict[str, Any]) -> Any:
        """R on the replayed replies of this step, `logprob` at their nodes (M, V)."""
        if self.config.replay_loss == "ce":
            return edge_loss(logprob, batch)
        alone: Any = self.replay_batch()
        with torch.no_grad(), self.untrained() as reference:
            target = Forward(reference).logprobs(reference, alone).exp()
        return losses.kl_forward(target, logprob, node_weight(batch))

    @cached_property
    def layout(self) -> Layout:
        """How rows are laid out for this model: "tree" where its probe found that right."""
        longest = max((len(row) for row in self.job.replay), default=0)
        return layout(self.job, longest)

    def _prepare_inputs_of_rows(self, batch: dict[str, Any]) -> dict[str, Any]:
        device = self.args.device
        return {name: value.to(device) for name, value in batch.items()}

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        """The learning rate's fall, by steps or by CPU seconds, whichever runs out first."""
        self.lr_scheduler = LambdaLR(optimizer or self.optimizer, self._lr_factor)
        self._created_lr_scheduler = True
        return self.lr_scheduler

    def _lr_factor(self, step: int) -> float:
        limit = self.config.seconds
        spent = self.job.world.agreed(self.clock.seconds() / limit) if limit else 0.0
        progress = min(1.0, max(step / self.config.steps, spent))
        return lr_factor(self.config, step, progress)

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        """Transformers' checkpoint and, written last, the file that marks it whole."""
        super()._save_checkpoint(model, trial)
        self.watch.level()
        self.job.world.wait()
        if not self.job.world.first:
            return
        folder = Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}"
        if self.average.mean:
            self.average.save(folder / AVERAGE)
        write_atomically(folder / STATE, json.dumps(self.watch.state()))

    def restore(self, checkpoint: Path) -> None:
        """Take up what Transformers does not keep: the clock, the means."""
        self.watch.restore(json.loads((checkpoint / STATE).read_text("utf-8")))
        if self.average.mean:
            self.average.load(checkpoint / AVERAGE)


def layout(job: Job, longest: int) -> Layout:
    """ "tree" where the model's probe found it right for rows of up to `longest` tokens."""
    return "tree" if job.local.strategy_for(2 * longest) == "tree" else "paths"


def settings(job: Job) -> dict[str, Any]:
    """The arguments of Transformers' `TrainingArguments` that every method has."""
    config, on_cpu = job.config, next(job.model.parameters()).device.type == "cpu"
    return {
        "output_dir": str(job.checkpoints),
        "max_steps": config.steps,
        "learning_rate": config.lr,
        "adam_beta2": config.beta2,
        "max_grad_norm": config.clip,
        "weight_decay": 0.0,
        "seed": config.seed,
        "save_strategy": "steps",
        "save_steps": config.checkpoint_every,
        "save_total_limit": 2,
        "logging_strategy": "no",
        "report_to": config.report_to,
        "disable_tqdm": True,
        "remove_unused_columns": False,
        "use_cpu": on_cpu,
        "dataloader_pin_memory": False,
        "bf16": precision.halves(job.model),
        "gradient_checkpointing": False,
        "use_cache": getattr(job.model.config, "use_cache", True),  # what the saved model will say
        **strategy.arguments(config),
    }


def _untrained(job: Job) -> Callable[[], Any]:
    """A context that gives the untrained model: the adapters switched off, or a frozen copy."""
    if not job.replay or job.config.replay_loss == "ce":
        return lambda: contextlib.nullcontext(job.model)
    if job.config.lora is not None:
        return lambda: _without_adapter(job.model)
    frozen = copy.deepcopy(job.model).eval().requires_grad_(False)
    return lambda: contextlib.nullcontext(frozen)


@contextlib.contextmanager
def _without_adapter(model: Any) -> Any:
    with model.disable_adapter():
        yield model
